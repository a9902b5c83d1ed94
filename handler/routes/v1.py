"""The calls of our own API: schema, use case, schema."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response

from handler.media import JSON, TEXT
from handler.negotiation import Call, accept, answer_of, respond
from handler.problems import PROBLEM_JSON, Problem
from handler.schemas import v1 as schemas
from handler.wiring import Services
from services.articles import PreparedArticle
from services.model import Language
from services.results import CacheState


def router(services: Services) -> APIRouter:
    """The routes of /v1 over a bundle of use cases."""
    routes = APIRouter(prefix="/v1", tags=["v1"])
    limits = services.limits

    @routes.post("/translations", **_documented(schemas.TranslationRequest, schemas.TranslationResponse))
    def translate(
        call: Annotated[
            Call[schemas.TranslationRequest], Depends(accept(schemas.TranslationRequest, limits.max_body_bytes))
        ],
    ) -> Response:
        """Translate a text, or several, into one language."""
        texts = call.body.to_texts(limits.max_text_chars, limits.max_texts)
        answer = services.translate(texts, schemas.to_source(call.body.source), Language.parse(call.body.target))
        return call.respond(
            schemas.TranslationResponse.of(answer.result, answer.cache, call.body.segments),
            "\n".join(item.text for item in answer.result.items),
            {"X-Cache": answer.cache},
        )

    @routes.post("/summaries", **_documented(schemas.SummaryRequest, schemas.SummaryResponse))
    def summarise(
        call: Annotated[Call[schemas.SummaryRequest], Depends(accept(schemas.SummaryRequest, limits.max_body_bytes))],
    ) -> Response:
        """Summarise a text by the sentences that tell most of it."""
        body = call.body
        answer = services.summarise(
            body.to_text(limits.max_text_chars),
            schemas.to_source(body.source),
            body.to_length(),
            body.method,
            body.title,
        )
        return call.respond(
            schemas.SummaryResponse.of(answer.result, answer.cache),
            "".join(f"{sentence.text}\n" for sentence in answer.result.sentences),
            {"X-Cache": answer.cache},
        )

    @routes.post("/articles", **_documented(schemas.ArticleRequest, schemas.ArticleResponse))
    def prepare_article(
        call: Annotated[Call[schemas.ArticleRequest], Depends(accept(schemas.ArticleRequest, limits.max_body_bytes))],
    ) -> Response:
        """Translate and summarise an article, and keep both."""
        body = call.body
        answer = services.prepare_article(
            body.title,
            body.to_text(limits.max_text_chars),
            schemas.to_source(body.source),
            Language.parse(body.target),
            body.to_length(),
            body.method,
        )
        article_id = answer.key.rpartition("/")[2]
        kept = {} if answer.cache is CacheState.BYPASS else {"Content-Location": f"/v1/articles/{article_id}"}
        return call.respond(
            schemas.ArticleResponse.of(article_id, answer.result, body.segments),
            _plain(answer.result),
            {"X-Cache": answer.cache, **kept},
        )

    @routes.get("/articles/{article_id}", responses=_answers(schemas.ArticleResponse) | {304: {"description": "Known"}})
    def find_article(
        request: Request,
        article_id: str,
        segments: Annotated[bool, Query(description="Tell where each sentence stands")] = False,
        if_none_match: Annotated[str | None, Header()] = None,
    ) -> Response:
        """Give a prepared article back. It never changes."""
        media = answer_of(request)
        etag = f'"{article_id}{"-segments" * segments}{"-text" * (media == TEXT)}"'
        article = services.find_article(article_id)
        headers = {"ETag": etag, "Cache-Control": "private, max-age=31536000, immutable"}
        if if_none_match and (if_none_match.strip() == "*" or etag in _etags(if_none_match)):
            return Response(status_code=304, headers={"Vary": "Accept", **headers})
        return respond(media, schemas.ArticleResponse.of(article_id, article, segments), _plain(article), headers)

    @routes.post("/detections", **_documented(schemas.DetectionRequest, schemas.DetectionOut))
    def detect(
        call: Annotated[
            Call[schemas.DetectionRequest], Depends(accept(schemas.DetectionRequest, limits.max_body_bytes))
        ],
    ) -> Response:
        """Tell which language a text is written in."""
        detection = services.detect(call.body.to_text(limits.max_text_chars), services.languages.tags())
        plain = f"{detection.language or 'unknown'} {detection.confidence:.2f}\n"
        return call.respond(schemas.DetectionOut.of(detection), plain, {})

    @routes.get("/languages")
    def languages() -> schemas.LanguagesResponse:
        """List the languages, and what each can be translated into."""
        return schemas.LanguagesResponse.of(services.languages())

    return routes


def _plain(article: PreparedArticle) -> str:
    """An article as plain text: headline, summary as a list, translation."""
    headline = [article.title.text] if article.title else []
    summary = ["\n".join(f"* {sentence}" for sentence in article.summary_translations)]
    return "\n\n".join([*headline, *summary, article.body.text])


def _etags(if_none_match: str) -> set[str]:
    """The entity tags of an If-None-Match value, compared weakly (RFC 9110, section 13.1.2)."""
    return {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}


def _answers(answer: type) -> dict[int | str, dict[str, Any]]:
    plain = {TEXT: {"schema": {"type": "string"}}}
    problem = {PROBLEM_JSON: {"schema": Problem.model_json_schema()}, **plain}
    return {
        200: {"model": answer, "content": plain},
        "default": {"description": "A problem (RFC 9457), one line for plain-text callers", "content": problem},
    }


def _documented(schema: type[schemas.Document], answer: type) -> dict[str, Any]:
    """What OpenAPI says of a call that takes JSON, or the raw text with its options in the query string."""
    described = schema.model_json_schema()
    options = {
        name: option for name, option in described["properties"].items() if name not in ("text", "texts", "html")
    }
    required = described.get("required", [])
    return {
        "responses": _answers(answer),
        "openapi_extra": {
            "requestBody": {
                "required": True,
                "content": {
                    JSON: {"schema": described, "example": schemas.EXAMPLES[schema]},
                    TEXT: {"schema": {"type": "string"}, "example": schemas.STORY},
                },
            },
            "parameters": [
                {
                    "name": name,
                    "in": "query",
                    "schema": option,
                    "description": f"With {TEXT} only" + (", and required then" if name in required else ""),
                }
                for name, option in options.items()
            ],
        },
    }
