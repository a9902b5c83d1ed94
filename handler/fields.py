"""Reads the fields of a request: a JSON object, a form, or the query string."""

from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass

from pydantic_core import from_json
from starlette.requests import Request

from handler.forms import FORM, MULTIPART, Upload, pairs_of, parts_of
from handler.media import JSON, media_type
from handler.negotiation import body_of
from handler.problems import MalformedBody


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
        form.extend(pairs_of(body))
    elif media == MULTIPART:
        form.extend(await parts_of(request.headers, body))
    values: dict[str, object] = {}
    files: dict[str, Upload] = {}
    for name, value in (*pairs_of(request.scope["query_string"]), *form):
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
