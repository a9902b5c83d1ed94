from datetime import UTC, datetime

import pytest

from services.api_keys import issue
from services.errors import KeysUnavailable
from services.known_keys import FRESH_S, STALE_S, KnownKeys
from services.ports import Count
from tests.fakes.access import DownAccess, MemoryAccess
from tests.fakes.meters import RecordingMeter
from tests.fakes.queues import Clock

NOW = datetime(2026, 11, 28, tzinfo=UTC)
KEPT = issue("desk", NOW)[1]
OTHER = issue("other", NOW)[1]


def known(store: MemoryAccess, clock: Clock) -> KnownKeys:
    return KnownKeys(store, RecordingMeter(), clock)


def test_a_key_is_looked_up_once_a_while() -> None:
    store, clock = DownAccess(KEPT, is_down=False), Clock()
    keys = known(store, clock)
    for _ in range(5):
        assert keys.find(KEPT.digest) == KEPT
    assert store.asked == 1
    clock.sleep(FRESH_S)
    assert keys.find(KEPT.digest) == KEPT
    assert store.asked == 2


def test_a_revocation_is_known_after_a_while() -> None:
    store, clock = MemoryAccess(KEPT), Clock()
    keys = known(store, clock)
    assert keys.find(KEPT.digest) == KEPT
    store.keep(KEPT.revoked(NOW))
    clock.sleep(FRESH_S)
    assert keys.find(KEPT.digest) == KEPT.revoked(NOW)


def test_an_unknown_key_is_not_remembered_so_a_new_one_is_valid_at_once() -> None:
    store, clock = MemoryAccess(), Clock()
    keys = known(store, clock)
    assert keys.find(KEPT.digest) is None
    store.keep(KEPT)
    assert keys.find(KEPT.digest) == KEPT


def test_while_the_store_is_down_known_keys_go_on_for_a_while_and_nobody_else_is_let_in() -> None:
    store, clock = DownAccess(KEPT, OTHER, is_down=False), Clock()
    keys = known(store, clock)
    keys.find(KEPT.digest)
    store.is_down = True
    clock.sleep(STALE_S - 1)
    assert keys.find(KEPT.digest) == KEPT
    with pytest.raises(KeysUnavailable):
        keys.find(OTHER.digest)
    clock.sleep(1)
    with pytest.raises(KeysUnavailable):
        keys.find(KEPT.digest)


def test_a_store_that_goes_on_failing_is_left_alone_and_asked_again_later() -> None:
    store, clock, meter = DownAccess(KEPT), Clock(), RecordingMeter()
    keys = KnownKeys(store, meter, clock)
    for _ in range(20):
        with pytest.raises(KeysUnavailable):
            keys.find(KEPT.digest)
    assert store.asked == meter.counts[Count.KEYS_FAILED] == 3
    store.is_down = False
    clock.sleep(30)
    assert keys.find(KEPT.digest) == KEPT


def test_a_store_that_hands_back_another_key_lets_nobody_in() -> None:
    store = MemoryAccess(KEPT)
    store.keys[OTHER.digest] = KEPT
    assert known(store, Clock()).find(OTHER.digest) is None
