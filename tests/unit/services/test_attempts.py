from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from services.adapters.results import JsonResults
from services.attempts import Attempts
from services.errors import OutOfTime
from services.rendering import Rendering
from services.stories import Stories
from tests.fakes.meters import RecordingMeter
from tests.fakes.stores import DownStore, MemoryStore

A, B = {"a": Rendering("A", -0.5, ((0, 1, 0, 1),))}, {"b": Rendering("B")}
REQUEST = "translations/0123"
LONG, SHORT = ["x" * 5_000], ["x" * 500]


def attempts_in(store: MemoryStore | None = None) -> Attempts:
    results = JsonResults(MemoryStore() if store is None else store, RecordingMeter())
    return Attempts(Stories(results), results)


def break_off(attempts: Attempts, texts: list[str], story: str | None = None, **models: dict[str, Rendering]) -> None:
    """An attempt that finishes some clauses by models, and then has no time left."""
    with suppress(OutOfTime), attempts.begin(REQUEST, story, 0, texts) as attempt:
        for model, clauses in models.items():
            attempt.known(model)
            attempt.finish(model, clauses)
        raise OutOfTime("over", {})


def test_the_next_attempt_knows_what_the_one_before_finished_by_the_same_model() -> None:
    attempts = attempts_in()
    break_off(attempts, LONG, m=A)
    with attempts.begin(REQUEST, None, 0, LONG) as attempt:
        assert (attempt.known("m"), attempt.known("n")) == (A, {})
    with attempts.begin("translations/4567", None, 0, LONG) as other:
        assert other.known("m") == {}


def test_attempts_add_up_by_model() -> None:
    attempts = attempts_in()
    break_off(attempts, LONG, m=A, n=A)
    break_off(attempts, LONG, m=B)
    with attempts.begin(REQUEST, None, 0, LONG) as attempt:
        assert (attempt.known("m"), attempt.known("n")) == (A | B, A)


def test_of_attempts_at_once_nothing_is_lost() -> None:
    attempts = attempts_in()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: break_off(attempts, LONG, m={str(n): Rendering(str(n))}), range(32)))
    with attempts.begin(REQUEST, None, 0, LONG) as attempt:
        assert attempt.known("m") == {str(n): Rendering(str(n)) for n in range(32)}


def test_nothing_is_left_of_attempts_when_one_succeeds() -> None:
    store = MemoryStore()
    attempts = attempts_in(store)
    break_off(attempts, LONG, m=A)
    assert store.values
    with attempts.begin(REQUEST, None, 0, LONG) as attempt:
        attempt.finish("m", A | B)
    assert store.values == {}


def test_a_short_text_asks_and_leaves_nothing() -> None:
    store = MemoryStore()
    break_off(attempts_in(store), SHORT, m=A)
    assert store.values == {}


def test_an_attempt_at_a_story_leaves_what_it_finished_to_the_story() -> None:
    attempts = attempts_in()
    break_off(attempts, SHORT, "storm", m=A)
    assert attempts.stories.recall("storm", "m") == A


def test_another_error_leaves_nothing() -> None:
    store = MemoryStore()
    with suppress(KeyError), attempts_in(store).begin(REQUEST, None, 0, LONG) as attempt:
        attempt.finish("m", A)
        raise KeyError
    assert store.values == {}


def test_what_attempts_left_is_dropped_with_the_article() -> None:
    store = MemoryStore()
    attempts = attempts_in(store)
    break_off(attempts, LONG, m=A)
    attempts.forget(REQUEST)
    assert store.values == {}


@pytest.mark.parametrize("operations", [("read",), ("write",), ("read", "write")])
def test_a_store_that_is_down_knows_of_none_and_says_nothing(operations: tuple[str, ...]) -> None:
    attempts = attempts_in(DownStore(*operations))
    break_off(attempts, LONG, m=A)
    with attempts.begin(REQUEST, None, 0, LONG) as attempt:
        assert attempt.known("m") == {}
