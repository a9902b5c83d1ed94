"""What is refused at the door: requests beyond what can be done soon, and bodies that do not come."""

import asyncio
from collections.abc import Callable

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handler.dialects import refusal
from handler.problems import BodyTooSlow, Overloaded, headers_of, problem_of

_ALWAYS = frozenset({"/health", "/healthz", "/metrics"})  # or an overloaded process would be taken for a dead one
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


class Admission:
    """ASGI middleware: answers 503 to more requests at a time than it has places, and 408 to a body that pauses.

    A caller who is told to come back at once costs nothing; one who waits behind a hundred others has hung up when it
    is his turn, and his article is translated for nobody. A request has its place from when its body is there until
    its answer begins, so that who sends or reads slowly takes nobody's.
    """

    def __init__(self, app: ASGIApp, places: int, body_pause_s: float) -> None:
        self.app = app
        self.body_pause_s = body_pause_s
        self._free = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or refuse it."""
        if scope["type"] != "http" or scope["path"] in _ALWAYS:
            await self.app(scope, receive, send)
            return
        has_place = False

        def take() -> None:
            nonlocal has_place
            self._check()
            self._free -= 1
            has_place = True

        def leave() -> None:
            nonlocal has_place
            self._free += has_place
            has_place = False

        async def send_and_leave(message: Message) -> None:
            leave()
            await send(message)

        try:
            if _has_body(scope):
                self._check()
                receive = self._in_time(receive, take)
            else:
                take()
        except Overloaded as exc:
            await refusal(scope, problem_of(exc), headers_of(exc))(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send_and_leave)
        finally:
            leave()

    def _check(self) -> None:
        if self._free <= 0:
            raise Overloaded("more is asked for than can be done soon; come back in a moment")

    def _in_time(self, receive: Receive, take: Callable[[], None]) -> Receive:
        """The body, whose parts must not keep us waiting. Raises BodyTooSlow, Overloaded."""
        is_complete = False

        async def receive_in_time() -> Message:
            nonlocal is_complete
            if is_complete:  # what comes now is that the caller has hung up
                return await receive()
            try:
                async with asyncio.timeout(self.body_pause_s):
                    message = await receive()
            except TimeoutError:
                raise BodyTooSlow("the body paused for too long") from None
            is_complete = message["type"] != "http.request" or not message.get("more_body", False)
            if is_complete:
                take()
            return message

        return receive_in_time


def _has_body(scope: Scope) -> bool:
    """Whether a request brings a body, or may be expected to by its method; DeepL's client has one with a GET."""
    headers = Headers(scope=scope)
    is_announced = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    return is_announced or scope["method"] in _WITH_BODY
