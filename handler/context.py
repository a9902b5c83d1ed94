"""What surrounds every request: an id, a time, and an answer even when something breaks."""

import logging
import re
import time
import traceback
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handler.problems import Problem, problem_response
from handler.telemetry import request_id

log = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:=-]{1,128}")


class RequestContext:
    """ASGI middleware: sets X-Request-Id (the caller's own, where it is a sane one) and Server-Timing.

    What nobody foresaw becomes a 500 problem here; it is logged by type and place, since a message may quote text.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began, answered = time.perf_counter(), False
        own_id = _request_id(Headers(scope=scope).get("x-request-id"))
        request_id.set(own_id)

        async def send_with_context(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = own_id
                headers["Server-Timing"] = f"total;dur={(time.perf_counter() - began) * 1000:.1f}"
            await send(message)

        try:
            await self.app(scope, receive, send_with_context)
        except ClientDisconnect:
            return  # nobody is there to answer
        except Exception as exc:
            place = "".join(traceback.format_tb(exc.__traceback__))
            log.error("unforeseen %s", type(exc).__name__, extra={"place": place})
            if answered:
                raise
            await problem_response(_INTERNAL)(scope, receive, send_with_context)


_INTERNAL = Problem(
    type="urn:interlede:problem:internal-error",
    title="Something went wrong on our side",
    status=500,
    detail="the request failed; it is logged under its request id",
    code="internal-error",
)


def _request_id(given: str | None) -> str:
    return given if given and _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
