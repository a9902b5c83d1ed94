"""The calls of our own API: schema, use case, schema."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from handler import openapi
from handler.media import DOCUMENTS, HTML, JSON, MARKDOWN, TEXT
from handler.negotiation import Body, Call, accept, answer_of, check_answer, respond
from handler.problems import InvalidRequest
from handler.schemas.v1 import answers, requests, summaries
from handler.wiring import Services
from services.articles import PreparedArticle
from services.crosslingual import TranslatedSummary
from services.model import Format, Language
from services.results import Answer, CacheState
from services.summarise import Summary
from services.text.reading import read
from services.translate import Translation


def router(services: Services) -> APIRouter:
    """The routes of /v1 over a bundle of use cases."""
    routes = APIRouter(prefix="/v1", tags=["v1"])
    limits = services.limits

    def call_of(schema: type[Body]) -> Callable[[Request], Awaitable[Call[Body]]]:
        return accept(schema, limits.max_body_bytes, requests.IN_JSON_ONLY)

    @routes.post(
        "/translations",
        **_documented(requests.TranslationRequest, answers.TranslationResponse, list(DOCUMENTS), openapi.X_CACHE),
    )
    def translate(
        call: Annotated[Call[requests.TranslationRequest], Depends(call_of(requests.TranslationRequest))],
    ) -> Response:
        """Translate an article, or several texts, into one language or several."""
        body, targets = call.body, call.body.to_targets()
        if len(targets) > 1 and call.answer != JSON:
            raise InvalidRequest(f"several targets are answered in JSON: say Accept: {JSON}")
        contents = body.to_contents(limits.max_text_chars, limits.max_texts)
        options = body.to_options(services.glossaries.find)
        answer = services.translate(contents, requests.to_source(body.source), targets, options)
        return call.respond(
            answers.TranslationResponse.of(answer, body.segments, body.offsets),
            _written(answer.result.items),
            {"X-Cache": answer.cache},
        )

    @routes.post(
        "/summaries",
        **_documented(requests.SummaryRequest, summaries.SummaryResponse, list(DOCUMENTS), openapi.X_CACHE),
    )
    def summarise(
        call: Annotated[Call[requests.SummaryRequest], Depends(call_of(requests.SummaryRequest))],
    ) -> Response:
        """Summarise a text by the sentences that tell most of it, in its language or in another."""
        body = call.body
        content, source = body.to_content(limits.max_text_chars), requests.to_source(body.source)
        options, target = body.to_summary_options(), None if body.target is None else Language.parse(body.target)
        answer: Answer[Summary] | Answer[TranslatedSummary]
        if target:
            answer = into = services.summarise_into(content, source, target, options, body.title)
            summary, translated = into.result.summary, into.result
        else:
            answer = plain = services.summarise(content, source, options, body.title)
            summary, translated = plain.result, None
        response = summaries.SummaryResponse.of(
            summary,
            translated,
            answer.cache,
            offsets=body.offsets,
            highlights=body.highlights,
            reasons=body.reasons,
        )
        return call.respond(response, _written_summary(summary, translated), {"X-Cache": answer.cache})

    @routes.post(
        "/articles",
        **_documented(
            requests.ArticleRequest, summaries.ArticleResponse, [TEXT], openapi.X_CACHE, openapi.CONTENT_LOCATION
        ),
    )
    def prepare_article(
        call: Annotated[Call[requests.ArticleRequest], Depends(call_of(requests.ArticleRequest))],
    ) -> Response:
        """Translate and summarise an article, and keep both."""
        body = call.body
        answer = services.prepare_article(
            body.title,
            body.to_content(limits.max_text_chars),
            requests.to_source(body.source),
            Language.parse(body.target),
            body.to_summary_options(),
        )
        article_id = answer.key.rpartition("/")[2]
        kept = {} if answer.cache is CacheState.BYPASS else {"Content-Location": f"/v1/articles/{article_id}"}
        return call.respond(
            summaries.ArticleResponse.of(
                article_id,
                answer.result,
                segments=body.segments,
                offsets=body.offsets,
                highlights=body.highlights,
                reasons=body.reasons,
            ),
            {TEXT: _plain(answer.result)},
            {"X-Cache": answer.cache, **kept},
        )

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
        headers = {"ETag": etag, "Cache-Control": "private, max-age=31536000, immutable"}
        if if_none_match and (if_none_match.strip() == "*" or etag in _etags(if_none_match)):
            return Response(status_code=304, headers={"Vary": "Accept", **headers})
        answer = summaries.ArticleResponse.of(
            article_id, article, segments=segments, offsets=offsets, highlights=highlights, reasons=reasons
        )
        return respond(media, answer, {TEXT: _plain(article)}, headers)

    @routes.post("/detections", **_documented(requests.DetectionRequest, answers.DetectionOut, [TEXT]))
    def detect(
        call: Annotated[Call[requests.DetectionRequest], Depends(call_of(requests.DetectionRequest))],
    ) -> Response:
        """Tell which language a text is written in."""
        text = read(call.body.to_content(limits.max_text_chars)).text
        detection = services.detect(text, services.languages.tags())
        plain = f"{detection.language or 'unknown'} {detection.confidence:.2f}\n"
        return call.respond(answers.DetectionOut.of(detection), {TEXT: plain}, {})

    @routes.get("/languages")
    def languages() -> answers.LanguagesResponse:
        """List the languages, and what each can be translated into."""
        return answers.LanguagesResponse.of(services.languages())

    return routes


def _written(translations: Sequence[Translation]) -> dict[str, str]:
    """Translations by media type: all as plain text, and a document as what it was."""
    texts = {TEXT: "\n".join(translation.text for translation in translations)}
    formats = {translation.format for translation in translations}
    return texts | {
        media: "\n".join(one.content for one in translations if one.format == member)
        for media, member in DOCUMENTS.items()
        if member in formats
    }


def _written_summary(summary: Summary, translated: TranslatedSummary | None) -> dict[str, str]:
    """A sentence to a line; with its markup, where that is wanted, to a paragraph."""
    if translated:
        return {TEXT: "".join(f"{sentence}\n" for sentence in translated.translations)}
    texts = {TEXT: "".join(f"{sentence.text}\n" for sentence in summary.sentences)}
    marked = [sentence.content for sentence in summary.sentences if sentence.content is not None]
    if marked and summary.format is Format.HTML:
        texts[HTML] = "".join(f"<p>{content}</p>\n" for content in marked)
    if marked and summary.format is Format.MARKDOWN:
        texts[MARKDOWN] = "".join(f"{content}\n\n" for content in marked)
    return texts


def _plain(article: PreparedArticle) -> str:
    """An article as plain text: headline, summary as a list, translation."""
    title, body = article.title and article.title.text, article.body.text
    headline = [title] if title and not body.lstrip().startswith(title) else []  # the body of a page may begin with it
    summary = ["\n".join(f"* {sentence}" for sentence in article.summary_translations)]
    return "\n\n".join([*headline, *summary, body])


def _etags(if_none_match: str) -> set[str]:
    """The entity tags of an If-None-Match value, compared weakly (RFC 9110, section 13.1.2)."""
    return {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}


def _documented(
    schema: type[requests.Document], answer: type[BaseModel], media: Sequence[str], *headers: dict[str, Any]
) -> dict[str, Any]:
    """What OpenAPI says of a call that takes JSON, or the raw text with its options in the query string."""
    return {
        "responses": openapi.answers(answer, media, *headers),
        "openapi_extra": openapi.document_call(schema, requests.EXAMPLES[schema], requests.STORY),
    }
