"""Finds the Python of the managed Lambda runtime on this machine."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

LAMBDA_PYTHON = "3.13"
_PRINT_VERSION = "import sys, venv; print('%d.%d' % sys.version_info[:2])"


class InterpreterMissing(Exception):
    """No such Python was found. The message says what to do about it."""


def find_lambda_python(environment: Mapping[str, str] = os.environ) -> Path:
    """The Python that PYTHON313 names, or else the first that is found and runs. Raises InterpreterMissing."""
    named = environment.get("PYTHON313")
    for candidate in [named] if named else _candidates(environment):
        if _runs(candidate):
            return Path(candidate)
    where = f"PYTHON313={named} is no Python {LAMBDA_PYTHON}" if named else f"Python {LAMBDA_PYTHON} is missing"
    raise InterpreterMissing(
        f"{where}: install it (with venv), as it is what runs on Lambda, and name it: PYTHON313=/path/to/python3.13"
    )


def _candidates(environment: Mapping[str, str]) -> Iterator[str]:
    yield f"python{LAMBDA_PYTHON}"
    yield sys.executable
    home = environment.get("HOME")
    if home:
        yield from map(str, sorted(Path(home).glob(f".pyenv/versions/{LAMBDA_PYTHON}*/bin/python{LAMBDA_PYTHON}")))


def _runs(candidate: str) -> bool:
    """Whether it runs at all, which a shim may not, and is of the version."""
    try:
        done = subprocess.run(
            [candidate, "-c", _PRINT_VERSION], capture_output=True, text=True, timeout=30, check=False
        )
    except OSError:
        return False
    return done.stdout.strip() == LAMBDA_PYTHON
