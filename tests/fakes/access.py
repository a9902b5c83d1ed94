"""Fakes of what is kept of keys and their usage: one keeps the ports' promises, and a naughty sister breaks one."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock

from services.access import Access, Charge
from services.api_keys import ApiKey
from services.callers import Caller, acting_for
from services.errors import KeysUnavailable, UsageUnavailable
from services.ports import Slot


class MemoryAccess:
    """Keeps keys in `keys` and counts in `counts`, for as long as it lives."""

    def __init__(self, *keys: ApiKey) -> None:
        self.keys = {key.digest: key for key in keys}
        self.counts = Counter[Slot]()
        self._receipts = set[str]()
        self._lock = Lock()

    def find(self, digest: str) -> ApiKey | None:
        """The key of a digest."""
        return self.keys.get(digest)

    def keep(self, key: ApiKey) -> None:
        """Keep a key in the place of any of this digest."""
        self.keys[key.digest] = key

    def all(self) -> list[ApiKey]:
        """All keys."""
        return list(self.keys.values())

    def add(self, slot: Slot, amount: int, receipt: str, limit: int | None = None) -> bool:
        """Count an amount once, unless that leads beyond a limit."""
        with self._lock:
            if receipt in self._receipts:
                return True
            if limit is not None and self.counts[slot] + amount > limit:
                return False
            self._receipts.add(receipt)
            self.counts[slot] += amount
            return True

    def total(self, slot: Slot) -> int:
        """What is counted in a slot."""
        return self.counts[slot]


class DownAccess(MemoryAccess):
    """Breaks one promise: while `is_down`, it does not answer.

    Where `in_doubt`, it counts all the same, and does not say so.
    """

    def __init__(self, *keys: ApiKey, is_down: bool = True, in_doubt: bool = False) -> None:
        super().__init__(*keys)
        self.is_down = is_down
        self.in_doubt = in_doubt
        self.asked = 0

    def find(self, digest: str) -> ApiKey | None:
        """Fail, if it is down."""
        self.asked += 1
        self._answer("read")
        return super().find(digest)

    def keep(self, key: ApiKey) -> None:
        """Fail, if it is down."""
        self._answer("write")
        super().keep(key)

    def all(self) -> list[ApiKey]:
        """Fail, if it is down."""
        self._answer("list")
        return super().all()

    def add(self, slot: Slot, amount: int, receipt: str, limit: int | None = None) -> bool:
        """Fail, if it is down."""
        self.asked += 1
        if not self.is_down or self.in_doubt:
            is_counted = super().add(slot, amount, receipt, limit)
        if self.is_down:
            raise UsageUnavailable("the counter failed to count", self.in_doubt, operation="count")
        return is_counted

    def total(self, slot: Slot) -> int:
        """Fail, if it is down."""
        if self.is_down:
            raise UsageUnavailable("the counter failed to read", operation="read")
        return super().total(slot)

    def _answer(self, operation: str) -> None:
        if self.is_down:
            raise KeysUnavailable(f"the key store failed to {operation}", operation=operation)


class WallClock:
    """Stands still, unless it is set forward."""

    def __init__(self, *at: int) -> None:
        self.at = datetime(*(at or (2026, 11, 28, 10, 30)), tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time."""
        return self.at

    def pass_(self, **time: float) -> None:
        """Go forward."""
        self.at += timedelta(**time)


@contextmanager
def entered(access: Access, key: str | None) -> Iterator[Caller]:
    """Do within what somebody asks for who shows a key."""
    caller = access.identify(key)
    with acting_for(caller):
        yield caller


@contextmanager
def admitted(access: Access, key: str | None, characters: int) -> Iterator[Charge]:
    """The same, and charge it for so many characters."""
    with entered(access, key), access.charging(characters) as charge:
        yield charge
