"""Reads a request's body, JSON or a raw document, and writes the answer in the media type the caller wants."""

import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from handler.media import DOCUMENTS, JSON, TEXT, answer_type, charset, media_type
from handler.problems import BodyTooLarge, InvalidRequest, MalformedBody, UnsupportedMediaType

Body = TypeVar("Body", bound=BaseModel)

# What a caller sent comes back, and no browser shall run it.
_HARMLESS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox; default-src 'none'"}
_OPTION = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,30}")
_ENCODING = re.compile(r"[a-z0-9-]{1,20}(?:, ?[a-z0-9-]{1,20}){0,3}")
_BOM = b"\xef\xbb\xbf"
_MAX_FAULTS = 100  # each takes a hundred times what is wrong: six megabytes of faults were gigabytes
_CHARSETS = {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "windows-1252", "utf-16"}


@dataclass(frozen=True, slots=True)
class Call(Generic[Body]):
    """A request's body, and the media type its answer shall have."""

    body: Body
    answer: str

    def respond(self, answer: BaseModel, written: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        """The answer as JSON, or just what is written, in the media type that the caller wants."""
        return respond(self.answer, answer, written, headers)


def accept(
    schema: type[Body], max_body_bytes: int, in_json_only: Collection[str] = ()
) -> Callable[[Request], Awaitable[Call[Body]]]:
    """A dependency that reads a call: a JSON object, or the raw text with the options in the query string.

    `in_json_only` are the options that other answers have no place for.
    Raises MalformedBody, UnsupportedMediaType, BodyTooLarge, InvalidRequest.
    """

    async def read(request: Request) -> Call[Body]:
        content_type = request.headers.get("content-type", "")
        body = _parse(schema, content_type, dict(options_of(request)), await body_of(request, max_body_bytes))
        return call_of(body, answer_of(request), in_json_only)

    return read


def call_of(body: Body, answer: str, in_json_only: Collection[str]) -> Call[Body]:
    """A call. Raises InvalidRequest where its answer would leave out what it asks for."""
    fields = type(body).model_fields
    check_answer(
        answer,
        [
            name
            for name, field in fields.items()
            if name in in_json_only and getattr(body, name) != field.get_default(call_default_factory=True)
        ],
    )
    return Call(body, answer)


def check_answer(answer: str, asked: Sequence[str]) -> None:
    """Raises InvalidRequest where options are asked for that an answer in this media type has no place for."""
    if asked and answer != JSON:
        raise _refusal({name: f"told in JSON answers only: say Accept: {JSON}" for name in asked})


def answer_of(request: Request) -> str:
    """The media type in which a caller wants the answer, or a problem."""
    return answer_type(request.headers.get("accept", ""), request.headers.get("content-type", ""))


def respond(media: str, answer: BaseModel, written: Mapping[str, str], headers: Mapping[str, str]) -> Response:
    """An answer as JSON, or what is written in the media type, or in plain text where there is nothing in that one."""
    if media == JSON:
        return Response(answer.model_dump_json().encode(), media_type=JSON, headers={"Vary": "Accept", **headers})
    media = media if media in written else TEXT
    return Response(written[media].encode(), media_type=media, headers={"Vary": "Accept", **_HARMLESS, **headers})


async def body_of(request: Request, max_body_bytes: int) -> bytes:
    """The body. Raises UnsupportedMediaType for one that is compressed, BodyTooLarge."""
    check_encoding(request)
    received = bytearray()
    async for block in request.stream():
        received += block
        if len(received) > max_body_bytes:
            raise BodyTooLarge(f"a body has at most {max_body_bytes} bytes", max_body_bytes=max_body_bytes)
    return bytes(received)


def check_encoding(request: Request) -> None:
    """Raises UnsupportedMediaType for a body that is compressed."""
    encoding = request.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        name = encoding if _ENCODING.fullmatch(encoding) else "?"
        raise UnsupportedMediaType(f"send the body as it is; its content encoding was {name}")


def options_of(request: Request) -> list[tuple[str, str]]:
    """The options in the query string. Raises InvalidRequest."""
    options = request.query_params.multi_items()
    times = Counter(name for name, _ in options)
    if repeated := {name for name in times if times[name] > 1}:
        names = ", ".join(sorted(name for name in repeated if _OPTION.fullmatch(name)))
        raise InvalidRequest(f"given more than once: {names or '?'}")
    return options


def _parse(schema: type[Body], content_type: str, options: dict[str, str], body: bytes) -> Body:
    media = media_type(content_type)
    if member := DOCUMENTS.get(media):
        if any(name in options for name in DOCUMENTS.values()):
            raise InvalidRequest("the body is the document here; text, html and markdown are no options")
        return validated_options(schema, {**options, member: decoded(body, content_type)})
    if media != JSON:
        given, raw = media or "none", ", ".join(DOCUMENTS)
        raise UnsupportedMediaType(
            f"send {JSON}, or a document ({raw}) with the options in the query string; the content type was {given}"
        )
    return validated_json(schema, body, options)


def decoded(body: bytes, content_type: str) -> str:
    """A body as text. Raises UnsupportedMediaType for its charset, MalformedBody."""
    name = charset(content_type)
    if name not in _CHARSETS:
        raise UnsupportedMediaType(f"the charset is not supported; there are {', '.join(sorted(_CHARSETS))}")
    try:
        return body.decode(name).removeprefix("\ufeff")  # a byte order mark is of the encoding, not of the text
    except UnicodeDecodeError as exc:
        raise MalformedBody(f"the body is not {name}", offset_bytes=exc.start) from None


def validated_json(schema: type[Body], body: bytes, options: Mapping[str, str]) -> Body:
    """A JSON body, beside which there are no options. Raises MalformedBody, InvalidRequest; neither quotes a value."""
    if options:
        raise InvalidRequest("with a JSON body the options go into the body, not into the query string")
    body = body.removeprefix(_BOM)
    try:
        return schema.model_validate_json(body, strict=True)
    except ValidationError as exc:
        if exc.error_count() == 1 and _errors(exc)[0]["type"] == "json_invalid":
            half = "the body holds half of a surrogate pair"
            raise MalformedBody(half if _holds_half_a_pair(body) else "the body is not JSON in UTF-8") from None
        raise _refused(exc, schema) from None


def validated_options(schema: type[Body], options: Mapping[str, str]) -> Body:
    """Options of a query string. Raises InvalidRequest, which quotes no value."""
    try:
        return schema.model_validate_strings(options)
    except ValidationError as exc:
        raise _refused(exc, schema) from None


def _holds_half_a_pair(body: bytes) -> bool:
    """Whether a body is JSON but for that; Python's reader lets it pass."""
    try:
        json.dumps(json.loads(body), ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    except (ValueError, RecursionError):
        return False
    return False


def invalid_parameters(faults: Iterable[Mapping[str, Any]]) -> InvalidRequest:
    """What FastAPI found wrong with the parameters of a call, which are in its path or query string."""
    return _refusal({".".join(map(str, fault["loc"][1:])): fault["msg"] for fault in faults})


def invalid_option(name: str, message: str) -> InvalidRequest:
    """An option with what is wrong with it; a name that callers chose is told only where it can be one."""
    return _refusal({name if _OPTION.fullmatch(name) else "?": message})


def _refused(error: ValidationError, schema: type[BaseModel]) -> InvalidRequest:
    """What is wrong with a body or options, unless that is more than anybody reads."""
    if (count := error.error_count()) > _MAX_FAULTS:
        return InvalidRequest(f"{count} things are wrong with it, which is too much to tell each of them")
    return _refusal(_faults(error, schema))


def _faults(error: ValidationError, schema: type[BaseModel]) -> dict[str, str]:
    """What is wrong with each field, said once and without values, which may be article text."""
    messages, known = dict[str, str](), _members(schema)
    for one in _errors(error):
        field, message = _fault(one["type"], one["loc"], one["msg"], known)
        messages.setdefault(field, message)
    return messages


def _errors(error: ValidationError) -> Sequence[Mapping[str, Any]]:
    return error.errors(include_url=False, include_context=False, include_input=False)


def _refusal(messages: Mapping[str, str]) -> InvalidRequest:
    detail = "; ".join(f"{field}: {message}" for field, message in list(messages.items())[:5])
    errors = [{"field": field, "message": text} for field, text in messages.items()]
    return InvalidRequest(detail, errors=errors)


def _fault(kind: str, place: tuple[int | str, ...], message: str, known: Collection[str]) -> tuple[str, str]:
    """A field by its way, and what is wrong: of names only those that we gave, never those that callers chose."""
    is_unknown = kind == "extra_forbidden"
    way = [str(step) for step in place[: -1 if is_unknown else None] if isinstance(step, int) or step in known]
    if is_unknown:
        name = str(place[-1])
        return ".".join([*way, name if _OPTION.fullmatch(name) else "?"]), "unknown option"
    return ".".join(way) or "body", message.removeprefix("Value error, ")


@cache
def _members(schema: type[BaseModel]) -> frozenset[str]:
    """The names of all members of a schema, and of the objects in it."""
    document = schema.model_json_schema()
    objects = [document, *document.get("$defs", {}).values()]
    return frozenset(name for one in objects for name in one.get("properties", ()))
