"""What is told of each request and task, and to whom; the log as JSON lines. Never article text, never keys."""

import logging
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

from services.ports import Meter
from services.steps import Lap, seconds_by_step

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


class Kind(StrEnum):
    """What is asked of the service."""

    REQUEST = "request"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was answered, or a task that was done, and what it took.

    `route` is the pattern of the path, never the path; `began_s` is by `time.perf_counter`; `cache` is X-Cache.
    """

    kind: Kind
    id: str
    method: str
    route: str
    status: int
    began_s: float
    seconds: float
    laps: Sequence[Lap]
    cache: str | None = None

    @property
    def failed(self) -> bool:
        """Whether the fault is on our side."""
        return self.status >= 500

    def facts(self) -> dict[str, object]:
        """All of it, as a log tells it: names and milliseconds."""
        steps = {f"{step}_ms": milliseconds(seconds) for step, seconds in seconds_by_step(self.laps).items()}
        asked = {"method": self.method, "route": self.route, "status": self.status}
        cache = {"cache": self.cache} if self.cache else {}
        return asked | {"total_ms": milliseconds(self.seconds)} | steps | cache


class Telemetry(Meter, Protocol):
    """A meter that is also told of each request and task."""

    def observe(self, exchange: Exchange) -> None:
        """Take note of one that has ended."""
        ...


@runtime_checkable
class Exposing(Protocol):
    """Telemetry that is asked for what it has, in place of sending it."""

    def exposition(self) -> bytes:
        """All of it in the text format of Prometheus, version 0.0.4."""
        ...


def milliseconds(seconds: float) -> float:
    """Seconds in milliseconds, to a tenth."""
    return round(seconds * 1000, 1)


def configure_logging(level: str, service: str) -> None:
    """Send the process's log to standard error, in place of any handler that is there (Lambda installs one)."""
    handler = logging.StreamHandler()
    handler.addFilter(_say_where)
    handler.setFormatter(LambdaPowertoolsFormatter(location=None, service=service, utc=True, use_rfc3339=True))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # They log requests: with their headers, or with paths and queries, where ids, headlines and glossaries are.
    for library in ("boto3", "botocore", "mangum", "s3transfer", "urllib3", "uvicorn.access"):
        logging.getLogger(library).setLevel(logging.WARNING)
    logging.getLogger("python_multipart").setLevel(logging.ERROR)  # what a caller sends wrong is told to him


def _say_where(record: logging.LogRecord) -> bool:
    record.logger, record.request_id = record.name, request_id.get()
    return True
