"""Results in a local folder."""

import hashlib
import os
import re
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from services.errors import StoreUnavailable
from services.keys import check_key, is_key
from services.ports import ANYTHING, NOTHING, Stored

_LOCK = ".lock"
_DRAFT = ".draft-"
_DRAFT_NAME = re.compile(re.escape(_DRAFT) + "[0-9a-f]{32}")
_FORGOTTEN_DRAFT_S = 3_600.0
_NEVER: Mapping[str, timedelta] = MappingProxyType({})


class FolderStore:
    """One file per key below a folder, which is made when it is first needed. Safe between processes.

    `retention` says how long values of a kind are kept; those of other kinds stay for good.
    """

    def __init__(self, folder: Path, retention: Mapping[str, timedelta] = _NEVER) -> None:
        self._folder = folder
        self._retention = retention

    def get(self, key: str) -> Stored | None:
        """The value kept under the key, None if there is none. Raises StoreUnavailable."""
        path = self._path(key)
        with _translated("read"):
            return _read(path)

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        """Keep a value whole or not at all, and say whether it is kept now. Raises StoreUnavailable."""
        path = self._path(key)
        with _translated("write"):
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f"{_DRAFT}{uuid.uuid4().hex}")
            try:
                draft.write_bytes(value)
                if over == NOTHING:
                    os.link(draft, path)  # unlike rename, a link never replaces what is there
                    return True
                with _locked(path.parent):
                    before = _read(path) if over != ANYTHING else None
                    if over != ANYTHING and (before is None or before.version != over):
                        return False
                    os.replace(draft, path)
                    return True
            except FileExistsError:
                return False
            finally:
                draft.unlink(missing_ok=True)

    def delete(self, key: str) -> None:
        """Keep nothing under the key, whether something was there or not. Raises StoreUnavailable."""
        path = self._path(key)
        with _translated("delete"):
            if path.exists():
                with _locked(path.parent):
                    path.unlink(missing_ok=True)

    def sweep(self) -> int:
        """Delete what is older than its kind is kept, and drafts of writers that died. Gives how many files went.

        Files that no store has written stay. An S3 bucket does so by its lifecycle rules. Raises StoreUnavailable.
        """
        swept, now = 0, time.time()
        with _translated("delete"):
            for folder in self._folder.iterdir() if self._folder.is_dir() else ():
                for file in folder.iterdir() if folder.is_dir() else ():
                    limit_s = self._limit_s(folder.name, file.name)
                    with suppress(FileNotFoundError):
                        if limit_s is not None and file.is_file() and file.stat().st_mtime < now - limit_s:
                            file.unlink()
                            swept += 1
        return swept

    def _limit_s(self, kind: str, name: str) -> float | None:
        """The age at which a file goes, None if it never does."""
        if _DRAFT_NAME.fullmatch(name):
            return _FORGOTTEN_DRAFT_S
        return self._retention[kind].total_seconds() if kind in self._retention and is_key(f"{kind}/{name}") else None

    def _path(self, key: str) -> Path:
        check_key(key)
        return self._folder / key


def _read(path: Path) -> Stored | None:
    try:
        value = path.read_bytes()
    except FileNotFoundError:
        return None
    return Stored(value, hashlib.sha256(value).hexdigest())


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Alone among the threads and processes that replace or delete in a folder; a lock dies with its process."""
    import fcntl

    with (folder / _LOCK).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _translated(operation: str) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StoreUnavailable(f"the result folder failed to {operation}", operation=operation) from exc
