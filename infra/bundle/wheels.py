"""Fetches and unpacks wheels for another platform, with the user's own pip and its configuration."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from packaging.utils import parse_wheel_filename

from infra.bundle.targets import BundleFailed, Target
from infra.scratch import scratch_folder

_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--quiet")


def fetch_wheels(requirements: Path, target: Target, root: Path) -> list[Path]:
    """The wheels of a list of pinned requirements, each once, kept under ROOT/downloads. Raises BundleFailed."""
    wanted = hashlib.sha256(requirements.read_bytes()).hexdigest()[:16]
    downloads = root / "downloads" / f"{target.name}-{wanted}"
    if not downloads.is_dir():
        print(f"Fetching the wheels for {target.name} with pip", flush=True)
        with scratch_folder(root) as scratch:
            _pip("download", target, "--dest", scratch / "wheels", "--requirement", requirements)
            downloads.parent.mkdir(exist_ok=True)
            os.replace(scratch / "wheels", downloads)
    return sorted(downloads.glob("*.whl"))


def unpack_wheels(wheels: Sequence[Path], target: Target, into: Path) -> None:
    """Install wheels in a folder, as pip does it; nothing is compiled or run. Raises BundleFailed."""
    _pip("install", target, "--no-index", "--no-compile", "--no-warn-conflicts", "--target", into, *wheels)


def distribution(wheel: Path) -> str:
    """The normalised name of what a wheel holds."""
    return str(parse_wheel_filename(wheel.name)[0])


def _pip(command: str, target: Target, *arguments: str | Path) -> None:
    """Let pip do something for another platform, with its complaints shown. Raises BundleFailed."""
    platforms = [f"--platform={tag}" for tag in target.platforms]
    # A package that is no wheel would be built, for this machine and by its own code.
    tags = ["--only-binary=:all:", "--no-deps", "--implementation=cp", "--python-version=3.13", "--abi=cp313"]
    status = subprocess.run([*_PIP, command, *tags, *platforms, *arguments], check=False).returncode
    if status:
        raise BundleFailed(
            f"pip {command} failed for {target.name} (exit status {status}; pip's own words are above). If the package "
            "index is out of reach, mend the network or pip's configuration and run this again. If a package has no "
            "wheel for CPython 3.13 on manylinux_2_28, pin a version that has one."
        )
