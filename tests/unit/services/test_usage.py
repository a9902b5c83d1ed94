from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest

from services.bounded import Breaker
from services.errors import UsageUnavailable
from services.ports import RECEIPT_S, Count
from services.usage import UsageBook, minute_of, month_of, next_month
from tests.fakes.access import DownAccess, MemoryAccess, WallClock
from tests.fakes.meters import RecordingMeter
from tests.fakes.queues import Clock

MONTH = month_of("a", datetime(2026, 11, 28, tzinfo=UTC))
MINUTE = minute_of("a", datetime(2026, 11, 28, 10, 30, tzinfo=UTC))


class World:
    """A book over a counter, with clocks that are set by hand."""

    def __init__(self, counter: MemoryAccess) -> None:
        self.counter, self.meter, self.now, self.seconds = counter, RecordingMeter(), WallClock(), Clock()
        self.book = UsageBook(counter, self.meter, self.now, Breaker(self.seconds))

    def use(self, amount: int, limit: int | None = None) -> bool:
        """Hold and count an amount, if there is room."""
        if not self.book.hold(MONTH, amount, limit):
            return False
        self.book.settle(MONTH, amount, amount)
        return True

    def pass_(self, seconds: float) -> None:
        """Let time pass on both clocks."""
        self.now.pass_(seconds=seconds)
        self.seconds.sleep(seconds)


@pytest.mark.parametrize(
    ("at", "month", "minute", "following"),
    [
        ((2026, 11, 30, 23, 59, 59, 999_999), "2026-11", "2026-11-30T23:59Z", (2026, 12, 1)),
        ((2026, 12, 1), "2026-12", "2026-12-01T00:00Z", (2027, 1, 1)),
        ((2026, 12, 31, 23, 59), "2026-12", "2026-12-31T23:59Z", (2027, 1, 1)),
        ((2028, 2, 29, 12, 0, 30), "2028-02", "2028-02-29T12:00Z", (2028, 3, 1)),
    ],
)
def test_months_and_minutes_are_those_of_the_calendar(
    at: tuple[int, ...], month: str, minute: str, following: tuple[int, int, int]
) -> None:
    now = datetime(*at, tzinfo=UTC)  # type: ignore[arg-type,misc]
    assert (month_of("a", now).period, minute_of("a", now).period) == (month, minute)
    assert next_month(now) == datetime(*following, tzinfo=UTC)
    assert month_of("a", now).expires_at > next_month(now).timestamp() + 330 * 86_400
    assert minute_of("a", now).expires_at > now.timestamp() + 60


def test_what_is_used_is_counted_once_and_what_is_not_is_given_back() -> None:
    world = World(MemoryAccess())
    assert world.use(60, 100)
    assert world.book.hold(MONTH, 40, 100)
    assert not world.use(1, 100)
    world.book.settle(MONTH, 40, 0)
    assert world.use(40, 100)
    assert world.counter.counts == {MONTH: 100}


def test_less_may_be_counted_than_was_held() -> None:
    world = World(MemoryAccess())
    assert world.book.hold(MONTH, 60, 100)
    world.book.settle(MONTH, 60, 20)
    assert world.use(80, 100)
    assert world.counter.counts == {MONTH: 100}


def test_threads_reach_the_limit_exactly() -> None:
    for _ in range(20):
        world, start = World(MemoryAccess()), Barrier(8, timeout=30)

        def use(_: int, world: World = world, start: Barrier = start) -> int:
            start.wait()
            return sum(world.use(3, 100) for _ in range(10))

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(use, range(8))) == 33
        assert world.counter.counts == {MONTH: 99}


def test_the_requests_of_a_minute_are_taken_one_by_one() -> None:
    world = World(MemoryAccess())
    assert [world.book.take(MINUTE, 3) for _ in range(5)] == [True, True, True, False, False]
    assert world.counter.counts == {MINUTE: 3}


def test_while_the_counter_is_down_all_is_let_through_and_counted_when_it_is_back() -> None:
    down = DownAccess()
    world = World(down)
    for _ in range(50):
        assert world.use(10, 100)
        assert world.book.take(MINUTE, 1)
    assert world.meter.counts[Count.USAGE_DEFERRED] == 50
    assert world.meter.counts[Count.USAGE_FAILED] == 3  # after which it is left alone
    with pytest.raises(UsageUnavailable):
        world.book.total(MONTH)
    down.is_down = False
    world.pass_(3_600)
    assert world.book.total(MONTH) == 500
    assert not world.use(1, 100)
    assert world.use(1)
    assert down.counts == {MONTH: 501}
    assert world.book.total(MONTH) == 501


def test_what_may_have_been_counted_is_counted_once_when_the_counter_is_back_soon() -> None:
    down = DownAccess(in_doubt=True)
    world = World(down)
    assert world.use(10)
    assert down.counts == {MONTH: 10}
    down.is_down = False
    world.pass_(RECEIPT_S - 1)
    assert world.use(1)
    assert down.counts == {MONTH: 11}
    assert world.meter.counts[Count.USAGE_LOST] == 0


def test_what_may_have_been_counted_long_ago_is_not_counted_again() -> None:
    down = DownAccess(in_doubt=True)
    world = World(down)
    assert world.use(10)
    down.is_down = False
    world.pass_(RECEIPT_S)
    assert world.use(1)
    assert down.counts == {MONTH: 11}
    assert world.meter.counts[Count.USAGE_LOST] == 1
    assert world.use(1)
    assert world.meter.counts[Count.USAGE_LOST] == 1


def test_a_call_that_fails_once_is_made_again_under_the_same_receipt() -> None:
    class Stumbling(DownAccess):
        """Is up again after one call."""

        def add(self, *arguments: object) -> bool:  # type: ignore[override]
            """Fail once, and count all the same."""
            try:
                return super().add(*arguments)  # type: ignore[arg-type]
            finally:
                self.is_down = False

    world = World(Stumbling(in_doubt=True))
    assert world.use(10)
    assert world.counter.counts == {MONTH: 10}
    assert world.meter.counts[Count.USAGE_DEFERRED] == 0


def test_what_is_owed_is_counted_once_while_many_threads_pay_and_the_counter_comes_and_goes() -> None:
    down = DownAccess(is_down=False)
    world, start = World(down), Barrier(8, timeout=30)

    def use(thread: int) -> None:
        start.wait()
        for n in range(50):
            if thread == 0:
                down.is_down = n % 10 < 5
            world.seconds.sleep(30)
            assert world.use(1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(use, range(8)))
    down.is_down = False
    world.pass_(60)
    world.use(1)
    world.use(1)
    assert down.counts == {MONTH: 402}


def test_a_book_passes_on_what_only_the_counter_knows() -> None:
    counter: Callable[[], MemoryAccess] = MemoryAccess
    shared = counter()
    one, two = World(shared), World(shared)
    assert one.use(60, 100)
    assert two.use(40, 100)
    assert not one.use(1, 100)
