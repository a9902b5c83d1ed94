"""Folders for half-made things, beside the places where the whole ones go."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = ".building-"
_ABANDONED_AFTER_S = 3600


@contextmanager
def scratch_folder(root: Path) -> Iterator[Path]:
    """An empty folder under ROOT that no other run uses, gone at the end."""
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, dir=root, ignore_cleanup_errors=True) as name:
        yield Path(name)


def sweep(root: Path) -> None:
    """Remove what killed runs left; younger folders may belong to a run at work."""
    for left in root.glob(f"{_PREFIX}*"):
        with suppress(FileNotFoundError):
            if time.time() - left.stat().st_mtime > _ABANDONED_AFTER_S:
                shutil.rmtree(left, ignore_errors=True)
