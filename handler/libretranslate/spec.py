"""This surface as Swagger 2.0, where LibreTranslate's clients look for it."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from handler import openapi
from handler.libretranslate.dialect import ErrorResponse
from handler.schemas.libretranslate import answers, described

_KEPT = ("type", "description", "enum", "default", "minLength", "maximum")


def swagger() -> dict[str, Any]:
    """The document."""
    return {
        "swagger": "2.0",
        "info": {
            "title": "LibreTranslate",
            "version": "1.9.6",
            "description": "LibreTranslate's calls as Interlede answers them; /openapi.json has all of its own, too.",
        },
        "basePath": "/",
        "paths": {
            "/translate": _post("Translate text", described.TranslateBody, answers.TranslateResponse),
            "/detect": _post("Detect the language of a text", described.DetectBody, [answers.DetectedOut]),
            "/languages": _get("List the languages", [answers.LanguageOut]),
            "/translate_file": _post("Translate a file", described.FileBody, answers.TranslateFileResponse),
            "/download_file/{filename}": _download(),
            "/frontend/settings": _get("Tell what a page wants to know", answers.FrontendSettings),
            "/health": _get("Tell whether the service is up", answers.HealthResponse),
            "/suggest": {
                "post": {**_form("Suggest a translation", described.SuggestBody), "responses": _responses(None)}
            },
        },
    }


def _post(summary: str, body: type[BaseModel], answer: type[BaseModel] | Sequence[type[BaseModel]]) -> dict[str, Any]:
    return {"post": {**_form(summary, body), "responses": _responses(_schema(answer))}}


def _get(summary: str, answer: type[BaseModel] | Sequence[type[BaseModel]]) -> dict[str, Any]:
    return {"get": {"summary": summary, "produces": ["application/json"], "responses": _responses(_schema(answer))}}


def _download() -> dict[str, Any]:
    parameter = {"name": "filename", "in": "path", "required": True, "type": "string"}
    responses = _responses({"type": "string", "format": "binary"})
    return {"get": {"summary": "Download a translated file", "parameters": [parameter], "responses": responses}}


def _form(summary: str, body: type[BaseModel]) -> dict[str, Any]:
    """A call with a form; a list of texts and JSON are for those who know: Swagger has no place for a choice."""
    schema = described.form_schema(body)
    is_upload = body is described.FileBody
    media = ["multipart/form-data"] if is_upload else ["application/x-www-form-urlencoded", "multipart/form-data"]
    return {
        "summary": summary,
        "consumes": media,
        "produces": ["application/json"],
        "parameters": [
            {
                "name": name,
                "in": "formData",
                "required": name in schema.get("required", []),
                **{key: value for key, value in of_field.items() if key in _KEPT},
                **({"type": "file"} if of_field.get("format") == "binary" else {}),
            }
            for name, of_field in schema["properties"].items()
        ],
    }


def _responses(answer: dict[str, Any] | None) -> dict[str, Any]:
    failed = {"description": "What went wrong", "schema": _schema(ErrorResponse)}
    return ({"200": {"description": "Done", "schema": answer}} if answer else {}) | {"default": failed}


def _schema(answer: type[BaseModel] | Sequence[type[BaseModel]]) -> dict[str, Any]:
    if isinstance(answer, type):
        return _plain(openapi.described(answer))
    return {"type": "array", "items": _plain(openapi.described(answer[0]))}


def _plain(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema as Swagger 2.0 has them: a member is of one type, or says nothing of it."""
    plain = {key: value for key, value in schema.items() if key not in ("anyOf", "examples")}
    if "properties" in plain:
        plain["properties"] = {name: _plain(of) for name, of in plain["properties"].items()}
    if isinstance(plain.get("items"), dict):
        plain["items"] = _plain(plain["items"])
    if plain.get("default", "") is None:
        del plain["default"]
    return plain
