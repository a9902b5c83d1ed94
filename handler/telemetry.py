"""Logs as JSON lines that carry the id of the request they are about, and counters. Never article text, never keys."""

import logging
from collections import Counter
from contextvars import ContextVar
from threading import Lock

from pythonjsonlogger.json import JsonFormatter

from services.ports import Count

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def configure_logging() -> None:
    """Send the process's log to standard error, in place of any handler that is there (Lambda installs one)."""
    handler = logging.StreamHandler()
    handler.addFilter(_add_request_id)
    handler.setFormatter(JsonFormatter("%(asctime)s %(levelname)s %(name)s %(message)s", rename_fields=_SHORT))
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)


_SHORT = {"asctime": "time", "levelname": "level", "name": "logger"}


def _add_request_id(record: logging.LogRecord) -> bool:
    record.request_id = request_id.get()
    return True


class Counters:
    """How often each event happened in this process. Thread-safe."""

    def __init__(self) -> None:
        self._counts = Counter[Count]()
        self._lock = Lock()

    def count(self, event: Count) -> None:
        """Count one more."""
        with self._lock:
            self._counts[event] += 1

    def exposition(self) -> str:
        """All counts in the text format of Prometheus, version 0.0.4."""
        with self._lock:
            counts = [(f"interlede_{event}_total", self._counts[event]) for event in Count]
        return "".join(f"# TYPE {name} counter\n{name} {count}\n" for name, count in counts)
