"""The Lambda entry under events as SQS sends them (AWS Lambda developer guide, "Using Lambda with Amazon SQS")."""

from functools import partial
from types import SimpleNamespace
from typing import Any

from handler.lambda_worker import handler, work
from services import deadline
from services.errors import EngineFailed, OutOfTime
from services.jobs import task_message
from services.ports import Message
from services.tasks import LEASE_S
from tests.fakes.events import sqs_event
from tests.fakes.workers import World, expected, raising


def context(*left_s: float) -> SimpleNamespace:
    """The seconds that are left when that is asked, time after time."""
    return SimpleNamespace(get_remaining_time_in_millis=partial(next, iter([int(one * 1_000) for one in left_s])))


def working(world: World, sent: dict[str, Any], left: SimpleNamespace) -> dict[str, list[dict[str, str]]]:
    worker = world.worker()
    return work(worker, worker.give_back, sent, left)


def failed(*places: int) -> dict[str, list[dict[str, str]]]:
    return {"batchItemFailures": [{"itemIdentifier": f"m-{n}"} for n in places]}


def test_tasks_that_are_done_are_no_failures() -> None:
    world = World()
    job = world.submit([str(n) for n in range(60)])
    messages = world.queue.receive(10, 0, LEASE_S)
    assert working(world, sqs_event(messages), context(60, 59, 58)) == failed()
    assert world.answers(job) == expected([str(n) for n in range(60)])


def test_only_what_broke_off_comes_again_and_poison_does_not() -> None:
    world = World(**{"30": raising(EngineFailed("broken"))})
    job = world.submit([str(n) for n in range(60)])
    world.queue.send(["poison"])
    assert working(world, sqs_event(world.queue.receive(10, 0, LEASE_S)), context(*[60] * 4)) == failed(1)
    assert world.queue.buried == [("poison", "not a task")]
    world.clock.sleep(LEASE_S)
    again = world.queue.receive(10, 0, LEASE_S)
    assert [(one.body, one.receives) for one in again] == [(task_message(job.id, 1), 2)]
    assert working(world, sqs_event(again), context(60)) == failed(0)


def test_a_task_for_which_there_is_no_time_is_not_begun() -> None:
    world = World()
    world.submit([str(n) for n in range(60)])
    messages = world.queue.receive(10, 0, LEASE_S)
    assert working(world, sqs_event(messages), context(60, 5.9, 0.1)) == failed(1, 2)
    assert len(world.queue.receive(10, 0, LEASE_S)) == 2  # another function may have them at once
    assert world.performer.asked == [str(n) for n in range(25)]


def test_a_task_has_to_end_a_little_before_its_function() -> None:
    left_s: list[float] = []

    def run(message: Message) -> bool:
        left_s.append(deadline.current().remaining_s())
        return True

    work(run, lambda message: None, sqs_event([Message("{}", "r", 1)]), context(60))
    assert 54 < left_s[0] <= 55
    assert deadline.current() == deadline.NEVER


def test_a_task_that_is_out_of_time_is_no_failure_and_goes_on_in_another_call() -> None:
    world = World(**{"7": raising(OutOfTime("late", finished={}), times=1)})
    job = world.submit([str(n) for n in range(10)])
    for _ in range(2):
        assert working(world, sqs_event(world.queue.receive(10, 0, LEASE_S)), context(60)) == failed()
        world.clock.sleep(1)
    assert world.answers(job) == expected([str(n) for n in range(10)])
    assert world.performer.asked == [*(str(n) for n in range(8)), "7", "8", "9"]


def test_the_entry_itself_takes_an_event_without_records() -> None:
    assert handler({"Records": []}, context()) == failed()
