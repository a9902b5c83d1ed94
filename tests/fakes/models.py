"""Fakes of the engines: they keep their ports' promises, and a naughty sister breaks exactly one."""

import re
from collections.abc import Collection, Mapping, Sequence

from services.errors import EngineFailed, InvalidOption
from services.model import Language, LanguagePair
from services.ports import Hypothesis, LanguageScore, Pick
from services.text.links import Link

NAMES = {
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "pt": "Portuguese",
    "pt-BR": "Brazilian Portuguese",
    "zh": "Chinese",
    "zh-Hant": "Chinese (traditional)",
}


def pair(text: str) -> LanguagePair:
    """`en>pt` as a pair."""
    source, _, target = text.partition(">")
    return LanguagePair(Language(source), Language(target))


class MarkingTranslator:
    """Translates `Hello.` into `[en>pt Hello.]`, and remembers what it was asked for, and whether in detail."""

    def __init__(self, *pairs: str) -> None:
        self._pairs = [pair(text) for text in pairs or ("en>pt", "pt>en")]
        self.asked: list[tuple[str, list[str]]] = []
        self.detailed: list[bool] = []

    @property
    def texts(self) -> list[str]:
        """All that it was asked to translate."""
        return [text for _, texts in self.asked for text in texts]

    def languages(self) -> Mapping[Language, str]:
        """The languages of its pairs."""
        tags = {language for one in self._pairs for language in (one.source, one.target)}
        return {language: NAMES[str(language)] for language in tags}

    def pairs(self) -> Collection[LanguagePair]:
        """Its pairs."""
        return self._pairs

    def model_id(self, pair: LanguagePair) -> str:
        """`marking-en-pt`."""
        return f"marking-{pair}"

    def unknown(self, characters: Collection[str], pair: LanguagePair) -> frozenset[str]:
        """None."""
        return frozenset()

    def rarity(self, word: str, pair: LanguagePair) -> float:
        """Cannot tell."""
        return 0.0

    def batches(self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1) -> list[list[int]]:
        """Each by itself, the longest first."""
        return [[at] for at in sorted(range(len(texts)), key=lambda at: len(texts[at]), reverse=True)]

    def translate(
        self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Hypothesis]]:
        """One hypothesis for each text, however many are wanted."""
        self.asked.append((f"{pair.source}>{pair.target}", list(texts)))
        self.detailed.append(detailed)
        return [[hypothesis(text, self.translation(text, pair), detailed)] for text in texts]

    def translation(self, text: str, pair: LanguagePair) -> str:
        """The text marked with the pair."""
        return f"[{pair.source}>{pair.target} {text}]"


def hypothesis(source: str, target: str, detailed: bool, score: float = -0.5) -> Hypothesis:
    """A translation word for word; the score and the links only if they are asked for, as real models do."""
    return Hypothesis(target, score, word_for_word(source, target)) if detailed else Hypothesis(target)


def word_for_word(source: str, target: str) -> tuple[Link, ...]:
    """The last word came from the last word, and so on to the first of either: a mark stands before the words."""
    ours, theirs = ([match.span() for match in re.finditer(r"\w+", text)] for text in (source, target))
    return tuple((*one, *other) for one, other in zip(reversed(ours), reversed(theirs), strict=False))[::-1]


class BeamTranslator(MarkingTranslator):
    """Says of a text what its beams say, word for word: the first alone, or as many as are wanted.

    Of a text that has none it says `[en>pt Hello.]`, then `[en>pta Hello.]`, `[en>ptb Hello.]` ...
    """

    def __init__(self, beams: Mapping[str, Sequence[str]], *pairs: str) -> None:
        super().__init__(*pairs)
        self._beams = beams

    def translate(
        self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Hypothesis]]:
        """As many hypotheses as are wanted, or as there are."""
        self.asked.append((f"{pair.source}>{pair.target} {hypotheses}", list(texts)))
        self.detailed.append(detailed)
        return [
            [hypothesis(text, one, detailed, -0.5 - rank) for rank, one in enumerate(self._of(text, pair)[:hypotheses])]
            for text in texts
        ]

    def _of(self, text: str, pair: LanguagePair) -> Sequence[str]:
        marks = ["", *"abcdefghi"]
        return self._beams.get(text) or [f"[{pair.source}>{pair.target}{mark} {text}]" for mark in marks]


class NoTranslator(MarkingTranslator):
    """Has no models."""

    def pairs(self) -> Collection[LanguagePair]:
        """None."""
        return []

    def languages(self) -> Mapping[Language, str]:
        """None."""
        return {}


class BrokenTranslator(MarkingTranslator):
    """Breaks one promise: it has models and cannot use them."""

    def translate(
        self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Hypothesis]]:
        """Fail."""
        raise EngineFailed(f"the model for {pair} failed", pair=str(pair))


class ShortTranslator(MarkingTranslator):
    """Breaks one promise: it loses the last text."""

    def translate(
        self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Hypothesis]]:
        """All but one."""
        return super().translate(texts, pair, hypotheses, detailed)[:-1]


class FixedIdentifier:
    """Is sure of one language, whatever the text."""

    def __init__(self, tag: str = "en", probability: float = 0.99) -> None:
        self._score = LanguageScore(Language(tag), probability)

    def identify(self, text: str) -> list[LanguageScore]:
        """The one language."""
        return [self._score]


class WordIdentifier:
    """Is sure of a language where a text has a word of it; of English where it has none."""

    def __init__(self, **words: str) -> None:
        self._languages = {word: Language(tag) for tag, word in words.items()}

    def identify(self, text: str) -> list[LanguageScore]:
        """The language of the first of its words that the text has."""
        found = (language for word, language in self._languages.items() if word in text)
        return [LanguageScore(next(found, Language("en")), 0.99)]


class LeadRanker:
    """Takes the first sentences; each one's score is half of the one's before."""

    def __init__(self) -> None:
        self.titles: list[str | None] = []

    def top(
        self,
        sentences: Sequence[str],
        count: int,
        language: Language | None,
        title: str | None,
        query: str | None = None,
        last: Collection[int] = (),
    ) -> list[Pick]:
        """The lead."""
        self.titles.append(title)
        order = sorted(range(len(sentences)), key=lambda position: position in last)
        return [Pick(position, 0.5**position) for position in order[:count]]


class LastRanker:
    """Takes the last sentences, the very last one being the best."""

    def top(
        self,
        sentences: Sequence[str],
        count: int,
        language: Language | None,
        title: str | None,
        query: str | None = None,
        last: Collection[int] = (),
    ) -> list[Pick]:
        """The end."""
        if query is not None:
            raise InvalidOption("last cannot look for a query", option="query")
        order = sorted(range(len(sentences))[::-1], key=lambda position: position in last)
        return [Pick(position, 1.0) for position in order[:count]]
