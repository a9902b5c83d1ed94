"""Finds an interpreter of the Python that the Lambda functions run on: 3.13."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

VERSION = (3, 13)


class NoPython313(Exception):
    """There is no such interpreter. The message says what to do about it."""


def find_python313() -> Path:
    """The one that PYTHON313 names, else the first that really runs. Raises NoPython313."""
    named = os.environ.get("PYTHON313")
    if named:
        if not _runs(named):
            raise NoPython313(f"PYTHON313 names {named}, which does not run as Python 3.13")
        return Path(named)
    for candidate in _candidates():
        if _runs(candidate):
            return Path(candidate)
    raise NoPython313("no Python 3.13 is to be found: install one, or name it (PYTHON313=/path/to/python3.13)")


def _candidates() -> Iterator[str]:
    if on_path := shutil.which("python3.13"):
        yield on_path
    if sys.version_info[:2] == VERSION:
        yield sys.executable
    yield from map(str, sorted(Path.home().glob(".pyenv/versions/3.13*/bin/python3.13"), reverse=True))


def _runs(python: str) -> bool:
    """Whether it is that version; pyenv leaves commands on PATH that only complain."""
    say = [python, "-I", "-c", "import sys; print(sys.implementation.name, *sys.version_info[:2])"]
    try:
        said = subprocess.run(say, capture_output=True, text=True, check=False, timeout=30).stdout
    except (OSError, subprocess.TimeoutExpired):
        return False
    return said.split() == ["cpython", *map(str, VERSION)]
