"""Archives of plain files: a local folder, and a prefix of an S3 bucket."""

import os
import re
import shutil
import unicodedata
import uuid
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from services.adapters.aws import Connection, folder, translated
from services.errors import StoreUnavailable

_DRAFTS = ".drafts"
_MAX_PART_BYTES, _MAX_NAME_BYTES = 240, 900  # with what is appended and a prefix, a file's 255 and a key's 1,024
_S3_URL = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/(?P<prefix>.*))?")
_MAX_CONNECTIONS = 64
_MAX_ATTEMPTS = 5  # a listing that breaks off ends the run: nobody goes on with it in the middle
_PATIENCE_S = 60.0
_UNREADABLE = frozenset({"NoSuchKey", "404", "AccessDenied", "403", "InvalidObjectState"})
_NO_PLACE = (FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)


class NoPlace(Exception):
    """A file cannot have this name in this archive: it is no name, or something else is in its place."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of an archive: its name below the archive, with `/` between folders, and its size."""

    name: str
    size_bytes: int


class Archive(Protocol):
    """Files by name. A name that `is_name` refuses is listed, and neither read nor written."""

    def files(self) -> Iterator[File]:
        """Every file but the hidden ones, in an order that stays as long as the files do. Raises StoreUnavailable."""
        ...

    def there(self, names: Collection[str]) -> set[str]:
        """Those of the names that have a file. Raises StoreUnavailable."""
        ...

    def read(self, name: str, into: BinaryIO) -> bool:
        """Copy a file, and say whether there is one that can be read.

        Raises StoreUnavailable, maybe when a part of it is copied.
        """
        ...

    def write(self, name: str, content: BinaryIO) -> None:
        """Keep a file whole or not at all, over what was there. Raises NoPlace, StoreUnavailable."""
        ...


def is_name(name: str) -> bool:
    """Whether a name stays where it belongs, on any system: no `..`, nothing hidden, absolute, odd or too long."""
    try:
        parts = [part.encode() for part in name.split("/")]
    except UnicodeEncodeError:
        return False
    return (
        all(part and len(part) <= _MAX_PART_BYTES and not part.startswith(b".") for part in parts)
        and len(name.encode()) <= _MAX_NAME_BYTES
        and not any(unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") or letter == "\\" for letter in name)
    )


def archive(place: str, endpoint_url: str | None = None) -> Archive:
    """The archive at `s3://bucket/prefix` or in a folder. Raises ValueError for a place that is neither."""
    if not place.startswith("s3:"):
        return FolderArchive(Path(place))
    url = _S3_URL.fullmatch(place)
    if not url:
        raise ValueError("an S3 place looks like s3://bucket or s3://bucket/prefix")
    return S3Archive(url["bucket"], url["prefix"] or "", endpoint_url)


class FolderArchive:
    """Files below a folder, which is made when something is written. Links are left alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files(self) -> Iterator[File]:
        """Every file but the hidden ones, a folder's in the order of their names. Raises StoreUnavailable."""
        with _told("list"):
            yield from _below(self._folder, "")

    def there(self, names: Collection[str]) -> set[str]:
        """Those of the names that have a file. Raises StoreUnavailable."""
        with _told("list"):
            return {name for name in names if is_name(name) and (self._folder / name).is_file()}

    def read(self, name: str, into: BinaryIO) -> bool:
        """Copy a file, and say whether there is one that can be read. Raises StoreUnavailable."""
        with _told("read"):
            try:
                with self._path(name).open("rb") as file:
                    shutil.copyfileobj(file, into)
                    return True
            except (NoPlace, FileNotFoundError, *_NO_PLACE):
                return False

    def write(self, name: str, content: BinaryIO) -> None:
        """Keep a file whole or not at all, over what was there. Raises NoPlace, StoreUnavailable."""
        with _told("write"):
            drafts = self._folder / _DRAFTS
            drafts.mkdir(parents=True, exist_ok=True)
            draft = drafts / uuid.uuid4().hex
            try:
                with draft.open("wb") as file:
                    shutil.copyfileobj(content, file)
                path = self._path(name)
                path.parent.mkdir(parents=True, exist_ok=True)
                os.replace(draft, path)
            except _NO_PLACE as exc:
                raise NoPlace("something else is in the place of this file") from exc
            finally:
                draft.unlink(missing_ok=True)

    def _path(self, name: str) -> Path:
        """Where a file is. Raises NoPlace, also where a link leads out of the folder."""
        path = self._folder / name
        if not is_name(name) or not path.resolve().is_relative_to(self._folder.resolve()):
            raise NoPlace("this is no name of a file here")
        return path


class S3Archive:
    """Objects below a prefix; how they are encrypted is the bucket's affair."""

    def __init__(self, bucket: str, prefix: str = "", endpoint_url: str | None = None) -> None:
        self._bucket = bucket
        self._prefix = folder(prefix)
        self._client = Connection(
            "s3",
            endpoint_url=endpoint_url,
            read_timeout_s=_PATIENCE_S,
            max_attempts=_MAX_ATTEMPTS,
            max_connections=_MAX_CONNECTIONS,
        )

    def files(self) -> Iterator[File]:
        """Every object but the hidden ones and those that stand for folders. Raises StoreUnavailable."""
        for file in self._listed():
            if not file.name.endswith("/") and not any(part.startswith(".") for part in file.name.split("/")):
                yield file

    def there(self, names: Collection[str]) -> set[str]:
        """Those of the names that have an object: one listing, from the first to the last. Raises StoreUnavailable."""
        wanted, found = {name for name in names if is_name(name)}, set[str]()
        if wanted:
            last = max(wanted, key=str.encode)
            # Listing begins behind a key: behind the one that lacks the last letter, then.
            for file in self._listed(after=min(wanted, key=str.encode)[:-1]):
                if file.name.encode() > last.encode():
                    break
                if file.name in wanted:
                    found.add(file.name)
        return found

    def read(self, name: str, into: BinaryIO) -> bool:
        """Copy an object, and say whether there is one that can be read. Raises StoreUnavailable."""
        if is_name(name):
            with _translated("read", but_for=_UNREADABLE):
                body = self._client().get_object(Bucket=self._bucket, Key=self._prefix + name)["Body"]
                shutil.copyfileobj(body, into)
                return True
        return False

    def write(self, name: str, content: BinaryIO) -> None:
        """Keep an object whole or not at all, over what was there. Raises NoPlace, StoreUnavailable."""
        if not is_name(name):
            raise NoPlace("this is no name of an object here")
        with _translated("write"):
            self._client().put_object(Bucket=self._bucket, Key=self._prefix + name, Body=content)

    def _listed(self, after: str = "") -> Iterator[File]:
        start = {"StartAfter": self._prefix + after} if after else {}
        with _translated("list"):
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix, **start):
                for found in page.get("Contents", ()):
                    yield File(found["Key"].removeprefix(self._prefix), found["Size"])


def _below(folder: Path, prefix: str) -> Iterator[File]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _below(Path(entry.path), f"{prefix}{entry.name}/")
        elif entry.is_file(follow_symlinks=False):
            yield File(prefix + entry.name, entry.stat(follow_symlinks=False).st_size)


def _translated(operation: str, but_for: Collection[str] = ()) -> AbstractContextManager[None]:
    return translated(StoreUnavailable, "S3", operation, but_for)


@contextmanager
def _told(operation: str) -> Iterator[None]:
    try:
        yield
    except OSError as exc:
        raise StoreUnavailable(
            f"the archive's folder failed to {operation}: {exc.strerror}", operation=operation
        ) from exc
