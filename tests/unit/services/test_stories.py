import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.adapters.results import JsonResults
from services.errors import StoreUnavailable, UnknownStory
from services.ports import NOTHING, Pick
from services.rendering import Rendering, Retry
from services.stories import Stories
from tests.fakes.meters import RecordingMeter
from tests.fakes.stores import DownStore, MemoryStore

A = {"a": Rendering("A", -0.25, ((0, 1, 0, 1),), Retry.BEAM, False)}
B = {"b": Rendering("B")}
PICK = Pick(3, 0.5)


def stories(store: MemoryStore | None = None) -> Stories:
    return Stories(JsonResults(MemoryStore() if store is None else store, RecordingMeter()))


class WatchedStore(MemoryStore):
    """Does something once, just before it puts or just after it has put a value of a kind."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[str, Callable[[], None]] = {}
        self.after: dict[str, Callable[[], None]] = {}

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        self.before.pop(kind(key), lambda: None)()
        is_kept = super().put(key, value, over)
        self.after.pop(kind(key), lambda: None)()
        return is_kept


def kind(key: str) -> str:
    return key.partition("/")[0]


def kinds(store: MemoryStore) -> list[str]:
    return sorted(map(kind, store.values))


def test_what_is_remembered_is_recalled_for_its_story_and_model_alone() -> None:
    memory = stories()
    memory.remember("storm", 0, "m", A, {})
    assert memory.recall("storm", "m") == A
    assert memory.recall("storm", "n") == memory.recall("flood", "m") == {}


def test_the_next_version_keeps_what_the_one_before_had() -> None:
    memory = stories()
    memory.remember("storm", 0, "m", A, {})
    memory.remember("storm", 0, "m", B, memory.recall("storm", "m"))
    assert memory.recall("storm", "m") == B | A


def test_a_story_forgets_its_oldest_clauses_when_there_are_too_many() -> None:
    memory = stories()
    old = {f"old {n}": Rendering(str(n)) for n in range(1_500)}
    new = {f"new {n}": Rendering(str(n)) for n in range(1_500)}
    memory.remember("storm", 0, "m", old, {})
    memory.remember("storm", 0, "m", new, old)
    assert memory.recall("storm", "m").keys() == {*new, *list(old)[:500]}


@pytest.mark.parametrize("operations", [("read",), ("write",), ("read", "write")])
def test_a_store_that_is_down_forgets_and_says_nothing(operations: tuple[str, ...]) -> None:
    memory = stories(DownStore(*operations))
    memory.remember("storm", 0, "m", A, {})
    assert memory.recall("storm", "m") == {}


def test_what_somebody_else_remembered_meanwhile_is_kept_too() -> None:
    store = WatchedStore()
    store.before["stories"] = lambda: stories(store).remember("storm", 0, "m", B, {})
    stories(store).remember("storm", 0, "m", A, {})
    assert stories(store).recall("storm", "m") == A | B


def test_of_what_is_remembered_at_once_nothing_is_lost() -> None:
    memory = stories()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: memory.remember("storm", 0, "m", {f"clause {n}": Rendering(str(n))}, {}), range(48)))
    assert memory.recall("storm", "m") == {f"clause {n}": Rendering(str(n)) for n in range(48)}


def test_the_first_result_of_a_story_stays() -> None:
    memory = stories()
    assert [memory.keep("storm", 0, "translations/1", pick) for pick in (PICK, Pick(4, 0.5))] == [PICK, PICK]


def test_a_story_is_withdrawn_whole_and_no_other_with_it() -> None:
    store = MemoryStore()
    memory = stories(store)
    memory.remember("storm", 0, "m", A, {})
    memory.remember("storm", 0, "n", B, {})
    memory.keep("storm", 0, "translations/1", PICK)
    memory.keep("flood", 0, "translations/2", PICK)
    memory.withdraw("storm")
    assert memory.recall("storm", "m") == memory.recall("storm", "n") == {}
    assert kinds(store) == ["story-files", "story-files", "translations"]
    assert "translations/2" in store.values
    with pytest.raises(UnknownStory):
        memory.withdraw("storm")
    memory.remember("storm", memory.withdrawals("storm"), "m", B, {})
    assert memory.recall("storm", "m") == B


@pytest.mark.parametrize("is_known", [True, False])
def test_what_was_begun_before_a_withdrawal_is_not_kept_after_it(is_known: bool) -> None:
    store = MemoryStore()
    memory = stories(store)
    since = memory.withdrawals("storm")
    if is_known:
        memory.keep("storm", since, "translations/1", PICK)
    withdraw(memory)
    assert memory.keep("storm", since, "translations/1", PICK) == PICK
    memory.remember("storm", since, "m", A, {})
    memory.remember("storm", since, "m", A | B, A)
    assert kinds(store) == ["story-files"]
    memory.keep("storm", memory.withdrawals("storm"), "translations/1", PICK)
    assert kinds(store) == ["story-files", "translations"]


def test_jobs_are_filed_until_the_story_is_withdrawn() -> None:
    memory = stories()
    for job_id in ("a", "b", "a"):
        memory.file_job("storm", job_id)
    assert memory.jobs("storm") == ("a", "b")
    memory.withdraw("storm")
    assert memory.jobs("storm") == ()


def test_a_story_of_which_nothing_is_kept_is_unknown() -> None:
    with pytest.raises(UnknownStory):
        stories().withdraw("storm")


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["stories", "translations"])
def test_of_a_story_that_is_withdrawn_while_somebody_writes_nothing_stays(when: str, what: str) -> None:
    store = WatchedStore()
    getattr(store, when)[what] = lambda: stories(store).withdraw("storm")
    if what == "stories":
        stories(store).remember("storm", 0, "m", A, {})
    else:
        assert stories(store).keep("storm", 0, "translations/1", PICK) == PICK
    assert kinds(store) == ["story-files"]


def test_of_a_story_that_is_withdrawn_between_two_versions_nothing_stays() -> None:
    store = MemoryStore()
    memory = stories(store)
    memory.remember("storm", 0, "m", A, {})
    memory.withdraw("storm")
    memory.remember("storm", 0, "m", B, earlier=A)  # recalled before
    assert kinds(store) == ["story-files"]


def test_a_story_that_is_withdrawn_by_many_while_many_write_can_be_withdrawn_whole() -> None:
    store = MemoryStore()
    memory = stories(store)

    def act(n: int) -> None:
        if n % 4:
            memory.remember("storm", 0, f"m{n % 3}", {str(n): Rendering(str(n))}, {})
            memory.keep("storm", 0, f"translations/{n}", PICK)
        else:
            withdraw(memory)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(act, range(48)))
    withdraw(memory)
    assert kinds(store) == ["story-files"]


def withdraw(memory: Stories) -> None:
    with suppress(UnknownStory):
        memory.withdraw("storm")


class StubbornStore(MemoryStore):
    """Breaks one promise: it does not delete what is `kept`."""

    kept: str | None = None

    def delete(self, key: str) -> None:
        if key == self.kept:
            raise StoreUnavailable("the store failed to delete", operation="delete")
        super().delete(key)


def test_a_story_that_is_half_withdrawn_is_withdrawn_whole_by_the_next() -> None:
    store = StubbornStore()
    memory = stories(store)
    for n in range(3):
        memory.keep("storm", 0, f"translations/{n}", PICK)
    store.kept = "translations/1"
    with pytest.raises(StoreUnavailable):
        memory.withdraw("storm")
    assert "translations/1" in store.values
    assert kinds(store) == ["story-files", "translations"]
    memory.keep("storm", 0, "summaries/1", PICK)  # is not kept waiting
    store.kept = None
    memory.withdraw("storm")
    assert kinds(store) == ["story-files"]


class SlowStore(MemoryStore):
    """Takes 20 ms to delete, as S3 does."""

    def delete(self, key: str) -> None:
        time.sleep(0.02)
        super().delete(key)


def test_a_story_of_many_results_is_withdrawn_in_time() -> None:
    store = SlowStore()
    memory = stories(store)
    for n in range(300):
        memory.keep("storm", 0, f"translations/{n}", PICK)
    began = time.monotonic()
    memory.withdraw("storm")
    assert time.monotonic() - began < 5.5
    assert kinds(store) == ["story-files"]


def test_a_file_outlives_what_is_kept_again() -> None:
    today = datetime(2026, 11, 1, tzinfo=UTC)
    store = MemoryStore()
    memory = replace(stories(store), now=lambda: today)
    memory.keep("storm", 0, "translations/1", PICK)
    (file,) = (key for key in store.values if kind(key) == "story-files")
    first = store.values[file]
    memory.keep("storm", 0, "translations/1", PICK)
    assert store.values[file] == first
    today += timedelta(days=1)
    memory.keep("storm", 0, "translations/1", PICK)
    assert store.values[file] != first


def test_a_story_drops_its_oldest_results_when_there_are_too_many() -> None:
    store = MemoryStore()
    memory = stories(store)
    for n in range(1_002):
        memory.keep("storm", 0, f"translations/{n}", PICK)
    kept = store.values.keys() - {key for key in store.values if kind(key) == "story-files"}
    assert kept == {f"translations/{n}" for n in range(2, 1_002)}
    memory.withdraw("storm")
    assert kinds(store) == ["story-files"]
