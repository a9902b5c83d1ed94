"""The parameters of DeepL's calls: in the query string, and in a body of JSON or of a form, even that of a GET."""

import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData, Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from handler.accounts import Account, Accounts
from handler.deepl.refusals import Refusal, missing, unsupported
from handler.media import JSON, media_type
from handler.negotiation import body_of

Call = TypeVar("Call", bound=BaseModel)

FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
_MAX_FIELDS = 5_000
_NESTED = re.compile(r"(\w+)\[(\d{1,3})\](?:\.(\w+)|\[(\w+)\])")
_SCHEMES = ("deepl-auth-key", "bearer")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it was sent."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Given:
    """What a request gives: its parameters, whose it is, and a file; the key is nowhere in it."""

    values: Mapping[str, object]
    account: Account
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


def reader(accounts: Accounts, max_body_bytes: int) -> Reader:
    """A dependency that reads what a request gives. Raises Refusal, UnsupportedMediaType, BodyTooLarge, and
    what the accounts raise."""

    async def read(request: Request) -> AsyncIterator[Given]:
        values: dict[str, object] = dict(_nested(request.query_params.multi_items()))
        body, file = await body_of(request, max_body_bytes), None
        media = media_type(request.headers.get("content-type", ""))
        if media == MULTIPART:
            form = await _multipart(request.headers, body)
            values |= _nested([(name, one) for name, one in form.multi_items() if isinstance(one, str)])
            file = await _file(form)
        elif media == FORM:
            values |= _nested(_form(body))
        elif media == JSON and body:
            values |= _json(body)
        elif body:
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content type not supported; send {JSON} or {FORM}.")
        hidden = values.pop("auth_key", None)
        key = _key(request) or (hidden if isinstance(hidden, str) else None)
        account = await run_in_threadpool(accounts.identify, key)
        with accounts.acting_for(account):
            yield Given(values, account, file)

    return read


def _key(request: Request) -> str | None:
    scheme, _, key = request.headers.get("authorization", "").strip().partition(" ")
    return key.strip() or None if scheme.lower() in _SCHEMES else None


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
        raise Refusal(HTTPStatus.BAD_REQUEST, "Bad request. Reason: the body is not JSON.") from None
    if not isinstance(found, dict):
        raise Refusal(HTTPStatus.BAD_REQUEST, "Bad request. Reason: the body is no JSON object.")
    return found


def _form(body: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise Refusal(HTTPStatus.BAD_REQUEST, "Bad request. Reason: the form cannot be read.") from None


async def _multipart(headers: Headers, body: bytes) -> FormData:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        return await MultiPartParser(headers, stream(), max_files=1, max_part_size=len(body) + 1).parse()
    except (MultiPartException, KeyError, UnicodeDecodeError):
        raise Refusal(HTTPStatus.BAD_REQUEST, "Bad request. Reason: the form cannot be read.") from None


async def _file(form: FormData) -> Upload | None:
    file = form.get("file")
    if not isinstance(file, UploadFile):
        return None
    try:
        return Upload(file.filename or "", await file.read())
    finally:
        await form.close()
