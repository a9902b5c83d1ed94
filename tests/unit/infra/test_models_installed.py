from pathlib import Path

import pytest

from infra.models.install import is_installed
from infra.models.recipe import DIRECTIONS, ROOM, Direction, recipe_digest
from infra.models.verify import translate

ROOT = ROOM.parents[1] / ".models"


@pytest.mark.parametrize("direction", DIRECTIONS, ids=str)
def test_an_installed_package_translates_its_known_sentence(direction: Direction) -> None:
    folder: Path = ROOT / "packages" / direction.name
    assert is_installed(ROOT, direction, recipe_digest()), "run `make models` first"
    assert translate(folder, direction.sentence) == direction.translation
