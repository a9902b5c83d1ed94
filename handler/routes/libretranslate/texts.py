"""Translates texts, and detects their language."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import Response

from handler import openapi
from handler.fields import Fields
from handler.libretranslate.dialect import failures
from handler.libretranslate.reading import reader
from handler.libretranslate.translating import detections, translated
from handler.media import JSON
from handler.schemas.libretranslate import answers, described
from handler.schemas.libretranslate.requests import DetectCall, TranslateCall
from handler.wiring import Services


def add(routes: APIRouter, services: Services) -> None:
    """Add the calls."""
    limits, charging, read = services.limits, services.access.charging, reader(services)

    @routes.post("/translate", **_documented(described.TranslateBody, answers.TranslateResponse, openapi.X_CACHE))
    def translate_texts(fields: Annotated[Fields, Depends(read)]) -> Response:
        """Translate a text, or a list of texts."""
        call = TranslateCall.of(fields, limits)
        with charging(sum(map(len, call.texts))):
            done = translated(services, call.contents, call.source, call.target, call.alternatives)
        others = done.alternatives if call.alternatives else None
        answer = answers.TranslateResponse.of(done.texts, call.is_batch, done.detected, others)
        headers = {"X-Cache": done.cache} if done.cache else {}
        return Response(answer.model_dump_json(exclude_none=True), media_type=JSON, headers=headers)

    @routes.post("/detect", **_documented(described.DetectBody, list[answers.DetectedOut]))
    def detect_language(fields: Annotated[Fields, Depends(read)]) -> list[answers.DetectedOut]:
        """Tell which language a text is in, the likeliest first."""
        call = DetectCall.of(fields, limits)
        with charging(sum(map(len, call.texts))):
            return detections(services, call.texts)


def _documented(body: type[BaseModel], answer: object, *headers: dict[str, Any]) -> dict[str, Any]:
    """What OpenAPI says of a call that takes fields."""
    told = {"headers": {name: header for some in headers for name, header in some.items()}} if headers else {}
    return {
        "responses": {200: {"model": answer, **told}, **failures(400, 403, 408, 413, 415, 429, 500, 503)},
        "openapi_extra": described.fields_body(body),
    }
