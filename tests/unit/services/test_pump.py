import time
from threading import Event

from services.errors import QueueUnavailable
from services.ports import Message
from services.pump import Pump
from tests.fakes.queues import MemoryQueue
from tests.fakes.workers import Moment, WatchedQueue, raising


class Patience(Event):
    """Waits without waiting, and remembers how long."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_s: list[float | None] = []

    def wait(self, timeout: float | None = None) -> bool:
        """Remember."""
        self.waited_s.append(timeout)
        return True


def test_messages_are_done_one_after_the_other_until_the_pump_is_told_to_stop() -> None:
    queue, stop, done = MemoryQueue(), Event(), list[str]()

    def run(message: Message) -> bool:
        done.append(message.body)
        if message.body == "last":
            stop.set()
        return True

    queue.send(["first", "second", "last", "too late"])
    Pump(queue, run, 60).work(stop)
    assert done == ["first", "second", "last"]
    assert queue.depth().waiting == 1


def test_a_queue_that_is_down_and_what_nobody_foresaw_end_no_pump() -> None:
    queue, stop, done = MemoryQueue(), Patience(), list[str]()

    def run(message: Message) -> bool:
        done.append(message.body)
        if message.body == "bug":
            raise RuntimeError
        stop.set()
        return True

    queue.send(["bug", "last"])
    Pump(WatchedQueue(queue, Moment(raising(QueueUnavailable("down"), times=2))), run, 60).work(stop)
    assert done == ["bug", "last"]
    assert stop.waited_s == [5, 5, 5]


def test_so_many_workers_are_at_work_and_finish_what_they_have() -> None:
    queue, all_there, go_on = MemoryQueue(), Event(), Event()
    at_work, done = list[str](), list[str]()

    def run(message: Message) -> bool:
        at_work.append(message.body)
        if len(at_work) == 3:
            all_there.set()
        go_on.wait(5)
        time.sleep(0.05)
        done.append(message.body)
        return True

    queue.send(["a", "b", "c", "d"])
    with Pump(queue, run, 60, workers=3).at_work():
        assert all_there.wait(5)
        assert sorted(at_work) == ["a", "b", "c"]
        go_on.set()
    assert sorted(done) == sorted(at_work)
