"""An HTTP API of API Gateway, with every request going to one function."""

import base64
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Lock, Thread

import anyio
import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from infra.emulator.events import HttpRequest, HttpResponse, Stamp, event_of, message_response, response_of
from infra.emulator.function import Outcome, Throttled, TooLarge
from infra.emulator.sandbox import Answered

MAX_BODY_BYTES = 10 * 1024 * 1024  # "Quotas for configuring and running an HTTP API": the payload
MAX_WAIT_S = 30.0  # the same: the integration timeout
_MOST_AT_ONCE = 10_000
_STARTS_WITHIN_S = 10.0

Invoke = Callable[[bytes, str | None], Outcome]


@dataclass(slots=True)
class Throttle:
    """A stage's throttling: so many requests a second on average, and so many at once after a quiet time."""

    rate_per_s: float = 10_000
    burst: int = 5_000
    clock: Callable[[], float] = time.monotonic
    _tokens: float = field(init=False)
    _at_s: float = field(init=False)
    _lock: Lock = field(init=False, default_factory=Lock)

    def __post_init__(self) -> None:
        self._tokens, self._at_s = float(self.burst), self.clock()

    def admits(self) -> bool:
        """Whether one more request may pass now."""
        with self._lock:
            now_s = self.clock()
            self._tokens = min(self.burst, self._tokens + (now_s - self._at_s) * self.rate_per_s)
            self._at_s = now_s
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True


def http_api(invoke: Invoke, throttle: Throttle | None = None, max_wait_s: float = MAX_WAIT_S) -> ASGIApp:
    """The API as an ASGI application; INVOKE takes an event in JSON and the trace it belongs to, and may block."""
    stage = throttle or Throttle()
    limiter: anyio.CapacityLimiter | None = None  # the function's concurrency is the limit that counts

    async def answer(request: Request) -> HttpResponse:
        nonlocal limiter
        limiter = limiter or anyio.CapacityLimiter(_MOST_AT_ONCE)
        if not stage.admits():
            return message_response(429, "Too Many Requests")
        body = await _body(request)
        if body is None:
            return message_response(413, "Request Entity Too Large")
        stamp = _stamp()
        event = json.dumps(event_of(_http_request(request, body), stamp), ensure_ascii=False).encode()
        trace = f"{stamp.trace_id};Parent={os.urandom(8).hex()};Sampled=0"
        with anyio.move_on_after(max_wait_s):
            call = partial(invoke, event, trace)
            return _response(await anyio.to_thread.run_sync(call, abandon_on_cancel=True, limiter=limiter))
        return message_response(503, "Service Unavailable")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        answered = await answer(Request(scope, receive))
        response = Response(answered.body, answered.status)
        response.raw_headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answered.headers]
        await response(scope, receive, send)

    return app


@contextmanager
def serving_app(app: ASGIApp, host: str, port: int) -> Iterator[str]:
    """Serve the API, at a free port if PORT is 0. Gives its URL. Raises OSError."""
    config = uvicorn.Config(app, host=host, port=port, log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    thread = Thread(target=partial(server.run, sockets=[listener]), daemon=True)
    thread.start()
    try:
        give_up_at = time.monotonic() + _STARTS_WITHIN_S
        while not server.started and time.monotonic() < give_up_at:
            time.sleep(0.01)
        yield f"http://{host}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()


def _response(outcome: Outcome) -> HttpResponse:
    """What API Gateway makes of an invocation; a throttled one it takes for the service's failure."""
    match outcome:
        case Answered(payload):
            try:
                return response_of(payload)
            except (ValueError, TypeError, AttributeError):
                return message_response(500, "Internal Server Error")
        case Throttled():
            return message_response(503, "Service Unavailable")
        case TooLarge():
            return message_response(413, "Request Entity Too Large")
        case _:
            return message_response(500, "Internal Server Error")


async def _body(request: Request) -> bytes | None:
    """The whole body; None as soon as it is too large."""
    body = bytearray()
    async for block in request.stream():
        body += block
        if len(body) > MAX_BODY_BYTES:
            return None
    return bytes(body)


def _http_request(request: Request, body: bytes) -> HttpRequest:
    return HttpRequest(
        method=request.method,
        path=request.scope["path"],
        query=request.scope["query_string"].decode("latin-1"),
        headers=request.headers.items(),
        body=body,
        source_ip=request.client.host if request.client else "",
    )


def _stamp() -> Stamp:
    now_s = time.time()
    request_id = base64.b64encode(os.urandom(11)).decode()
    return Stamp(request_id, f"Root=1-{int(now_s):08x}-{os.urandom(12).hex()}", now_s)
