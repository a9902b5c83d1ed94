"""What the parts of the current request take.

A context variable, as the deadline is one: it goes with a request through all use cases, most of which have nothing to
do with it. What the threads of a pool do is part of the step of the request that waits for them.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from time import perf_counter

_MAX_LAPS = 1_000  # a job may call the store without end


class Step(StrEnum):
    """What a request spends its time on."""

    DETECT = "detect"
    DECODE = "decode"
    RANK = "rank"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class Lap:
    """One time that a step was done: when it began, by `time.perf_counter`, and what it took, in seconds."""

    step: Step
    began_s: float
    seconds: float


_laps: ContextVar[list[Lap] | None] = ContextVar("laps", default=None)


@contextmanager
def recording() -> Iterator[list[Lap]]:
    """Give a list that holds, in the order in which they end, the laps of what is called meanwhile."""
    laps: list[Lap] = []
    token = _laps.set(laps)
    try:
        yield laps
    finally:
        _laps.reset(token)


@contextmanager
def step(name: Step) -> Iterator[None]:
    """Record how long the block takes, if somebody wants to know."""
    began_s = perf_counter()
    try:
        yield
    finally:
        laps = _laps.get()
        if laps is not None and len(laps) < _MAX_LAPS:
            laps.append(Lap(name, began_s, perf_counter() - began_s))


def seconds_by_step(laps: Sequence[Lap]) -> dict[Step, float]:
    """What each step took in all, in the order of the steps; those that were not done are left out."""
    return {one: sum(spent) for one in Step if (spent := [lap.seconds for lap in laps if lap.step is one])}
