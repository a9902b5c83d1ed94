"""Takes messages from a queue and has them done."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from services.errors import QueueUnavailable
from services.ports import Message, Queue

log = logging.getLogger(__name__)

_WAIT_S = 2.0
_PAUSE_S = 5.0
_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Pump:
    """A queue, what does its messages, and how many at a time."""

    queue: Queue
    run: Callable[[Message], bool]
    lease_s: float
    workers: int = 1

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Have messages done meanwhile; in the end each worker finishes what it has, if that is soon.

        A thread that decodes when its process ends would take it down with an error.
        """
        stop = Event()
        threads = [Thread(target=self.work, args=(stop,), name=f"worker-{n}", daemon=True) for n in range(self.workers)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            give_up_at = time.monotonic() + _PATIENCE_S
            for thread in threads:
                thread.join(max(0.0, give_up_at - time.monotonic()))

    def work(self, stop: Event) -> None:
        """Do messages one after the other until told to stop; a queue that is down is asked again after a while."""
        while not stop.is_set():
            try:
                for message in self.queue.receive(1, _WAIT_S, self.lease_s):
                    self.run(message)
            except QueueUnavailable as exc:
                log.warning(
                    "no messages: %s", exc.detail, extra={"code": exc.code, "cause": type(exc.__cause__).__name__}
                )
                stop.wait(_PAUSE_S)
            except Exception as exc:  # what it was about comes again when its lease is over
                log.error("unforeseen %s in a worker", type(exc).__name__)
                stop.wait(_PAUSE_S)
