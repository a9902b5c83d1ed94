"""Reads a request's body, JSON or plain text, and writes the answer in the media type the caller wants."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, ValidationError

from handler.media import JSON, TEXT, answer_type, charset, media_type
from handler.problems import BodyTooLarge, InvalidRequest, MalformedBody, UnsupportedMediaType

Body = TypeVar("Body", bound=BaseModel)

_OPTION = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}")
_CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "windows-1252", "utf-16"}


@dataclass(frozen=True, slots=True)
class Call(Generic[Body]):
    """A request's body, and the media type its answer shall have."""

    body: Body
    answer: str

    def respond(self, answer: BaseModel, plain_text: str, headers: Mapping[str, str]) -> Response:
        """The answer as JSON, or for callers who read plain text as just that."""
        return respond(self.answer, answer, plain_text, headers)


def accept(schema: type[Body], max_body_bytes: int) -> Callable[[Request], Awaitable[Call[Body]]]:
    """A dependency that reads a call: a JSON object, or the raw text with the options in the query string.

    Raises MalformedBody, UnsupportedMediaType, BodyTooLarge, InvalidRequest.
    """

    async def read(request: Request) -> Call[Body]:
        content_type = request.headers.get("content-type", "")
        body = _parse(schema, content_type, dict(_options(request)), await _read(request, max_body_bytes))
        return Call(body, answer_of(request))

    return read


def answer_of(request: Request) -> str:
    """The media type in which a caller wants the answer, or a problem."""
    return answer_type(request.headers.get("accept", ""), request.headers.get("content-type", ""))


def respond(media: str, answer: BaseModel, plain_text: str, headers: Mapping[str, str]) -> Response:
    """An answer in one of the two media types."""
    content = plain_text.encode() if media == TEXT else answer.model_dump_json().encode()
    return Response(content, media_type=media, headers={"Vary": "Accept", **headers})


async def _read(request: Request, max_body_bytes: int) -> bytes:
    received = bytearray()
    async for block in request.stream():
        received += block
        if len(received) > max_body_bytes:
            raise BodyTooLarge(f"a body has at most {max_body_bytes} bytes", max_body_bytes=max_body_bytes)
    return bytes(received)


def _options(request: Request) -> list[tuple[str, str]]:
    options = request.query_params.multi_items()
    if repeated := {name for name, _ in options if len(request.query_params.getlist(name)) > 1}:
        names = ", ".join(sorted(name for name in repeated if _OPTION.fullmatch(name)))
        raise InvalidRequest(f"given more than once: {names or '?'}")
    return options


def _parse(schema: type[Body], content_type: str, options: dict[str, str], body: bytes) -> Body:
    media = media_type(content_type)
    if media == TEXT:
        if "text" in options:
            raise InvalidRequest("text: is the body here, and not an option")
        return _validated(lambda: schema.model_validate_strings({**options, "text": _decoded(body, content_type)}))
    if media != JSON:
        given = media or "none"
        raise UnsupportedMediaType(
            f"send {JSON}, or {TEXT} with the options in the query string; the content type was {given}"
        )
    if options:
        raise InvalidRequest("with a JSON body the options go into the body, not into the query string")
    return _validated(lambda: schema.model_validate_json(body, strict=True))


def _decoded(body: bytes, content_type: str) -> str:
    name = charset(content_type)
    if name not in _CHARSETS:
        raise UnsupportedMediaType(f"the charset is not supported; there are {', '.join(sorted(_CHARSETS))}")
    try:
        return body.decode(name).removeprefix("\ufeff")  # a byte order mark is of the encoding, not of the text
    except UnicodeDecodeError as exc:
        raise MalformedBody(f"the body is not {name}", offset_bytes=exc.start) from None


def _validated(parse: Callable[[], Body]) -> Body:
    try:
        return parse()
    except ValidationError as exc:
        errors = exc.errors(include_url=False, include_context=False, include_input=False)
        if errors[0]["type"] == "json_invalid":
            raise MalformedBody("the body is not JSON in UTF-8") from None
        faults = [_fault(error) for error in errors]
        detail = "; ".join(f"{fault['field']}: {fault['message']}" for fault in faults[:5])
        raise InvalidRequest(detail, errors=faults) from None


def _fault(error: Any) -> dict[str, str]:  # noqa: ANN401
    """A fault by field and message, without the value, which may be article text."""
    *path, name = error["loc"] or ("body",)
    if error["type"] == "extra_forbidden":  # a name that somebody else chose: whole if it is one, and no more
        name = name if _OPTION.fullmatch(str(name)) else "?"
    message = "unknown option" if error["type"] == "extra_forbidden" else error["msg"]
    return {"field": ".".join(map(str, [*path, name])), "message": message.removeprefix("Value error, ")}
