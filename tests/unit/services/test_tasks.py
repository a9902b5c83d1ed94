import json
import random
from contextlib import suppress
from itertools import pairwise

import pytest

from services import jobs
from services.errors import EngineFailed, OutOfTime, QueueUnavailable, StoreUnavailable, WebhookFailed
from services.jobs import Job, State, task_message
from services.ports import Message
from services.tasks import LEASE_S, RunTask
from tests.fakes.queues import MemoryQueue
from tests.fakes.workers import Killed, Moment, World, expected, raising

HOOK = "https://desk.example/told"
ITEMS = [f"{'bad ' * (n == 5)}item {n}" for n in range(30)]  # two tasks
GAVE_UP, BROKEN = (500, "gave-up"), (500, "engine-failed")


@pytest.fixture(params=["a group for each task", "one group"], autouse=True)
def groups(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Small jobs are counted in one step, large ones in two."""
    if request.param == "one group":
        monkeypatch.setattr(jobs, "GROUPS", 1)


def test_a_message_is_settled_once_its_outcomes_are_kept() -> None:
    world = World()
    job = world.submit(ITEMS)
    assert [world.worker()(message) for message in world.queue.receive(10, 0, LEASE_S)] == [True, True]
    assert world.answers(job) == expected(ITEMS)
    assert (world.queue.depth().leased, world.queue.buried, world.keys("job-drafts")) == (0, [], [])
    assert world.performer.asked == ITEMS


def test_messages_that_come_several_times_late_and_out_of_order_do_nothing_more() -> None:
    world = World()
    job = world.submit(ITEMS, webhook=HOOK)
    late = [task_message(job.id, task) for task in (0, 1)] * 2
    random.Random(1).shuffle(late)
    world.queue.send(late)
    world.work()
    world.queue.send([*late, json.dumps({"job": job.id})])
    world.work()
    assert world.answers(job) == expected(ITEMS)
    assert sorted(world.performer.asked) == sorted(ITEMS)
    assert [told[:2] for told in world.webhooks.told] == [(HOOK, job.id)]
    assert world.queue.buried == []


@pytest.mark.parametrize(
    "body",
    [
        "x", "{", "[]", "null", "3", '"job"', "{}", '{"task": 0}', '{"job": 5, "task": 0}',
        '{"job": "../x", "task": 0}', '{"job": "ID/../ID", "task": 0}', '{"job": "ID\\n", "task": 0}',
        '{"job": "ID", "task": -1}', '{"job": "ID", "task": 2}', '{"job": "ID", "task": 1e9}',
        '{"job": "ID", "task": "0"}', '{"job": "ID", "task": true}', '{"job": "ID", "task": [0]}',
        "[" * 50_000,
        '{"job": "ID", "task": ' + "9" * 5_000 + "}",
    ],
)  # fmt: skip
def test_a_message_that_is_no_task_is_buried_and_touches_nothing(body: str) -> None:
    world = World()
    body = body.replace("ID", world.submit(ITEMS).id)
    tasks = world.queue.receive(10, 0, LEASE_S)
    kept = dict(world.objects.values)
    world.queue.send([body])
    assert [world.worker()(poison) for poison in world.queue.receive(10, 0, LEASE_S)] == [True]
    assert [buried for buried, _ in world.queue.buried] == [body]
    assert (world.objects.values, world.queue.depth().leased) == (kept, len(tasks))


def test_a_message_that_cannot_be_buried_comes_again() -> None:
    world = World()
    world.queue.send(["poison"])
    moment = Moment(raising(QueueUnavailable("down"), times=3))
    (poison,) = world.queue.receive(1, 0, LEASE_S)
    assert not world.worker(None, moment)(poison)
    world.work()
    assert world.queue.buried == [("poison", "not a task")]


def test_a_notice_of_a_job_that_goes_on_tells_nobody() -> None:
    world = World()
    job = world.submit(ITEMS, webhook=HOOK)
    (first, second) = world.queue.receive(2, 0, LEASE_S)
    world.queue.send([json.dumps({"job": job.id})])
    assert [world.worker()(notice) for notice in world.queue.receive(1, 0, LEASE_S)] == [True]
    assert world.webhooks.told == []
    assert [world.worker()(message) for message in (first, second)] == [True, True]
    world.work()
    assert len(world.webhooks.told) == 1


@pytest.mark.parametrize("error", [EngineFailed("broken"), RuntimeError("unforeseen"), Killed()])
def test_an_item_that_breaks_off_again_and_again_is_given_up_and_the_others_are_done(error: BaseException) -> None:
    world = World()
    job = world.submit(ITEMS)
    while world.queue.depth().waiting + world.queue.depth().leased:
        death = Moment(raising(error), first=float("inf"))
        act = death.comes if isinstance(error, Killed) else raising(error)
        world.performer.acts = {"item 7": act, "item 9": act}
        with suppress(Killed):
            world.work(world.worker(death, death))
    answers, problem = expected(ITEMS), BROKEN if isinstance(error, EngineFailed) else GAVE_UP
    answers[7], answers[9] = (7, *problem), (9, *problem)
    assert world.answers(job) == answers
    assert (world.jobs().find(job.id).state, world.jobs().find(job.id).failed) == (State.DONE, 3)
    assert world.queue.buried == [(task_message(job.id, 0), "gave up an item; see the job")]
    assert {item: world.performer.asked.count(item) for item in ("item 7", "item 9", "item 8", "item 29")} == {
        "item 7": 4 if isinstance(error, Killed) else 3,  # who is killed at the first attempt has written nothing
        "item 9": 3,
        "item 8": 1,
        "item 29": 1,
    }


@pytest.mark.parametrize("error", [OutOfTime("late", finished={}), StoreUnavailable("down"), QueueUnavailable("down")])
def test_what_is_no_fault_of_an_item_is_no_try_and_its_task_goes_on_where_it_was(error: Exception) -> None:
    world = World(**{"item 7": raising(error, times=9)})
    job = world.submit(ITEMS)
    world.work()
    assert world.answers(job) == expected(ITEMS)
    assert [world.performer.asked.count(f"item {n}") for n in (6, 7, 8)] == [1, 10, 1]
    assert (world.queue.buried, world.keys("job-drafts")) == ([], [])


def test_a_message_of_a_job_that_cannot_be_found_is_buried_in_the_end() -> None:
    """Not at once: an older version, or a role without its rights for a while, cannot read it."""
    world, body = World(), task_message("f" * 32, 0)
    world.queue.send([body])
    for _ in range(4):
        (message,) = world.queue.receive(1, 0, LEASE_S)
        assert not world.worker()(message)
        world.clock.sleep(LEASE_S)
    world.work()
    assert world.queue.buried == [(body, "no such job")]


def test_a_task_of_failing_items_is_given_up_in_three_attempts_and_keeps_nobody_waiting() -> None:
    world = World(**{f"item {n}": raising(EngineFailed("broken")) for n in range(20)})
    job = world.submit(ITEMS[:25])
    began = world.clock()
    world.work()
    assert [status for _, status, _ in world.answers(job)] == [
        422 if n == 5 else 500 if n < 20 else 200 for n in range(25)
    ]
    assert world.performer.asked.count("item 22") == 1
    assert world.clock() - began < 60


def test_an_item_that_never_gets_anywhere_in_time_is_given_up() -> None:
    world = World(**{"item 3": raising(OutOfTime("late", finished={}))})
    job = world.submit(ITEMS[:5])
    world.work()
    assert [status for _, status, _ in world.answers(job)] == [200] * 3 + [500, 200]
    assert world.performer.asked.count("item 3") == 50


def test_a_task_that_is_out_of_time_is_a_new_message() -> None:
    """On a queue that buries what was received too often, long work is no reason for that."""
    world = World(**{"item 7": raising(OutOfTime("late", finished={}), times=1)})
    world.submit(ITEMS[:10])
    (message,) = world.queue.receive(1, 0, LEASE_S)
    assert world.worker()(message)
    world.clock.sleep(1)
    assert [again.receives for again in world.queue.receive(10, 0, LEASE_S)] == [1]


@pytest.mark.parametrize(
    ("error", "on_queue"),
    [(Killed(), False), (StoreUnavailable("down"), False), (QueueUnavailable("down"), True), (KeyError("bug"), False)],
)
@pytest.mark.parametrize(
    ("broken", "times"), [(None, 0), (OutOfTime("late", finished={}), 1), (EngineFailed("broken"), 1)]
)
def test_a_worker_may_fail_at_any_operation(
    error: BaseException, on_queue: bool, broken: BaseException | None, times: int
) -> None:
    """A worker dies, or what it works on is down for three operations: the job ends, with each outcome once."""
    is_death, first = isinstance(error, Killed), 0
    while True:
        world = World(**({"item 3": raising(broken, times)} if broken else {}))
        job = world.submit(ITEMS, webhook=HOOK)
        moment = Moment(raising(error), first, float("inf") if is_death else first + 3)
        try:
            world.work(world.worker(None if on_queue else moment, moment if on_queue or is_death else None))
        except Killed:
            world.work()
        done = world.jobs().find(job.id)
        assert (done.state, done.done, done.failed, done.notified) == (State.DONE, 30, 1, True)
        assert world.answers(job) == expected(ITEMS)
        assert {told[:2] for told in world.webhooks.told} == {(HOOK, job.id)}
        assert (world.queue.buried, world.keys("job-drafts")) == ([], [])
        if not moment.acted:
            return
        first += 1


def test_a_worker_that_dies_while_it_gives_up_leaves_the_dead_letter_all_the_same() -> None:
    first = 0
    while True:
        world = World(**{"item 3": raising(EngineFailed("broken"))})
        job = world.submit(ITEMS[:10])
        for _ in range(2):
            (message,) = world.queue.receive(1, 0, LEASE_S)
            world.worker()(message)
            world.clock.sleep(LEASE_S)
        moment = Moment(raising(Killed()), first)
        try:
            world.work(world.worker(moment, moment))
        except Killed:
            world.work()
        assert world.answers(job)[3] in ((3, *BROKEN), (3, *GAVE_UP))  # the last attempt may have left no word
        assert world.queue.buried == [(task_message(job.id, 0), "gave up an item; see the job")]
        if not moment.acted:
            return
        first += 1


def test_two_workers_over_one_message_keep_one_outcome_for_each_item() -> None:
    """The first was thought to be dead, and was only slow."""
    world = World()
    job = world.submit(ITEMS[:10])
    (message,) = world.queue.receive(1, 0, LEASE_S)

    def overtaken() -> None:
        world.performer.acts = {}
        world.clock.sleep(LEASE_S)
        world.work()

    world.performer.acts = {"item 3": overtaken}
    assert world.worker()(message)
    assert world.answers(job) == expected(ITEMS[:10])
    assert world.queue.depth().leased == 0


def test_an_item_that_is_lost_is_a_problem_of_its_own() -> None:
    world = World()
    job = world.submit(ITEMS)
    world.objects.delete(f"job-inputs/{job.id}-1")
    world.work()
    assert world.answers(job) == [*expected(ITEMS)[:25], *((place, *GAVE_UP) for place in range(25, 30))]


def test_a_lease_is_extended_while_a_task_is_being_done() -> None:
    world = World()
    world.queue = MemoryQueue()
    world.submit(["slow"])
    (message,) = world.queue.receive(1, 0, 0.3)
    seen: list[Message] = []
    world.performer.acts = {"slow": lambda: seen.extend(world.queue.receive(1, 0.7, 0.3))}
    settled = RunTask(world.jobs().store, world.queue, world.webhooks, world.performer, lease_s=0.3, now=world.now)(
        message
    )
    assert (settled, seen, world.queue.depth().leased) == (True, [], 0)


def pauses(world: World) -> list[float]:
    """How long it took from each call of the webhook to the next, about: the world looks every few seconds."""
    times = world.webhooks.times
    return [after - before for before, after in pairwise(times)]


def notice(job: Job, state: str = "done", failed: int = 1) -> tuple[str, str, object]:
    data = {"id": job.id, "state": state, "items": 30, "done": 30, "failed": failed}
    return (HOOK, job.id, {"type": "job.ended", "data": data})


def test_a_webhook_is_told_once_when_a_job_has_ended() -> None:
    world = World()
    job = world.submit(ITEMS, webhook=HOOK)
    world.work()
    assert world.webhooks.told == [notice(job)]
    assert world.jobs().find(job.id).notified


def test_a_webhook_that_fails_is_tried_again_after_pauses() -> None:
    world = World()
    job = world.submit(ITEMS, webhook=HOOK)
    world.webhooks.failures = [WebhookFailed("busy", retryable=True) for _ in range(4)]
    world.work()
    assert world.webhooks.told == [notice(job)]
    assert pauses(world) == [10, 60, 300, 900]
    assert world.jobs().find(job.id).webhook_error is None


@pytest.mark.parametrize(("retryable", "calls"), [(True, 5), (False, 1)])
def test_a_webhook_that_fails_for_good_is_noted_in_the_job_and_buried(retryable: bool, calls: int) -> None:
    world = World()
    job = world.submit(ITEMS, webhook=HOOK)
    world.webhooks.failures = [WebhookFailed(f"answer {n}", retryable) for n in range(9)]
    world.work()
    found = world.jobs().find(job.id)
    assert (found.state, found.webhook_error, found.notified) == (State.DONE, f"answer {calls - 1}", False)
    assert len(world.webhooks.times) == calls
    assert world.queue.buried == [(json.dumps({"job": job.id}), "webhook-failed")]
    world.queue.send([task_message(job.id, 0)])
    world.work()
    assert len(world.webhooks.times) == calls


def test_a_worker_that_dies_before_it_notes_what_it_told_tells_it_again_under_the_same_id() -> None:
    world = World()
    job = world.submit(ITEMS, webhook=HOOK)
    for message in world.queue.receive(2, 0, LEASE_S):
        world.worker()(message)
    moment = Moment(raising(Killed()), first=1)  # it reads the job, and is to note
    with pytest.raises(Killed):
        world.work(world.worker(moment))
    world.work()
    assert world.webhooks.told == [notice(job)] * 2


def test_a_job_that_is_cancelled_tells_nobody() -> None:
    world = World()
    job = world.submit(ITEMS, webhook=HOOK)
    world.jobs().cancel(job.id)
    world.work()
    assert (world.webhooks.told, world.performer.asked) == ([], [])
