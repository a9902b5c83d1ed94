"""AWS's own Runtime Interface Emulator, and a Python as the managed runtime has it."""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from infra.python313 import find_python313
from infra.scratch import scratch_folder, sweep
from infra.wheels import WheelUnavailable, fetch_wheel

_ROOM = Path(__file__).parent
_RUNTIME = _ROOM / "runtime.txt"
# This machine by Lambda's name for its instruction set; None if Lambda has none.
ARCHITECTURE = {"x86_64": "x86_64", "aarch64": "arm64"}.get(platform.machine())
_STAMP = "requirements.sha256"


class ToolsMissing(Exception):
    """The tools cannot be set up. The message says what to do about it."""


@dataclass(frozen=True, slots=True)
class Tools:
    """The emulator's program, and the Python that runs the handler."""

    rie: Path
    python: Path


def set_up(root: Path) -> Tools:
    """The tools under ROOT, made if they are not there. Raises ToolsMissing, NoPython313, WheelUnavailable."""
    if sys.platform != "linux" or ARCHITECTURE is None:
        raise ToolsMissing("AWS's Runtime Interface Emulator runs on Linux alone, on x86-64 and arm64")
    sweep(root)
    return Tools(_unpack_rie(root, ARCHITECTURE), _make_runtime(root))


def _unpack_rie(root: Path, machine: str) -> Path:
    """The one program that we want of the SAM CLI, which carries it to put it into images."""
    name = f"aws-lambda-rie-{machine}"
    wheel = fetch_wheel(root, _ROOM / "rie.txt", "the wheel with AWS's Runtime Interface Emulator")
    program = root / "rie" / wheel.stem / name
    if not program.is_file():
        with scratch_folder(root) as scratch, zipfile.ZipFile(wheel) as archive:
            unpacked = Path(archive.extract(f"samcli/local/rapid/{name}", scratch))
            unpacked.chmod(0o755)
            program.parent.mkdir(parents=True, exist_ok=True)
            os.replace(unpacked, program)
    return program


def _make_runtime(root: Path) -> Path:
    folder = root / "lambda-python3.13"
    python, stamp = folder / "bin" / "python", folder / _STAMP
    wanted = hashlib.sha256(_RUNTIME.read_bytes()).hexdigest()
    if stamp.is_file() and stamp.read_text() == wanted and python.exists():
        return python
    interpreter = find_python313()
    print(f"Setting up {folder} with {interpreter}", flush=True)
    shutil.rmtree(folder, ignore_errors=True)
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-deps", "--quiet"]
    try:
        subprocess.run([str(interpreter), "-m", "venv", folder], check=True)
        subprocess.run([*pip, "--requirement", _RUNTIME], check=True)
    except subprocess.CalledProcessError as exc:
        raise WheelUnavailable(
            f"{folder} cannot be set up (exit status {exc.returncode}; the command's own words are above): "
            "if the package index is out of reach, mend it or pip's configuration and run this again"
        ) from exc
    stamp.write_text(wanted)
    return python
