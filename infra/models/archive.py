"""Argos archives: a zip that holds one folder, the package."""

import stat
import zipfile
from pathlib import Path, PurePosixPath

from infra.models.recipe import ModelBuildFailed

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest date that a zip can tell


def pack(folder: Path, archive: Path) -> None:
    """Zip a folder under its own name; the same files give the same bytes."""
    with zipfile.ZipFile(archive, "x") as packed:
        for file in sorted(f for f in folder.rglob("*") if f.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder.parent).as_posix(), _EPOCH)
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            packed.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)


def unpack(archive: Path, into: Path, name: str) -> Path:
    """Unpack an archive that holds nothing outside the folder of this name; gives the folder.

    Raises ModelBuildFailed, and then nothing was written.
    """
    try:
        with zipfile.ZipFile(archive) as packed:
            for entry in packed.infolist():
                if not _is_within(entry, name):
                    raise ModelBuildFailed(f"{archive.name} holds {entry.filename!r}, which is outside of {name}/")
            packed.extractall(into)
    except zipfile.BadZipFile as exc:
        raise ModelBuildFailed(f"{archive.name} is not a whole zip archive: {exc}") from exc
    return into / name


def _is_within(entry: zipfile.ZipInfo, name: str) -> bool:
    path = PurePosixPath(entry.filename)
    is_link = stat.S_ISLNK(entry.external_attr >> 16)
    return path.parts[:1] == (name,) and ".." not in path.parts and "\\" not in entry.filename and not is_link
