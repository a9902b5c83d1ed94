import logging
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

import pytest

from services.adapters.results import JsonResults
from services.deadline import within
from services.errors import EngineFailed, OutOfTime, StoreUnavailable
from services.ports import Count, Pick
from services.results import Answer, CacheState, Effort, Results
from tests.fakes.meters import RecordingMeter
from tests.fakes.stores import DownStore, MemoryStore

KEY = "picks/0123"
PICK = Pick(3, 0.5)
NEW, PARTLY_KNOWN = Effort(decoded=2), Effort(decoded=2, reused=1)
MISS, HIT = Answer(PICK, KEY, CacheState.MISS, 2), Answer(PICK, KEY, CacheState.HIT, 0)


def results_in(store: MemoryStore, meter: RecordingMeter | None = None) -> Results:
    meter = meter or RecordingMeter()
    return Results(JsonResults(store, meter), meter)


@dataclass
class Computation:
    """Gives a pick, or fails; counts its calls, and waits in each until it is let go on."""

    effort: Effort = NEW
    error: Exception | None = None
    calls: int = 0
    goes_on: Event = field(default_factory=Event)
    began: Event = field(default_factory=Event)

    def __post_init__(self) -> None:
        self.goes_on.set()

    def __call__(self) -> tuple[Pick, Effort]:
        self.calls += 1
        self.began.set()
        assert self.goes_on.wait(30)
        if self.error:
            raise self.error
        return PICK, self.effort


@pytest.mark.parametrize(("effort", "state"), [(NEW, CacheState.MISS), (PARTLY_KNOWN, CacheState.PARTIAL)])
def test_a_result_is_computed_once_and_then_recalled(effort: Effort, state: CacheState) -> None:
    results, compute = results_in(MemoryStore()), Computation(effort)
    assert results(KEY, Pick, compute) == Answer(PICK, KEY, state, 2)
    assert results(KEY, Pick, compute) == HIT
    assert compute.calls == 1


def test_a_result_is_computed_for_its_own_key() -> None:
    results, compute = results_in(MemoryStore()), Computation()
    results(KEY, Pick, compute)
    assert results("picks/4567", Pick, compute).cache is CacheState.MISS
    assert compute.calls == 2


def test_a_result_that_cannot_be_read_is_computed_and_replaced() -> None:
    store, compute = MemoryStore(), Computation()
    store.put(KEY, b"not a pick")
    results = results_in(store)
    assert [results(KEY, Pick, compute) for _ in range(2)] == [MISS, HIT]


def test_a_result_may_be_kept_in_another_way() -> None:
    store, kept = MemoryStore(), dict[str, Pick]()
    results_in(store)(KEY, Pick, Computation(), keep=kept.setdefault)
    assert (store.values, kept) == ({}, {KEY: PICK})


def test_the_result_of_another_process_that_was_quicker_is_the_answer() -> None:
    store, theirs = MemoryStore(), Pick(4, 0.25)

    def compute() -> tuple[Pick, Effort]:
        results_in(store)(KEY, Pick, lambda: (theirs, NEW))
        return PICK, NEW

    assert results_in(store)(KEY, Pick, compute) == Answer(theirs, KEY, CacheState.MISS, 2)


@pytest.mark.parametrize("operation", ["read", "write"])
def test_a_store_that_is_down_costs_one_computation_and_no_answer(
    operation: str, caplog: pytest.LogCaptureFixture
) -> None:
    store, compute, meter = DownStore(operation), Computation(PARTLY_KNOWN), RecordingMeter()
    with caplog.at_level(logging.DEBUG):
        assert results_in(store, meter)(KEY, Pick, compute) == Answer(PICK, KEY, CacheState.BYPASS, 2)
    assert (compute.calls, store.values, meter.counts) == (1, {}, {Count.STORE_BYPASSED: 1})
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert (vars(record)["operation"], vars(record)["code"]) == (operation, "store-unavailable")


def test_a_store_that_cannot_be_written_still_recalls() -> None:
    store, compute = DownStore("write"), Computation()
    up = MemoryStore()
    results_in(up)(KEY, Pick, compute)
    store.values = up.values
    assert results_in(store)(KEY, Pick, compute) == HIT
    assert compute.calls == 1


@pytest.mark.parametrize("error", [EngineFailed("broken"), StoreUnavailable("the computation's own"), KeyError("bug")])
@pytest.mark.parametrize("store", [MemoryStore(), DownStore("read")], ids=["up", "down"])
def test_what_the_computation_raises_is_raised_once_and_nothing_is_kept(store: MemoryStore, error: Exception) -> None:
    compute = Computation(error=error)
    with pytest.raises(type(error)) as raised:
        results_in(store)(KEY, Pick, compute)
    assert raised.value is error
    assert compute.calls == 1
    assert store.values == {}


def ask_at_once(results: Results, first: Computation, others: Computation, count: int) -> list[Future[Answer[Pick]]]:
    """What one is answered, and so many others who asked meanwhile."""
    first.goes_on.clear()
    with ThreadPoolExecutor(count + 1) as pool:
        futures = [pool.submit(results, KEY, Pick, first)]
        assert first.began.wait(30)
        futures += [pool.submit(results, KEY, Pick, others) for _ in range(count)]
        time.sleep(0.05)  # they wait by now, most likely
        first.goes_on.set()
    return futures


def test_of_sixteen_who_ask_at_once_one_computes() -> None:
    results, compute = results_in(MemoryStore()), Computation()
    answers = [one.result() for one in ask_at_once(results, compute, compute, 15)]
    assert answers == [MISS] + [HIT] * 15
    assert compute.calls == 1


def test_sixteen_who_come_as_they_like_cause_one_computation() -> None:
    for _ in range(20):
        results, compute = results_in(MemoryStore()), Computation()
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _, ask=results, do=compute: ask(KEY, Pick, do), range(16)))
        assert sorted(answer.cache for answer in answers) == [CacheState.HIT] * 15 + [CacheState.MISS]
        assert compute.calls == 1


def test_who_waits_for_one_that_fails_computes_for_himself() -> None:
    broken, compute = Computation(error=EngineFailed("broken")), Computation()
    first, *others = ask_at_once(results_in(MemoryStore()), broken, compute, 3)
    assert isinstance(first.exception(), EngineFailed)
    assert sorted(one.result().cache for one in others) == [CacheState.HIT, CacheState.HIT, CacheState.MISS]
    assert (broken.calls, compute.calls) == (1, 1)


@pytest.mark.parametrize("operation", ["read", "write"])
def test_who_waits_for_one_that_goes_without_the_store_says_so(operation: str) -> None:
    meter, compute = RecordingMeter(), Computation()
    answers = [one.result() for one in ask_at_once(results_in(DownStore(operation), meter), compute, compute, 3)]
    assert answers == [Answer(PICK, KEY, CacheState.BYPASS, 2)] + [Answer(PICK, KEY, CacheState.BYPASS, 0)] * 3
    assert (compute.calls, meter.counts) == (1, {Count.STORE_BYPASSED: 1})


def test_nobody_waits_for_longer_than_he_has_time() -> None:
    results, compute = results_in(MemoryStore()), Computation()
    compute.goes_on.clear()

    def ask_in_time() -> Answer[Pick]:
        with within(0.1):
            return results(KEY, Pick, compute)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(results, KEY, Pick, compute)
        assert compute.began.wait(30)
        with pytest.raises(OutOfTime, match="under way"):
            pool.submit(ask_in_time).result()
        compute.goes_on.set()
        assert first.result() == MISS
    assert compute.calls == 1


def test_other_keys_do_not_wait() -> None:
    results, slow = results_in(MemoryStore()), Computation()
    slow.goes_on.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(results, KEY, Pick, slow)
        assert slow.began.wait(30)
        assert results("picks/4567", Pick, Computation()).cache is CacheState.MISS
        slow.goes_on.set()
        assert first.result() == MISS
