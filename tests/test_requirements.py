"""What is installed is what was looked at: each version is pinned, and each licence lets us ship it."""

import re
from collections import Counter
from importlib.metadata import distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infra.bundle.licences import Policy

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "requirements.txt"
FILES = sorted([*ROOT.glob("*.txt"), *ROOT.glob("bench/*.txt"), *ROOT.glob("infra/*/*.txt")])


def requirements(file: Path) -> list[Requirement]:
    """The requirements of a file, without comments, hashes and the constraints that it names."""
    lines = (re.sub(r"(^|\s)#.*|\s--hash=\S+", "", line).strip() for line in file.read_text("utf-8").splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith("-c ")]


def test_the_files_are_found() -> None:
    names = {file.relative_to(ROOT).as_posix() for file in FILES}
    assert names >= {"requirements.txt", "requirements-dev.txt", "bench/requirements.txt", "infra/models/wheel.txt"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(ROOT).as_posix())
def test_each_requirement_is_pinned_to_one_version_and_comes_from_an_index(file: Path) -> None:
    found = requirements(file)
    assert found
    for requirement in found:
        (pin,) = requirement.specifier
        assert (pin.operator, "*" in pin.version, requirement.url) == ("==", False, None), requirement
    assert [name for name, times in Counter(canonicalize_name(one.name) for one in found).items() if times > 1] == []


@pytest.mark.parametrize("name", [requirement.name for requirement in requirements(SHIPPED)])
def test_what_is_shipped_may_be_shipped(name: str) -> None:
    policy = Policy.read()
    policy.check(str(canonicalize_name(name)), policy.licence(name, distribution(name).metadata))  # type: ignore[arg-type]
