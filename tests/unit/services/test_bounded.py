import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from threading import Event

import pytest

from services.bounded import BoundedStore, Breaker, spending
from services.errors import StoreUnavailable
from services.ports import NOTHING, Count, Stored
from tests.fakes.meters import RecordingMeter
from tests.fakes.stores import DownStore, MemoryStore

KEY = "articles/0123"


class Clock:
    """Shows `now`."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class SlowStore(MemoryStore):
    """Answers once it is let go on, or after some seconds."""

    def __init__(self, seconds: float = 60) -> None:
        super().__init__()
        self.seconds = seconds
        self.goes_on = Event()
        self.asked = 0

    def get(self, key: str) -> Stored | None:
        self.asked += 1
        self.goes_on.wait(self.seconds)
        return super().get(key)


class FlakyStore(MemoryStore):
    """Fails so many times."""

    def __init__(self, failures: int) -> None:
        super().__init__()
        self.failures = failures
        self.asked = 0

    def get(self, key: str) -> Stored | None:
        self.asked += 1
        if self.asked <= self.failures:
            raise StoreUnavailable("S3 failed to read", operation="read") from ConnectionError("reset")
        return super().get(key)

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        raise ZeroDivisionError


def bounded(
    store: MemoryStore, call_s: float = 10, breaker: Breaker | None = None
) -> tuple[BoundedStore, RecordingMeter]:
    meter = RecordingMeter()
    return BoundedStore(store, meter, call_s, breaker), meter


@contextmanager
def takes(at_least_s: float, at_most_s: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert at_least_s <= time.monotonic() - began <= at_most_s


def failed(call: Callable[[], object]) -> str:
    with pytest.raises(StoreUnavailable) as raised:
        call()
    return raised.value.detail


def trip(breaker: Breaker) -> None:
    for _ in range(3):
        assert breaker.lets_through()
        breaker.failed()


def rest_s(breaker: Breaker, clock: Clock) -> float:
    """How long a breaker lets nothing through, to a tenth of a second."""
    began = clock.now
    while not breaker.lets_through():
        clock.now += 0.1
    return clock.now - began


def test_a_breaker_opens_after_three_failures_in_a_row() -> None:
    breaker = Breaker(Clock())
    for tell in (breaker.failed, breaker.failed, breaker.succeeded, breaker.failed, breaker.failed):
        tell()
        assert breaker.lets_through()
    breaker.failed()
    assert not breaker.lets_through()


def test_an_open_breaker_lets_one_call_through_after_a_while_and_no_other() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    trip(breaker)
    assert 0.4 < rest_s(breaker, clock) < 1.2
    assert [breaker.lets_through() for _ in range(3)] == [False] * 3


def test_a_breaker_rests_for_longer_after_each_trial_that_fails() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    trip(breaker)
    rests = []
    for _ in range(12):
        rests.append(rest_s(breaker, clock))
        breaker.failed()
    expected_s = [min(30, 2**n) for n in range(12)]
    assert all(longest / 2 - 0.1 < rest < longest + 0.2 for rest, longest in zip(rests, expected_s, strict=True))


def test_many_calls_that_fail_at_once_are_no_reason_to_rest_for_longer() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(32):
        breaker.failed()
    assert rest_s(breaker, clock) < 1.2


def test_a_success_closes_a_breaker() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    trip(breaker)
    rest_s(breaker, clock)
    breaker.succeeded()
    trip(breaker)  # it takes three failures again
    assert rest_s(breaker, clock) < 1.2


def test_what_the_store_answers_is_answered() -> None:
    store, meter = bounded(MemoryStore())
    assert store.get(KEY) is None
    assert [store.put(KEY, b"value") for _ in range(2)] == [True, False]
    stored = store.get(KEY)
    assert stored
    assert stored.value == b"value"
    assert store.put(KEY, b"other", stored.version)
    store.delete(KEY)
    assert (store.get(KEY), meter.counts) == (None, {})


def test_a_call_of_a_slow_store_ends_in_time_and_is_counted() -> None:
    slow = SlowStore()
    store, meter = bounded(slow, call_s=0.1)
    with takes(0.1, 3):
        assert failed(lambda: store.get(KEY)) == "the store did not answer in time"
    slow.goes_on.set()
    assert meter.counts == {Count.STORE_FAILED: 1}


def test_the_calls_of_a_request_share_its_budget() -> None:
    store, meter = bounded(SlowStore(0.15))
    with takes(0.35, 3), spending(0.4):
        assert [store.get(KEY), store.get(KEY)] == [None, None]
        assert failed(lambda: store.get(KEY)) == "the store did not answer in time"
        assert failed(lambda: store.get(KEY)) == "the request has no time left for the store"
    assert store.get(KEY) is None  # outside of the request
    assert meter.counts == {Count.STORE_FAILED: 1}


def test_threads_of_a_request_share_its_budget_and_other_requests_have_their_own() -> None:
    store, _ = bounded(SlowStore(0.1))
    with spending(0.15):
        context = copy_context()
        assert store.get(KEY) is None
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(context.run, failed, lambda: store.get(KEY)).result().startswith("the store did not")
            assert pool.submit(store.get, KEY).result() is None


def test_hung_calls_are_bounded() -> None:
    slow = SlowStore()
    store, _ = bounded(slow, call_s=0.2, breaker=NeverOpen())
    with ThreadPoolExecutor(40) as pool:
        told = list(pool.map(lambda _: failed(lambda: store.get(KEY)), range(40)))
    assert slow.asked == 32
    assert told.count("too many calls of the store are under way") == 8
    slow.goes_on.set()
    with ThreadPoolExecutor(32) as pool:  # there is room again
        assert set(pool.map(lambda _: store.get(KEY), range(64))) == {None}


def test_a_call_that_fails_is_made_once_more() -> None:
    flaky = FlakyStore(1)
    store, meter = bounded(flaky)
    assert (store.get(KEY), flaky.asked, meter.counts) == (None, 2, {})


def test_an_error_of_the_store_comes_with_its_cause() -> None:
    flaky = FlakyStore(2)
    store, meter = bounded(flaky)
    with pytest.raises(StoreUnavailable, match="S3 failed to read") as raised:
        store.get(KEY)
    assert repr(raised.value.__cause__) == "ConnectionError('reset')"
    assert (raised.value.facts, flaky.asked) == ({"operation": "read"}, 2)
    assert meter.counts == {Count.STORE_FAILED: 1}


def test_what_is_a_bug_is_raised_as_it_is_and_at_once() -> None:
    store, meter = bounded(FlakyStore(0))
    for _ in range(5):
        with pytest.raises(ZeroDivisionError):
            store.put(KEY, b"value")
    with pytest.raises(ValueError, match="a key looks like"):
        store.get("no key")
    assert meter.counts == {}


def test_a_store_that_fails_is_left_alone_until_it_is_up_again() -> None:
    clock, down = Clock(), DownStore()
    store, meter = bounded(down, breaker=Breaker(clock))
    for _ in range(3):
        failed(lambda: store.delete(KEY))
    assert failed(lambda: store.get(KEY)).startswith("the store failed just now")
    assert meter.counts == {Count.STORE_FAILED: 3, Count.STORE_SHUNNED: 1}
    clock.now = 2
    down.down = ()
    assert [store.get(KEY), store.get(KEY)] == [None, None]


class NeverOpen(Breaker):
    """Lets everything through."""

    def lets_through(self) -> bool:
        return True
