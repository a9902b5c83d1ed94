"""A function: as many environments as there are calls at a time, up to its reserved concurrency."""

import time
from collections import deque
from collections.abc import Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock
from types import TracebackType
from typing import Self

from infra.emulator.configuration import Configuration, environment_of
from infra.emulator.credentials import serving_credentials
from infra.emulator.rie import Log, RieFailed
from infra.emulator.sandbox import Answered, Failed, Sandbox
from infra.emulator.tools import Tools
from infra.emulator.watchdog import Watchdog

MAX_PAYLOAD_BYTES = 6 * 1024 * 1024 + 100  # "Lambda quotas", as its answer to what is too large has it


@dataclass(frozen=True, slots=True)
class Throttled:
    """All environments that the function may have are at work."""


@dataclass(frozen=True, slots=True)
class TooLarge:
    """The payload is larger than Lambda takes; AWS's emulator would cut it off."""


Outcome = Answered | Failed | Throttled | TooLarge


class Function:
    """A function to be invoked from any thread. To be closed, as by a `with`."""

    def __init__(self, configuration: Configuration, tools: Tools, role: Mapping[str, str], log: Log) -> None:
        self.configuration = configuration
        self._tools, self._log = tools, log
        self._free = BoundedSemaphore(configuration.concurrency)
        self._lock = Lock()
        self._idle = deque[Sandbox]()
        self._all = list[Sandbox]()
        self._resources = ExitStack()
        credentials = self._resources.enter_context(serving_credentials(role)) if configuration.snapstart else role
        self._environment = environment_of(configuration, credentials)
        watchdog = Watchdog(lambda: self.sandboxes, configuration.memory_mb * 2**20)
        self._resources.callback(watchdog.close)

    @property
    def sandboxes(self) -> Collection[Sandbox]:
        """Those that there are."""
        with self._lock:
            return tuple(self._all)

    def start(self) -> Sandbox:
        """Have one more environment, initialised. Raises RieFailed."""
        sandbox = self._new()
        self._idle.append(sandbox)
        return sandbox

    def invoke(self, payload: bytes, trace: str | None = None) -> Outcome:
        """Have the handler called with the payload, in JSON."""
        if len(payload) > MAX_PAYLOAD_BYTES:
            return TooLarge()
        if not self._free.acquire(blocking=False):
            return Throttled()
        try:
            return self._invoke(payload, trace)
        except RieFailed as exc:
            return Failed("Sandbox.Failed", str(exc))
        finally:
            self._free.release()

    def close(self) -> None:
        """End all environments."""
        self._resources.close()
        for sandbox in self.sandboxes:
            self._drop(sandbox)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _invoke(self, payload: bytes, trace: str | None) -> Answered | Failed:
        try:
            sandbox = self._idle.pop()
        except IndexError:
            sandbox = self._new()
        began_s = time.perf_counter()
        try:
            outcome = sandbox.invoke(payload, trace)
        except RieFailed:
            self._drop(sandbox)
            raise
        self._idle.append(sandbox)
        elapsed_ms, peak_mb = 1000 * (time.perf_counter() - began_s), sandbox.peak_bytes / 2**20
        self._log(f"{self.configuration.name}: {elapsed_ms:.1f} ms, {peak_mb:.0f} MB at most, {_named(outcome)}")
        return outcome

    def _new(self) -> Sandbox:
        sandbox = Sandbox(self.configuration, self._tools, self._environment, self._log)
        with self._lock:
            self._all.append(sandbox)
        try:
            sandbox.initialise()
        except RieFailed:
            self._drop(sandbox)
            raise
        self._log(f"{self.configuration.name}: initialised in {sandbox.init_ms or 0:.0f} ms")
        return sandbox

    def _drop(self, sandbox: Sandbox) -> None:
        with self._lock:
            self._all.remove(sandbox)
        sandbox.stop()


def _named(outcome: Answered | Failed) -> str:
    return outcome.error_type if isinstance(outcome, Failed) else "answered"
