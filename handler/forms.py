"""Reads forms, and the files in them."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from handler.problems import MalformedBody

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_MAX_FIELDS, _MAX_FILES = 5_000, 10
_CHARSETS = {b"utf-8", b"utf8", b"us-ascii"}


@dataclass(frozen=True, slots=True)
class Upload:
    """A file in a form."""

    name: str
    content_type: str
    data: bytes


def pairs_of(encoded: bytes) -> list[tuple[str, str]]:
    """The fields of a query string or a form in their order. Raises MalformedBody."""
    try:
        return parse_qsl(encoded.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise MalformedBody("the fields are not UTF-8, or too many") from None


async def parts_of(headers: Headers, body: bytes) -> list[tuple[str, str | Upload]]:
    """The fields and files of a form with several parts in their order. Raises MalformedBody."""

    async def whole() -> AsyncGenerator[bytes, None]:
        yield body

    _, parameters = parse_options_header(headers.get("content-type"))  # as the parser reads it
    if parameters.get(b"charset", b"utf-8").lower() not in _CHARSETS:  # there are codecs that take hours
        raise MalformedBody("a form with several parts is in UTF-8")
    size = len(body) + 1
    parser = MultiPartParser(headers, whole(), max_files=_MAX_FILES, max_fields=_MAX_FIELDS, max_part_size=size)
    parser.spool_max_size = size  # what is in memory already needs no file
    try:
        form = await parser.parse()
    except (MultiPartException, LookupError, ValueError):  # the latter two from codecs
        raise MalformedBody("the form cannot be read, or has too many fields") from None
    try:
        return [(name, await _read(value)) for name, value in form.multi_items()]
    finally:
        await form.close()


async def _read(value: str | UploadFile) -> str | Upload:
    if isinstance(value, str):
        return value
    return Upload(value.filename or "", value.content_type or "", await value.read())
