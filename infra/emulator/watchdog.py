"""Kills what holds more memory than it was given, as Lambda does."""

import os
import signal
from collections.abc import Callable, Collection
from contextlib import suppress
from threading import Event, Thread

from infra.emulator.sandbox import Sandbox

_PERIOD_S = 0.02


class Watchdog:
    """Looks at the runtimes of some sandboxes all the time."""

    def __init__(self, sandboxes: Callable[[], Collection[Sandbox]], limit_bytes: int) -> None:
        self._sandboxes, self._limit_bytes = sandboxes, limit_bytes
        self._stop = Event()
        self._thread = Thread(target=self._watch, name="watchdog", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_PERIOD_S):
            for sandbox in self._sandboxes():
                self._look_at(sandbox)

    def _look_at(self, sandbox: Sandbox) -> None:
        memory = sandbox.memory()
        if memory and memory.now_bytes > self._limit_bytes and sandbox.runtime:
            with suppress(ProcessLookupError):
                os.kill(sandbox.runtime, signal.SIGKILL)
