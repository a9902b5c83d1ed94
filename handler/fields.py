"""Reads the fields of a request: a JSON object, a form, or the query string."""

from codecs import BOM_UTF8
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from pydantic_core import from_json
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from handler.media import JSON, media_type
from handler.negotiation import body_of
from handler.problems import MalformedBody

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data"
_MAX_FIELDS, _MAX_FILES = 1_000, 10


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a form."""

    filename: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Fields:
    """The first value of each field: any of JSON's, or text in a form and in the query string; and the files."""

    values: Mapping[str, object]
    files: Mapping[str, Upload]
    is_json: bool


async def fields_of(request: Request, max_body_bytes: int) -> Fields:
    """The fields of a JSON object; else those of the query string, and those of the form that the body is.

    A body that is neither has none. Raises MalformedBody, BodyTooLarge, UnsupportedMediaType for a compressed body.
    """
    content_type = request.headers.get("content-type", "")
    body, media = await body_of(request, max_body_bytes), media_type(content_type)
    if media == JSON or (media.startswith("application/") and media.endswith("+json")):
        return Fields(_object(body), {}, is_json=True)
    form: list[tuple[str, str | Upload]] = []
    if media == FORM:
        form.extend(_pairs(body))
    elif media == MULTIPART:
        form.extend(await _parts(request, body, max_body_bytes))
    values: dict[str, object] = {}
    files: dict[str, Upload] = {}
    for name, value in (*_pairs(request.scope["query_string"]), *form):
        if isinstance(value, Upload):
            files.setdefault(name, value)
        else:
            values.setdefault(name, value)
    return Fields(values, files, is_json=False)


def _object(body: bytes) -> dict[str, object]:
    try:
        found = from_json(body.removeprefix(BOM_UTF8))
    except ValueError:
        raise MalformedBody("Invalid JSON format") from None
    if not isinstance(found, dict):
        raise MalformedBody("Invalid JSON format")
    return found


def _pairs(encoded: bytes) -> Iterable[tuple[str, str]]:
    try:
        return parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise MalformedBody("the fields are not UTF-8, or too many") from None


async def _parts(request: Request, body: bytes, max_body_bytes: int) -> list[tuple[str, str | Upload]]:
    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(
        request.headers, whole(), max_files=_MAX_FILES, max_fields=_MAX_FIELDS, max_part_size=max_body_bytes
    )
    parser.spool_max_size = max_body_bytes  # what is in memory already needs no file
    try:
        form = await parser.parse()
    except (MultiPartException, ValueError):  # the latter from codecs
        raise MalformedBody("the form cannot be read, or has too many fields") from None
    try:
        return [(name, await _read(value)) for name, value in form.multi_items()]
    finally:
        await form.close()


async def _read(value: str | UploadFile) -> str | Upload:
    if isinstance(value, str):
        return value
    return Upload(value.filename or "", value.content_type or "", await value.read())
