import os
from pathlib import Path

import pytest

from infra.interpreter import LAMBDA_PYTHON, InterpreterMissing, find_lambda_python


def program(folder: Path, name: str, prints: str) -> str:
    """A program that prints a version, whatever it is asked."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{prints}\n")
    file.chmod(0o755)
    return str(file)


def test_the_named_interpreter_is_taken(tmp_path: Path) -> None:
    named = program(tmp_path, "mine", f"echo {LAMBDA_PYTHON}")
    assert find_lambda_python({"PYTHON313": named}) == Path(named)


def test_a_named_one_of_another_version_is_refused(tmp_path: Path) -> None:
    named = program(tmp_path, "mine", "echo 3.11")
    with pytest.raises(InterpreterMissing, match=r"PYTHON313=.*mine is no Python 3\.13"):
        find_lambda_python({"PYTHON313": named})


def test_a_shim_that_does_not_run_is_passed_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(tmp_path, f"shims/python{LAMBDA_PYTHON}", "exit 127")
    real = program(tmp_path, f".pyenv/versions/{LAMBDA_PYTHON}.9/bin/python{LAMBDA_PYTHON}", f"echo {LAMBDA_PYTHON}")
    monkeypatch.setenv("PATH", f"{tmp_path / 'shims'}{os.pathsep}/usr/bin{os.pathsep}/bin")
    monkeypatch.setattr("sys.executable", program(tmp_path, "older", "echo 3.11"))
    assert find_lambda_python({"HOME": str(tmp_path)}) == Path(real)


def test_without_any_it_is_said_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", program(tmp_path, "older", "echo 3.11"))
    with pytest.raises(InterpreterMissing, match=r"Python 3\.13 is missing: install it .* PYTHON313="):
        find_lambda_python({"HOME": str(tmp_path)})
