"""Fakes of the queue: one keeps the port's promises, and a naughty sister breaks exactly one."""

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from services.errors import QueueUnavailable
from services.messages import check_body, check_delay, check_lease, check_reason, check_receive
from services.ports import Depth, Message


class Clock:
    """Stands still, unless somebody sleeps by it or sets it."""

    def __init__(self) -> None:
        self.now = 1_900_000_000.0

    def __call__(self) -> float:
        """The time."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Pass time without waiting."""
        self.now += seconds


@dataclass
class Kept:
    """A message, hidden until a time."""

    body: str
    until: float
    receives: int = 0
    receipt: str = ""


class MemoryQueue:
    """Keeps messages for as long as it lives; those that were buried in `buried`, with their reasons."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.buried: list[tuple[str, str]] = []
        self._kept: list[Kept] = []
        self._clock = clock
        self._sleep = sleep
        self._lock = Lock()

    def send(self, bodies: Sequence[str], delay_s: float = 0) -> None:
        """Keep all messages, each hidden for the delay."""
        check_delay(delay_s)
        for body in bodies:
            check_body(body)
        with self._lock:
            self._kept += [Kept(body, self._clock() + delay_s) for body in bodies]

    def receive(self, count: int, wait_s: float, lease_s: float) -> list[Message]:
        """Up to `count` messages, hidden from others for `lease_s`; waits up to `wait_s` for the first."""
        check_receive(count, wait_s, lease_s)
        give_up_at = self._clock() + wait_s
        while not (messages := self._lease(count, lease_s)) and self._clock() < give_up_at:
            self._sleep(0.01)
        return messages

    def extend(self, receipt: str, lease_s: float) -> None:
        """Hide a message for so long from now on, unless its lease has lapsed."""
        check_lease(lease_s)
        with self._lock:
            for kept in self._kept:
                if kept.receipt == receipt and kept.until > self._clock():
                    kept.until = self._clock() + lease_s

    def delete(self, receipt: str) -> None:
        """Be done with a message, unless it was received again."""
        self._take(receipt)

    def bury(self, message: Message, reason: str) -> None:
        """Move a message to `buried`, unless it was received again."""
        check_reason(reason)
        self.buried += [(kept.body, reason) for kept in self._take(message.receipt)]

    def depth(self) -> Depth:
        """How many messages there are."""
        with self._lock:
            leased = sum(kept.receives > 0 and kept.until > self._clock() for kept in self._kept)
            return Depth(len(self._kept) - leased, leased, len(self.buried))

    def _lease(self, count: int, lease_s: float) -> list[Message]:
        with self._lock:
            leased = [kept for kept in self._kept if kept.until <= self._clock()][:count]
            for kept in leased:
                kept.until = self._clock() + lease_s
                kept.receives += 1
                kept.receipt = uuid.uuid4().hex
            return [Message(kept.body, kept.receipt, kept.receives) for kept in leased]

    def _take(self, receipt: str) -> list[Kept]:
        with self._lock:
            taken = [kept for kept in self._kept if receipt and kept.receipt == receipt]
            self._kept = [kept for kept in self._kept if kept not in taken]
            return taken


class DownQueue(MemoryQueue):
    """Breaks one promise: it does not answer, to some operations or by default to any."""

    def __init__(self, *operations: str) -> None:
        super().__init__()
        self._down = operations or ("send", "receive", "extend", "delete", "bury", "count")

    def send(self, bodies: Sequence[str], delay_s: float = 0) -> None:
        """Fail, if sending is down."""
        self._answer("send")
        super().send(bodies, delay_s)

    def receive(self, count: int, wait_s: float, lease_s: float) -> list[Message]:
        """Fail, if receiving is down."""
        self._answer("receive")
        return super().receive(count, wait_s, lease_s)

    def extend(self, receipt: str, lease_s: float) -> None:
        """Fail, if extending is down."""
        self._answer("extend")
        super().extend(receipt, lease_s)

    def delete(self, receipt: str) -> None:
        """Fail, if deleting is down."""
        self._answer("delete")
        super().delete(receipt)

    def bury(self, message: Message, reason: str) -> None:
        """Fail, if burying is down."""
        self._answer("bury")
        super().bury(message, reason)

    def depth(self) -> Depth:
        """Fail, if counting is down."""
        self._answer("count")
        return super().depth()

    def _answer(self, operation: str) -> None:
        if operation in self._down:
            raise QueueUnavailable(f"the queue failed to {operation}", operation=operation)
