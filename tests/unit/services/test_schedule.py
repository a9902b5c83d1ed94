from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier, Event, Lock

import pytest

from services.deadline import Deadline
from services.schedule import FairPool


def test_results_come_in_the_order_of_their_jobs() -> None:
    assert FairPool(3).run([partial(int, text) for text in "3141592653"]) == [3, 1, 4, 1, 5, 9, 2, 6, 5, 3]
    assert FairPool(3).run([]) == []


def test_at_most_so_many_jobs_run_at_a_time_for_all_callers_together() -> None:
    running, most, lock = set[int](), [0], Lock()

    def job(number: int) -> int:
        with lock:
            running.add(number)
            most[0] = max(most[0], len(running))
        Event().wait(0.001)
        with lock:
            running.remove(number)
        return number

    pool = FairPool(2)
    with ThreadPoolExecutor(4) as callers:
        list(callers.map(lambda c: pool.run([partial(job, 100 * c + n) for n in range(20)]), range(4)))
    assert most == [2]


def test_jobs_do_run_side_by_side() -> None:
    meeting = Barrier(2, timeout=10)
    assert sorted(FairPool(2).run([meeting.wait, meeting.wait])) == [0, 1]


def test_nobody_waits_for_all_that_another_has() -> None:
    began, go_on, order = Event(), Event(), list[str]()

    def first() -> None:
        began.set()
        go_on.wait(10)

    def note(name: str) -> None:
        order.append(name)

    pool = FairPool(1)
    with ThreadPoolExecutor(2) as callers:
        long = callers.submit(pool.run, [first, *(partial(note, f"article {n}") for n in range(50))])
        began.wait(10)
        short = callers.submit(pool.run, [partial(note, "headline")])
        while not pool._waiting or len(pool._waiting) < 2:  # until the headline stands in the line
            Event().wait(0.001)
        go_on.set()
        short.result(10)
        long.result(10)
    assert order.index("headline") <= 1


def test_a_failure_is_its_callers_alone_and_ends_what_that_one_has_left() -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    pool, ran = FairPool(1), list[int]()
    with pytest.raises(RuntimeError, match="broken"):
        pool.run([fail, *(partial(ran.append, n) for n in range(20))])
    assert (ran, pool.run([lambda: 1, lambda: 2])) == ([], [1, 2])


def test_many_callers_all_get_their_own() -> None:
    pool = FairPool(2)
    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(lambda c: pool.run([partial(divmod, c, n) for n in range(1, 20)]), range(200)))
    assert answers == [[divmod(c, n) for n in range(1, 20)] for c in range(200)]


PAST = Deadline(0)


class Clock:
    """A deadline that passes when it is told to."""

    def __init__(self) -> None:
        self.passed = False

    def strike(self, _: object = None) -> None:
        self.passed = True


@pytest.mark.parametrize("begun", [1, 2, 5, 9])
def test_no_job_begins_after_the_deadline_and_what_is_done_comes_back(begun: int) -> None:
    clock, ran = Clock(), list[int]()

    def job(number: int) -> int:
        ran.append(number)
        if len(ran) == begun:
            clock.strike()
        return 10 * number

    results = FairPool(1).run([partial(job, number) for number in range(9)], clock)
    assert (ran, results) == (list(range(begun)), [10 * number for number in range(begun)])


def test_what_runs_at_the_deadline_is_waited_for() -> None:
    clock, meeting = Clock(), Barrier(2, timeout=10)

    def slow() -> str:
        meeting.wait()
        Event().wait(0.02)
        return "slow"

    def quick() -> str:
        meeting.wait()
        clock.strike()
        return "quick"

    assert FairPool(2).run([slow, quick, lambda: "late"], clock) == ["slow", "quick"]


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("jobs", [0, 1, 2, 7])
def test_however_late_it_is_a_job_begins_for_each_worker(workers: int, jobs: int) -> None:
    ran = list[int]()
    results = FairPool(workers).run([partial(ran.append, number) for number in range(jobs)], PAST)
    assert (sorted(ran), len(results)) == (list(range(min(workers, jobs))), min(workers, jobs))


def test_a_deadline_is_its_callers_alone() -> None:
    pool, began, go_on = FairPool(1), Event(), Event()

    def first() -> int:
        began.set()
        go_on.wait(10)
        return -1

    with ThreadPoolExecutor(2) as callers:
        patient = callers.submit(pool.run, [first, *(partial(int, n) for n in range(30))])
        began.wait(10)
        hurried = callers.submit(pool.run, [partial(int, n) for n in range(30)], PAST)
        while len(pool._waiting) < 2:
            Event().wait(0.001)
        go_on.set()
        assert hurried.result(10) == [0]
        assert patient.result(10) == [-1, *range(30)]
    assert pool.run([lambda: 1, lambda: 2]) == [1, 2]


def test_a_failure_is_told_even_if_the_deadline_has_passed() -> None:
    def fail() -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        FairPool(1).run([fail, fail, fail], PAST)
