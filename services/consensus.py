"""Ranks the sentences of several articles: what several of them say, told early, near what all of them are about."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from math import fsum, sqrt

from services.lede import REPETITION, forms, shares
from services.model import Language
from services.reasons import CENTRALITY, POSITION, TITLE
from services.selection import story_of
from services.text.furniture import is_furniture
from services.text.likeness import Likeness
from services.text.role import Role
from services.text.salience import Vector, centrality, rarity, similarity, terms, vectors
from services.text.words import words

# From ALIKE on two sentences say the same: the cosine of their words, and as much as SHARED_NAMES where they have all
# names and numbers in common. bench/README.md tells how both were found.
ALIKE, SHARED_NAMES = 0.45, 0.25
SUPPORT, QUERY = 0.5, 3.0

_DIGITS = 6
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f]\d+)*")
_SEPARATORS = str.maketrans("", "", ".,\u00a0\u202f")


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence of an article, by the article's place and its own, in the words that it is compared by.

    `lead` falls from 1 with the sentences before it, `title` is how much it says of its article's title, `form` how
    well it stands alone. `text`, `terms` and `language` are those of the translation, where it `is_translated`.
    """

    article: int
    position: int
    text: str
    terms: Sequence[str]
    language: Language | None
    lead: float
    title: float | None
    form: float
    published: datetime | None = None
    is_translated: bool = False

    @property
    def place(self) -> tuple[int, int]:
        """Which sentence it is: its article's place and its own."""
        return self.article, self.position

    def translated(self, text: str, language: Language | None) -> "Line":
        """The same in another language."""
        return replace(self, text=text, terms=terms(text, language), language=language, is_translated=True)


@dataclass(frozen=True, slots=True)
class Point:
    """What one article says or several: the line that says it best, the others in order, and how central it is."""

    line: Line
    others: tuple[Line, ...]
    centrality: float

    @property
    def articles(self) -> frozenset[int]:
        """The articles that say it, whatever figures they give."""
        return frozenset(line.article for line in (self.line, *self.others))

    @property
    def agreeing(self) -> frozenset[int]:
        """The other articles that say it with no figure that differs."""
        agreeing = {other.article for other in self.others if _agree(self.line.text, other.text)}
        return frozenset(agreeing - {self.line.article})

    def with_others(self, points: Sequence["Point"]) -> "Point":
        """The same, said by those who make other points, too."""
        return replace(self, others=(*self.others, *(line for point in points for line in point.others)))


@dataclass(frozen=True, slots=True)
class Focus:
    """What the whole is about and what a desk asks for, in terms; nothing if it is not said."""

    title: Sequence[str] = ()
    query: Sequence[str] = ()


class _Echoes:
    """Tells which lines say the same."""

    def __init__(self, lines: Sequence[Line], told: Sequence[Vector], weights: Mapping[str, float]) -> None:
        self._lines, self._told, self._weights = lines, told, weights
        self._near = Likeness(told, ALIKE - SHARED_NAMES)
        self._names: dict[int, frozenset[str]] = {}

    def of(self, at: int) -> set[int]:
        """The places of the lines that say what the one at a place says, and that one's."""
        return {at} | {other for other in self._near.of(at) if self._sameness(at, other) >= ALIKE}

    def _sameness(self, at: int, other: int) -> float:
        return sameness(self._told[at], self._told[other], self._named(at), self._named(other), self._weights)

    def _named(self, at: int) -> frozenset[str]:
        if at not in self._names:
            self._names[at] = names(self._lines[at].text, self._lines[at].language)
        return self._names[at]


def names(text: str, language: Language | None) -> frozenset[str]:
    """The terms of a sentence that hardly change with who words it: numbers, and capitals but for the first word."""
    found = words(text, language)
    telling = [word for at, word in enumerate(found) if word[0].isdigit() or (at and word[0].isupper())]
    return frozenset(chain.from_iterable(terms(word, language) for word in telling))


def sameness(
    one: Vector, other: Vector, named: frozenset[str], others: frozenset[str], weights: Mapping[str, float]
) -> float:
    """How far two sentences, given as vectors and by their names, say the same; from ALIKE on they do."""
    shared, all_ = (fsum(weights.get(name, 1.0) for name in some) for some in (named & others, named | others))
    return similarity(one, other) + (SHARED_NAMES * shared / all_ if all_ else 0.0)


def lines_of(
    article: int,
    sentences: Sequence[str],
    roles: Sequence[Role],
    language: Language | None,
    title: str | None,
    published: datetime | None,
) -> list[Line]:
    """The lines of an article in order, without what is no part of the story."""
    positions = story_of(sentences, roles).positions
    story = [position for position in positions if not is_furniture(sentences[position])]
    texts = [sentences[position] for position in story]
    found = [terms(text, language) for text in texts]
    weights = rarity(found)
    of_title = shares(vectors(found, weights), weights, terms(title or "", language))
    stand_alone = forms(texts, [len(one) for one in found], language)
    return [
        Line(article, position, text, one, language, 1 / sqrt(1 + before), share, form, published)
        for before, (position, text, one, share, form) in enumerate(
            zip(story, texts, found, of_title, stand_alone, strict=True)
        )
    ]


def points_of(lines: Sequence[Line], most: int, focus: Focus) -> list[Point]:
    """The points that lines in one language make, the best first and at most so many; no two say the same.

    The best line of each speaks for it; but where another one gives other figures and its article is newer, the
    newest of those does. A line as its article has it goes before a translation, unless that has more figures.
    """
    weights = rarity([line.terms for line in lines])
    told = vectors([line.terms for line in lines], weights)
    central = centrality(told)
    merits = [
        round(_merit(line, share, title, query), _DIGITS)
        for line, share, title, query in zip(lines, central, *_focused(told, weights, focus), strict=True)
    ]
    echoes, taken, found = _Echoes(lines, told, weights), set[int](), list[Point]()
    for at in sorted(range(len(lines)), key=lambda at: (-merits[at], *_tie(lines[at]))):
        if at in taken:
            continue
        near = echoes.of(at)
        corrections = [other for other in near - taken if _corrects(lines[other], lines[at])]
        newest = max(sorted(corrections), key=lambda other: (lines[other].published, merits[other]), default=at)
        of_newest = near if newest == at else echoes.of(newest)
        originals = [other for other in of_newest - taken if _is_original(lines[other], lines[newest])]
        best = max(sorted(originals), key=lambda other: merits[other], default=newest)
        said = near | of_newest
        taken |= said
        found.append(Point(lines[best], tuple(lines[other] for other in sorted(said - {best})), central[best]))
        if len(found) == most:
            break
    return found


def choose(
    points: Sequence[Point],
    articles: int,
    focus: Focus,
    heard: Callable[[Line], Sequence[str]],
    budget: int,
    cost: Callable[[Line], int],
) -> Iterator[tuple[Point, float]]:
    """The best points and their scores from 0 to 1, each the best of those left.

    `articles` is how many the story has, `heard` gives the terms in which a line meets the focus. A point is passed
    over if its line costs more than is left of the budget.
    """
    said = [heard(point.line) for point in points]
    weights = rarity(said)
    merits = [
        _merit(point.line, point.centrality, title, query, _support(point, articles))
        for point, title, query in zip(points, *_focused(vectors(said, weights), weights, focus), strict=True)
    ]
    found = [point.line.terms for point in points]
    told = vectors(found, rarity(found))
    repeated, left = [0.0] * len(points), set(range(len(points)))
    while left and budget:
        scores = {at: round(merits[at] * (1 - REPETITION * repeated[at]), _DIGITS) for at in left}
        best = min(left, key=lambda at: (-scores[at], *_tie(points[at].line)))
        left.remove(best)
        if (price := cost(points[best].line)) > budget:
            continue
        budget -= price
        yield points[best], scores[best]
        for at in left:
            repeated[at] = max(repeated[at], similarity(told[at], told[best]))


def _focused(
    told: Sequence[Vector], weights: dict[str, float], focus: Focus
) -> tuple[list[float | None], list[float | None]]:
    return shares(told, weights, focus.title), shares(told, weights, focus.query)


def _support(point: Point, articles: int) -> float | None:
    """The share of the other articles that say it; None where there are no others."""
    return (len(point.articles) - 1) / (articles - 1) if articles > 1 else None


def _merit(line: Line, central: float, title: float | None, query: float | None, support: float | None = None) -> float:
    """What speaks for a line, 0 to 1. The title of the whole takes the place of its article's."""
    title = line.title if title is None else title
    parts = ((CENTRALITY, central), (POSITION, line.lead), (SUPPORT, support), (TITLE, title), (QUERY, query))
    known = [(weight, share) for weight, share in parts if share is not None]
    return sum([weight * share for weight, share in known]) / sum([weight for weight, _ in known]) * line.form


def _tie(line: Line) -> tuple[list[str], int, int]:
    """What decides between equals: the words, and between equal words the order of the articles."""
    return sorted(line.terms), line.article, line.position


def _corrects(other: Line, line: Line) -> bool:
    is_newer = other.published is not None and line.published is not None and other.published > line.published
    return is_newer and not _agree(other.text, line.text)


def _is_original(line: Line, translated: Line) -> bool:
    """Whether a line is as its article has it and the other one is not, which has no figure beside its."""
    return translated.is_translated and not line.is_translated and _figures(translated.text) <= _figures(line.text)


def _agree(one: str, other: str) -> bool:
    """Whether two sentences that say the same also give the same figures, as far as both give any."""
    figures, others = _figures(one), _figures(other)
    return figures <= others or others <= figures


def _figures(text: str) -> frozenset[str]:
    return frozenset(number.translate(_SEPARATORS) for number in _NUMBER.findall(text))
