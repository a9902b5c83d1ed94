"""How long the current request may take.

It is a context variable, as it goes with a request through all use cases, as a request's id does: most of them have
nothing to do with it. It is read in the request's own thread; the threads of a pool do not see it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from math import inf
from time import monotonic


@dataclass(frozen=True, slots=True, order=True)
class Deadline:
    """A moment, in seconds of the monotonic clock; the earlier one is the smaller."""

    at_s: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """The one that is so far from now."""
        return cls(monotonic() + seconds)

    def remaining_s(self) -> float:
        """How long it is until then, 0 if it has passed."""
        return max(0.0, self.at_s - monotonic())

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        return not self.remaining_s()


NEVER = Deadline(inf)
"""Does not pass."""

_current = ContextVar("deadline", default=NEVER)


def current() -> Deadline:
    """The deadline of the current request."""
    return _current.get()


@contextmanager
def until(deadline: Deadline) -> Iterator[None]:
    """Have what is called meanwhile end by a deadline, or by an earlier one that holds already."""
    token = _current.set(min(deadline, current()))
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def within(seconds: float) -> Iterator[None]:
    """Have what is called meanwhile end in so many seconds, or by an earlier deadline that holds already."""
    with until(Deadline.after(seconds)):
        yield


@contextmanager
def alone_within(seconds: float) -> Iterator[None]:
    """The same, whatever deadline holds already: that is another request's.

    On a connection that is kept, asyncio goes on in the context in which the last body was read.
    """
    token = _current.set(Deadline.after(seconds))
    try:
        yield
    finally:
        _current.reset(token)
