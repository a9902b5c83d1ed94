"""Work that is accepted now and done later: what a job is, how it is begun, looked at and cancelled."""

import json
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from services.bounded import spending
from services.callers import current_caller, owned
from services.clock import utc_now
from services.dropping import drop_all
from services.errors import InvalidOption, StoreUnavailable, TextTooLong, UnknownJob
from services.keys import name_key
from services.ports import Queue, ResultStore, Webhooks
from services.retention import RETENTION

MAX_ITEMS = 10_000
_READING_S = 10.0  # of the store, for what a task came to
_CANCELLING_S = 15.0  # a job of 10,000 headlines has 1,200 objects
_DEFERRED_S = 3_600.0  # a job that has not ended by then may never do so
_QUEUED_AGAIN = timedelta(minutes=10)
_BEGINNING_S = 60.0  # from when a job has its name until it is there
KINDS_OF_TASKS = ("job-inputs", "job-drafts", "job-results")
_ID = re.compile(r"[0-9a-f]{32}")
# A task is what one message asks for: small enough to be done in seconds, large enough that a job of headlines has
# hundreds of messages and stored objects rather than ten thousand.
TASK_ITEMS = 25
TASK_CHARS = 20_000
# Workers who write the same object at once get in each other's way (docs/scale.md), so the tasks of a large job are
# counted in so many groups first, and a job is written once for each group.
GROUPS = 64


class State(StrEnum):
    """How far a job is. One is done when each item has an answer or a problem; one of a single item may fail."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an item: an HTTP status, and the answer or the problem as JSON."""

    status: int
    body: str

    @property
    def failed(self) -> bool:
        """Whether it is a problem."""
        return self.status >= 400


@dataclass(frozen=True, slots=True)
class Job:
    """One call for each of some items, which are done in tasks.

    `sizes` are the items of each task, `failures` the failed items of each group of tasks that is finished. `queued_at`
    is when all messages were sent; `webhook` is called when it has ended, unless `notified`. The items name what is the
    `owner`'s.
    """

    id: str
    call: str
    created_at: datetime
    sizes: tuple[int, ...]
    is_batch: bool = False
    failures: dict[int, int] = field(default_factory=dict)
    queued_at: datetime | None = None
    is_cancelled: bool = False
    ended_at: datetime | None = None
    webhook: str | None = None
    notified: bool = False
    webhook_error: str | None = None
    owner: str | None = None

    @property
    def items(self) -> int:
        """How many items it has."""
        return sum(self.sizes)

    @property
    def done(self) -> int:
        """How many items have an answer or a problem, in groups that are finished."""
        return sum(self.sizes[task] for group in self.failures for task in self.tasks_of(group))

    @property
    def failed(self) -> int:
        """How many items have a problem."""
        return sum(self.failures.values())

    @property
    def state(self) -> State:
        """How far it is."""
        if self.is_cancelled:
            return State.CANCELLED
        if len(self.failures) < self.groups:
            return State.RUNNING if self.failures else State.QUEUED
        return State.FAILED if self.failed and not self.is_batch else State.DONE

    @property
    def is_to_be_told(self) -> bool:
        """Whether its webhook is to be called: it has come to its end by itself, and that was not told yet."""
        is_told = self.notified or self.webhook_error is not None
        return self.webhook is not None and not is_told and self.state in (State.DONE, State.FAILED)

    @property
    def expires_at(self) -> datetime:
        """When it is forgotten, with all that belongs to it."""
        return self.created_at + RETENTION["jobs"]

    @property
    def groups(self) -> int:
        """How many groups of tasks it has: one for each task, unless there are many."""
        return min(len(self.sizes), GROUPS)

    def group_of(self, task: int) -> int:
        """The group of a task."""
        return task % self.groups

    def tasks_of(self, group: int) -> range:
        """The tasks of a group."""
        return range(group, len(self.sizes), self.groups)

    def has_finished(self, task: int) -> bool:
        """Whether the group of a task is finished."""
        return self.group_of(task) in self.failures

    def with_group(self, group: int, failed: int, now: datetime) -> "Job":
        """The job with a group finished; one that was finished before or cancelled stays as it is."""
        if self.is_cancelled or group in self.failures:
            return self
        job = replace(self, failures=self.failures | {group: failed})
        return replace(job, ended_at=now) if len(job.failures) == job.groups else job


@dataclass(frozen=True, slots=True)
class Tally:
    """The failed items of each task of a group that is finished."""

    failures: dict[int, int]


@dataclass(frozen=True, slots=True)
class JobName:
    """Which job an idempotency key or a deferred call stands for, and since when. Only the job's id is a secret."""

    job_id: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """The items of a task: JSON bodies of the job's call."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came of the items of a task, in their order."""

    items: tuple[Outcome, ...]


def job_key(job_id: str) -> str:
    """Where a job is kept."""
    return f"jobs/{job_id}"


def task_key(kind: str, job_id: str, task: int) -> str:
    """Where something that belongs to a task is kept, by one of KINDS_OF_TASKS."""
    return f"{kind}/{job_id}-{task}"


def tally_key(job_id: str, group: int) -> str:
    """Where the tally of a group is kept, if that has several tasks."""
    return f"job-tallies/{job_id}-{group}"


def task_message(job_id: str, task: int) -> str:
    """The message that asks for a task."""
    return json.dumps({"job": job_id, "task": task})


@dataclass(slots=True)
class Submission:
    """A job that is being accepted: items are stored as they come, in tasks.

    `is_repeat` tells, when the job has begun, whether it had been accepted before.
    """

    store: ResultStore
    job_id: str
    is_repeat: bool = False
    _sizes: list[int] = field(default_factory=list)
    _waiting: list[str] = field(default_factory=list)

    def add(self, item: str) -> None:
        """Take one more item. Raises TextTooLong where there are too many, InvalidOption, StoreUnavailable."""
        if sum(self._sizes) + len(self._waiting) >= MAX_ITEMS:
            raise TextTooLong(f"a job has at most {MAX_ITEMS} items", max_items=MAX_ITEMS)
        if self._waiting and sum(map(len, self._waiting)) + len(item) > TASK_CHARS:
            self._flush()
        self._waiting.append(item)
        if len(self._waiting) == TASK_ITEMS:
            self._flush()

    @property
    def tasks(self) -> int:
        """How many tasks are stored."""
        return len(self._sizes)

    def sizes(self) -> tuple[int, ...]:
        """How many items each task has, when all have been added. Raises as `add` does."""
        if self._waiting:
            self._flush()
        if not self._sizes:
            raise InvalidOption("a job needs an item at least")
        return tuple(self._sizes)

    def _flush(self) -> None:
        task = Task(tuple(self._waiting))
        if self.store.keep(task_key("job-inputs", self.job_id, len(self._sizes)), task) != task:
            raise InvalidOption("this idempotency key was used for other items")
        self._sizes.append(len(task.items))
        self._waiting.clear()


@dataclass(frozen=True, slots=True)
class Jobs:
    """The jobs in a store, whose tasks wait in a queue. Each call raises StoreUnavailable."""

    store: ResultStore
    queue: Queue
    webhooks: Webhooks
    now: Callable[[], datetime] = utc_now

    def submission(self, call: str, idempotency_key: str | None = None) -> Submission:
        """Begin to accept a job; the same key names the same job, for as long as that is kept."""
        if not idempotency_key:
            return Submission(self.store, _new_id())
        return self._named_submission("key", call, idempotency_key, lambda name: name.since + RETENTION["jobs"])

    def known(self, call: str, idempotency_key: str) -> Job | None:
        """The job that a key names."""
        name = self.store.find(_name_key("key", call, idempotency_key), JobName)
        return self._find(name.job_id) if name else None

    def abandon(self, submission: Submission) -> None:
        """Drop the items of a job that is not accepted after all."""
        keys = [task_key("job-inputs", submission.job_id, task) for task in range(submission.tasks)]
        drop_all(self.store, keys, _CANCELLING_S)

    def check(self, webhook: str | None) -> None:
        """Raises InvalidOption for a webhook that may not be called."""
        if webhook is not None:
            self.webhooks.check(webhook)

    def begin(self, submission: Submission, call: str, is_batch: bool = False, webhook: str | None = None) -> Job:
        """Accept a job whose items have been added, and have it done. From here on it is not lost.

        Raises InvalidOption where no item was added, or where its idempotency key began another job; QueueUnavailable.
        """
        sizes, owner = submission.sizes(), current_caller().owner
        key, fresh = job_key(submission.job_id), Job(submission.job_id, call, self.now(), sizes, is_batch, owner=owner)
        job = self.store.keep(key, replace(fresh, webhook=webhook))
        submission.is_repeat = job.queued_at is not None  # else it was not accepted when it was sent before
        if (job.sizes, job.is_batch, job.webhook) != (sizes, is_batch, webhook):
            raise InvalidOption("this idempotency key was used for another job")
        if job.is_cancelled:
            self.abandon(submission)
            raise InvalidOption("the job of this idempotency key was cancelled")
        if job.ended_at is None and (job.queued_at is None or self.now() >= job.queued_at + _QUEUED_AGAIN):
            # Asked for again after a while it may be that its messages are lost; twice they do no harm.
            unfinished = [task for task in range(len(job.sizes)) if not job.has_finished(task)]
            self.queue.send([task_message(job.id, task) for task in unfinished])
            job = self.store.amend(key, Job, lambda kept: replace(kept or job, queued_at=self.now()))
        return job

    def deferral(self, call: str, item: str) -> Submission:
        """A single call to be done later: one job for all of an owner who ask for it until it ends."""
        submission = self._named_submission("deferred", call, item, self._deferred_until)
        submission.add(item)
        return submission

    def _deferred_until(self, name: JobName) -> datetime:
        job = self._find(name.job_id)
        if job is None:
            return name.since + timedelta(seconds=_BEGINNING_S)
        return job.ended_at or name.since + timedelta(seconds=_DEFERRED_S)

    def _named_submission(self, kind: str, call: str, key: str, until: Callable[[JobName], datetime]) -> Submission:
        fresh = JobName(_new_id(), self.now())
        name = self.store.amend(
            _name_key(kind, call, key),
            JobName,
            lambda kept: kept if kept and self.now() < until(kept) else fresh,
        )
        return Submission(self.store, name.job_id)

    def find(self, job_id: str) -> Job:
        """A job by its id. Raises UnknownJob."""
        job = self._find(job_id)
        if job is None:
            raise UnknownJob("no job is kept under this id")
        return job

    def outcomes(self, job: Job, first: int = 0, limit: int = MAX_ITEMS) -> Iterator[tuple[int, Outcome]]:
        """What is there already of some items, by their places, in their order."""
        start = 0
        for task, size in enumerate(job.sizes):
            is_wanted = first < start + size and start < first + limit
            may_be_there = job.has_finished(task) or len(job.tasks_of(job.group_of(task))) > 1
            if is_wanted and may_be_there and not job.is_cancelled:
                with spending(_READING_S):
                    outcomes = self.store.find(task_key("job-results", job.id, task), Outcomes)
                for place, outcome in enumerate(outcomes.items if outcomes else (), start):
                    if first <= place < first + limit:
                        yield place, outcome
            start += size

    def cancel(self, job_id: str) -> Job:
        """End a job, and drop its items and what came of them; one that fails half-way goes on when called again.

        Raises UnknownJob.
        """
        self.find(job_id)

        def cancelled(job: Job | None) -> Job:
            if job is None:
                raise UnknownJob("no job is kept under this id")
            return replace(job, is_cancelled=True, ended_at=job.ended_at or self.now())

        job = self.store.amend(job_key(job_id), Job, cancelled)
        tasks = [task_key(kind, job.id, task) for task in range(len(job.sizes)) for kind in KINDS_OF_TASKS]
        tallies = [tally_key(job.id, group) for group in range(job.groups) if len(job.tasks_of(group)) > 1]
        if len(drop_all(self.store, tasks + tallies, _CANCELLING_S)) < len(tasks + tallies):
            raise StoreUnavailable("the job is cancelled, but not all of it is dropped yet; cancel it again")
        return job

    def _find(self, job_id: str) -> Job | None:
        job = self.store.find(job_key(job_id), Job) if is_id(job_id) else None
        return job if job and self.now() < job.expires_at else None


def _name_key(kind: str, call: str, key: str) -> str:
    return name_key("job-names", owned(f"{kind} {call} {key}"))


def _new_id() -> str:
    """One that nobody guesses: who has it may read the job and end it."""
    return uuid.uuid4().hex


def is_id(text: str) -> bool:
    """Whether a text may name a job: 32 hexadecimal digits."""
    return _ID.fullmatch(text) is not None
