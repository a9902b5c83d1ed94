"""What the call of /v1/digests takes and gives."""

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator

from handler.schemas.v1.answers import DetectionOut, counting
from handler.schemas.v1.requests import (
    HEADLINE,
    STORY,
    Document,
    Offsets,
    OffsetUnit,
    Query,
    Request,
    Source,
    Tag,
    check_length,
    to_source,
)
from services.digest import MAX_ARTICLES, Digest, DigestArticle, DigestedArticle, DigestLength, Digests, DigestSentence
from services.model import Language
from services.results import Answer, CacheState

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:?\d\d)?)?", re.ASCII)


def _moment(value: object) -> datetime:
    """A date is its midnight; a number, which would be seconds since 1970, is none."""
    try:
        if isinstance(value, str) and _MOMENT.fullmatch(value):
            moment = datetime.fromisoformat(value.upper())
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except ValueError:  # a thirteenth month
        pass
    raise ValueError("give a date (2024-02-12), or a date and time (2024-02-12T18:30:00Z)")


Title = Annotated[str, Field(max_length=2_000)]
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"anyOf": [{"type": "string", "format": form} for form in ("date-time", "date")]}),
]


class ArticleIn(Document):
    """An article to be digested, in one of three formats."""

    id: str | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="Names the article in the answer; its place among the articles, from 0, where it is left out",
    )
    title: Title | None = Field(default=None, description="The headline")
    source: Source = "auto"
    published: Moment | None = Field(
        default=None,
        description="When it came out (RFC 3339): a date and time, UTC where no time zone is given, or a date, taken "
        "as its midnight in UTC",
        examples=["2024-02-12T18:30:00Z", "2024-02-12"],
    )

    def to_article(self, place: int, max_chars: int) -> DigestArticle:
        """As the core has it. Raises TextTooLong, InvalidLanguage."""
        return DigestArticle(
            id=str(place) if self.id is None else self.id,
            content=self.to_content(max_chars),
            title=self.title,
            language=to_source(self.source),
            published=self.published,
        )


class DigestRequest(Request):
    """Articles of one story, or of several, to be made one summary."""

    # The core says which are too many; of half a million, as a body may hold, none is to be read.
    articles: list[ArticleIn] = Field(
        min_length=2,
        max_length=20 * MAX_ARTICLES,
        fail_fast=True,
        description=f"At least 2 and at most {MAX_ARTICLES}",
        json_schema_extra={"maxItems": MAX_ARTICLES},
    )
    target: Tag | None = Field(
        default=None, description="The language of the digest; without it all articles are in one language"
    )
    sentences: int | None = Field(
        default=None, ge=1, description="Sentences of each digest, at most; 5 if words are not given either"
    )
    words: int | None = Field(default=None, ge=1, description="Words of each digest, at most")
    stories: bool = Field(default=False, description="Find the stories among the articles, and digest each")
    title: Title | None = Field(default=None, description="What the digest is about: sentences that say so count more")
    query: Query | None = Field(
        default=None,
        description="What a desk asks for: sentences that tell it count more. It has at least one letter or digit",
    )
    offsets: Offsets = "code-points"

    @model_validator(mode="after")
    def _one_of_sentences_and_words(self) -> Self:
        if self.sentences is not None and self.words is not None:
            raise ValueError("give either sentences or words")
        return self

    def to_articles(self, max_chars: int) -> list[DigestArticle]:
        """The articles. Raises TextTooLong, which counts all of them together, and InvalidLanguage."""
        articles = [article.to_article(place, max_chars) for place, article in enumerate(self.articles)]
        check_length([article.content for article in articles], max_chars)
        return articles

    def to_target(self) -> Language | None:
        """The target. Raises InvalidLanguage."""
        return Language.parse(self.target) if self.target else None

    def to_length(self) -> DigestLength:
        """The wanted length: five sentences where nothing is said."""
        return DigestLength(words=self.words) if self.words else DigestLength(sentences=self.sentences or 5)


class DigestSentenceOut(BaseModel):
    """A sentence of a digest: where it stands in its article (after NFC, with LF line ends), and who else says so."""

    text: str = Field(description="As its article has it")
    translation: str = Field(description="In the language of the digest; the sentence itself where that is its own")
    article: str = Field(description="The id of its article")
    offset: int
    length: int
    position: int = Field(description="Its place among the article's sentences")
    score: float = Field(ge=0, le=1)
    also_in: list[str] = Field(description="The articles that say the same, with no figure that differs")

    @classmethod
    def of(cls, sentence: DigestSentence, offsets: OffsetUnit) -> Self:
        """As an answer."""
        wide_before = sentence.wide_before if offsets == "utf-16" else 0
        return cls(
            text=sentence.text,
            translation=sentence.translation,
            article=sentence.article,
            offset=sentence.offset + wide_before,
            length=counting(sentence.text, offsets)(sentence.length),
            position=sentence.position,
            score=sentence.score,
            also_in=list(sentence.also_in),
        )


class DigestOut(BaseModel):
    """The digest of one story, its sentences in the order to be read.

    The newest article comes first if each one quoted has its time, else the one that gives most.
    """

    text: str
    language: str | None = Field(examples=["pt"])
    sentences: list[DigestSentenceOut]
    articles: list[str] = Field(description="The articles of the story")
    unused: list[str] = Field(description="Those that neither gave a sentence nor say the same as one")

    @classmethod
    def of(cls, digest: Digest, offsets: OffsetUnit) -> Self:
        """As an answer."""
        return cls(
            text=digest.text,
            language=str(digest.language) if digest.language else None,
            sentences=[DigestSentenceOut.of(sentence, offsets) for sentence in digest.sentences],
            articles=list(digest.articles),
            unused=list(digest.unused),
        )


class DigestedArticleOut(BaseModel):
    """What became of an article."""

    id: str
    source: str | None = Field(examples=["en"])
    detected: DetectionOut | None = Field(description="What was detected, where source was `auto`")
    model: str | None = Field(
        description="What its sentences are translated with, where they have to be", examples=["en_pt-1.0-8d24f53d22ac"]
    )
    digest: int = Field(description="The place of its story among the digests")
    sentences: int = Field(description="How many sentences it gave")

    @classmethod
    def of(cls, article: DigestedArticle) -> Self:
        """As an answer."""
        return cls(
            id=article.id,
            source=str(article.language) if article.language else None,
            detected=DetectionOut.of(article.detection) if article.detection else None,
            model=article.model,
            digest=article.digest,
            sentences=article.sentences,
        )


class DigestsResponse(BaseModel):
    """One digest, or one for each story, that of most articles first; and the articles as they came."""

    digests: list[DigestOut]
    articles: list[DigestedArticleOut]
    cache: CacheState

    @classmethod
    def of(cls, answer: Answer[Digests], offsets: OffsetUnit) -> Self:
        """As an answer."""
        return cls(
            digests=[DigestOut.of(digest, offsets) for digest in answer.result.digests],
            articles=[DigestedArticleOut.of(article) for article in answer.result.articles],
            cache=answer.cache,
        )


_PORTUGUESE = "O elétrico 28 voltou a circular em Lisboa. A linha esteve fechada durante nove dias."

REQUEST_EXAMPLE: dict[str, Any] = {
    "articles": [
        {"id": "wire-1", "title": HEADLINE, "text": STORY, "published": "2024-02-12T18:30:00Z"},
        {"id": "wire-2", "text": _PORTUGUESE, "source": "pt", "published": "2024-02-12T17:05:00Z"},
    ],
    "target": "pt",
    "sentences": 2,
}
