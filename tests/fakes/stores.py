"""Fakes of the object store: one keeps the port's promises, and a naughty sister breaks exactly one."""

import hashlib
from threading import Lock

from services.errors import StoreUnavailable
from services.keys import check_key
from services.ports import ANYTHING, NOTHING, Stored


class MemoryStore:
    """Keeps bytes in `values`, for as long as it lives."""

    def __init__(self) -> None:
        self.values: dict[str, bytes] = {}
        self._lock = Lock()

    def get(self, key: str) -> Stored | None:
        """The value kept under the key, None if there is none."""
        check_key(key)
        value = self.values.get(key)
        return None if value is None else Stored(value, _version(value))

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        """Keep a value over nothing, over a certain version, or over anything."""
        check_key(key)
        with self._lock:
            before = self.values.get(key)
            if over not in (ANYTHING, NOTHING if before is None else _version(before)):
                return False
            self.values[key] = value
            return True

    def delete(self, key: str) -> None:
        """Forget the value kept under the key."""
        check_key(key)
        self.values.pop(key, None)


class DownStore(MemoryStore):
    """Breaks one promise: it does not answer to what is `down`: to a `read`, a `write`, or by default to either."""

    def __init__(self, *operations: str) -> None:
        super().__init__()
        self.down = operations or ("read", "write")

    def get(self, key: str) -> Stored | None:
        """Fail, if reading is down."""
        self._answer("read")
        return super().get(key)

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        """Fail, if writing is down."""
        self._answer("write")
        return super().put(key, value, over)

    def delete(self, key: str) -> None:
        """Fail, if writing is down."""
        self._answer("write")
        super().delete(key)

    def _answer(self, operation: str) -> None:
        if operation in self.down:
            raise StoreUnavailable(f"the store failed to {operation}", operation=operation)


def _version(value: bytes) -> str:
    return hashlib.sha256(value).hexdigest()
