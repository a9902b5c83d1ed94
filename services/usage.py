"""Counts what keys use, once for each answer; later, where the counter is down."""

import logging
import secrets
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import TypeVar

from services.bounded import Breaker
from services.clock import utc_now
from services.errors import UsageUnavailable
from services.ports import RECEIPT_S, Count, Meter, Slot, UsageCounter

log = logging.getLogger(__name__)

Value = TypeVar("Value")

_TRIES = 2  # of one call
_MAX_OWED = 10_000
_PAID_AT_A_TIME = 20
_OWNERS_AT_A_TIME = 256
_MONTHS_KEPT = timedelta(days=400)
_MINUTES_KEPT = timedelta(hours=1)


def month_of(owner: str, now: datetime) -> Slot:
    """An owner's calendar month, in UTC."""
    first = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    return Slot(owner, f"{first:%Y-%m}", int((first + _MONTHS_KEPT).timestamp()))


def minute_of(owner: str, now: datetime) -> Slot:
    """An owner's minute of the clock."""
    first = now.replace(second=0, microsecond=0)
    return Slot(owner, f"{first:%Y-%m-%dT%H:%MZ}", int((first + _MINUTES_KEPT).timestamp()))


def next_month(now: datetime) -> datetime:
    """When the next month begins."""
    return (now.replace(day=1, hour=0, minute=0, second=0, microsecond=0) + timedelta(days=32)).replace(day=1)


@dataclass(frozen=True, slots=True)
class _Debt:
    """An amount that is still to be counted; `since` when it may be counted already under its receipt, if it may."""

    slot: Slot
    amount: int
    receipt: str
    since: datetime | None = None


class UsageBook:
    """A counter that may be down: what is to be counted waits in memory, and is counted after the next call that works.

    A process that ends meanwhile takes it along. What may have been counted is tried again under its receipt for as
    long as that holds, and then let go, so that nobody pays twice. Thread-safe; what one owner has under way is
    counted against his limit in this process, and in others when it is done.
    """

    def __init__(
        self,
        counter: UsageCounter,
        meter: Meter,
        now: Callable[[], datetime] = utc_now,
        breaker: Breaker | None = None,
    ) -> None:
        self._counter = counter
        self._meter = meter
        self._now = now
        self._breaker = breaker or Breaker()
        self._held = Counter[Slot]()
        self._owed = Counter[Slot]()
        self._doubts = deque[_Debt](maxlen=_MAX_OWED)
        self._owners = [Lock() for _ in range(_OWNERS_AT_A_TIME)]
        self._lock = Lock()

    def total(self, slot: Slot) -> int:
        """What is counted in a slot, and what this process has still to count there. Raises UsageUnavailable."""
        return self._made(lambda: self._counter.total(slot)) + self._owed[slot]

    def take(self, slot: Slot, limit: int) -> bool:
        """Count one at once, unless that leads beyond the limit; one that cannot be counted is let through."""
        try:
            return self._add(slot, 1, _receipt(), limit)
        except UsageUnavailable as exc:
            log.warning("rate not checked: %s", exc.detail, extra={"code": exc.code})
            return True

    def hold(self, slot: Slot, amount: int, limit: int | None) -> bool:
        """Set an amount aside until it is settled, unless that leads beyond the limit; let through as above."""
        with self._one_at_a_time(slot.owner):
            if limit is not None and not self._fits(slot, amount, limit):
                return False
            self._held[slot] += amount
            return True

    def settle(self, slot: Slot, amount: int, used: int) -> None:
        """Give back an amount that was set aside, and count what was used of it."""
        with self._one_at_a_time(slot.owner):
            try:
                is_counted = not used or self._count(slot, used)
            finally:
                self._held[slot] -= amount
                if not self._held[slot]:
                    del self._held[slot]
        if used and is_counted:
            self._pay_some()  # for others, too, which this one shall not wait for

    def _fits(self, slot: Slot, amount: int, limit: int) -> bool:
        try:
            return self.total(slot) + self._held[slot] + amount <= limit
        except UsageUnavailable as exc:
            log.warning("quota not checked: %s", exc.detail, extra={"code": exc.code})
            return True

    def _count(self, slot: Slot, amount: int) -> bool:
        is_counted = self._paid(_Debt(slot, amount, _receipt()))
        if not is_counted:
            self._meter.count(Count.USAGE_DEFERRED)
        return is_counted

    def _pay_some(self) -> None:
        """Count some of what is owed. It is taken off the list meanwhile, so that no two threads count it."""
        with self._lock:
            doubts = [self._doubts.popleft() for _ in range(min(_PAID_AT_A_TIME, len(self._doubts)))]
            slots = list(self._owed)[:_PAID_AT_A_TIME]
            debts = doubts + [_Debt(slot, self._owed.pop(slot), _receipt()) for slot in slots]
        for debt in debts:
            if debt.since is not None and self._now() >= debt.since + timedelta(seconds=RECEIPT_S):
                log.warning("usage not counted, as it may be already", extra={"characters": debt.amount})
                self._meter.count(Count.USAGE_LOST)
            else:
                self._paid(debt)

    def _paid(self, debt: _Debt) -> bool:
        """Count it, or put it on the list."""
        try:
            return self._add(debt.slot, debt.amount, debt.receipt)
        except UsageUnavailable as exc:
            log.warning("usage to be counted later: %s", exc.detail, extra={"code": exc.code})
            since = debt.since or (self._now() if exc.in_doubt else None)
        with self._lock:
            if since is not None:
                self._doubts.append(replace(debt, since=since))
            elif debt.slot in self._owed or len(self._owed) < _MAX_OWED:
                self._owed[debt.slot] += debt.amount
        return False

    def _add(self, slot: Slot, amount: int, receipt: str, limit: int | None = None) -> bool:
        """Count, and try again under the same receipt. Raises UsageUnavailable."""
        in_doubt = False
        for tried in range(1, _TRIES + 1):
            try:
                return self._made(lambda: self._counter.add(slot, amount, receipt, limit))
            except UsageUnavailable as exc:
                in_doubt = in_doubt or exc.in_doubt
                if tried == _TRIES:
                    raise UsageUnavailable(exc.detail, in_doubt, **exc.facts) from exc
        raise AssertionError("unreachable")

    def _made(self, call: Callable[[], Value]) -> Value:
        if not self._breaker.lets_through():
            raise UsageUnavailable("the counter failed just now, and is left alone for a while")
        try:
            value = call()
        except UsageUnavailable:
            self._meter.count(Count.USAGE_FAILED)
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return value

    def _one_at_a_time(self, owner: str) -> Lock:
        """Between a look at the total and what is held or counted then, nobody else may change either."""
        return self._owners[hash(owner) % _OWNERS_AT_A_TIME]


def _receipt() -> str:
    return secrets.token_hex(8)
