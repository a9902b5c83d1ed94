"""Logs as JSON lines that carry the id of the request they are about. Never article text, never keys."""

import logging
from contextvars import ContextVar

from pythonjsonlogger.json import JsonFormatter

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
