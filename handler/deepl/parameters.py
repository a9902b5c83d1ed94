"""The parameters of DeepL's calls: in the query string, and in a body of JSON or of a form, even that of a GET."""

import json
import re
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from handler.auth import entered, key_of
from handler.deepl.refusals import Refusal, missing, unsupported
from handler.forms import FORM, MULTIPART, Upload, pairs_of, parts_of
from handler.media import JSON, media_type
from handler.negotiation import body_of
from handler.problems import MalformedBody
from services.access import Access

Call = TypeVar("Call", bound=BaseModel)

_NESTED = re.compile(r"(\w+)\[(\d{1,3})\](?:\.(\w+)|\[(\w+)\])")


@dataclass(frozen=True, slots=True)
class Given:
    """What a request gives: its parameters and a file; the key is nowhere in it."""

    values: Mapping[str, object]
    file: Upload | None = None

    def read_as(self, schema: type[Call]) -> Call:
        """The parameters as a call has them; others are ignored. Raises Refusal, which quotes no value."""
        try:
            return schema.model_validate(self.values)
        except ValidationError as exc:
            fault = exc.errors(include_url=False, include_context=False, include_input=False)[0]
            name = next((str(step) for step in reversed(fault["loc"]) if isinstance(step, str)), "body")
            raise (missing if fault["type"] == "missing" else unsupported)(name) from None


Reader = Callable[[Request], AsyncIterator[Given]]


def reader(access: Access, max_body_bytes: int) -> Reader:
    """A dependency that reads what a request gives, and does for who shows a key what comes after.

    Raises Refusal, MalformedBody, UnsupportedMediaType, BodyTooLarge, and what `Access.identify` raises.
    """

    async def read(request: Request) -> AsyncIterator[Given]:
        values: dict[str, object] = dict(_nested(pairs_of(request.scope["query_string"])))
        body, file = await body_of(request, max_body_bytes), None
        media = media_type(request.headers.get("content-type", ""))
        if media == MULTIPART:
            parts = await parts_of(request.headers, body)
            values |= _nested([(name, one) for name, one in parts if isinstance(one, str)])
            file = next((one for name, one in parts if name == "file" and isinstance(one, Upload)), None)
        elif media == FORM:
            values |= _nested(pairs_of(body))
        elif media == JSON and body:
            values |= _json(body)
        elif body:
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content type not supported; send {JSON} or {FORM}.")
        hidden = values.pop("auth_key", None)
        async with entered(access, key_of(request) or (hidden if isinstance(hidden, str) else None)):
            yield Given(values, file)

    return read


def _nested(items: list[tuple[str, str]]) -> dict[str, object]:
    """Values by name, a list where a name comes more than once; `a[0].b`, as forms have it, is b of the first of a."""
    values: dict[str, list[str]] = {}
    groups: dict[str, dict[int, dict[str, str]]] = {}
    for name, value in items:
        if match := _NESTED.fullmatch(name):
            groups.setdefault(match[1], {}).setdefault(int(match[2]), {})[match[3] or match[4]] = value
        else:
            values.setdefault(name.removesuffix("[]"), []).append(value)
    flat: dict[str, object] = {name: found[0] if len(found) == 1 else found for name, found in values.items()}
    return flat | {name: [group[at] for at in sorted(group)] for name, group in groups.items()}


def _json(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedBody("the body is not JSON") from None
    if not isinstance(found, dict):
        raise MalformedBody("the body is no JSON object")
    return found
