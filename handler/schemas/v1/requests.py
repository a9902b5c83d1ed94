"""What the calls of /v1 take."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from services.errors import TextTooLong
from services.model import Content, Format, Language
from services.selection import Avoid, Length, Sort
from services.summarise import SummaryOptions
from services.text.terms import Glossary, Table
from services.translate import Foreign, Options

MAX_TARGETS, MAX_ALTERNATIVES, MAX_KEYWORDS, MAX_TAG_CHARS = 20, 5, 20, 35

Tag = Annotated[str, Field(max_length=MAX_TAG_CHARS, description="A language tag: `en`, `pt-BR`", examples=["pt"])]
Source = Annotated[
    str,
    Field(
        max_length=MAX_TAG_CHARS,
        description="The text's language, or `auto` to have it detected",
        examples=["en", "auto"],
    ),
]
OffsetUnit = Literal["code-points", "utf-16"]
Offsets = Annotated[
    OffsetUnit, Field(description="What offsets and lengths count: code points, or UTF-16 units as JavaScript does")
]
Segments = Annotated[
    bool, Field(description="Tell where each sentence and its translation stand, and what is doubtful")
]

IN_JSON_ONLY = frozenset(
    {"alternatives", "context", "highlights", "keywords", "offsets", "reasons", "segments"}
)  # options that ask for what a plain answer has no place for

HEADLINE = "Lisbon tram line reopens after storm"
STORY = "The 28 tram is running again. It had been closed for nine days after a storm brought down trees in Graça."


def _checked_terms(value: object) -> object:
    if isinstance(value, dict) and not all(isinstance(target, str) for target in value.values()):
        raise ValueError("each term has one translation, which is a string")
    return value


def _has_a_word(query: str) -> str:
    if not any(map(str.isalnum, query)):
        raise ValueError("a query has at least one letter or digit; leave it out where nothing is looked for")
    return query


def _listed(value: object) -> object:
    if not isinstance(value, str | list):
        raise ValueError("give a language tag, or a list of them")
    return value.split(",") if isinstance(value, str) else value


Query = Annotated[
    str,
    Field(
        max_length=500,
        json_schema_extra={"pattern": r"\S"},
    ),
    AfterValidator(_has_a_word),
]
Story = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=200,
        description="Names what this is a version of: sentences of earlier versions are not translated again",
    ),
]
Terms = Annotated[dict[str, str], BeforeValidator(_checked_terms)]
GlossaryId = Annotated[str, Field(description="The id of a glossary that is kept", examples=["desk-1"])]
Targets = Annotated[
    list[Tag],
    Field(min_length=1, max_length=MAX_TARGETS),
    BeforeValidator(_listed),
    WithJsonSchema(
        {
            "anyOf": [
                {
                    "type": "string",
                    "pattern": f"^[^,]{{1,{MAX_TAG_CHARS}}}(,[^,]{{1,{MAX_TAG_CHARS}}}){{0,{MAX_TARGETS - 1}}}$",
                    "description": f"A language tag, or up to {MAX_TARGETS} of them with commas",
                    "examples": ["pt", "pt-BR,es"],
                },
                {
                    "type": "array",
                    "items": {"type": "string", "minLength": 1, "maxLength": MAX_TAG_CHARS},
                    "minItems": 1,
                    "maxItems": MAX_TARGETS,
                },
            ],
            "description": "A language tag, or several of them: a list, or with commas",
        }
    ),
]


class Request(BaseModel):
    """A request's body: no other members than the documented ones."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(Request):
    """An article to work on, in one of three formats."""

    text: str | None = Field(default=None, description="Plain text", examples=[STORY])
    html: str | None = Field(default=None, description="HTML, a document or a fragment")
    markdown: str | None = Field(default=None, description="Markdown")

    @model_validator(mode="after")
    def _one_format(self) -> Self:
        if len(list(self._given())) != 1:
            raise ValueError("give one of text, html and markdown")
        return self

    def _given(self) -> Iterator[Content]:
        for format_, text in ((Format.TEXT, self.text), (Format.HTML, self.html), (Format.MARKDOWN, self.markdown)):
            if text is not None:
                yield Content(text, format_)

    def to_content(self, max_chars: int) -> Content:
        """The article. Raises TextTooLong."""
        (content,) = self._given()
        check_length([content], max_chars)
        return content


class TranslationRequest(Document):
    """One article, or several texts, to be translated into one language or several."""

    texts: Annotated[list[str], Field(fail_fast=True)] | None = Field(
        default=None, description="Several plain texts in place of one"
    )
    source: Source = "auto"
    target: Targets
    segments: Segments = False
    offsets: Offsets = "code-points"
    alternatives: int = Field(default=0, ge=0, le=MAX_ALTERNATIVES, description="How many other translations, at most")
    foreign: Foreign | None = Field(
        default=None,
        description="What shall become of paragraphs in another language: `translate` or `keep` them; "
        "without it the whole is taken to be in one language",
    )
    glossary: GlossaryId | Terms | None = Field(
        default=None,
        description="Terms and their translations, or the id of a glossary that is kept",
        examples=[{"tram": "elétrico"}],
    )
    story: Story = None

    @field_validator("glossary", mode="before")
    @classmethod
    def _id_or_terms(cls, value: object) -> object:
        if not isinstance(value, str | dict | None):
            raise ValueError("give terms with their translations, or the id of a glossary that is kept")
        return value if value is None or isinstance(value, str) else _checked_terms(value)

    @model_validator(mode="after")
    def _one_format(self) -> Self:
        if len(list(self._given())) + (self.texts is not None) != 1:
            raise ValueError("give one of text, texts, html and markdown")
        return self

    def to_contents(self, max_chars: int, max_texts: int) -> list[Content]:
        """The articles. Raises TextTooLong."""
        contents = list(self._given()) if self.texts is None else [Content(text) for text in self.texts]
        if len(contents) > max_texts:
            raise TextTooLong(f"a request has at most {max_texts} texts", max_texts=max_texts)
        check_length(contents, max_chars)
        return contents

    def to_targets(self) -> list[Language]:
        """The target languages, each once. Raises InvalidLanguage."""
        return list(dict.fromkeys(map(Language.parse, self.target)))

    def to_options(self, find_glossary: Callable[[str], Table]) -> Options:
        """What else is wanted. Raises InvalidGlossary, and what finding a glossary raises."""
        terms = self.glossary
        glossary = (
            find_glossary(terms) if isinstance(terms, str) else Table(Glossary.of(terms.items())) if terms else None
        )
        return Options(self.segments, self.foreign, self.alternatives, self.story, glossary)


def _parted(value: object) -> object:
    """In a query string a list has commas."""
    return [item.strip() for item in value.split(",") if item.strip()] if isinstance(value, str) else value


class Summarised(Request):
    """How long the summary shall be, how it is made, and what is told of it."""

    sentences: int | None = Field(
        default=None, ge=1, description="Sentences of the summary; 3 where no length is given"
    )
    ratio: float | None = Field(
        default=None, gt=0, le=1, description="Length of the summary as a share of the story's sentences, rounded up"
    )
    words: int | None = Field(
        default=None,
        ge=1,
        description="Words of the summary at most: the best sentences that fit, and none where not even one does. "
        "A word is what stands between spaces; in scripts without spaces each character counts",
        examples=[50],
    )
    method: str | None = Field(default=None, max_length=30, description="A ranking method by name", examples=["lede"])
    sort: Sort = Field(default=Sort.OFFSET, description="As the article has the sentences, or the best first")
    query: Query | None = Field(
        default=None,
        description="What to look for: sentences that tell of it come first. It has at least one letter or digit. "
        "`lede` only",
        examples=["cost of the repairs"],
    )
    avoid: Annotated[list[Avoid], BeforeValidator(_parted)] = Field(
        default=[],
        max_length=len(Avoid),
        description="What is passed over as long as something else is left: a list in JSON, with commas in a query "
        "string",
        examples=[["quotes", "questions"]],
    )
    keywords: int = Field(default=0, ge=0, le=MAX_KEYWORDS, description="How many keywords, at most")
    context: bool = Field(
        default=False, description="Give the sentence before along, where a picked one needs it (`needs_before`)"
    )
    markup: bool = Field(
        default=False, description="Of HTML and Markdown: give picked sentences with their links and emphasis, too"
    )
    highlights: bool = Field(
        default=False, description="Give the whole text in runs, picked and not, for a page to paint"
    )
    reasons: bool = Field(
        default=False, description="Tell the parts of each score, where the method knows them (`lede`)"
    )

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if [self.sentences, self.ratio, self.words].count(None) < 2:
            raise ValueError("give one of sentences, ratio and words")
        return self

    def to_summary_options(self) -> SummaryOptions:
        """What is wanted: three sentences where no length is given. Raises InvalidOption."""
        is_open = self.ratio is None and self.words is None
        return SummaryOptions(
            length=Length(sentences=(self.sentences or 3) if is_open else None, ratio=self.ratio, words=self.words),
            method=self.method,
            sort=self.sort,
            query=self.query,
            avoid=frozenset(self.avoid),
            keywords=self.keywords,
            context=self.context,
            markup=self.markup,
        )


class SummaryRequest(Document, Summarised):
    """An article to be summarised, in its own language or in another."""

    source: Source = "auto"
    target: Tag | None = Field(
        default=None, description="The language of the summary: what is picked is translated, and both are given"
    )
    title: str | None = Field(
        default=None,
        max_length=2_000,
        description="The headline, for methods that use it; of HTML and Markdown by default the first `h1`",
    )
    offsets: Offsets = "code-points"


class ArticleRequest(Document, Summarised):
    """An article to be translated and summarised."""

    title: str | None = Field(default=None, max_length=2_000, description="The headline", examples=[HEADLINE])
    source: Source = "auto"
    target: Tag
    story: Story = None
    segments: Segments = False
    offsets: Offsets = "code-points"


class DetectionRequest(Document):
    """An article whose language is asked for."""


EXAMPLES: Mapping[type[Document], dict[str, object]] = {
    TranslationRequest: {"text": STORY, "target": "pt"},
    SummaryRequest: {"title": HEADLINE, "text": STORY, "words": 30, "avoid": ["quotes"], "keywords": 3, "target": "pt"},
    ArticleRequest: {"title": HEADLINE, "text": STORY, "target": "pt", "sentences": 1},
    DetectionRequest: {"text": STORY},
}


def to_source(tag: str) -> Language | None:
    """The source language, None for `auto`. Raises InvalidLanguage."""
    return None if tag == "auto" else Language.parse(tag)


def check_length(contents: list[Content], max_chars: int) -> None:
    chars = sum(len(content.text) for content in contents)
    if chars > max_chars:
        detail = f"a request has at most {max_chars:,} characters of text, and this one has {chars:,}"
        raise TextTooLong(detail, max_chars=max_chars, chars=chars)
