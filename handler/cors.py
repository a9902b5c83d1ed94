"""Lets pages of other origins read some answers."""

from collections.abc import Callable, Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Cors:
    """ASGI middleware: sets headers on all answers, refusals too, below the paths that it is for."""

    def __init__(self, app: ASGIApp, is_for: Callable[[str], bool], headers: Mapping[str, str]) -> None:
        self.app = app
        self.is_for = is_for
        self.headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not self.is_for(scope["path"]):
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self.headers)
            await send(message)

        await self.app(scope, receive, send_with_headers)
