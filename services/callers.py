"""Who a request, or a task, is done for; what callers name is kept for each owner apart."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from services.api_keys import ApiKey


@dataclass(frozen=True, slots=True)
class Caller:
    """An owner and the key that was shown; of a task the owner alone; neither where no keys are needed."""

    owner: str | None = None
    key: ApiKey | None = None


NOBODY = Caller()
_caller: ContextVar[Caller] = ContextVar("caller", default=NOBODY)


@contextmanager
def acting_for(caller: Caller) -> Iterator[None]:
    """Do all within for a caller."""
    token = _caller.set(caller)
    try:
        yield
    finally:
        _caller.reset(token)


def current_caller() -> Caller:
    """Who this is done for."""
    return _caller.get()


def owned(name: str) -> str:
    """A name as its owner's own; it is the same name where there is none."""
    owner = current_caller().owner
    return name if owner is None else f"{owner}\0{name}"
