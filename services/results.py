"""How a finished result is looked up and kept: a store that is down makes an answer slower, never wrong."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic

from services.errors import StoreUnavailable
from services.ports import Result, ResultStore

log = logging.getLogger(__name__)


class CacheState(StrEnum):
    """Where an answer came from."""

    HIT = "hit"  # the stored result
    PARTIAL = "partial"  # computed, and some of its sentences were known
    MISS = "miss"  # computed
    BYPASS = "bypass"  # computed, and not kept since the store was down


@dataclass(frozen=True, slots=True)
class Answer(Generic[Result]):
    """A result, the key it is kept under, and where it came from."""

    result: Result
    key: str
    cache: CacheState


def recall_or_compute(
    store: ResultStore, key: str, kind: type[Result], compute: Callable[[], tuple[Result, CacheState]]
) -> Answer[Result]:
    """The stored result, or else the computed one, kept for the next time."""
    stored, up = None, True
    try:
        stored = store.find(key, kind)
    except StoreUnavailable as exc:
        _log_unavailable("read", exc)
        up = False
    if stored is not None:
        return Answer(stored, key, CacheState.HIT)
    result, state = compute()
    try:
        if up:  # a store that is down is not waited for twice
            store.keep(key, result)
    except StoreUnavailable as exc:
        _log_unavailable("write", exc)
        up = False
    return Answer(result, key, state if up else CacheState.BYPASS)


def _log_unavailable(operation: str, exc: StoreUnavailable) -> None:
    cause = type(exc.__cause__).__name__
    log.warning("result store unavailable: %s", cause, extra={"operation": operation, "code": exc.code, "cause": cause})
