from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from services.errors import InvalidOption, QueueUnavailable, ServiceError, StoreUnavailable, TextTooLong, UnknownJob
from services.jobs import KINDS_OF_TASKS, MAX_ITEMS, TASK_CHARS, TASK_ITEMS, Job, Jobs, State, is_id
from tests.fakes.queues import MemoryQueue
from tests.fakes.workers import Killed, Moment, World, expected, raising

HOOK = "https://desk.example/told"
ITEMS = [f"{'bad ' * (n == 30)}item {n}" for n in range(2 * TASK_ITEMS + 10)]


def defer(jobs: Jobs, call: str, item: str) -> Job:
    """Have a call done later that would be late."""
    return jobs.begin(jobs.deferral(call, item), call)


@pytest.mark.parametrize(
    ("sizes", "failures", "is_batch", "is_cancelled", "state"),
    [
        ((25, 5), {}, True, False, State.QUEUED),
        ((25, 5), {1: 0}, True, False, State.RUNNING),
        ((25, 5), {1: 5, 0: 25}, True, False, State.DONE),
        ((1,), {0: 0}, False, False, State.DONE),
        ((1,), {0: 1}, False, False, State.FAILED),
        ((1,), {0: 1}, False, True, State.CANCELLED),
        ((25, 5), {}, True, True, State.CANCELLED),
    ],
)
def test_the_state_follows_from_what_is_done(
    sizes: tuple[int, ...], failures: dict[int, int], is_batch: bool, is_cancelled: bool, state: State
) -> None:
    job = Job("a" * 32, "echo", World().now(), sizes, is_batch, failures, is_cancelled=is_cancelled)
    assert job.state is state
    assert (job.items, job.failed) == (sum(sizes), sum(failures.values()))
    assert job.done == sum(sizes[task] for task in failures)


def test_a_finished_group_counts_once_and_the_last_one_ends_the_job() -> None:
    now = World().now()
    job = Job("a" * 32, "echo", now, (2, 1), True)
    one = job.with_group(1, 1, now)
    assert (one.with_group(1, 0, now), one.ended_at) == (one, None)
    assert one.with_group(0, 0, now).ended_at == now
    assert replace(job, is_cancelled=True).with_group(0, 0, now).failures == {}


@pytest.mark.parametrize("tasks", [1, 2, 63, 64, 65, 400, 10_000])
def test_each_task_is_in_one_group_and_there_are_not_many(tasks: int) -> None:
    job = Job("a" * 32, "echo", World().now(), (1,) * tasks, True)
    in_groups = [task for group in range(job.groups) for task in job.tasks_of(group)]
    assert sorted(in_groups) == list(range(tasks))
    assert all(task in job.tasks_of(job.group_of(task)) for task in range(tasks))
    assert job.groups == min(tasks, 64)
    assert replace(job, failures=dict.fromkeys(range(job.groups), 0)).done == tasks


@pytest.mark.parametrize(
    ("lengths", "sizes"),
    [
        ([1], (1,)),
        ([1] * TASK_ITEMS, (TASK_ITEMS,)),
        ([1] * (TASK_ITEMS + 1), (TASK_ITEMS, 1)),
        ([TASK_CHARS], (1,)),
        ([TASK_CHARS - 1, 1], (2,)),
        ([TASK_CHARS, 1], (1, 1)),
        ([1, TASK_CHARS * 5, 1], (1, 1, 1)),
    ],
)
def test_a_task_has_so_many_items_and_characters_at_most(lengths: list[int], sizes: tuple[int, ...]) -> None:
    items = ["x" * length for length in lengths]
    world = World()
    job = world.submit(items)
    assert job.sizes == sizes
    world.work()
    assert world.answers(job) == expected(items)


def test_results_keep_the_order_of_the_items_and_are_there_in_part_while_a_job_runs() -> None:
    world = World()
    job = world.submit(ITEMS)
    worker = world.worker()
    for message in world.queue.receive(3, 0, 60)[1:2]:
        worker(message)
    assert world.jobs().find(job.id).state is State.RUNNING
    assert world.answers(job) == expected(ITEMS)[TASK_ITEMS : 2 * TASK_ITEMS]
    world.clock.sleep(60)
    world.work()
    done = world.jobs().find(job.id)
    assert (done.state, done.items, done.done, done.failed) == (State.DONE, 60, 60, 1)
    assert world.answers(job) == expected(ITEMS)


@pytest.mark.parametrize(("first", "limit"), [(0, 1), (24, 2), (25, 25), (49, 1), (55, 10_000), (60, 5), (9_999, 1)])
def test_results_are_given_by_their_places(first: int, limit: int) -> None:
    world = World()
    job = world.submit(ITEMS)
    world.work()
    found = world.jobs().outcomes(world.jobs().find(job.id), first, limit)
    assert [place for place, _ in found] == list(range(60))[first : first + limit]


def test_a_job_has_one_to_ten_thousand_items() -> None:
    jobs = World().jobs()
    with pytest.raises(InvalidOption):
        jobs.begin(jobs.submission("echo"), "echo")
    submission = jobs.submission("echo")
    for n in range(MAX_ITEMS):
        submission.add(str(n))
    with pytest.raises(TextTooLong):
        submission.add("one too many")
    assert len(jobs.begin(submission, "echo").sizes) == MAX_ITEMS // TASK_ITEMS


def test_an_idempotency_key_names_one_job() -> None:
    world = World()
    job = world.submit(ITEMS)
    assert world.submit(ITEMS) == job
    assert world.queue.depth().waiting == len(job.sizes)
    world.work()
    assert world.submit(ITEMS).state is State.DONE
    assert world.queue.depth().waiting == 0
    other = world.jobs().submission("another call", "key")
    assert other.job_id != job.id
    assert is_id(job.id)


@pytest.mark.parametrize(
    "items", [["another", *ITEMS[1:]], ITEMS[:-1], [*ITEMS, "more"], ITEMS[:TASK_ITEMS], ITEMS + ITEMS]
)
def test_an_idempotency_key_names_no_other_job(items: list[str]) -> None:
    world = World()
    job = world.submit(ITEMS)
    with pytest.raises(InvalidOption):
        world.submit(items)
    with pytest.raises(InvalidOption):
        world.submit(ITEMS, webhook=HOOK)
    world.work()
    assert world.answers(job) == expected(ITEMS)


@pytest.mark.parametrize("error", [Killed(), StoreUnavailable("down"), QueueUnavailable("down")])
def test_who_fails_to_submit_at_any_point_and_repeats_has_one_job(error: BaseException) -> None:
    first = 0
    while True:
        world, moment = World(), Moment(raising(error), first)
        on_queue = isinstance(error, QueueUnavailable)
        jobs = world.jobs(None, moment) if on_queue else world.jobs(moment, None if first % 2 else moment)
        with suppress(Killed, ServiceError):
            world.submit(ITEMS, jobs)
        job = world.submit(ITEMS)
        world.work()
        assert world.answers(job) == expected(ITEMS)
        assert sorted(world.performer.asked) == sorted(ITEMS)
        assert len(world.keys("jobs")) == 1
        if not moment.acted:
            return
        first += 1


def test_a_call_that_is_deferred_again_is_the_same_job_until_it_ends() -> None:
    world = World()
    jobs = world.jobs()
    job = defer(jobs, "echo", "item")
    assert defer(jobs, "echo", "item") == job
    assert defer(jobs, "echo", "another").id != job.id
    assert defer(jobs, "another", "item").id != job.id
    assert jobs.submission("echo", "item").job_id != job.id  # an idempotency key is another name
    world.work()
    again = defer(jobs, "echo", "item")  # by now its answer may be another one
    assert (again.state, again.id != job.id) == (State.QUEUED, True)
    jobs.cancel(again.id)
    assert defer(jobs, "echo", "item").state is State.QUEUED


def test_a_deferred_call_whose_job_does_not_end_is_another_job_after_an_hour() -> None:
    world = World()
    job = defer(world.jobs(), "echo", "item")
    world.clock.sleep(3_599)
    assert defer(world.jobs(), "echo", "item").id == job.id
    world.clock.sleep(1)
    assert defer(world.jobs(), "echo", "item").id != job.id


def test_a_deferred_call_whose_client_died_before_there_was_a_job_is_begun_by_the_next() -> None:
    world = World()
    world.jobs()._named_submission("deferred", "echo", "item", lambda name: name.since)
    assert defer(world.jobs(), "echo", "item").state is State.QUEUED


def test_a_job_whose_messages_were_lost_is_queued_again_when_it_is_asked_for_again() -> None:
    world = World()
    job = world.submit(ITEMS)
    (message, *_) = world.queue.receive(1, 0, 60)
    world.worker()(message)
    world.queue = MemoryQueue(world.clock, world.clock.sleep)
    world.clock.sleep(599)
    world.submit(ITEMS)
    assert world.queue.depth().waiting == 0
    world.clock.sleep(1)
    assert world.submit(ITEMS).id == job.id
    world.work()
    assert world.answers(job) == expected(ITEMS)
    assert sorted(world.performer.asked) == sorted(ITEMS)


def test_nobody_guesses_a_job_from_its_key() -> None:
    ids = {World().submit(ITEMS).id for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_every_job_is_another(key: str | None) -> None:
    jobs = World().jobs()
    assert jobs.submission("echo", key).job_id != jobs.submission("echo", key).job_id


@pytest.mark.parametrize("job_id", ["", "a", "a" * 32, "A" * 32, "../../etc/passwd", "a" * 31 + "/", "a" * 64 + "\n"])
def test_an_unknown_job_is_neither_found_nor_cancelled(job_id: str) -> None:
    for call in (World().jobs().find, World().jobs().cancel):
        with pytest.raises(UnknownJob):
            call(job_id)


def test_a_job_expires_and_its_key_begins_another_one_then() -> None:
    world = World()
    job = world.submit(ITEMS)
    world.work()
    world.clock.sleep(timedelta(days=7).total_seconds() - 1)
    assert world.jobs().find(job.id).state is State.DONE
    world.clock.sleep(1)
    with pytest.raises(UnknownJob):
        world.jobs().find(job.id)
    again = world.submit(["other items"])
    assert (again.id != job.id, again.state) == (True, State.QUEUED)
    world.work()
    assert world.answers(again) == expected(["other items"])


def test_a_deferred_call_is_another_job_when_the_first_has_expired() -> None:
    world = World()
    job = defer(world.jobs(), "echo", "item")
    world.work()
    world.clock.sleep(timedelta(days=7).total_seconds())
    again = defer(world.jobs(), "echo", "item")
    assert again.created_at > job.created_at
    assert world.jobs().find(again.id).state is State.QUEUED


def left(world: World) -> list[str]:
    return [key for kind in KINDS_OF_TASKS for key in world.keys(kind)]


@pytest.mark.parametrize("on_store", [True, False])
def test_a_job_that_is_cancelled_at_any_moment_leaves_nothing(on_store: bool) -> None:
    """Before each operation of a worker, and after the last one; an item breaks off, so that there are drafts."""
    first = 0
    while True:
        world = World(**{"item 40": raising(StoreUnavailable("down"), times=1)})
        job = world.submit(ITEMS, webhook=HOOK)
        moment = Moment(partial(world.jobs().cancel, job.id), first, first + 1)
        world.work(world.worker(moment) if on_store else world.worker(None, moment))
        if not moment.acted:
            assert world.answers(job) == expected(ITEMS)
            world.jobs().cancel(job.id)
        cancelled = world.jobs().find(job.id)
        assert (cancelled.state, cancelled.ended_at is not None) == (State.CANCELLED, True)
        assert (left(world), world.answers(job), world.queue.buried) == ([], [], [])
        with pytest.raises(InvalidOption, match="cancelled"):
            world.submit(ITEMS, webhook=HOOK)
        assert left(world) == []
        if not moment.acted:
            return
        first += 1


@pytest.mark.parametrize("error", [Killed(), StoreUnavailable("down")])
def test_a_cancellation_that_fails_half_way_is_finished_by_the_next(error: BaseException) -> None:
    first = 0
    while True:
        world = World()
        job = world.submit(ITEMS)
        world.work()
        moment = Moment(raising(error), first)
        with suppress(Killed, StoreUnavailable):
            world.jobs(moment).cancel(job.id)
        assert world.jobs().cancel(job.id).state is State.CANCELLED
        assert left(world) == []
        if not moment.acted:
            return
        first += 1


def test_a_webhook_is_checked_before_a_job_is_begun() -> None:
    check: Callable[[str | None], None] = World().jobs().check
    check(None)
    check(HOOK)
    with pytest.raises(InvalidOption):
        check("https://elsewhere.example/")


def test_a_job_is_a_repeat_only_of_one_that_was_accepted() -> None:
    world = World()
    down = world.jobs(on_queue=Moment(raising(QueueUnavailable("down")), 0))
    first = down.deferral("echo", "item")
    with pytest.raises(QueueUnavailable):
        down.begin(first, "echo")
    second, third = world.jobs().deferral("echo", "item"), world.jobs().deferral("echo", "item")
    assert [world.jobs().begin(one, "echo").id for one in (second, third)] == [first.job_id] * 2
    assert (second.is_repeat, third.is_repeat) == (False, True)
