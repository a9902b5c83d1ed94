"""One process of AWS's Runtime Interface Emulator, which takes one invocation at a time."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event, Thread

from infra.emulator.cpu import CpuShare
from infra.emulator.processes import leader_below
from infra.emulator.servers import free_ports
from infra.emulator.tools import Tools

_BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
INITIALISE = b'"initialise"'  # the payload of the invocation that no handler sees
_INVOCATIONS = "/2015-03-31/functions/function/invocations"
# Its `Init Duration` in the REPORT line is of the call that begins the initialisation, not of that itself.
_INIT_REPORT = re.compile(rb"INIT REPORT\(durationMs: ([\d.]+)\)")
_STARTS_WITHIN_S = 10.0
_LOGS_WITHIN_S = 2.0

Log = Callable[[str], None]


class RieFailed(Exception):
    """The emulator did not start, or broke down."""


class Rie:
    """A running emulator on two free ports of the loopback, and the runtime that it starts at the first invocation."""

    def __init__(self, tools: Tools, environment: Mapping[str, str], share: CpuShare, log: Log) -> None:
        self._port, runtime_port = free_ports(2)
        self._log, self._share = log, share
        self._init_ms: float | None = None
        self._init_reported = Event()
        addresses = {  # else it listens on all interfaces
            "--runtime-interface-emulator-address": self._port,
            "--runtime-api-address": runtime_port,
        }
        command = [str(tools.rie.resolve())]
        for option, port in addresses.items():
            command += [option, f"127.0.0.1:{port}"]
        command += [str(tools.python.absolute()), "-P", str(_BOOTSTRAP), INITIALISE.decode(), environment["_HANDLER"]]
        self._process = subprocess.Popen(
            share.command(command),
            cwd=environment["LAMBDA_TASK_ROOT"],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            self._wait_until_up()
        except RieFailed:
            self.stop()
            raise

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    @property
    def init_ms(self) -> float | None:
        """How long the first initialisation took, by the emulator's own log; None if that says nothing of it."""
        self._init_reported.wait(_LOGS_WITHIN_S)
        return self._init_ms

    def runtime_pid(self) -> int | None:
        """The process that runs the handler."""
        return leader_below(self._process.pid)

    def post(self, payload: bytes, timeout_s: float, trace: str | None = None) -> tuple[int, bytes]:
        """Status and body of an invocation. Raises RieFailed; no two may be under way, or the emulator crashes."""
        headers = {"X-Amzn-Trace-Id": trace} if trace else {}
        with closing(HTTPConnection("127.0.0.1", self._port, timeout=timeout_s)) as connection:
            try:
                connection.request("POST", _INVOCATIONS, payload, headers)
                answer = connection.getresponse()
                return answer.status, answer.read()
            except (OSError, HTTPException) as exc:
                raise RieFailed(f"the emulator does not answer: {exc!r}") from exc

    def stop(self) -> None:
        """End the emulator and the runtime."""
        runtime = self.runtime_pid()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if runtime is not None:
            with suppress(ProcessLookupError):
                os.killpg(runtime, signal.SIGKILL)
        self._process.wait()
        self._reader.join(_LOGS_WITHIN_S)
        self._share.close()

    def _wait_until_up(self) -> None:
        give_up_at = time.monotonic() + _STARTS_WITHIN_S
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self._port), 1):
                return
            if not self.alive or time.monotonic() > give_up_at:
                raise RieFailed("AWS's Runtime Interface Emulator does not start")
            time.sleep(0.005)

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                report = _INIT_REPORT.search(line)
                if report and not self._init_reported.is_set():
                    self._init_ms = float(report[1])
                    self._init_reported.set()
                self._log(line.decode(errors="replace").rstrip("\n"))
