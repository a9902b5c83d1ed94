"""What OpenAPI and Swagger say of the bodies of LibreTranslate's calls."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from handler import openapi
from handler.forms import FORM, MULTIPART
from handler.media import JSON
from handler.schemas.v1.requests import MAX_ALTERNATIVES

_Source = Annotated[
    str, Field(min_length=1, description="Language code of the text, or `auto`", examples=["en", "auto"])
]
_Target = Annotated[str, Field(min_length=1, description="Language code of the translation", examples=["pt"])]
_Key = Annotated[str | None, Field(description="API key, where one is needed")]


class TranslateBody(BaseModel):
    """A text, or in JSON a list of texts, to translate."""

    q: Annotated[str, Field(min_length=1)] | Annotated[list[str], Field(min_length=1)] = Field(
        description="The text, or several in JSON", examples=["Hello, world!"]
    )
    source: _Source
    target: _Target
    format: Literal["text", "html"] = Field(default="text", description="How the text is written")
    alternatives: int = Field(
        default=0, le=MAX_ALTERNATIVES, description="How many other translations, at most; of HTML there are none"
    )
    api_key: _Key = None
    secret: str | None = Field(default=None, description="Accepted, and not looked at")


class DetectBody(BaseModel):
    """A text whose language is asked for."""

    q: Annotated[str, Field(min_length=1)] | Annotated[list[str], Field(min_length=1)] = Field(
        description="The text, or several in JSON that are in one language", examples=["What language is this?"]
    )
    api_key: _Key = None


class SuggestBody(BaseModel):
    """A better translation of a text."""

    q: str = Field(description="The text", examples=["Hello, world!"])
    s: str = Field(description="Its translation", examples=["Olá, mundo!"])
    source: _Source
    target: _Target


class FileBody(BaseModel):
    """A file to translate, in a form with several parts."""

    file: str = Field(description="The file: .txt, .md or .html", json_schema_extra={"format": "binary"})
    source: _Source
    target: _Target
    api_key: _Key = None


def fields_body(model: type[BaseModel]) -> dict[str, Any]:
    """The request of a call that takes its fields in JSON, in a form of either kind, or in the query string."""
    form = form_schema(model)
    return {
        "requestBody": {
            "required": True,  # by those who do not use the query string
            "content": {
                JSON: {"schema": openapi.described(model)},
                FORM: {"schema": form},
                MULTIPART: {"schema": form},
            },
        },
        "parameters": [
            {"name": name, "in": "query", "schema": schema, "description": "In place of the body's"}
            for name, schema in form["properties"].items()
        ],
    }


def file_body() -> dict[str, Any]:
    """The request of a call that takes a file."""
    return {"requestBody": {"required": True, "content": {MULTIPART: {"schema": form_schema(FileBody)}}}}


def form_schema(model: type[BaseModel]) -> dict[str, Any]:
    """What a form can carry of a body: no lists, and no null."""
    whole = openapi.described(model)
    return {**whole, "properties": {name: _scalar(schema) for name, schema in whole["properties"].items()}}


def _scalar(schema: dict[str, Any]) -> dict[str, Any]:
    kind = {**schema, **schema.get("anyOf", [{}])[0]}
    return {key: value for key, value in kind.items() if key != "anyOf" and value is not None}
