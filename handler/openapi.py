"""What OpenAPI says of calls that FastAPI cannot see for itself: bodies and answers in several media types."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from pydantic import BaseModel

from handler.media import DOCUMENTS, JSON, TEXT
from handler.problems import PROBLEM_JSON, Problem

_PLAIN = {"schema": {"type": "string"}}
_IN_A_QUERY = ("string", "integer", "number", "boolean")

VARY = {"Vary": {"description": "`Accept`, which decides on the media type", "schema": {"type": "string"}}}
X_CACHE = {
    "X-Cache": {
        "description": "Where this answer came from: kept, in part, computed, or computed while the store was down",
        "schema": {"type": "string", "enum": ["hit", "partial", "miss", "bypass"]},
    }
}
RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait before asking again", "schema": {"type": "integer"}}}
LINK = {"Link": {"description": "Where the rest is, if the answer does not hold all", "schema": {"type": "string"}}}
PREFERENCE_APPLIED = {
    "Preference-Applied": {"description": "`respond-async`, where that was preferred", "schema": {"type": "string"}}
}
ETAG = {"ETag": {"description": "Names this form of the article, for If-None-Match", "schema": {"type": "string"}}}
CONTENT_LOCATION = {
    "Content-Location": {"description": "Where the article is kept, if it is", "schema": {"type": "string"}}
}


@cache
def described(model: type[BaseModel]) -> dict[str, Any]:
    """The JSON schema of a model, without references: what they refer to would be nowhere in the document.

    All who ask get the same one, which takes milliseconds to make: it is not to be changed.
    """
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})
    resolved: dict[str, Any] = _resolved(schema, definitions)
    return resolved


def answers(model: type[BaseModel], media: Sequence[str], *headers: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The responses of a call that answers in JSON and, as a string, in other media types."""
    merged = {name: header for some in (VARY, *headers) for name, header in some.items()}
    return {200: {"model": model, "content": dict.fromkeys(media, _PLAIN), "headers": merged}, **problems()}


def accepted(job: type[BaseModel]) -> dict[int | str, dict[str, Any]]:
    """What a call answers that is carried out later: the job."""
    described = {
        "Location": {"description": "Where the job is", "schema": {"type": "string"}},
        **RETRY_AFTER,
        **PREFERENCE_APPLIED,
    }
    return {202: {"model": job, "description": "To be done later", "headers": described}, **problems()}


def problems() -> dict[int | str, dict[str, Any]]:
    """What a call answers when it fails."""
    return {"default": problem("A problem (RFC 9457), one line for plain-text callers")}


def problem(description: str, headers: dict[str, Any] | None = None) -> dict[str, Any]:
    """What a call answers when it fails in a certain way."""
    content = {PROBLEM_JSON: {"schema": described(Problem)}, TEXT: _PLAIN}
    return {"description": description, "content": content, "headers": VARY | (headers or {})}


def document_call(schema: type[BaseModel], json_example: object, text_example: str) -> dict[str, Any]:
    """The request of a call that takes JSON, or a raw document with its options in the query string."""
    whole = described(schema)
    members = {*DOCUMENTS.values(), "texts"}
    content = dict.fromkeys(DOCUMENTS, _PLAIN) | {
        JSON: {"schema": whole, "example": json_example},
        TEXT: {**_PLAIN, "example": text_example},
    }
    return {
        "requestBody": {"required": True, "content": content},
        "parameters": [
            query_parameter(name, option, "With a raw document only" + ", and required then" * (name in required))
            for required in (whole.get("required", []),)
            for name, option in whole["properties"].items()
            if name not in members
        ],
    }


def query_parameter(name: str, option: dict[str, Any], when: str) -> dict[str, Any]:
    """A member of a JSON body as a parameter: what a query string can carry of it."""
    kinds = option.get("anyOf", [option])
    if option.get("type") == "array":  # one parameter with commas
        how = {"style": "form", "explode": False, "description": f"{option.get('description', '')}. {when}"}
        return {"name": name, "in": "query", "schema": option, **how}
    kind = next(kind for kind in kinds if kind.get("type") in _IN_A_QUERY)
    is_all = all(other is kind or other.get("type") == "null" for other in kinds)
    schema = {**option, **kind}
    description = (option if is_all else schema).get("description", "")
    schema.pop("description", None)
    if schema.get("default", "") is None:
        del schema["default"]
    schema.pop("anyOf", None)
    if examples := [one for one in schema.pop("examples", []) if not isinstance(one, dict | list)]:
        schema["examples"] = examples
    return {"name": name, "in": "query", "schema": schema, "description": f"{description}. {when}"}


def _resolved(schema: Any, definitions: dict[str, Any]) -> Any:  # noqa: ANN401
    if isinstance(schema, list):
        return [_resolved(item, definitions) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if name := schema.get("$ref"):
        rest = {key: value for key, value in schema.items() if key != "$ref"}
        return _resolved(definitions[name.rpartition("/")[2]] | rest, definitions)
    return {key: _resolved(value, definitions) for key, value in schema.items()}
