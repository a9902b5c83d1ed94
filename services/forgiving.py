"""Goes on without the store where that makes an answer slower and not wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from logging import Logger

from services.errors import StoreUnavailable


@contextmanager
def forgiving(log: Logger, what: str) -> Iterator[None]:
    """Log that something was not done as the store is down, and go on after the block."""
    try:
        yield
    except StoreUnavailable as exc:
        log.warning("%s: %s", what, exc.detail, extra={"code": exc.code})
