"""The key that a request shows, and whom it is done for. Keys are logged and echoed nowhere."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import Request, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from starlette.concurrency import run_in_threadpool

from handler import openapi
from services.access import Access
from services.callers import acting_for

_SCHEMES = ("bearer", "deepl-auth-key")

# What OpenAPI says of them; `key_of` reads them.
_BEARER = HTTPBearer(scheme_name="Bearer", auto_error=False, description="`Authorization: Bearer` and the key")
_DEEPL = APIKeyHeader(
    name="Authorization",
    scheme_name="DeepL-Auth-Key",
    auto_error=False,
    description="`Authorization: DeepL-Auth-Key` and the key, as DeepL's clients send it",
)
_HEADER = APIKeyHeader(name="X-API-Key", scheme_name="X-API-Key", auto_error=False, description="The key alone")


def key_of(request: Request) -> str | None:
    """The key in a request's headers: `Authorization: Bearer` or `DeepL-Auth-Key`, else `X-API-Key`."""
    scheme, _, key = request.headers.get("authorization", "").strip().partition(" ")
    if scheme.lower() in _SCHEMES and key.strip():
        return key.strip()
    return request.headers.get("x-api-key", "").strip() or None


def guard(access: Access) -> Callable[..., AsyncIterator[None]]:
    """A dependency that lets in those who show a key, and does for them what comes after."""

    async def let_in(
        request: Request,
        _bearer: Annotated[object, Security(_BEARER)],
        _deepl: Annotated[object, Security(_DEEPL)],
        _header: Annotated[object, Security(_HEADER)],
    ) -> AsyncIterator[None]:
        async with entered(access, key_of(request)):
            yield

    return let_in


@asynccontextmanager
async def entered(access: Access, key: str | None) -> AsyncIterator[None]:
    """Do within what somebody asks for who shows a key. Raises what `Access.identify` raises."""
    if access.is_open:  # and no thread need be free
        yield
        return
    with acting_for(await run_in_threadpool(access.identify, key)):
        yield


def characters_of(body: Mapping[str, Any]) -> int:
    """What a call is charged with: the code points of its texts and titles, once for each target language.

    The body is the JSON of a call, as it was sent or validated; members that are not what they shall be count nothing.
    """
    texts = body.get("texts")
    articles = body.get("articles")
    chars = sum(len(text) for name in ("title", "text", "html", "markdown") if isinstance(text := body.get(name), str))
    chars += sum(len(text) for text in texts if isinstance(text, str)) if isinstance(texts, list) else 0
    if isinstance(articles, list):
        chars += sum(characters_of(article) for article in articles if isinstance(article, dict))
    return chars * _targets(body.get("target"))


def _targets(target: object) -> int:
    tags = target.split(",") if isinstance(target, str) else target if isinstance(target, list) else []
    return max(1, len({tag.strip().lower() for tag in tags if isinstance(tag, str)}))


REFUSALS: dict[int | str, dict[str, Any]] = {
    401: openapi.problem("No API key", {"WWW-Authenticate": {"description": "How", "schema": {"type": "string"}}}),
    403: openapi.problem("The API key is not valid"),
    429: openapi.problem(
        "The key's requests of this minute, or characters of this month, are used up", openapi.RETRY_AFTER
    ),
}
