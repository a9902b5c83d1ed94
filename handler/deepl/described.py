"""What OpenAPI says of DeepL's calls: their parameters in any of three places, and their errors."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from handler.deepl.dialect import QUOTA_EXCEEDED
from handler.forms import FORM, MULTIPART
from handler.media import JSON
from handler.openapi import RETRY_AFTER, described, query_parameter
from handler.schemas.deepl.answers import ErrorOut

_TRACE = {"X-Trace-ID": {"description": "Names the request in the log", "schema": {"type": "string"}}}
_ERRORS = {
    HTTPStatus.BAD_REQUEST: "Bad request",
    HTTPStatus.FORBIDDEN: "The key is missing, wrong, or may not do this",
    HTTPStatus.NOT_FOUND: "There is no such thing",
    HTTPStatus.REQUEST_TIMEOUT: "The body did not come in time",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request, or the text in it, is too large",
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE: "The media type is not supported",
    HTTPStatus.TOO_MANY_REQUESTS: "Too many requests",
    QUOTA_EXCEEDED: "Quota for this billing period has been exceeded.",
    HTTPStatus.INTERNAL_SERVER_ERROR: "Internal error",
    HTTPStatus.SERVICE_UNAVAILABLE: "Not finished in time, not ready, or too much at once: ask again",
}


def answered(model: type[BaseModel] | None, status: int = 200, **more: Any) -> dict[int | str, dict[str, Any]]:  # noqa: ANN401
    """The responses of a call."""
    is_later = {HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}
    errors: dict[int | str, dict[str, Any]] = {
        int(code): {
            "description": description,
            "content": {JSON: {"schema": described(ErrorOut)}},
            "headers": _TRACE | (RETRY_AFTER if code in is_later else {}),
        }
        for code, description in _ERRORS.items()
    }
    errors["4XX"] = errors[400] | {"description": "Refused in another way"}  # or FastAPI would say 422
    success = ({"model": model} if model else {}) | {"headers": _TRACE, "description": "Done"} | more
    return {status: success, **errors}


def body(schema: type[BaseModel], media: tuple[str, ...] = (JSON, FORM)) -> dict[str, Any]:
    """The body of a call, in each of the media types that it may have."""
    return {"requestBody": {"required": True, "content": {one: {"schema": described(schema)} for one in media}}}


def upload(schema: type[BaseModel]) -> dict[str, Any]:
    """A form with a file in it."""
    fields, file = described(schema), {"type": "string", "contentMediaType": "application/octet-stream"}
    properties, required = fields["properties"] | {"file": file}, [*fields.get("required", []), "file"]
    form = fields | {"properties": properties, "required": required}
    return {"requestBody": {"required": True, "content": {MULTIPART: {"schema": form}}}}


def query(schema: type[BaseModel]) -> dict[str, Any]:
    """Parameters in the query string."""
    whole = described(schema)
    parameters = [
        query_parameter(name, option, "") | {"required": name in whole.get("required", [])}
        for name, option in whole["properties"].items()
    ]
    return {"parameters": [one | {"description": one["description"].strip(". ") or one["name"]} for one in parameters]}


def written(answer: BaseModel, status: int = 200) -> Response:
    """An answer as JSON, without what there is not."""
    return Response(answer.model_dump_json(exclude_none=True), status, media_type=JSON)
