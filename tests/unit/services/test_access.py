import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from services.access import Access
from services.api_keys import ApiKey, KeyLimits, issue
from services.callers import acting_for, current_caller, owned
from services.errors import (
    InvalidKey,
    KeysUnavailable,
    MissingKey,
    QuotaExceeded,
    ServiceError,
    TextTooLong,
    TooManyRequests,
)
from services.known_keys import KnownKeys
from services.ports import Count
from services.usage import UsageBook
from tests.fakes.access import DownAccess, MemoryAccess, WallClock, admitted, entered
from tests.fakes.meters import RecordingMeter

CLOCK = WallClock()
KEY, DESK = issue("desk", CLOCK())


class World:
    """A door, what is kept behind it, and a clock."""

    def __init__(self, limits: KeyLimits = KeyLimits(), store: MemoryAccess | None = None) -> None:  # noqa: B008
        self.store = store or MemoryAccess(replace(DESK, limits=limits))
        self.meter, self.now = RecordingMeter(), WallClock()
        self.access = self.opened(self.now)

    def opened(self, now: Callable[[], object]) -> Access:
        """A door of another process, whose clock may go otherwise."""
        return Access(
            KnownKeys(self.store, self.meter),
            UsageBook(self.store, self.meter, self.now),
            self.meter,
            now,  # type: ignore[arg-type]
        )

    def ask(self, characters: int, key: str | None = KEY, access: Access | None = None) -> None:
        """Ask for something, and be answered."""
        with admitted(access or self.access, key, characters):
            pass

    def used(self) -> int:
        """What was counted this month."""
        with entered(self.access, KEY):
            return self.access.usage().characters


def test_where_no_keys_are_needed_everybody_is_let_in_and_nothing_counted() -> None:
    store, meter = DownAccess(), RecordingMeter()
    access = Access(None, UsageBook(store, meter), meter)
    for key in (None, "", "anything", KEY):
        with admitted(access, key, 10**9):
            assert current_caller().owner is None
            assert access.usage().characters == 0
    assert (store.asked, meter.counts) == (0, {})


def test_a_key_lets_its_owner_in_for_as_long_as_it_is_used() -> None:
    world = World()
    with admitted(world.access, KEY, 3):
        assert current_caller().owner == DESK.owner
    assert current_caller().owner is None


@pytest.mark.parametrize("key", [None, ""])
def test_a_missing_key_is_missing(key: str | None) -> None:
    world = World()
    with pytest.raises(MissingKey):
        world.ask(1, key)
    assert world.meter.counts == {Count.REFUSED_WITHOUT_KEY: 1}


@pytest.mark.parametrize(
    ("kept", "reason"),
    [
        (None, "unknown"),
        (DESK.revoked(CLOCK()), "revoked"),
        (replace(DESK, valid_until=CLOCK()), "expired"),
    ],
)
def test_what_is_wrong_with_a_key_only_the_log_tells_and_never_the_key(
    caplog: pytest.LogCaptureFixture, kept: ApiKey | None, reason: str
) -> None:
    world = World(store=MemoryAccess(*[kept] if kept else []))
    with caplog.at_level(logging.INFO), pytest.raises(InvalidKey) as raised:
        world.ask(1)
    assert (raised.value.detail, raised.value.facts) == ("the API key is not valid here", {})
    [record] = caplog.records
    assert record.__dict__["reason"] == reason
    assert KEY not in str(record.__dict__)
    assert DESK.digest not in str(record.__dict__)
    assert world.meter.counts == {Count.REFUSED_KEY: 1}


def test_a_key_that_expires_while_it_is_known_is_refused_from_then_on() -> None:
    world = World(store=MemoryAccess(replace(DESK, valid_until=CLOCK() + timedelta(seconds=30))))
    world.ask(1)
    world.now.pass_(seconds=30)
    with pytest.raises(InvalidKey):
        world.ask(1)


def test_nobody_is_let_in_while_keys_cannot_be_checked() -> None:
    world = World(store=DownAccess(DESK))
    with pytest.raises(KeysUnavailable):
        world.ask(1)


def test_an_answer_is_charged_once_and_a_failure_with_nothing() -> None:
    world = World(KeyLimits(chars_per_month=100))
    world.ask(30)
    for failure in (ServiceError("no"), ValueError(), KeyboardInterrupt()):
        with suppress(BaseException), admitted(world.access, KEY, 50):
            raise failure
    world.ask(70)
    assert world.used() == 100


def test_a_charge_may_be_waived() -> None:
    world = World(KeyLimits(chars_per_month=100))
    with admitted(world.access, KEY, 100) as charge:
        charge.waive()
    world.ask(100)
    assert world.used() == 100


def test_a_request_longer_than_the_key_may_send_is_refused_before_anything_is_counted() -> None:
    world = World(KeyLimits(chars_per_request=10, requests_per_minute=1))
    with pytest.raises(TextTooLong) as raised:
        world.ask(11)
    assert raised.value.facts == {"max_chars": 10, "chars": 11}
    world.ask(10)
    assert world.meter.counts[Count.REFUSED_LENGTH] == 1


def test_of_several_requests_in_one_the_longest_counts_for_the_length_and_all_for_the_month() -> None:
    world = World(KeyLimits(chars_per_request=10, chars_per_month=30))
    with entered(world.access, KEY), world.access.charging(25, longest=10):
        pass
    assert world.used() == 25
    with entered(world.access, KEY), pytest.raises(TextTooLong), world.access.charging(1, longest=11):
        pass


def test_the_characters_of_a_month_end_and_begin_again_with_the_next() -> None:
    world = World(KeyLimits(chars_per_month=100))
    world.ask(60)
    with pytest.raises(QuotaExceeded) as raised:
        world.ask(41)
    seconds_left = int((world.now().replace(month=12, day=1, hour=0, minute=0) - world.now()).total_seconds())
    assert raised.value.facts == {"max_chars_per_month": 100, "retry_after_s": seconds_left}
    world.ask(40)
    world.now.pass_(seconds=seconds_left - 1)
    with pytest.raises(QuotaExceeded):
        world.ask(1)
    world.now.pass_(seconds=1)
    assert world.used() == 0
    world.ask(100)
    assert world.used() == 100


def test_an_answer_counts_for_the_month_in_which_it_was_asked_for() -> None:
    world = World(KeyLimits(chars_per_month=100))
    world.now.at = world.now().replace(day=30, hour=23, minute=59, second=59)
    with admitted(world.access, KEY, 100):
        world.now.pass_(seconds=2)
    assert world.used() == 0
    world.ask(100)


def test_the_requests_of_a_minute_end_and_begin_again_when_it_was_said() -> None:
    world = World(KeyLimits(requests_per_minute=2))
    world.now.at = world.now().replace(second=59, microsecond=500_000)
    world.ask(1)
    world.ask(1)
    with pytest.raises(TooManyRequests) as raised:
        world.ask(1)
    assert raised.value.facts == {"max_requests_per_minute": 2, "retry_after_s": 1}
    world.now.pass_(seconds=1)
    world.ask(1)
    world.ask(1)
    with pytest.raises(TooManyRequests) as raised:
        world.ask(1)
    assert raised.value.facts["retry_after_s"] == 60
    assert world.used() == 4
    assert world.meter.counts[Count.REFUSED_RATE] == 2


def test_a_request_that_is_refused_for_its_rate_gives_its_characters_back() -> None:
    world = World(KeyLimits(requests_per_minute=1, chars_per_month=10))
    world.ask(1)
    for _ in range(3):
        with pytest.raises(TooManyRequests):
            world.ask(9)
    world.now.pass_(minutes=1)
    world.ask(9)
    assert world.used() == 10


def test_processes_whose_clocks_differ_let_no_more_through_than_two_minutes_of_requests() -> None:
    world = World(KeyLimits(requests_per_minute=5))
    world.now.at = world.now().replace(second=58)
    ahead, behind = (world.opened(lambda by=by: world.now() + timedelta(seconds=by)) for by in (3, -3))
    answered = 0
    for access in [ahead, behind] * 20:
        with suppress(TooManyRequests):
            world.ask(1, access=access)
            answered += 1
    assert answered == 10
    assert world.used() == 10


def test_keys_of_one_owner_share_what_is_counted_and_each_has_its_limits() -> None:
    other_key, other = issue("desk, new", CLOCK(), KeyLimits(chars_per_month=150), owner=DESK.owner)
    world = World(store=MemoryAccess(replace(DESK, limits=KeyLimits(chars_per_month=100)), other))
    world.ask(100)
    with pytest.raises(QuotaExceeded):
        world.ask(1)
    world.ask(50, other_key)
    with pytest.raises(QuotaExceeded):
        world.ask(1, other_key)


def test_what_callers_name_is_their_own() -> None:
    world = World()
    assert owned("glossary") == "glossary"
    with entered(world.access, KEY):
        mine = owned("glossary")
        assert mine == owned("glossary") != owned("other")
        assert mine != "glossary"
        with acting_for(replace(current_caller(), owner="somebody else")):
            assert owned("glossary") != mine
        assert owned("glossary") == mine
