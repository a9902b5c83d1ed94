"""One pool of workers for all requests, fair between them."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Condition, Thread
from typing import Any, Generic, TypeVar

from services.deadline import NEVER, Deadline

Result = TypeVar("Result")


@dataclass(slots=True, eq=False)
class _Call(Generic[Result]):
    """The jobs of one caller: those not begun, how many are not done, and what came of the others.

    So many `sure` ones begin even after the deadline.
    """

    jobs: "deque[tuple[int, Callable[[], Result]]]"
    until: Deadline
    sure: int
    left: int
    results: dict[int, Result] = field(default_factory=dict)
    failure: BaseException | None = None
    done: Condition = field(default_factory=Condition)

    def settle(self, jobs: int, failure: BaseException | None = None) -> None:
        """Wait for so many jobs less; they are done, or do not begin."""
        with self.done:
            self.failure = self.failure or failure
            self.left -= jobs
            if not self.left:
                self.done.notify_all()


class FairPool:
    """So many threads that run the jobs of many callers, a job of each in turn. They start when they are needed.

    With quick jobs, say sentences, nobody waits for all that another has: the next free thread is theirs.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._threads: list[Thread] = []
        self._waiting: deque[_Call[Any]] = deque()
        self._changed = Condition()

    def run(self, jobs: Sequence[Callable[[], Result]], until: Deadline = NEVER) -> list[Result]:
        """The results of the jobs, which begin in their order: of all, or of the first ones that began by a deadline.

        Those running then are waited for. However late it is, one begins for each worker, so that who tries again and
        leaves out what is done comes to an end. Raises what a job raises; no more begin then.
        """
        if not jobs:
            return []
        call = _Call[Result](deque(enumerate(jobs)), until, self.workers, len(jobs))
        with self._changed:
            self._start_workers()
            self._waiting.append(call)
            self._changed.notify(len(jobs))
        with call.done:
            call.done.wait_for(lambda: not call.left)
        if call.failure:
            raise call.failure
        return [call.results[at] for at in sorted(call.results)]

    def _start_workers(self) -> None:
        """As many as are wanted and can be started; those of a parent process are not alive in its child."""
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        while len(self._threads) < self.workers:
            thread = Thread(target=self._work, name=f"decoder-{len(self._threads)}", daemon=True)
            try:
                thread.start()
            except RuntimeError:
                if not self._threads:
                    raise
                return
            self._threads.append(thread)

    def _work(self) -> None:
        while True:
            call, at, job = self._next()
            failure, unbegun = None, 0
            try:
                call.results[at] = job()
            except BaseException as exc:  # it belongs to the caller, and this thread goes on for the others
                failure, unbegun = exc, self._withdraw(call)
            call.settle(1 + unbegun, failure)
            del call, job, failure  # or a thread that waits would keep a model that is unloaded

    def _next(self) -> tuple["_Call[Any]", int, Callable[[], object]]:
        """The next job of the caller who has waited longest since the last one; who is late has none."""
        with self._changed:
            while True:
                self._changed.wait_for(lambda: bool(self._waiting))
                call = self._waiting.popleft()
                if call.sure > 0 or not call.until.passed:
                    break
                call.settle(self._withdraw(call))
            at, job = call.jobs.popleft()
            call.sure -= 1
            if call.jobs:
                self._waiting.append(call)
            return call, at, job

    def _withdraw(self, call: "_Call[Any]") -> int:
        """Let no more jobs of a call begin, and say how many had not."""
        with self._changed:
            if call in self._waiting:
                self._waiting.remove(call)
            unbegun = len(call.jobs)
            call.jobs.clear()
            return unbegun
