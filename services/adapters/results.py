"""Results as compressed JSON with a checksum: any frozen dataclass of the core, written and read back by pydantic."""

import hashlib
import logging
import random
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic

from pydantic import TypeAdapter, ValidationError

from services.errors import ServiceError, StoreUnavailable
from services.ports import NOTHING, Count, Meter, ObjectStore, Result

log = logging.getLogger(__name__)

_random = random.SystemRandom()  # another one in each instance that starts from a snapshot

# Of the JSON below the header, which itself stays as it is; raise it when an old reader could misread a new value.
SCHEMA = 1
_MAGIC = b"ilr"
_DIGEST_BYTES = hashlib.sha256().digest_size
_HEADER_BYTES = len(_MAGIC) + 1 + _DIGEST_BYTES
_MAX_JSON_BYTES = 256 * 1024 * 1024
_NEWER = "newer"
_MAX_ATTEMPTS = 16
_PAUSE_S, _LONGEST_PAUSE_S = 0.01, 0.08


class _Unreadable(Exception):
    """Why a value cannot be read: `foreign`, `newer`, `older` or `corrupt`."""


@dataclass(frozen=True, slots=True)
class _Found(Generic[Result]):
    """What a key holds: a result if it can be read, the version to replace, and whether later code wrote it."""

    result: Result | None = None
    version: str | None = NOTHING
    is_newer: bool = False


@dataclass(frozen=True, slots=True)
class JsonResults:
    """Results in an object store; one that cannot be read counts as missing and is replaced.

    A value is `ilr`, a byte for the schema, the SHA-256 of schema, key, kind and the rest, and the rest: JSON under
    zlib. So one that is truncated, altered, or was written for another key is none. One of a later schema is missing
    too, but stays where it is.
    """

    objects: ObjectStore
    meter: Meter
    _adapters: dict[type, TypeAdapter[Any]] = field(default_factory=dict, compare=False, repr=False)

    def find(self, key: str, kind: type[Result]) -> Result | None:
        """The result kept under the key; None if there is none that can be read. Raises StoreUnavailable."""
        return self._read(key, kind).result

    def keep(self, key: str, result: Result) -> Result:
        """Keep a result unless one that can be read is there, and give the kept one. Raises StoreUnavailable."""
        value, version = self._written(key, result), NOTHING
        for attempt in range(_MAX_ATTEMPTS):
            if self.objects.put(key, value, version):
                return result
            found = self._read(key, type(result))
            if found.result is not None:
                return found.result
            if found.is_newer:
                return result
            version = found.version
            if attempt:  # at first there was just something to replace
                _pause(attempt)
        raise StoreUnavailable("what is kept is neither read nor replaced", operation="write")

    def amend(self, key: str, kind: type[Result], change: Callable[[Result | None], Result]) -> Result:
        """Keep what a change makes of the result under the key, or of None, and give it. Raises StoreUnavailable."""
        for attempt in range(_MAX_ATTEMPTS):
            found = self._read(key, kind)
            if found.is_newer:
                raise StoreUnavailable("only later code can change this result", operation="write")
            after = change(found.result)
            if after == found.result or self.objects.put(key, self._written(key, after), found.version):
                return after
            _pause(attempt)
        raise StoreUnavailable("too many others are changing the same result", operation="write")

    def drop(self, key: str) -> None:
        """Keep nothing under the key. Raises StoreUnavailable."""
        self.objects.delete(key)

    def _read(self, key: str, kind: type[Result]) -> _Found[Result]:
        stored = self.objects.get(key)
        if stored is None:
            return _Found()
        try:
            return _Found(self._adapter(kind).validate_json(_payload(key, kind, stored.value)), stored.version)
        except (_Unreadable, zlib.error, ValidationError, ServiceError) as exc:  # the last by values of the core
            reason = str(exc) if isinstance(exc, _Unreadable) else "foreign"
        self.meter.count(Count.RESULT_UNREADABLE)
        log.warning(
            "unreadable result",
            extra={"kind": key.partition("/")[0], "size_bytes": len(stored.value), "reason": reason},
        )
        return _Found(None, stored.version, reason == _NEWER)

    def _written(self, key: str, result: object) -> bytes:
        kind = type(result)
        payload = zlib.compress(self._adapter(kind).dump_json(result), 1)
        return _MAGIC + bytes([SCHEMA]) + _digest(SCHEMA, key, kind, payload) + payload

    def _adapter(self, kind: type) -> TypeAdapter[Any]:
        if kind not in self._adapters:
            self._adapters[kind] = TypeAdapter(kind)
        return self._adapters[kind]


def _payload(key: str, kind: type, value: bytes) -> bytes:
    """The JSON of a value. Raises _Unreadable."""
    if not value.startswith(_MAGIC) or len(value) < _HEADER_BYTES:
        raise _Unreadable("foreign")
    schema, digest, payload = value[len(_MAGIC)], value[len(_MAGIC) + 1 : _HEADER_BYTES], value[_HEADER_BYTES:]
    if digest != _digest(schema, key, kind, payload):
        raise _Unreadable("corrupt")
    if schema != SCHEMA:
        raise _Unreadable(_NEWER if schema > SCHEMA else "older")
    return zlib.decompressobj().decompress(payload, _MAX_JSON_BYTES)


def _digest(schema: int, key: str, kind: type, payload: bytes) -> bytes:
    return hashlib.sha256(f"{schema} {key} {kind.__name__} ".encode() + payload).digest()


def _pause(attempt: int) -> None:
    time.sleep(_random.uniform(0, min(_PAUSE_S * 2**attempt, _LONGEST_PAUSE_S)))
