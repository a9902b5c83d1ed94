"""The calls that a request makes at once, or a job later: schema, use case, schema."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic

from pydantic import BaseModel

from handler.media import DOCUMENTS, HTML, MARKDOWN, TEXT
from handler.negotiation import Body, validated_json
from handler.problems import problem_of
from handler.schemas.v1 import answers, requests, summaries
from handler.schemas.v1.digests import DigestRequest, DigestsResponse
from services.articles import PrepareArticle, PreparedArticle
from services.crosslingual import SummariseInto, TranslatedSummary
from services.digest import DigestArticles, Digests
from services.errors import EngineFailed, OutOfTime, QueueUnavailable, ServiceError, StoreUnavailable
from services.glossaries import Glossaries
from services.jobs import Outcome
from services.model import Format, Language
from services.results import Answer, CacheState
from services.summarise import SummariseText, Summary
from services.translate import TranslateTexts, Translation

_MAY_PASS = (OutOfTime, StoreUnavailable, QueueUnavailable, EngineFailed)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a single request may ask for, how long it may take, and who may keep its answer."""

    max_text_chars: int
    max_texts: int
    max_body_bytes: int
    max_batch_bytes: int
    max_answer_bytes: int | None
    max_requests: int
    body_pause_s: float
    deadline_s: float
    store_budget_s: float
    public_cache: bool


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, and what of it is written in each other media type than JSON."""

    answer: BaseModel
    written: Mapping[str, str]
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Operation(Generic[Body]):
    """A call: what it takes, and what it does. `run` raises ServiceError."""

    schema: type[Body]
    run: Callable[[Body], Reply]


@dataclass(frozen=True, slots=True)
class Calls:
    """The calls by name, for those who carry them out later (services.tasks.Performer)."""

    operations: Mapping[str, Operation[Any]]

    def perform(self, call: str, item: str) -> Outcome:
        """The answer, or the problem where trying again is of no use. Raises what may pass."""
        operation = self.operations[call]
        try:
            return Outcome(
                200, operation.run(validated_json(operation.schema, item.encode(), {})).answer.model_dump_json()
            )
        except _MAY_PASS:
            raise
        except ServiceError as exc:
            return self.problem(exc)

    def problem(self, error: ServiceError) -> Outcome:
        """An error as an outcome."""
        problem = problem_of(error)
        return Outcome(problem.status, problem.model_dump_json())


@dataclass(frozen=True, slots=True)
class UseCases:
    """What the calls are made of."""

    translate: TranslateTexts
    summarise: SummariseText
    summarise_into: SummariseInto
    prepare_article: PrepareArticle
    digest: DigestArticles
    glossaries: Glossaries
    limits: Limits


def operations(of: UseCases) -> dict[str, Operation[Any]]:
    """The calls by name, which is also their path below /v1."""
    return {
        "translations": Operation(requests.TranslationRequest, partial(_translate, of)),
        "summaries": Operation(requests.SummaryRequest, partial(_summarise, of)),
        "articles": Operation(requests.ArticleRequest, partial(_prepare_article, of)),
        "digests": Operation(DigestRequest, partial(_digest, of)),
    }


def _translate(of: UseCases, body: requests.TranslationRequest) -> Reply:
    contents = body.to_contents(of.limits.max_text_chars, of.limits.max_texts)
    options = body.to_options(of.glossaries.find)
    answer = of.translate(contents, requests.to_source(body.source), body.to_targets(), options)
    response = answers.TranslationResponse.of(answer, body.segments, body.offsets)
    return Reply(response, _written(answer.result.items), {"X-Cache": answer.cache})


def _summarise(of: UseCases, body: requests.SummaryRequest) -> Reply:
    content, source = body.to_content(of.limits.max_text_chars), requests.to_source(body.source)
    options, target = body.to_summary_options(), None if body.target is None else Language.parse(body.target)
    answer: Answer[Summary] | Answer[TranslatedSummary]
    if target:
        answer = into = of.summarise_into(content, source, target, options, body.title)
        summary, translated = into.result.summary, into.result
    else:
        answer = plain = of.summarise(content, source, options, body.title)
        summary, translated = plain.result, None
    response = summaries.SummaryResponse.of(
        summary,
        translated,
        answer.cache,
        offsets=body.offsets,
        highlights=body.highlights,
        reasons=body.reasons,
    )
    return Reply(response, _written_summary(summary, translated), {"X-Cache": answer.cache})


def _prepare_article(of: UseCases, body: requests.ArticleRequest) -> Reply:
    answer = of.prepare_article(
        body.title,
        body.to_content(of.limits.max_text_chars),
        requests.to_source(body.source),
        Language.parse(body.target),
        body.to_summary_options(),
        body.story,
    )
    article_id = answer.key.rpartition("/")[2]
    kept = {} if answer.cache is CacheState.BYPASS else {"Content-Location": f"/v1/articles/{article_id}"}
    response = summaries.ArticleResponse.of(
        article_id,
        answer.result,
        segments=body.segments,
        offsets=body.offsets,
        highlights=body.highlights,
        reasons=body.reasons,
    )
    return Reply(response, {TEXT: written_article(answer.result)}, {"X-Cache": answer.cache, **kept})


def _digest(of: UseCases, body: DigestRequest) -> Reply:
    answer = of.digest(
        body.to_articles(of.limits.max_text_chars),
        body.to_target(),
        body.to_length(),
        body.stories,
        body.title,
        body.query,
    )
    return Reply(
        DigestsResponse.of(answer, body.offsets), {TEXT: _written_digests(answer.result)}, {"X-Cache": answer.cache}
    )


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


def written_article(article: PreparedArticle) -> str:
    """An article as plain text: headline, summary as a list, translation."""
    title, body = article.title and article.title.text, article.body.text
    headline = [title] if title and not body.lstrip().startswith(title) else []  # the body of a page may begin with it
    summary = ["\n".join(f"* {sentence}" for sentence in article.summary_translations)]
    return "\n\n".join([*headline, *summary, body])


def _written_digests(digests: Digests) -> str:
    """A sentence a line, and an empty line between stories."""
    return "\n".join(
        "".join(f"{sentence.translation}\n" for sentence in digest.sentences) for digest in digests.digests
    )
