"""What every queue promises: the fake of the tests, the file, and SQS against a real server."""

import json
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, Timer

import pytest

from services.adapters.sqlite import SqliteQueue
from services.adapters.sqs import SqsQueue
from services.errors import QueueUnavailable
from services.ports import Depth, Message, Queue
from tests.fakes.ministack import make_queue, messages_with_reasons
from tests.fakes.queues import DownQueue, MemoryQueue

pytestmark = pytest.mark.usefixtures("aws")

BODY = json.dumps({"job": "0123"})
BODIES = {
    "ids": BODY,
    "scripts": "Olá, 世界 👩‍🚀 \u202e",
    "white space": " \r\n\t ",
    "XML": "<a>&amp;</a>",
    "256 KiB": "é" * 131_072,
}
NO_BODIES = {"nothing": "", "NUL": "a\0", "half a pair": "a\ud800", "no character": "\uffff", "too long": "é" * 131_073}
ALIVE_S = 60


@dataclass(frozen=True)
class Kind:
    """An empty queue, how to read its dead letters, and the shortest time that it can tell."""

    queue: Queue
    buried: Callable[[], list[tuple[str, str]]]
    tick_s: float


@pytest.fixture(params=["memory", "sqlite", "sqs"])
def kind(request: pytest.FixtureRequest, tmp_path: Path) -> Kind:
    """Each kind of queue."""
    match request.param:
        case "memory":
            memory = MemoryQueue()
            return Kind(memory, lambda: memory.buried, 0.3)
        case "sqlite":
            sqlite = SqliteQueue(tmp_path / "not" / "yet" / "there.db")
            return Kind(sqlite, lambda: [(dead.body, dead.reason) for dead in sqlite.dead_letters()], 0.3)
        case _:
            url = request.getfixturevalue("ministack_url")
            jobs, dead = (make_queue(url, f"{name}-{uuid.uuid4().hex}") for name in ("jobs", "dead"))
            return Kind(SqsQueue(jobs, dead, url), lambda: messages_with_reasons(url, dead), 1)


@pytest.fixture
def queue(kind: Kind) -> Queue:
    """An empty queue."""
    return kind.queue


@pytest.fixture(params=["memory", "sqlite", "sqs: nobody listens", "sqs: no such queue"])
def down(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Queue]:
    """A queue that cannot be reached."""
    match request.param:
        case "memory":
            yield DownQueue()
        case "sqlite":
            (tmp_path / "file").touch()
            yield SqliteQueue(tmp_path / "file" / "queue.db")
        case "sqs: nobody listens":
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                url = f"http://127.0.0.1:{taken.getsockname()[1]}"
                yield SqsQueue(f"{url}/000000000000/jobs", f"{url}/000000000000/dead", url)
        case _:
            url = request.getfixturevalue("ministack_url")
            yield SqsQueue(f"{url}/000000000000/none", f"{url}/000000000000/no-dead", url)


def drained(queue: Queue) -> list[Message]:
    """All messages that can be received, leased for long."""
    messages = []
    while more := queue.receive(10, 0, ALIVE_S):
        messages += more
    return messages


def test_an_empty_queue_has_no_messages_and_the_wait_for_them_ends(kind: Kind) -> None:
    began = time.monotonic()
    assert kind.queue.receive(10, 0, ALIVE_S) == []
    assert kind.queue.receive(10, kind.tick_s, ALIVE_S) == []
    assert kind.tick_s * 0.9 <= time.monotonic() - began < kind.tick_s + 2


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_what_is_sent_is_received(queue: Queue, body: str) -> None:
    queue.send([body])
    [message] = queue.receive(10, 0, ALIVE_S)
    assert (message.body, message.receives) == (body, 1)


def test_all_of_many_are_received_and_never_more_at_a_time_than_asked_for(queue: Queue) -> None:
    bodies = [f"{n}" for n in range(23)]
    queue.send(bodies)
    assert len(first := queue.receive(3, 0, ALIVE_S)) <= 3
    assert sorted(message.body for message in first + drained(queue)) == sorted(bodies)


def test_one_body_sent_twice_is_two_messages(queue: Queue) -> None:
    queue.send([BODY, BODY])
    assert [message.body for message in drained(queue)] == [BODY, BODY]


def test_nothing_sent_is_nothing_kept(queue: Queue) -> None:
    queue.send([])
    assert queue.receive(1, 0, ALIVE_S) == []


def test_a_leased_message_is_hidden_until_the_lease_lapses_and_counts_its_receives(kind: Kind) -> None:
    kind.queue.send([BODY])
    [first] = kind.queue.receive(1, 0, kind.tick_s)
    assert kind.queue.receive(1, 0, ALIVE_S) == []
    [second] = kind.queue.receive(1, 5, ALIVE_S)
    assert (second.body, second.receives) == (BODY, 2)
    assert second.receipt != first.receipt


def test_the_receipt_of_who_came_too_late_does_nothing(kind: Kind) -> None:
    kind.queue.send([BODY])
    [late] = kind.queue.receive(1, 0, kind.tick_s)
    [holder] = kind.queue.receive(1, 5, ALIVE_S)
    kind.queue.delete(late.receipt)
    kind.queue.extend(late.receipt, 0)
    assert kind.queue.receive(1, 0, ALIVE_S) == []
    assert kind.queue.depth() == Depth(waiting=0, leased=1, dead=0)
    kind.queue.delete(holder.receipt)
    assert kind.queue.depth() == Depth(0, 0, 0)


def test_who_is_late_may_still_be_done_if_nobody_else_came(kind: Kind) -> None:
    kind.queue.send([BODY])
    [late] = kind.queue.receive(1, 0, kind.tick_s)
    time.sleep(kind.tick_s * 1.1)
    kind.queue.delete(late.receipt)
    assert kind.queue.receive(1, 0, ALIVE_S) == []


def test_an_extended_lease_lasts_from_then_on(kind: Kind) -> None:
    kind.queue.send([BODY])
    [message] = kind.queue.receive(1, 0, kind.tick_s)
    kind.queue.extend(message.receipt, kind.tick_s * 2)
    time.sleep(kind.tick_s * 1.2)
    assert kind.queue.receive(1, 0, ALIVE_S) == []
    assert len(kind.queue.receive(1, 5, ALIVE_S)) == 1


def test_a_lease_extended_by_nothing_is_given_back(queue: Queue) -> None:
    queue.send([BODY])
    [first] = queue.receive(1, 0, ALIVE_S)
    queue.extend(first.receipt, 0)
    [second] = queue.receive(1, 0, ALIVE_S)
    assert (second.body, second.receives) == (BODY, 2)


def test_what_is_deleted_is_gone_and_may_be_deleted_again(kind: Kind) -> None:
    kind.queue.send([BODY, "other"])
    messages = drained(kind.queue)
    [gone] = [message.receipt for message in messages if message.body == BODY]
    for receipt in (gone, gone, str(uuid.uuid4())):
        kind.queue.delete(receipt)
        kind.queue.extend(gone, 0)
    assert kind.queue.depth() == Depth(waiting=0, leased=1, dead=0)


def test_no_message_is_held_by_two_of_four_receivers(queue: Queue) -> None:
    bodies = [f"{n}" for n in range(60)]
    queue.send(bodies)
    start = Barrier(4, timeout=30)

    def receive(_: int) -> list[Message]:
        start.wait()
        return drained(queue)

    with ThreadPoolExecutor(4) as pool:
        held = [message.body for messages in pool.map(receive, range(4)) for message in messages]
    assert sorted(held) == sorted(bodies)


def test_a_receiver_who_waits_has_a_message_as_soon_as_it_is_sent(queue: Queue) -> None:
    queue.depth()  # it is made now, not later
    began = time.monotonic()
    sender = Timer(0.3, queue.send, [[BODY]])
    sender.start()
    assert len(queue.receive(1, 20, ALIVE_S)) == 1
    assert time.monotonic() - began < 5
    sender.join()


def test_a_delayed_message_waits_and_is_hidden_until_then(kind: Kind) -> None:
    kind.queue.send([BODY], delay_s=3 * kind.tick_s)  # a busy machine takes a while to ask
    assert kind.queue.receive(1, 0, ALIVE_S) == []
    assert kind.queue.depth() == Depth(waiting=1, leased=0, dead=0)
    [message] = kind.queue.receive(1, 10, ALIVE_S)
    assert message.receives == 1


def test_a_buried_message_is_a_dead_letter_with_its_reason(kind: Kind) -> None:
    kind.queue.send([BODY, "other"])
    [message] = [message for message in drained(kind.queue) if message.body == BODY]
    kind.queue.bury(message, "no such job: é")
    assert kind.queue.depth() == Depth(waiting=0, leased=1, dead=1)
    assert kind.buried() == [(BODY, "no such job: é")]
    assert kind.queue.depth().dead == 1


def test_the_depth_tells_who_waits_and_who_is_leased(queue: Queue) -> None:
    assert queue.depth() == Depth(0, 0, 0)
    queue.send([f"{n}" for n in range(12)])
    held = queue.receive(5, 0, ALIVE_S)
    queue.delete(held[0].receipt)
    assert queue.depth() == Depth(waiting=12 - len(held), leased=len(held) - 1, dead=0)


@pytest.mark.parametrize("body", NO_BODIES.values(), ids=NO_BODIES)
def test_what_is_no_message_is_refused_with_all_that_are_sent_with_it(queue: Queue, body: str) -> None:
    with pytest.raises(ValueError, match="a message has 1 to 262144 bytes"):
        queue.send([BODY, body])
    assert queue.depth() == Depth(0, 0, 0)


@pytest.mark.parametrize(
    "call",
    [
        lambda queue: queue.send([BODY], delay_s=-1),
        lambda queue: queue.send([BODY], delay_s=901),
        lambda queue: queue.receive(0, 0, 1),
        lambda queue: queue.receive(11, 0, 1),
        lambda queue: queue.receive(1, -1, 1),
        lambda queue: queue.receive(1, 21, 1),
        lambda queue: queue.receive(1, 0, -1),
        lambda queue: queue.receive(1, 0, 43_201),
        lambda queue: queue.receive(1, 0, float("nan")),
        lambda queue: queue.extend("receipt", 43_201),
        lambda queue: queue.bury(Message(BODY, "receipt", 1), ""),
        lambda queue: queue.bury(Message(BODY, "receipt", 1), "a\0"),
        lambda queue: queue.bury(Message(BODY, "receipt", 1), "a" * 1001),
    ],
)
def test_what_is_out_of_the_limits_is_refused(queue: Queue, call: Callable[[Queue], object]) -> None:
    with pytest.raises(ValueError, match=r"^a \w+ (is|has) "):
        call(queue)


def test_a_queue_that_is_down_says_so_and_names_no_message(down: Queue) -> None:
    operations: dict[str, Callable[[], object]] = {
        "send": lambda: down.send([BODY]),
        "receive": lambda: down.receive(1, 0, ALIVE_S),
        "extend": lambda: down.extend("receipt", 1),
        "delete": lambda: down.delete("receipt"),
        "bury": lambda: down.bury(Message(BODY, "receipt", 1), "reason"),
        "count": lambda: down.depth(),
    }
    with ThreadPoolExecutor(len(operations)) as pool:
        errors = {operation: pool.submit(call).exception() for operation, call in operations.items()}
    for operation, error in errors.items():
        assert isinstance(error, QueueUnavailable)
        assert error.facts == {"operation": operation}
        assert not [secret for secret in ("0123", "receipt", "127.0.0.1", "none", "file/") if secret in repr(error)]
