"""The calls of our own API: schema, use case, schema."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from handler import openapi
from handler.auth import characters_of
from handler.calls import written_article
from handler.deferral import Prefer, carry_out
from handler.media import DOCUMENTS, JSON, TEXT
from handler.negotiation import Body, Call, accept, answer_of, check_answer, respond
from handler.problems import InvalidRequest
from handler.schemas.v1 import answers, requests, summaries
from handler.schemas.v1.jobs import JobResponse
from handler.wiring import Services
from services.bounded import spending
from services.errors import UnknownJob
from services.text.reading import read

_WITHDRAWING_S = 20.0  # of the store; a story may have a thousand results


def router(services: Services) -> APIRouter:
    """The routes of /v1 over a bundle of use cases."""
    routes = APIRouter(prefix="/v1", tags=["v1"])
    limits = services.limits

    def call_of(schema: type[Body]) -> Callable[[Request], Awaitable[Call[Body]]]:
        return accept(schema, limits.max_body_bytes, requests.IN_JSON_ONLY)

    @routes.post("/translations", **_documented(requests.TranslationRequest, answers.TranslationResponse, DOCUMENTS))
    def translate(
        call: Annotated[Call[requests.TranslationRequest], Depends(call_of(requests.TranslationRequest))],
        prefer: Prefer = None,
    ) -> Response:
        """Translate an article, or several texts, into one language or several."""
        if len(call.body.to_targets()) > 1 and call.answer != JSON:
            raise InvalidRequest(f"several targets are answered in JSON: say Accept: {JSON}")
        return carry_out(services, "translations", call, prefer)

    @routes.post("/summaries", **_documented(requests.SummaryRequest, summaries.SummaryResponse, DOCUMENTS))
    def summarise(
        call: Annotated[Call[requests.SummaryRequest], Depends(call_of(requests.SummaryRequest))],
        prefer: Prefer = None,
    ) -> Response:
        """Summarise a text by the sentences that tell most of it, in its language or in another."""
        return carry_out(services, "summaries", call, prefer)

    @routes.post(
        "/articles",
        **_documented(requests.ArticleRequest, summaries.ArticleResponse, [TEXT], openapi.CONTENT_LOCATION),
    )
    def prepare_article(
        call: Annotated[Call[requests.ArticleRequest], Depends(call_of(requests.ArticleRequest))],
        prefer: Prefer = None,
    ) -> Response:
        """Translate and summarise an article, and keep both."""
        return carry_out(services, "articles", call, prefer)

    @routes.get(
        "/articles/{article_id}",
        responses=openapi.answers(summaries.ArticleResponse, [TEXT], openapi.ETAG)
        | {304: {"description": "Known", "headers": openapi.ETAG | openapi.VARY}},
    )
    def find_article(
        request: Request,
        article_id: str,
        segments: Annotated[bool, Query(description="Tell where each sentence stands")] = False,
        offsets: Annotated[requests.OffsetUnit, Query(description="What offsets count")] = "code-points",
        highlights: Annotated[bool, Query(description="Give the whole text in runs, picked and not")] = False,
        reasons: Annotated[bool, Query(description="Tell the parts of each score")] = False,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Give a prepared article back. It never changes."""
        media = answer_of(request)
        forms = {
            "segments": segments,
            "highlights": highlights,
            "reasons": reasons,
            offsets: True,
            "text": media != JSON,
        }
        told = {"segments": segments, "highlights": highlights, "reasons": reasons, "offsets": offsets != "code-points"}
        check_answer(media, [name for name, is_asked in told.items() if is_asked])
        etag = f'"{"-".join([article_id, *(form for form, is_there in forms.items() if is_there)])}"'
        article = services.find_article(article_id)
        kept_by = "public" if services.limits.public_cache else "private"
        headers = {"ETag": etag, "Cache-Control": f"{kept_by}, max-age=31536000, immutable"}
        if if_none_match and (if_none_match.strip() == "*" or etag in _etags(if_none_match)):
            return Response(status_code=304, headers={"Vary": "Accept", **headers})
        answer = summaries.ArticleResponse.of(
            article_id, article, segments=segments, offsets=offsets, highlights=highlights, reasons=reasons
        )
        return respond(media, answer, {TEXT: written_article(article)}, headers)

    @routes.delete("/articles/{article_id}", status_code=204, responses=openapi.problems())
    def withdraw_article(article_id: str) -> Response:
        """Forget a prepared article."""
        services.withdraw_article(article_id)
        return Response(status_code=204)

    @routes.delete("/stories/{story:path}", status_code=204, responses=openapi.problems())
    def withdraw_story(story: str) -> Response:
        """Forget all that was kept for the versions of a story."""
        with spending(_WITHDRAWING_S):
            for job_id in services.stories.jobs(story):
                with suppress(UnknownJob):
                    services.jobs.cancel(job_id)
            services.stories.withdraw(story)
        return Response(status_code=204)

    @routes.post("/detections", **_documented(requests.DetectionRequest, answers.DetectionOut, [TEXT], is_quick=True))
    def detect(
        call: Annotated[Call[requests.DetectionRequest], Depends(call_of(requests.DetectionRequest))],
    ) -> Response:
        """Tell which language a text is written in."""
        with services.access.charging(characters_of(call.body.model_dump())):
            text = read(call.body.to_content(limits.max_text_chars)).text
            detection = services.detect(text, services.languages.tags())
            plain = f"{detection.language or 'unknown'} {detection.confidence:.2f}\n"
            return call.respond(answers.DetectionOut.of(detection), {TEXT: plain}, {})

    @routes.get("/languages")
    def languages() -> answers.LanguagesResponse:
        """List the languages, and what each can be translated into."""
        return answers.LanguagesResponse.of(services.languages())

    return routes


def _etags(if_none_match: str) -> set[str]:
    """The entity tags of an If-None-Match value, compared weakly (RFC 9110, section 13.1.2)."""
    return {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}


def _documented(
    schema: type[requests.Document],
    answer: type[BaseModel],
    media: Iterable[str],
    *headers: dict[str, Any],
    is_quick: bool = False,
) -> dict[str, Any]:
    """What OpenAPI says of a call that takes JSON, or the raw text with its options in the query string."""
    later = {} if is_quick else openapi.accepted(JobResponse)
    kept = () if is_quick else (openapi.X_CACHE,)
    return {
        "responses": later | openapi.answers(answer, list(media), *kept, *headers),
        "openapi_extra": openapi.document_call(schema, requests.EXAMPLES[schema], requests.STORY),
    }
