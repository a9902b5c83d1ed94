"""What surrounds every request: an id, a time, and an answer even when something breaks."""

import logging
import re
import traceback
import uuid
from math import inf

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handler.dialects import refusal
from handler.problems import Problem
from handler.telemetry import request_id
from services.bounded import spending
from services.callers import NOBODY, acting_for
from services.deadline import alone_within

log = logging.getLogger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9_.:=-]{1,128}")


# Clients that hang up and send again after so many seconds, by the first word of their User-Agent.
_IMPATIENT_S = {"deepl-python": 10.0, "deepl-node": 5.0}
_MARGIN_S = 1.0  # for keeping what is finished, and for the answer
# Where a route says nothing else: no cache, and no browser shall run, frame or guess what came from somebody's text.
_DEFAULTS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class BrokenOff(Exception):
    """An answer cannot be finished; why is logged already."""


class RequestContext:
    """ASGI middleware: sets X-Request-Id (the caller's own, where it is a sane one), and what keeps an answer harmless.

    Within it a request has a deadline and a budget for the store, in seconds. HEAD is answered as GET is, without the
    body. What nobody foresaw becomes a 500 problem; it is logged by type and place, since a message may quote text.
    """

    def __init__(self, app: ASGIApp, deadline_s: float, store_budget_s: float) -> None:
        self.app = app
        self.deadline_s = deadline_s
        self.store_budget_s = store_budget_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        answered = False
        headers = Headers(scope=scope)
        own_id = _request_id(headers.get("x-request-id"))
        is_head = scope["method"] == "HEAD"
        if is_head:
            scope["method"] = "GET"
        request_id.set(own_id)

        async def send_with_context(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = own_id
                for name, value in _DEFAULTS.items():
                    headers.setdefault(name, value)
                if scope["scheme"] == "https":
                    headers.setdefault("Strict-Transport-Security", "max-age=31536000")
            elif is_head:
                message = {**message, "body": b""}
            await send(message)

        try:
            # All that a context holds is set anew: on a kept connection it may be that of the last request.
            budget = spending(self.store_budget_s)
            with alone_within(self._deadline_s(scope, headers)), budget, acting_for(NOBODY):
                await self.app(scope, receive, send_with_context)
        except ClientDisconnect:
            return  # nobody is there to answer
        except Exception as exc:
            place = "".join(traceback.format_tb(exc.__traceback__))
            log.error("unforeseen %s", type(exc).__name__, extra={"place": place})
            if answered:  # the server cuts the connection, and logs what it is given
                raise BrokenOff from None
            await refusal(scope, _INTERNAL)(scope, receive, send_with_context)

    def _deadline_s(self, scope: Scope, headers: Headers) -> float:
        """The seconds there are: those of the settings, the client or the Lambda function, whichever are fewest."""
        client = headers.get("user-agent", "").partition("/")[0]
        limits_s = [self.deadline_s, _IMPATIENT_S.get(client, inf) - _MARGIN_S]
        remaining_ms = getattr(scope.get("aws.context"), "get_remaining_time_in_millis", None)  # Mangum puts it there
        if remaining_ms:
            limits_s.append(remaining_ms() / 1000 - _MARGIN_S)
        return max(0.0, min(limits_s))


_INTERNAL = Problem(
    type="urn:interlede:problem:internal-error",
    title="Something went wrong on our side",
    status=500,
    detail="the request failed; it is logged under its request id",
    code="internal-error",
)


def _request_id(given: str | None) -> str:
    return given if given and _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
