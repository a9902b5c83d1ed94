"""What a bundle is made from, and a digest of it all: while that stays, the bundle does."""

import hashlib
import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from infra.bundle.packing import timestamp
from infra.bundle.targets import BundleFailed, Target

ROOM = Path(__file__).parent
_CODE = ("handler", "services")
_NOTICES = ("LICENSE", "NOTICE")


@dataclass(frozen=True, slots=True)
class Inputs:
    """The project's folder, the models' folder, and the interpreter that compiles."""

    project: Path
    packages: Path
    python: Path
    time: int

    @property
    def requirements(self) -> Path:
        """The pinned list of what is shipped."""
        return self.project / "requirements.txt"

    def own_files(self) -> Iterator[tuple[str, Path]]:
        """Our files and those of the models, each with its place in the tree. Raises BundleFailed."""
        for name in _NOTICES:
            yield name, self.project / name
        for folder in _CODE:
            yield from _below(self.project / folder, folder)
        models = list(_below(self.packages, ".models/packages"))
        if not models:
            raise BundleFailed(f"no models in {self.packages}; make them first: python -m infra.models")
        yield from models

    def digest(self, target: Target) -> str:
        """SHA-256 over all that decides what a bundle holds. Raises BundleFailed."""
        files = [("requirements", self.requirements), *_below(ROOM, "bundle"), *self.own_files()]
        digest = hashlib.sha256(json.dumps([target.name, self.time, _version(self.python)]).encode())
        for name, path in files:
            with path.open("rb") as file:
                digest.update(f"\0{name}\0".encode() + hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()


def inputs_of(project: Path, python: Path) -> Inputs:
    """What a bundle of a checkout is made from."""
    return Inputs(project, project / ".models" / "packages", python, timestamp())


def _below(folder: Path, name: str) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"{name}/{path.relative_to(folder).as_posix()}", path


def _version(python: Path) -> str:
    say: list[str | Path] = [python, "-I", "-c", "import sys; print(sys.version)"]
    said: str = subprocess.run(say, capture_output=True, text=True, check=True).stdout
    return said
