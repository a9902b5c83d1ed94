"""Digests: several articles in, one summary of each story out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from handler import openapi
from handler.media import JSON, TEXT, media_type
from handler.negotiation import Call, answer_of, body_of, call_of, options_of, validated_json
from handler.problems import UnsupportedMediaType
from handler.schemas.v1.digests import REQUEST_EXAMPLE, DigestRequest, DigestsResponse
from handler.schemas.v1.requests import IN_JSON_ONLY
from handler.wiring import Services
from services.digest import Digests


def router(services: Services) -> APIRouter:
    """The route of /v1/digests."""
    routes = APIRouter(prefix="/v1/digests", tags=["v1"])
    limits = services.limits

    async def read(request: Request) -> Call[DigestRequest]:
        body = await body_of(request, limits.max_body_bytes)
        media = media_type(request.headers.get("content-type", ""))
        if media != JSON:
            raise UnsupportedMediaType(f"send {JSON}; the content type was {media or 'none'}")
        validated = validated_json(DigestRequest, body, dict(options_of(request)))
        return call_of(validated, answer_of(request), IN_JSON_ONLY)

    @routes.post(
        "",
        responses=openapi.answers(DigestsResponse, [TEXT], openapi.X_CACHE),
        openapi_extra={"requestBody": _REQUEST_BODY},
    )
    def digest(call: Annotated[Call[DigestRequest], Depends(read)]) -> Response:
        """Make one summary of several articles, or one of each story among them, with the source of each sentence."""
        body = call.body
        answer = services.digest(
            body.to_articles(limits.max_text_chars),
            body.to_target(),
            body.to_length(),
            body.stories,
            body.title,
            body.query,
        )
        response = DigestsResponse.of(answer, body.offsets)
        return call.respond(response, {TEXT: _plain(answer.result)}, {"X-Cache": answer.cache})

    return routes


def _plain(digests: Digests) -> str:
    """A sentence a line, and an empty line between stories."""
    return "\n".join(
        "".join(f"{sentence.translation}\n" for sentence in digest.sentences) for digest in digests.digests
    )


_REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {JSON: {"schema": openapi.described(DigestRequest), "example": REQUEST_EXAMPLE}},
}
