"""What surrounds the tasks of jobs in the tests: a performer, webhooks, and a world that fails at a chosen moment."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from services.adapters.results import JsonResults
from services.errors import InvalidOption, ServiceError
from services.jobs import Job, Jobs, Outcome
from services.ports import NOTHING, Depth, Message, ObjectStore, Queue, Stored
from services.tasks import LEASE_S, RunTask
from tests.fakes.meters import RecordingMeter
from tests.fakes.queues import Clock, MemoryQueue
from tests.fakes.stores import MemoryStore


class Killed(BaseException):
    """What no worker catches, as none catches SIGKILL."""


class Moment:
    """Counts operations, and acts before some of them: those from `first` on, until `last`."""

    def __init__(self, act: Callable[[], object], first: float = 0, last: float = float("inf")) -> None:
        self.acted = False
        self._act = act
        self._first, self._last = first, last
        self._passed = 0

    def passes(self) -> None:
        """Tell of one more operation, which is about to be done."""
        self._passed += 1
        if self._first < self._passed <= self._last:
            self.acted = True
            self._act()

    def comes(self) -> None:
        """Act now, and before all operations from now on."""
        self._first = 0
        self.passes()


class WatchedStore:
    """An object store each of whose operations is told to a moment first."""

    def __init__(self, objects: ObjectStore, moment: Moment) -> None:
        self._objects = objects
        self._moment = moment

    def get(self, key: str) -> Stored | None:
        """As the store does."""
        self._moment.passes()
        return self._objects.get(key)

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        """As the store does."""
        self._moment.passes()
        return self._objects.put(key, value, over)

    def delete(self, key: str) -> None:
        """As the store does."""
        self._moment.passes()
        self._objects.delete(key)


class WatchedQueue:
    """A queue each of whose operations is told to a moment first."""

    def __init__(self, queue: Queue, moment: Moment) -> None:
        self._queue = queue
        self._moment = moment

    def send(self, bodies: Sequence[str], delay_s: float = 0) -> None:
        """As the queue does."""
        self._moment.passes()
        self._queue.send(bodies, delay_s)

    def receive(self, count: int, wait_s: float, lease_s: float) -> list[Message]:
        """As the queue does."""
        self._moment.passes()
        return self._queue.receive(count, wait_s, lease_s)

    def extend(self, receipt: str, lease_s: float) -> None:
        """As the queue does."""
        self._moment.passes()
        self._queue.extend(receipt, lease_s)

    def delete(self, receipt: str) -> None:
        """As the queue does."""
        self._moment.passes()
        self._queue.delete(receipt)

    def bury(self, message: Message, reason: str) -> None:
        """As the queue does."""
        self._moment.passes()
        self._queue.bury(message, reason)

    def depth(self) -> Depth:
        """As the queue does."""
        self._moment.passes()
        return self._queue.depth()


@dataclass
class EchoPerformer:
    """Answers an item with itself, or does what is said of it, and remembers what it was asked for."""

    acts: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def perform(self, call: str, item: str) -> Outcome:
        """The call and the item; a problem for one that begins with `bad`."""
        self.asked.append(item)
        if act := self.acts.get(item):
            act()
        return Outcome(422 if item.startswith("bad") else 200, json.dumps([call, item]))

    def problem(self, error: ServiceError) -> Outcome:
        """The error's code."""
        return Outcome(500, json.dumps(error.code))


@dataclass
class ScriptedWebhooks:
    """Fails as it is told, call by call, and then no more; remembers when it was called, and what it was told."""

    clock: Callable[[], float]
    failures: list[ServiceError] = field(default_factory=list)
    told: list[tuple[str, str, object]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)

    def check(self, url: str) -> None:
        """Refuse all but one host."""
        if not url.startswith("https://desk.example/"):
            raise InvalidOption("webhooks may not go to that host", option="webhook")

    def deliver(self, url: str, event_id: str, body: bytes) -> None:
        """Fail, or remember."""
        self.times.append(self.clock())
        if self.failures:
            raise self.failures.pop(0)
        self.told.append((url, event_id, json.loads(body)))


class World:
    """A store and a queue, to which clients and workers come, and where some of them die."""

    def __init__(self, **acts: Callable[[], object]) -> None:
        self.clock = Clock()
        self.objects = MemoryStore()
        self.queue = MemoryQueue(self.clock, self.clock.sleep)
        self.performer = EchoPerformer(acts)
        self.webhooks = ScriptedWebhooks(self.clock)

    def now(self) -> datetime:
        """The time of its clock."""
        return datetime.fromtimestamp(self.clock(), UTC)

    def jobs(self, on_store: Moment | None = None, on_queue: Moment | None = None) -> Jobs:
        """What a client calls."""
        return Jobs(self._results(on_store), self._queue(on_queue), self.webhooks, self.now)

    def worker(self, on_store: Moment | None = None, on_queue: Moment | None = None) -> RunTask:
        """A worker."""
        return RunTask(self._results(on_store), self._queue(on_queue), self.webhooks, self.performer, now=self.now)

    def submit(self, items: Sequence[str], jobs: Jobs | None = None, webhook: str | None = None) -> Job:
        """A batch, under one and the same idempotency key."""
        jobs = jobs or self.jobs()
        submission = jobs.submission("echo", "key")
        for item in items:
            submission.add(item)
        return jobs.begin(submission, "echo", is_batch=True, webhook=webhook)

    def work(self, worker: RunTask | None = None) -> None:
        """Do all messages, those too that come again later; fails where there is no end to them."""
        worker = worker or self.worker()
        for _ in range(1_000):
            for message in self.queue.receive(10, 0, LEASE_S):
                worker(message)
            depth = self.queue.depth()
            if depth.waiting + depth.leased == 0:
                return
            self.clock.sleep(LEASE_S / 12)
        raise AssertionError("messages come again and again")

    def answers(self, job: Job) -> list[tuple[int, int, object]]:
        """What has come of a job: place, status and body."""
        found = self.jobs().outcomes(self.jobs().find(job.id))
        return [(place, outcome.status, json.loads(outcome.body)) for place, outcome in found]

    def keys(self, kind: str) -> list[str]:
        """What is kept of a kind."""
        return [key for key in self.objects.values if key.startswith(f"{kind}/")]

    def _results(self, moment: Moment | None) -> JsonResults:
        return JsonResults(WatchedStore(self.objects, moment) if moment else self.objects, RecordingMeter())

    def _queue(self, moment: Moment | None) -> Queue:
        return WatchedQueue(self.queue, moment) if moment else self.queue


def expected(items: Sequence[str]) -> list[tuple[int, int, object]]:
    """What comes of items that nothing is said of."""
    return [(place, 422 if item.startswith("bad") else 200, ["echo", item]) for place, item in enumerate(items)]


def raising(error: BaseException, times: float = float("inf")) -> Callable[[], object]:
    """Raises it whenever it is called, or so many times."""
    called = count(1)

    def act() -> None:
        if next(called) <= times:
            raise error

    return act
