"""Zips a tree so that the same files give the same bytes."""

import os
import stat
import time
import zipfile
from pathlib import Path

from infra.bundle.targets import BundleFailed

_EARLIEST = 315_532_800  # 1980-01-01, the earliest that a zip can tell
FILE_MODE, FOLDER_MODE = 0o644, 0o755


def timestamp() -> int:
    """Seconds since 1970 that files are said to be of: SOURCE_DATE_EPOCH, or the earliest that a zip can tell.

    Raises BundleFailed.
    """
    said = os.environ.get("SOURCE_DATE_EPOCH") or str(_EARLIEST)
    if not said.isdecimal():
        raise BundleFailed(f"SOURCE_DATE_EPOCH is {said!r}, which is no number of seconds since 1970")
    return max(_EARLIEST, int(said))


def settle(tree: Path, at: int) -> None:
    """Give every file and folder the same owner's rights and the same time."""
    for path in sorted(tree.rglob("*"), reverse=True):
        path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)
        os.utime(path, (at, at))


def pack(tree: Path, archive: Path, at: int) -> None:
    """Zip what is in a folder, in the order of names."""
    date = time.gmtime(at)[:6]
    with zipfile.ZipFile(archive, "x", zipfile.ZIP_DEFLATED, compresslevel=6) as packed:
        for file in sorted(path for path in tree.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(tree).as_posix(), date)
            entry.external_attr = (stat.S_IFREG | FILE_MODE) << 16
            entry.create_system = 3  # Unix, wherever it is made
            packed.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED, compresslevel=6)
