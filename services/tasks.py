"""What a worker does with a message: the items of a task, once each whatever happens to the worker."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Event, Thread
from typing import Protocol

from services.callers import Caller, acting_for
from services.clock import utc_now
from services.errors import (
    GaveUp,
    OutOfTime,
    QueueUnavailable,
    ServiceError,
    StoreUnavailable,
    UnknownJob,
    WebhookFailed,
)
from services.jobs import (
    KINDS_OF_TASKS,
    Job,
    Outcome,
    Outcomes,
    Tally,
    Task,
    is_id,
    job_key,
    tally_key,
    task_key,
)
from services.ports import Message, Queue, ResultStore, Webhooks

log = logging.getLogger(__name__)

LEASE_S = 60.0
_MAX_LEASED_S = 3_600.0  # a worker that hangs for longer has lost its task
_MAX_TRIES = 3
_MAX_LATE = 50  # attempts of one item that ran out of time; each of them finishes something of a long text
_MAX_UNKNOWN = 5
_LATE_PAUSE_S = 1.0
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 1.0, 900.0
_WEBHOOK_PAUSES_S = (10.0, 60.0, 300.0, 900.0)


class Performer(Protocol):
    """Carries out calls by name."""

    def perform(self, call: str, item: str) -> Outcome:
        """The answer, or the problem where trying again is of no use. Raises what may pass: OutOfTime, EngineFailed."""
        ...

    def problem(self, error: ServiceError) -> Outcome:
        """An error as an outcome."""
        ...


@dataclass(frozen=True, slots=True)
class Draft:
    """What is finished of a task, how often each item was tried since the first attempt broke off, and was late."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    tries: dict[int, int] = field(default_factory=dict)
    late: dict[int, int] = field(default_factory=dict)

    def with_try(self, at: int) -> "Draft":
        """The draft with one more try of an item."""
        return replace(self, tries=self.tries | {at: self.tries.get(at, 0) + 1})

    def with_late(self, at: int) -> "Draft":
        """The draft with one more try of an item that time was too short for."""
        return replace(self, late=self.late | {at: self.late.get(at, 0) + 1})

    def with_outcome(self, at: int, outcome: Outcome) -> "Draft":
        """The draft with what came of an item."""
        return replace(self, outcomes=self.outcomes | {at: outcome})


@dataclass(frozen=True, slots=True)
class RunTask:
    """Does what a message asks for, and takes it from the queue when that is kept.

    A message may come twice, late, or when another worker died over it: outcomes are written once, and a job's tally
    is a set. The first attempt at a task writes nothing before its end. Later ones keep a draft and count the tries of
    each item beforehand, so that an item that kills its worker is given up and the others are not.
    """

    store: ResultStore
    queue: Queue
    webhooks: Webhooks
    performer: Performer
    lease_s: float = LEASE_S
    now: Callable[[], datetime] = utc_now

    def __call__(self, message: Message) -> bool:
        """Whether the message is settled; otherwise it comes again after a while."""
        asked = _read(message.body)
        try:
            if asked is None:
                self.queue.bury(message, "not a task")
                return True
            with self._leased(message):
                return self._settle(message, *asked)
        except Exception as exc:
            self._again(message, exc)
            return False

    def give_back(self, message: Message) -> None:
        """Have a message come again at once, as there is no time for it."""
        self._hide(message, 0)

    def _hide(self, message: Message, seconds: float) -> None:
        """Have a message come again after a while; if the queue is down, when its lease is over."""
        try:
            self.queue.extend(message.receipt, seconds)
        except QueueUnavailable as exc:
            log.warning("lease not changed", extra={"code": exc.code})

    def _settle(self, message: Message, job_id: str, task: int | None) -> bool:
        job = self.store.find(job_key(job_id), Job)
        if job is None and message.receives < _MAX_UNKNOWN:
            raise UnknownJob("no job is kept for a message")  # or it cannot be read for now
        if job is None or (task is not None and task >= len(job.sizes)):
            self.queue.bury(message, "no such job")
            return True
        if task is None:
            return self._notify(message, job)
        outcomes = None
        if not job.is_cancelled and not job.has_finished(task):
            outcomes = self._known(job, task) or self._outcomes(message, job, task)
            if outcomes is None:  # out of time: a message that was not received before goes on from the draft
                self.queue.send([message.body], _LATE_PAUSE_S)
                self.queue.delete(message.receipt)
                return True
            job = self._record(job, task, outcomes)
        elif message.receives > 1:  # its receiver may have died before it could bury it
            outcomes = self._known(job, task)
        gave_up = outcomes is not None and any(one.status >= 500 for one in outcomes.items)
        if job.is_cancelled:  # maybe while the task was being done
            for key in (
                *(task_key(kind, job_id, task) for kind in KINDS_OF_TASKS),
                tally_key(job_id, job.group_of(task)),
            ):
                self.store.drop(key)
        elif job.is_to_be_told:
            self.queue.send([json.dumps({"job": job_id})])
        if gave_up and not job.is_cancelled:
            self.queue.bury(message, "gave up an item; see the job")
        else:
            self.queue.delete(message.receipt)
        return True

    def _known(self, job: Job, task: int) -> Outcomes | None:
        """What came of a task before its receiver died, or of its message coming twice."""
        outcomes = self.store.find(task_key("job-results", job.id, task), Outcomes)
        if outcomes:
            self.store.drop(task_key("job-drafts", job.id, task))
        return outcomes

    def _outcomes(self, message: Message, job: Job, task: int) -> Outcomes | None:
        """What comes of a task, kept; None where time was too short. Raises what may pass."""
        key, draft_key = task_key("job-results", job.id, task), task_key("job-drafts", job.id, task)
        work = self.store.find(task_key("job-inputs", job.id, task), Task)
        if work is None:
            lost = self.performer.problem(GaveUp("the item is not there any more"))
            return self.store.keep(key, Outcomes((lost,) * job.sizes[task]))
        draft = self.store.find(draft_key, Draft)
        is_first, draft, failure = message.receives == 1 and draft is None, draft or Draft(), None
        for at, item in enumerate(work.items):
            if at in draft.outcomes:
                continue
            draft = draft.with_try(at)
            if draft.tries[at] > _MAX_TRIES or draft.late.get(at, 0) >= _MAX_LATE:
                draft = draft.with_outcome(at, self._given_up(None))
                continue
            if not is_first:
                self._save(draft_key, draft)
            try:
                with acting_for(Caller(job.owner)):
                    outcome = self.performer.perform(job.call, item)
            except (OutOfTime, StoreUnavailable, QueueUnavailable) as exc:  # no fault of the item
                is_late = isinstance(exc, OutOfTime)
                self._save(draft_key, draft.with_late(at) if is_late else draft, forgiven=at)
                if is_late:
                    return None
                raise
            except Exception as exc:  # the others are done all the same
                if draft.tries[at] < _MAX_TRIES:
                    failure = exc
                    continue
                outcome = self._given_up(exc)
            except BaseException:
                self._save(draft_key, draft)
                raise
            draft = draft.with_outcome(at, outcome)
        if failure:
            self._save(draft_key, draft)
            raise failure
        kept = self.store.keep(key, Outcomes(tuple(draft.outcomes[at] for at in range(len(work.items)))))
        if not is_first:
            self.store.drop(draft_key)
        return kept

    def _given_up(self, last: Exception | None) -> Outcome:
        """The problem of an item that broke off so often, the last time with an error unless its worker died."""
        code = last.code if isinstance(last, ServiceError) else type(last).__name__ if last else "worker-died"
        log.error("item given up", extra={"code": code})
        gave_up = GaveUp(f"the item broke off {_MAX_TRIES} attempts or more", cause=code)
        return self.performer.problem(last if isinstance(last, ServiceError) else gave_up)

    def _save(self, key: str, draft: Draft, forgiven: int | None = None) -> None:
        """Keep a draft, but for one try of an item that does not count.

        What two workers over one task have finished is one as good as the other; tries are the higher ones.
        """

        def merged(kept: Draft | None) -> Draft:
            other = kept or Draft()
            tries = _higher(draft.tries, other.tries)
            if forgiven is not None:
                tries[forgiven] -= 1
            return Draft(draft.outcomes | other.outcomes, tries, _higher(draft.late, other.late))

        self.store.amend(key, Draft, merged)

    def _record(self, job: Job, task: int, outcomes: Outcomes) -> Job:
        """The job as it is when a task is counted in its group, and the group in the job if it is the last one."""
        group, failed = job.group_of(task), sum(one.failed for one in outcomes.items)
        tasks = job.tasks_of(group)
        if len(tasks) > 1:
            tally = self.store.amend(
                tally_key(job.id, group), Tally, lambda kept: Tally((kept.failures if kept else {}) | {task: failed})
            )
            if len(tally.failures) < len(tasks):
                return self.store.find(job_key(job.id), Job) or replace(job, is_cancelled=True)
            failed = sum(tally.failures.values())
        return self.store.amend(
            job_key(job.id),
            Job,
            lambda kept: (kept or replace(job, is_cancelled=True)).with_group(group, failed, self.now()),
        )

    def _notify(self, message: Message, job: Job) -> bool:
        """Call the webhook of a job that has ended; after some attempts the job says why that failed."""
        if job.webhook and job.is_to_be_told:
            try:
                self.webhooks.deliver(job.webhook, job.id, _notice(job))
            except WebhookFailed as exc:
                if exc.retryable and message.receives <= len(_WEBHOOK_PAUSES_S):
                    self.queue.extend(message.receipt, _WEBHOOK_PAUSES_S[message.receives - 1])
                    return False
                error = exc.detail
                self.store.amend(job_key(job.id), Job, lambda kept: replace(kept or job, webhook_error=error))
                self.queue.bury(message, exc.code)
                return True
            self.store.amend(job_key(job.id), Job, lambda kept: replace(kept or job, notified=True))
        self.queue.delete(message.receipt)
        return True

    def _again(self, message: Message, exc: Exception) -> None:
        """Have a message come again, later each time."""
        code = exc.code if isinstance(exc, ServiceError) else type(exc).__name__
        log.warning("task broke off", extra={"code": code, "receives": message.receives})
        pause_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(message.receives - 1, 16))
        self._hide(message, pause_s)

    @contextmanager
    def _leased(self, message: Message) -> Iterator[None]:
        """Nobody else has the message while this worker lives and is not hopelessly late."""
        ended = Event()

        def extend() -> None:
            for _ in range(int(_MAX_LEASED_S / (self.lease_s / 3))):
                if ended.wait(self.lease_s / 3):
                    return
                self._hide(message, self.lease_s)

        keeper = Thread(target=extend, name="lease", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            ended.set()
            keeper.join()  # or it could take back what `_again` gives


def _higher(counts: Mapping[int, int], others: Mapping[int, int]) -> dict[int, int]:
    return {at: max(counts.get(at, 0), others.get(at, 0)) for at in {**counts, **others}}


def _read(body: str) -> tuple[str, int | None] | None:
    """The job and the task that a message names; a job alone has ended, and its owner is to be told."""
    try:
        asked = json.loads(body)
        job_id, task = asked["job"], asked.get("task")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    is_task = task is None or (type(task) is int and task >= 0)
    return (job_id, task) if isinstance(job_id, str) and is_id(job_id) and is_task else None


def _notice(job: Job) -> bytes:
    """What a webhook is told: never any text."""
    counts = {"items": job.items, "done": job.done, "failed": job.failed}
    return json.dumps({"type": "job.ended", "data": {"id": job.id, "state": job.state, **counts}}).encode()
