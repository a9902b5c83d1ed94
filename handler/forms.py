"""Reads forms, and the files in them."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from handler.problems import MalformedBody

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_MAX_FIELDS, _MAX_FILES = 5_000, 10


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
