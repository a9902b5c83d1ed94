"""One at a time, of several workers that run tests."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from infra.tools.kit import TOOLS


@contextmanager
def osls_alone() -> Iterator[None]:
    """Wait for others who run osls: it has one folder for what it is doing."""
    with (TOOLS / ".osls.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
