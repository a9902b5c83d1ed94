"""Reads the fields of LibreTranslate's calls, for who shows a key in them or in a header."""

from collections.abc import AsyncIterator, Callable

from fastapi import Request

from handler.auth import entered, key_of
from handler.fields import Fields, fields_of
from handler.wiring import Services

Reader = Callable[[Request], AsyncIterator[Fields]]


def reader(services: Services) -> Reader:
    """A dependency that gives the fields of a call, and does for who shows a key what comes after."""

    async def read(request: Request) -> AsyncIterator[Fields]:
        fields = await fields_of(request, services.limits.max_body_bytes)
        async with entered(services.access, key_in(fields) or key_of(request)):
            yield fields

    return read


def key_in(fields: Fields) -> str | None:
    """The key among the fields, which nothing may log or echo."""
    key = fields.values.get("api_key")
    return key.strip() or None if isinstance(key, str) else None
