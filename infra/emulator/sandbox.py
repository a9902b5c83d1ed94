"""An execution environment: initialised once, then one invocation at a time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from infra.emulator.configuration import Configuration
from infra.emulator.cpu import cpu_share
from infra.emulator.processes import Memory
from infra.emulator.rie import INITIALISE, Log, Rie
from infra.emulator.tools import Tools

_GRACE_S = 20.0  # the emulator itself ends what takes too long, and starts anew what was killed
_TIMED_OUT = b"Task timed out after "


@dataclass(frozen=True, slots=True)
class Answered:
    """What the handler returned, as JSON."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Failed:
    """A function error, by Lambda's name for its type."""

    error_type: str
    message: str


class Sandbox:
    """One of a function's environments."""

    def __init__(self, function: Configuration, tools: Tools, environment: Mapping[str, str], log: Log) -> None:
        """Start it. Raises RieFailed."""
        self._timeout_s = function.timeout_s
        self._rie = Rie(tools, environment, cpu_share(function.cores), log)
        self.runtime: int | None = None  # the process that runs the handler, as it was last found
        self._peak_bytes = 0

    def initialise(self) -> None:
        """Have the handler's module imported. Raises RieFailed.

        When that fails, the first invocation will do it again and fail for the same reason, as on Lambda.
        """
        self._rie.post(INITIALISE, self._timeout_s + _GRACE_S)

    @property
    def alive(self) -> bool:
        return self._rie.alive

    @property
    def init_ms(self) -> float | None:
        """How long its initialisation took; None if that is not known."""
        return self._rie.init_ms

    @property
    def peak_bytes(self) -> int:
        """The most memory that was found to be held."""
        self.memory()
        return self._peak_bytes

    def memory(self) -> Memory | None:
        """What the process that runs the handler holds; None if there is none just now."""
        memory = Memory.of(self.runtime) if self.runtime else None
        if memory is None:
            self.runtime = self._rie.runtime_pid()
            memory = Memory.of(self.runtime) if self.runtime else None
        if memory:
            self._peak_bytes = max(self._peak_bytes, memory.peak_bytes)
        return memory

    def invoke(self, payload: bytes, trace: str | None = None) -> Answered | Failed:
        """Have the handler called. Raises RieFailed."""
        status, body = self._rie.post(payload, self._timeout_s + _GRACE_S, trace)
        if body.startswith(_TIMED_OUT):
            return Failed("Sandbox.Timedout", body.decode())
        failure = _failure_in(body)
        if failure is None and status >= 400:
            return Failed("Runtime.Unknown", f"the emulator answered {status}")
        return failure or Answered(body)

    def stop(self) -> None:
        self._rie.stop()


def _failure_in(body: bytes) -> Failed | None:
    """The error that an answer tells of; the emulator marks it by nothing but its fields."""
    answer = json.loads(body) if b'"errorType"' in body else None
    if isinstance(answer, dict) and {"errorType", "errorMessage"} <= answer.keys():
        return Failed(str(answer["errorType"]), str(answer["errorMessage"]))
    return None
