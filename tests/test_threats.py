"""docs/threats.md names a test for each stop, and each test that it names is there."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "threats.md").read_text("utf-8")
NAMED = re.compile(r"`([\w/]+\.py)::(test_\w+)`")
OF_THREATS = ("handler/test_hostile.py", "handler/test_silence.py", "unit/services/text/test_linear.py")


@cache
def names_of_tests(file: str) -> frozenset[str]:
    """The tests of a file, by their names."""
    path = TESTS / file
    tree = ast.parse(path.read_text("utf-8") if path.is_file() else "")
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return frozenset(function.name for function in functions if function.name.startswith("test_"))


def stops() -> Iterator[list[str]]:
    """The rows of the tables that end in a test: threat, what stops it, tests."""
    is_within = False
    for line in PAGE.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if cells and cells[-1] == "test":
            is_within = True
        elif not cells:
            is_within = False
        elif is_within and not set(line) <= set("|-"):
            yield cells


def test_the_tables_are_found() -> None:
    assert len(list(stops())) > 40


@pytest.mark.parametrize("row", list(stops()), ids=lambda row: row[0])
def test_each_stop_has_a_test_that_is_there(row: list[str]) -> None:
    threat, stop, tests = row
    assert threat
    assert stop
    named = NAMED.findall(tests)
    assert named
    assert tests == ", ".join(f"`{file}::{name}`" for file, name in named)  # and nothing that looks nearly like one
    assert [f"{file}::{name}" for file, name in named if name not in names_of_tests(file)] == []


@pytest.mark.parametrize("file", OF_THREATS)
def test_no_test_of_a_threat_is_forgotten(file: str) -> None:
    assert names_of_tests(file) - {name for _, name in NAMED.findall(PAGE)} == set()
