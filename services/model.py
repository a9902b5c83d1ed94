"""The values of the domain: frozen, and impossible to build wrong."""

import re
from dataclasses import dataclass
from enum import StrEnum

from services.errors import InvalidLanguage

_TAG = re.compile(r"(?P<primary>[a-z]{2,3})(?:-(?P<script>[A-Z][a-z]{3}))?(?:-(?P<region>[A-Z]{2}|\d{3}))?")


@dataclass(frozen=True, slots=True, order=True)
class Language:
    """A language tag in canonical case: `en`, `pt-BR`, `zh-Hant` (BCP 47: language, script, region).

    Raises InvalidLanguage.
    """

    tag: str

    def __post_init__(self) -> None:
        if not _TAG.fullmatch(self.tag):
            raise InvalidLanguage("a language tag looks like en, pt-BR or zh-Hant")

    @classmethod
    def parse(cls, tag: str) -> "Language":
        """Read a tag as people write it: `PT-br`, `en_US`. Raises InvalidLanguage."""
        primary, *subtags = tag.strip().replace("_", "-").split("-")
        return cls("-".join([primary.lower(), *(s.title() if len(s) == 4 else s.upper() for s in subtags)]))

    @property
    def primary(self) -> str:
        """The primary subtag: `pt` of `pt-BR`."""
        return self.tag.partition("-")[0]

    @property
    def script(self) -> str | None:
        """The script subtag: `Hant` of `zh-Hant-TW`, None where the tag has none."""
        return next((subtag for subtag in self.tag.split("-")[1:] if len(subtag) == 4), None)

    def fallbacks(self) -> tuple["Language", ...]:
        """Itself, then each more general tag (RFC 4647, lookup): zh-Hant-TW, zh-Hant, zh."""
        subtags = self.tag.split("-")
        return tuple(Language("-".join(subtags[:n])) for n in range(len(subtags), 0, -1))

    def __str__(self) -> str:
        return self.tag


@dataclass(frozen=True, slots=True, order=True)
class LanguagePair:
    """What a model translates: from source to target, two different languages. Raises InvalidLanguage."""

    source: Language
    target: Language

    def __post_init__(self) -> None:
        if self.source == self.target:
            raise InvalidLanguage("source and target are the same language", language=str(self.source))

    def __str__(self) -> str:
        return f"{self.source}-{self.target}"


class Format(StrEnum):
    """How an article is written."""

    TEXT = "text"
    HTML = "html"
    MARKDOWN = "markdown"
    XML = "xml"


class Ends(StrEnum):
    """What ends a sentence."""

    USUAL = "usual"  # punctuation, and line breaks that are no mere layout
    LINES = "lines"  # punctuation, and every line break
    PUNCTUATION = "punctuation"  # punctuation alone
    NOTHING = "nothing"  # each text is one sentence


@dataclass(frozen=True, slots=True)
class Handling:
    """How a text is taken apart: what ends its sentences, and, by their names, what certain elements of markup do.

    Sentences end at `splitting` elements, and go on through `non_splitting` ones; `ignored` ones stay as they are.
    Without an `outline` no other element of XML ends a sentence.
    """

    ends: Ends = Ends.USUAL
    outline: bool = True
    splitting: frozenset[str] = frozenset()
    non_splitting: frozenset[str] = frozenset()
    ignored: frozenset[str] = frozenset()

    @property
    def identity(self) -> list[object]:
        """What of it decides the answer, for its key."""
        return [self.ends, self.outline, *map(sorted, (self.splitting, self.non_splitting, self.ignored))]


USUAL = Handling()


@dataclass(frozen=True, slots=True)
class Content:
    """An article as it came, and how it is to be taken apart."""

    text: str
    format: Format = Format.TEXT
    handling: Handling = USUAL

    @property
    def identity(self) -> list[object]:
        """What of it decides an answer, for its key."""
        return [self.format, self.text, *(self.handling.identity if self.handling != USUAL else ())]
