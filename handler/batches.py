"""Reads a batch: NDJSON as it arrives, with the options of the query string for lines that do not say otherwise."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Annotated, Any, cast

from fastapi import Request
from pydantic import TypeAdapter, ValidationError

from handler.auth import characters_of
from handler.calls import Operation
from handler.negotiation import invalid_option
from handler.problems import BodyTooLarge
from services.jobs import MAX_ITEMS

_NO_JSON = "\ufffd"
_MAX_LINES = 10 * MAX_ITEMS  # with empty ones
_PORTION_BYTES = 1024 * 1024


def defaults_of(call: Operation[Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Options of a query string as members of a JSON body. Raises InvalidRequest."""
    fields, defaults = call.schema.model_fields, dict[str, Any]()
    for name, value in given.items():
        if name not in fields:
            raise invalid_option(name, "unknown option")
        field = fields[name]
        try:
            kind = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
            adapter: TypeAdapter[Any] = TypeAdapter(cast(Any, kind))
            defaults[name] = adapter.dump_python(adapter.validate_strings(value), mode="json")
        except ValidationError as exc:
            raise invalid_option(name, exc.errors(include_input=False, include_url=False)[0]["msg"]) from None
    return defaults


def item_of(line: bytes, defaults: Mapping[str, Any]) -> str:
    """A line as a call takes it; one that is no object stays as it is, and the call says what is wrong with it."""
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _NO_JSON
    try:
        members = json.loads(text) if defaults else None
        whole = json.dumps({**defaults, **members}, ensure_ascii=False) if isinstance(members, dict) else text
        whole.encode()
    except (ValueError, RecursionError):  # no JSON, or half of a surrogate pair in it
        return text
    return whole


def characters_in(item: str) -> int:
    """What an item is charged with; nothing where it is no JSON object, which is not done either."""
    try:
        members = json.loads(item)
    except (ValueError, RecursionError):
        return 0
    return characters_of(members) if isinstance(members, dict) else 0


async def portions(request: Request, max_line_bytes: int, max_bytes: int) -> AsyncIterator[list[bytes]]:
    """The lines of a body as they arrive, but for empty ones, about a megabyte at a time. Raises BodyTooLarge."""
    portion, held = list[bytes](), 0
    async for line in _lines(request, max_line_bytes, max_bytes):
        portion.append(line)
        held += len(line)
        if held >= _PORTION_BYTES:
            yield portion
            portion, held = [], 0
    yield portion


async def _lines(request: Request, max_line_bytes: int, max_bytes: int) -> AsyncIterator[bytes]:
    """The lines of a body as they arrive, but for empty ones. Raises BodyTooLarge."""
    line, received, ends = bytearray(), 0, 0
    async for block in request.stream():
        received, ends = received + len(block), ends + block.count(b"\n")
        if received > max_bytes:
            raise BodyTooLarge(f"a batch has at most {max_bytes} bytes", max_batch_bytes=max_bytes)
        if ends > _MAX_LINES:
            raise BodyTooLarge(f"a batch has at most {MAX_ITEMS} items", max_items=MAX_ITEMS)
        for n, piece in enumerate(block.split(b"\n")):
            if n:
                if whole := bytes(line.strip()):
                    yield whole
                line.clear()
            line += piece
            if len(line) > max_line_bytes:
                raise BodyTooLarge(f"a line has at most {max_line_bytes} bytes", max_body_bytes=max_line_bytes)
    if whole := bytes(line.strip()):
        yield whole
