"""Times each request or task and its steps, and tells of it."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handler.telemetry import Exchange, Kind, Telemetry, milliseconds, request_id
from services.ports import Message as QueueMessage
from services.steps import Lap, recording, seconds_by_step

_HUNG_UP = 499  # the caller did not wait; nginx calls it so


class Observing:
    """ASGI middleware: sets Server-Timing, and tells the telemetry of every request that has ended.

    Server-Timing has the steps until the answer began, the telemetry those of a streamed answer, too.
    """

    def __init__(self, app: ASGIApp, telemetry: Telemetry) -> None:
        self.app = app
        self.telemetry = telemetry

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began_s, method, status, cache = time.perf_counter(), scope["method"], _HUNG_UP, None

        async def send_timed(message: Message) -> None:
            nonlocal status, cache
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                status, cache = message["status"], headers.get("X-Cache")
                headers["Server-Timing"] = _server_timing(laps, time.perf_counter() - began_s)
            await send(message)

        with recording() as laps:
            try:
                await self.app(scope, receive, send_timed)
            finally:
                self.telemetry.observe(
                    Exchange(
                        kind=Kind.REQUEST,
                        id=request_id.get() or "",
                        method=method,
                        route=getattr(scope.get("route"), "path", "other"),
                        status=status,
                        began_s=began_s,
                        seconds=time.perf_counter() - began_s,
                        laps=laps,
                        cache=cache,
                    )
                )


@dataclass(frozen=True, slots=True)
class ObservedTask:
    """What does a message, and the telemetry that is told: 200 for one that is settled, 503 for one that is not."""

    run: Callable[[QueueMessage], bool]
    telemetry: Telemetry

    def __call__(self, message: QueueMessage) -> bool:
        """Do a message, under an id of its own in the log."""
        began_s, status, own_id = time.perf_counter(), 500, uuid.uuid4().hex
        token = request_id.set(own_id)
        try:
            with recording() as laps:
                try:
                    is_settled = self.run(message)
                    status = 200 if is_settled else 503
                    return is_settled
                finally:
                    seconds = time.perf_counter() - began_s
                    self.telemetry.observe(Exchange(Kind.TASK, own_id, "", "", status, began_s, seconds, laps))
        finally:
            request_id.reset(token)


def _server_timing(laps: list[Lap], total_s: float) -> str:
    """The steps and the whole in milliseconds (W3C, Server Timing)."""
    seconds = [*seconds_by_step(laps).items(), ("total", total_s)]
    return ", ".join(f"{name};dur={milliseconds(spent)}" for name, spent in seconds)
