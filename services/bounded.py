"""A store that costs a request only so much time, whatever the one behind it does."""

import logging
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Event, Lock, Thread
from typing import Never, TypeVar

from services.errors import StoreUnavailable
from services.ports import NOTHING, Count, Meter, ObjectStore, Stored
from services.steps import Step, step

log = logging.getLogger(__name__)

Value = TypeVar("Value")

_random = random.SystemRandom()  # another one in each instance that starts from a snapshot
_FAIR_S = 0.2  # a call that had less time says nothing about the store

_MAX_CALLS = 32
_PAUSE_S = 0.1
_FAILURES = 3
_FIRST_REST_S, _LONGEST_REST_S = 1.0, 30.0


@dataclass(slots=True)
class _Budget:
    """The seconds that are left for the store."""

    left_s: float


_budget: ContextVar[_Budget | None] = ContextVar("store_budget", default=None)


@contextmanager
def spending(budget_s: float) -> Iterator[None]:
    """Give all calls within, one request's, so many seconds for the store, in place of the seconds for each call."""
    token = _budget.set(_Budget(budget_s))
    try:
        yield
    finally:
        _budget.reset(token)


class Breaker:
    """Says when to leave a service alone: after some failures in a row, for a while that grows until one call succeeds.

    Nygard, "Release It!", 2nd ed., section 5.2. The while is drawn at random, so that not all processes come back at
    once. Thread-safe; `clock` gives seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failures = 0  # in a row
        self._trials = 0
        self._rests_until = 0.0
        self._lock = Lock()

    def lets_through(self) -> bool:
        """Whether a call may be made: always while all is well, and one at a time to see whether it is again."""
        with self._lock:
            if self._failures < _FAILURES:
                return True
            if self._clock() < self._rests_until:
                return False
            self._trials += 1
            self._rest()  # for the others; a success ends it
            return True

    def succeeded(self) -> None:
        """Tell of a call that was answered."""
        with self._lock:
            self._failures = self._trials = 0

    def failed(self) -> None:
        """Tell of a call that was not."""
        with self._lock:
            self._failures += 1
            if self._failures >= _FAILURES:
                self._rest()

    def _rest(self) -> None:
        longest_s = min(_LONGEST_REST_S, _FIRST_REST_S * 2 ** min(self._trials, 16))
        self._rests_until = self._clock() + _random.uniform(longest_s / 2, longest_s)


class BoundedStore:
    """An object store whose calls end in time: with a value, or with StoreUnavailable.

    Each call runs in another thread, which is left behind when time is up: no library can be trusted to end a
    call that drips, or a read from a folder that hangs. A call that fails is made once more; a store that goes on
    failing is left alone for a while. Outside of `spending` a call may take `call_s` seconds.
    """

    def __init__(self, objects: ObjectStore, meter: Meter, call_s: float, breaker: Breaker | None = None) -> None:
        self._objects = objects
        self._meter = meter
        self._call_s = call_s
        self._breaker = breaker or Breaker()
        self._crew = _Crew(_MAX_CALLS)

    def get(self, key: str) -> Stored | None:
        """The value kept under the key, None if there is none. Raises StoreUnavailable."""
        return self._in_time("read", lambda: self._objects.get(key))

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        """Keep a value, and say whether it is kept now. Raises StoreUnavailable; it may be kept even so."""
        return self._in_time("write", lambda: self._objects.put(key, value, over))

    def delete(self, key: str) -> None:
        """Keep nothing under the key. Raises StoreUnavailable."""
        self._in_time("delete", lambda: self._objects.delete(key))

    def _in_time(self, operation: str, call: Callable[[], Value]) -> Value:
        budget = _budget.get()
        allowed_s = self._call_s if budget is None else budget.left_s
        if allowed_s <= 0:
            raise StoreUnavailable("the request has no time left for the store", operation=operation)
        if not self._breaker.lets_through():
            self._meter.count(Count.STORE_SHUNNED)
            raise StoreUnavailable("the store failed just now, and is left alone for a while", operation=operation)
        began = time.monotonic()
        try:
            with step(Step.STORE):
                value = self._result(operation, call, began + allowed_s)
        except StoreUnavailable:
            self._meter.count(Count.STORE_FAILED)
            if allowed_s >= _FAIR_S:
                self._breaker.failed()
            raise
        finally:
            if budget:
                budget.left_s -= time.monotonic() - began
        self._breaker.succeeded()
        return value

    def _result(self, operation: str, call: Callable[[], Value], give_up_at: float) -> Value:
        outcomes, abandoned = SimpleQueue[Callable[[], Value]](), Event()
        if not self._crew.do(partial(_run, call, outcomes, abandoned), give_up_at):
            raise StoreUnavailable("too many calls of the store are under way", operation=operation)
        try:
            return outcomes.get(timeout=max(0.0, give_up_at - time.monotonic()))()
        except Empty:
            abandoned.set()
            raise StoreUnavailable("the store did not answer in time", operation=operation) from None


class _Crew:
    """Threads that do a task each, so many at most. They are kept, as to start one takes as long as a small read."""

    def __init__(self, size: int) -> None:
        self._free = BoundedSemaphore(size)
        self._tasks = SimpleQueue[Callable[[], None]]()
        self._idle = 0
        self._process = os.getpid()
        self._lock = Lock()

    def do(self, task: Callable[[], None], give_up_at: float) -> bool:
        """Have a task done, and say whether somebody is free for it by then."""
        if not self._free.acquire(timeout=max(0.0, give_up_at - time.monotonic())):
            return False
        with self._lock:
            if self._process != os.getpid():  # a child has none of its parent's threads
                self._process, self._idle = os.getpid(), 0
            is_one_idle = self._idle > 0
            self._idle -= is_one_idle
        if not is_one_idle:
            try:
                Thread(target=self._work, name="store", daemon=True).start()
            except RuntimeError:  # the system has no more
                self._free.release()
                return False
        self._tasks.put(task)
        return True

    def _work(self) -> None:
        while True:
            task = self._tasks.get()
            task()
            del task  # or an idle thread would keep what it wrote
            with self._lock:
                self._idle += 1
            self._free.release()


def _run(call: Callable[[], Value], outcomes: "SimpleQueue[Callable[[], Value]]", abandoned: Event) -> None:
    try:
        value = _twice(call, abandoned)
        outcomes.put(lambda: value)
    except BaseException as exc:
        outcomes.put(_raising(exc))


def _twice(call: Callable[[], Value], abandoned: Event) -> Value:
    """A second attempt after a short pause; none of a call that nobody waits for, or it could undo a later one."""
    try:
        return call()
    except StoreUnavailable:
        if abandoned.wait(_random.uniform(0, _PAUSE_S)):
            raise
        return call()


def _raising(exc: BaseException) -> Callable[[], Never]:
    def fail() -> Never:
        raise exc

    return fail
