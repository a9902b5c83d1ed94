"""What is refused on DeepL's surface, in DeepL's words."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from starlette.requests import Request
from starlette.responses import JSONResponse, Response


class Refusal(Exception):
    """A request that is refused: a status, a message and maybe a detail, neither of which quotes a text or a key."""

    def __init__(
        self,
        status: int,
        message: str,
        detail: str | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers
        self.body = {"message": message} | ({"detail": detail} if detail else {})


def unsupported(name: str) -> Refusal:
    """A parameter has a value that it cannot have here."""
    return Refusal(HTTPStatus.BAD_REQUEST, f"Value for '{name}' not supported.")


def missing(name: str) -> Refusal:
    """A parameter is missing."""
    return Refusal(HTTPStatus.BAD_REQUEST, f"Parameter '{name}' not specified.")


def refuse(_: Request, refusal: Exception) -> Response:
    """The answer to a request that is refused."""
    assert isinstance(refusal, Refusal)
    return JSONResponse(refusal.body, refusal.status, refusal.headers)
