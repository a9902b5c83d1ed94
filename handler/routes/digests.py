"""Digests: several articles in, one summary of each story out."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from handler import openapi
from handler.deferral import Prefer, carry_out
from handler.media import JSON, TEXT, media_type
from handler.negotiation import Call, answer_of, body_of, call_of, options_of, validated_json
from handler.problems import UnsupportedMediaType
from handler.schemas.v1.digests import REQUEST_EXAMPLE, DigestRequest, DigestsResponse
from handler.schemas.v1.jobs import JobResponse
from handler.schemas.v1.requests import IN_JSON_ONLY
from handler.wiring import Services


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
        responses=openapi.accepted(JobResponse) | openapi.answers(DigestsResponse, [TEXT], openapi.X_CACHE),
        openapi_extra={"requestBody": _REQUEST_BODY},
    )
    def digest(call: Annotated[Call[DigestRequest], Depends(read)], prefer: Prefer = None) -> Response:
        """Make one summary of several articles, or one of each story among them, with the source of each sentence."""
        return carry_out(services, "digests", call, prefer)

    return routes


_REQUEST_BODY: dict[str, Any] = {
    "required": True,
    "content": {JSON: {"schema": openapi.described(DigestRequest), "example": REQUEST_EXAMPLE}},
}
