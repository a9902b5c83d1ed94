"""How a finished result is looked up and kept: a store that is down makes an answer slower, never wrong."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from threading import TIMEOUT_MAX, Event, Lock
from typing import Any, Generic

from services.deadline import current
from services.errors import OutOfTime, StoreUnavailable
from services.ports import Count, Meter, Result, ResultStore

log = logging.getLogger(__name__)


class CacheState(StrEnum):
    """Where an answer came from."""

    HIT = "hit"  # the stored result
    PARTIAL = "partial"  # computed, and some of its sentences were known
    MISS = "miss"  # computed
    BYPASS = "bypass"  # computed, and not kept since the store was down


@dataclass(frozen=True, slots=True)
class Effort:
    """How many sentences were decoded for a result, and how many were known already."""

    decoded: int = 0
    reused: int = 0

    def __add__(self, other: "Effort") -> "Effort":
        return Effort(self.decoded + other.decoded, self.reused + other.reused)


@dataclass(frozen=True, slots=True)
class Answer(Generic[Result]):
    """A result, the key it is kept under, where it came from, and how many sentences had to be decoded for it."""

    result: Result
    key: str
    cache: CacheState
    decoded: int


@dataclass(slots=True)
class _Flight(Generic[Result]):
    """A computation that others wait for, and its answer; none if it failed."""

    landed: Event = field(default_factory=Event)
    answer: Answer[Result] | None = None


@dataclass(frozen=True, slots=True)
class Results:
    """Results that are computed once: by one of all who ask at the same time, and never again while they are kept."""

    store: ResultStore
    meter: Meter
    _flights: dict[str, _Flight[Any]] = field(default_factory=dict, compare=False, repr=False)
    _lock: Lock = field(default_factory=Lock, compare=False, repr=False)

    def __call__(
        self,
        key: str,
        kind: type[Result],
        compute: Callable[[], tuple[Result, Effort]],
        keep: Callable[[str, Result], Result] | None = None,
    ) -> Answer[Result]:
        """The stored result, or else the computed one, kept for the next time; `keep` may do so in another way.

        Raises what the computation raises; whoever waited for one that failed computes for himself.
        """
        while True:
            with self._lock:
                flight = self._flights.get(key)
                if is_first := flight is None:
                    flight = self._flights[key] = _Flight()
            if is_first:
                break
            if not flight.landed.wait(min(current().remaining_s(), TIMEOUT_MAX)):
                raise OutOfTime("the same request is under way, and not finished yet", {})
            if flight.answer is not None:
                state = CacheState.BYPASS if flight.answer.cache is CacheState.BYPASS else CacheState.HIT
                return replace(flight.answer, cache=state, decoded=0)
        try:
            flight.answer = answer = self._recall_or_compute(key, kind, compute, keep or self.store.keep)
            return answer
        finally:
            with self._lock:
                del self._flights[key]
            flight.landed.set()

    def _recall_or_compute(
        self,
        key: str,
        kind: type[Result],
        compute: Callable[[], tuple[Result, Effort]],
        keep: Callable[[str, Result], Result],
    ) -> Answer[Result]:
        try:
            stored = self.store.find(key, kind)
        except StoreUnavailable as exc:
            self._bypass("read", exc)
            result, effort = compute()
            return Answer(result, key, CacheState.BYPASS, effort.decoded)  # it is not waited for twice
        if stored is not None:
            return Answer(stored, key, CacheState.HIT, 0)
        result, effort = compute()
        state = CacheState.PARTIAL if effort.reused else CacheState.MISS
        try:
            result = keep(key, result)  # that of another process, where it was quicker
        except StoreUnavailable as exc:
            self._bypass("write", exc)
            state = CacheState.BYPASS
        return Answer(result, key, state, effort.decoded)

    def _bypass(self, operation: str, exc: StoreUnavailable) -> None:
        self.meter.count(Count.STORE_BYPASSED)
        cause = type(exc.__cause__).__name__
        told = {"operation": operation, "code": exc.code, "cause": cause}
        log.warning("result store bypassed: %s", exc.detail, extra=told)
