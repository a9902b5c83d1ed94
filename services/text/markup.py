"""Text with marks in it (tags, or anything else that is no text), and their way into a translation by word alignment.

Tag names mean nothing here: whoever takes the marks out of a text says which two belong together.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import pairwise

from services.patterns import pattern
from services.text.clauses import Span
from services.text.links import Link
from services.text.words import LETTERS_WITHOUT_SPACES, PLAIN_MARK, with_plain_marks

_MAX_DEPTH, _MAX_TAGS = 50, 200  # beyond, marks keep their order, which is nested, too
_WHOLE_CHARS = 4  # a longer word says no more about where a tag belongs
_UNALIGNED = -0.02
_LETTER = rf"[^\W_{LETTERS_WITHOUT_SPACES}]"
_UNIT = pattern(
    rf"""
    (?:https?://|www\.)[^\s<>"]+ | [\w.+-]+@[\w-]+(?:\.[\w-]+)+ | (?<!\w)[@\#]\w+
  | [{LETTERS_WITHOUT_SPACES}]{PLAIN_MARK}*
  | {_LETTER}++ (?: ['’]{_LETTER}{{1,2}}(?!{_LETTER}) | [-‐‑]{_LETTER}++ | (?<=\d)[.,]\d++ )*+ (?:['’](?={_LETTER}))?
  | \S
    """,
    re.VERBOSE,
)
_ALIKE = {
    char: kind
    for kind, chars in {"quote": "\"'“”„‟«»‹›‘’‚「」『』", "stop": ".!?…。！？", "comma": ",，、;；"}.items()
    for char in chars
}


class Kind(Enum):
    """What a mark does: it begins something, ends it, or stands by itself."""

    START = "start"
    END = "end"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that is no text: its source, and how many code points of the text stand before it.

    The two tags of a pair share a number that no others of the text have; a tag without a partner has none.
    """

    raw: str
    at: int
    kind: Kind
    pair: int | None = None


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text and the marks in it, in their order. Raises ValueError for marks out of order or out of the text."""

    text: str
    marks: tuple[Mark, ...] = ()

    def __post_init__(self) -> None:
        places = [0, *(mark.at for mark in self.marks), len(self.text)]
        if any(before > after for before, after in pairwise(places)):
            raise ValueError("marks stand in order and within the text")


def split(marked: MarkedText, spans: Sequence[Span]) -> list[MarkedText]:
    """The text of each span with its marks: a start tag just before a span and an end tag just after it are its own.

    Spans are in order and apart. join() puts what is between them back.
    """
    parts = []
    for (start, end), (first, last) in zip(spans, _shares(marked, spans), strict=True):
        marks = tuple(replace(mark, at=mark.at - start) for mark in marked.marks[first:last])
        parts.append(MarkedText(marked.text[start:end], marks))
    return parts


def cut(marked: MarkedText, span: Span) -> MarkedText:
    """The text of a span by itself: with each pair around some of its words, and what stands between them.

    A pair that goes beyond the span is whole all the same, and half a pair is left out: what was well nested is so.
    """
    start, end = span
    wholes: dict[int, list[int]] = {}
    for mark in marked.marks:
        if mark.pair is not None:
            wholes.setdefault(mark.pair, []).append(min(max(mark.at, start), end))
    kept = {pair for pair, at in wholes.items() if len(at) == 2 and marked.text[at[0] : at[1]].strip()}
    marks = (
        replace(mark, at=min(max(mark.at, start), end) - start)
        for mark in marked.marks
        if (start < mark.at < end if mark.kind is Kind.EMPTY else mark.pair in kept)
    )
    return MarkedText(marked.text[start:end], tuple(marks))


def join(marked: MarkedText, spans: Sequence[Span], parts: Sequence[MarkedText]) -> MarkedText:
    """Put a part in the place of each span: join(marked, spans, split(marked, spans)) is marked.

    Raises ValueError unless there is one part for each span.
    """
    texts, marks, position, taken, shift = list[str](), list[Mark](), 0, 0, 0
    for (start, end), (first, last), part in zip(spans, _shares(marked, spans), parts, strict=True):
        texts += (marked.text[position:start], part.text)
        marks += (replace(mark, at=mark.at + shift) for mark in marked.marks[taken:first])
        marks += (replace(mark, at=mark.at + start + shift) for mark in part.marks)
        shift += len(part.text) - (end - start)
        position, taken = end, last
    marks += (replace(mark, at=mark.at + shift) for mark in marked.marks[taken:])
    return MarkedText("".join((*texts, marked.text[position:])), tuple(marks))


def _shares(marked: MarkedText, spans: Sequence[Span]) -> Iterator[Span]:
    """For each span, the first of its marks and the one after the last."""
    marks, taken = marked.marks, 0
    for start, end in spans:
        first = _after_last_end(marks, max(taken, bisect_left(marks, start, key=lambda mark: mark.at)), start)
        last = _after_last_end(marks, max(first, bisect_left(marks, end, key=lambda mark: mark.at)), end)
        taken = last
        yield first, last


def _after_last_end(marks: Sequence[Mark], first: int, at: int) -> int:
    """Where the marks at a place part into those of the text before and those of the text after."""
    found = index = first
    while index < len(marks) and marks[index].at == at:
        index += 1
        if marks[index - 1].kind is Kind.END:
            found = index
    return found


def transfer(source: MarkedText, target: str, links: Sequence[Link]) -> MarkedText:
    """The translation of a sentence with the marks of the sentence, each pair around the words that came from its own.

    Every mark comes back once, unchanged; what was well nested is so again, and what was not keeps its order. The text
    is the target, but for spaces around an empty mark that had them. Links may be missing, and may be nonsense.
    """
    if not source.marks:
        return MarkedText(target)
    if target == source.text:
        return source
    alignment = _align(source.text, target, links)
    root = _tree(source)
    if root is None:
        return _assemble(source, target, _in_order(source, alignment))
    return _assemble(source, target, _placed_within(root, (0, len(target)), source, alignment))


@dataclass(slots=True)
class _Node:
    """Marks first..last of the source and what they hold: a pair, half a pair whose other half is in another sentence,
    or (a point) marks with nothing but white space in between."""

    first: int
    last: int
    start: int
    end: int
    has_start: bool = True
    has_end: bool = True
    is_point: bool = False
    children: "list[_Node]" = field(default_factory=list)


def _tree(source: MarkedText) -> _Node | None:
    """How the marks are nested; None when they are not, or too deep or too many."""
    marks, size = source.marks, len(source.text)
    started = {mark.pair for mark in marks if mark.kind is Kind.START}
    root = _Node(0, len(marks), 0, size, False, False)
    stack = [root]
    for index, mark in enumerate(marks):
        if mark.kind is Kind.EMPTY:
            stack[-1].children.append(_Node(index, index + 1, mark.at, mark.at))
        elif mark.kind is Kind.START:
            node = _Node(index, len(marks), mark.at, size, has_end=False)
            stack[-1].children.append(node)
            stack.append(node)
        elif len(stack) > 1 and mark.pair is not None and marks[stack[-1].first].pair == mark.pair:
            node = stack.pop()
            node.last, node.end, node.has_end = index + 1, mark.at, True
        elif len(stack) == 1 and (mark.pair is None or mark.pair not in started):
            root.children = [_Node(0, index + 1, 0, mark.at, has_start=False, children=root.children)]
        else:
            return None
        if len(stack) > _MAX_DEPTH:
            return None
    if sum(mark.kind is not Kind.EMPTY for mark in marks) > _MAX_TAGS:
        return None
    return root if _settle(root, source.text, _MAX_DEPTH) else None


def _settle(node: _Node, text: str, depth: int) -> bool:
    """Make points of what holds no text, and one point of points at the same place; False when nested too deep."""
    merged: list[_Node] = []
    for child in node.children:
        if not text[child.start : child.end].strip():
            child.is_point, child.children = True, []
            if merged and merged[-1].is_point and merged[-1].end == child.start:
                merged[-1].last, merged[-1].end = child.last, child.end
                continue
        elif not depth or not _settle(child, text, depth - 1):
            return False
        merged.append(child)
    node.children = merged
    return True


@dataclass(frozen=True, slots=True)
class _Alignment:
    """The words of both texts, and for each word of the target where in the source its pieces came from."""

    source: str
    target: str
    source_words: list[Span]
    units: list[Span]
    votes: list[list[float]]
    by_source: list[tuple[float, int]]

    def score(self, unit: int, start: int, end: int) -> float:
        """From 1, the word came from this part of the source, to -1, it did not; short words count less."""
        votes = self.votes[unit]
        if not votes:
            return _UNALIGNED
        inside = sum(start <= vote < end for vote in votes) / len(votes)
        return (2 * inside - 1) * min(self.length(unit), _WHOLE_CHARS) / _WHOLE_CHARS

    def is_short(self, unit: int) -> bool:
        """Whether a word is so short that it may be an article or a preposition; numbers are not."""
        return self.is_word(unit) and self.length(unit) < _WHOLE_CHARS and self.target[self.units[unit][0]].isalpha()

    def origins(self, unit: int) -> set[int]:
        """Which words of the source a word came from."""
        return {bisect_left(self.source_words, (vote, 0.0)) for vote in self.votes[unit]}

    def length(self, unit: int) -> int:
        """How many code points a unit has."""
        return self.units[unit][1] - self.units[unit][0]

    def from_word(self, word: Span) -> list[int]:
        """The words of the target that came from a word of the source."""
        first = bisect_left(self.by_source, (word[0], -1))
        last = bisect_left(self.by_source, (word[1], -1))
        return sorted({unit for _, unit in self.by_source[first:last]})

    def relative(self, at: int) -> int:
        """The place in the target that is as far from its beginning."""
        return round(at * len(self.target) / max(1, len(self.source)))

    def is_word(self, unit: int) -> bool:
        """Whether it is a word rather than punctuation."""
        return _is_of_word(self.target[self.units[unit][0]])

    def kind(self, unit: int) -> str:
        """Its first character, or what stands for all characters of its use."""
        char = self.target[self.units[unit][0]]
        return _ALIKE.get(char, char)


def _align(source: str, target: str, links: Sequence[Link]) -> _Alignment:
    units = _units(target)
    at = [unit for unit, (start, end) in enumerate(units) for _ in range(start, end)]
    places = [place for start, end in units for place in range(start, end)]
    votes: list[list[float]] = [[] for _ in units]
    by_source = []
    for source_start, source_end, target_start, target_end in links:
        piece = source[max(0, source_start) : max(0, source_end)]
        if not piece.strip():
            continue
        first = max(0, source_start) + len(piece) - len(piece.lstrip())
        middle = first + len(piece.strip()) / 2
        touched = {at[i] for i in range(bisect_left(places, target_start), bisect_left(places, target_end))}
        for unit in touched:
            votes[unit].append(middle)
            by_source.append((middle, unit))
    return _Alignment(source, target, _units(source), units, votes, sorted(by_source))


def _units(text: str) -> list[Span]:
    """Words, single characters of scripts without spaces, and punctuation."""
    return [match.span() for match in _UNIT.finditer(with_plain_marks(text))]


Placed = tuple[int, int, int, bool]
"""Marks first..last of the source at a place of the target; whether they are a point, which may need spaces."""


def _placed_within(node: _Node, area: Span, source: MarkedText, alignment: _Alignment) -> Iterator[Placed]:
    """The marks in a node, whose text has its place in an area of the target, in their new order."""
    places: dict[int, Span] = {}
    taken: list[Span] = []
    pairs = [index for index, child in enumerate(node.children) if not child.is_point]
    for index in sorted(pairs, key=lambda index: _rank(node.children[index])):
        places[index] = _place_pair(node.children[index], node, area, taken, alignment)
        taken.append(places[index])
    for index, child in enumerate(node.children):
        if child.is_point:
            place = _out_of(taken, _place_point(child, node, area, alignment))
            places[index] = (place, place)
    for index in sorted(places, key=lambda index: (*places[index], index)):
        child, (start, end) = node.children[index], places[index]
        if child.is_point:
            yield child.first, child.last, start, True
            continue
        if child.has_start:
            yield child.first, child.first + 1, start, False
        yield from _placed_within(child, (start, end), source, alignment)
        if child.has_end:
            yield child.last - 1, child.last, end, False


def _rank(node: _Node) -> tuple[bool, int]:
    """Halves of pairs have no choice, so they go first; then long ones, which have more words to be known by."""
    return node.has_start and node.has_end, node.start - node.end


def _out_of(taken: Sequence[Span], place: int) -> int:
    """The place, or the nearest edge of the pair that it would be in."""
    for start, end in taken:
        if start < place < end:
            return start if place - start < end - place else end
    return place


def _place_pair(node: _Node, parent: _Node, area: Span, taken: Sequence[Span], alignment: _Alignment) -> Span:
    """Where a pair begins and ends in the target: within the area, apart from what is taken."""
    text = alignment.source
    if not taken and not (text[parent.start : node.start] + text[node.end : parent.end]).strip():
        return _ink(alignment.target, *area)
    free = _free_units(area, taken, alignment.units)
    if not free:
        return _nothing_left(node, area, taken, alignment)
    if not node.has_start or not node.has_end:
        return _place_half(node, area, free, alignment)
    if place := _around_all(node, parent, free, alignment):
        return place
    if place := _same_text(node, area, taken, alignment):
        return place
    units = _best_run(free, [alignment.score(unit, node.start, node.end) for unit in free])
    units = _without_strays(node, units, alignment)
    if not units and (place := _literal(node, area, taken, alignment)):
        return place
    units = _fit_punctuation(node, units or _nearest_run(node, free, alignment), set(free), alignment)
    return alignment.units[units[0]][0], alignment.units[units[-1]][1]


def _free_units(area: Span, taken: Sequence[Span], units: list[Span]) -> list[int]:
    first, last = bisect_left(units, (area[0], 0)), bisect_left(units, (area[1], 0))
    blocked = sorted(taken)
    free, index = [], 0
    for unit in range(first, last):
        start, end = units[unit]
        while index < len(blocked) and blocked[index][1] <= start:
            index += 1
        if end <= area[1] and not (index < len(blocked) and blocked[index][0] < end):
            free.append(unit)
    return free


def _nothing_left(node: _Node, area: Span, taken: Sequence[Span], alignment: _Alignment) -> Span:
    if not node.has_start and node.has_end:
        return area[0], area[0]
    if node.has_start and not node.has_end:
        return area[1], area[1]
    place = _out_of(taken, min(area[1], max(area[0], alignment.relative(node.start))))
    unit = next((unit for unit in alignment.units if unit[0] < place < unit[1]), None)
    if unit is not None:  # never into a word
        place = _out_of(taken, min(area[1], unit[1]))
    return place, place


def _place_half(node: _Node, area: Span, free: list[int], alignment: _Alignment) -> Span:
    """A half pair reaches to the beginning or the end of the area: it is cut where that parts the words best."""
    runs = list(_runs(free))
    run = runs[-1] if node.has_start else runs[0]
    scores = [alignment.score(unit, node.start, node.end) for unit in run]
    if not any(alignment.votes[unit] for unit in run):
        edge = alignment.relative(node.start if node.has_start else node.end)
        scores = [1.0 if (alignment.units[unit][0] >= edge) == node.has_start else -1.0 for unit in run]
    if node.has_start:
        return alignment.units[run[-_best_head(scores[::-1])]][0], area[1]
    return area[0], alignment.units[run[_best_head(scores) - 1]][1]


def _best_head(scores: Sequence[float]) -> int:
    """How many of the first make the greatest sum, at least one."""
    total, best, count = 0.0, float("-inf"), 1
    for index, score in enumerate(scores):
        total += score
        if total > best:
            best, count = total, index + 1
    return count


def _runs(units: Sequence[int]) -> Iterator[list[int]]:
    """Numbers that follow each other."""
    run: list[int] = []
    for unit in units:
        if run and unit != run[-1] + 1:
            yield run
            run = []
        run.append(unit)
    if run:
        yield run


def _around_all(node: _Node, parent: _Node, free: list[int], alignment: _Alignment) -> Span | None:
    """The place of a pair around all words of its parent; punctuation at the ends is in or out as in the source."""
    text = alignment.source
    before, after = text[parent.start : node.start].strip(), text[node.end : parent.end].strip()
    if any(map(_is_of_word, before + after)) or not any(map(_is_of_word, text[node.start : node.end])):
        return None
    if free[-1] - free[0] >= len(free):
        return None
    first, last = 0, len(free)
    for _ in before:
        if first < last - 1 and not alignment.is_word(free[first]):
            first += 1
    for _ in after:
        if first < last - 1 and not alignment.is_word(free[last - 1]):
            last -= 1
    return alignment.units[free[first]][0], alignment.units[free[last - 1]][1]


def _same_text(node: _Node, area: Span, taken: Sequence[Span], alignment: _Alignment) -> Span | None:
    """Where the target has the pair's own text, if that is no accident: names, numbers, parts of a formula."""
    text = alignment.source
    start, end = _ink(text, node.start, node.end)
    word_start, word_end = start, end
    if _is_within_word(text, start) or _is_within_word(text, end):
        word_start, word_end = _widen(text, start, end)
        if text[word_start:start].isdecimal() and end == word_end:
            return _after_number(node, text[word_start:start], area, taken, alignment)
        if node.start == len(text) - len(text.lstrip()) and end - start == 1 and area[0] == 0:
            return _drop_cap(area, taken, alignment)
    words = text[word_start:word_end]
    telling = len(words) >= _WHOLE_CHARS or any(c.isupper() or c.isdigit() or _is_stand_in(c) for c in words)
    if not telling:
        return None
    found = list(_occurrences(words, alignment.target, area))
    if len(found) != 1 or len(list(_occurrences(words, text, (0, len(text))))) != 1:
        return None
    place = found[0] + start - word_start, found[0] + end - word_start
    return place if _is_free(place, taken) else None


def _drop_cap(area: Span, taken: Sequence[Span], alignment: _Alignment) -> Span | None:
    start, end = next(unit for unit in alignment.units if unit[0] >= area[0])
    cut = start + 1
    while cut < end and unicodedata.category(alignment.target[cut])[0] == "M":
        cut += 1
    return (start, cut) if cut <= area[1] and _is_free((start, cut), taken) else None


def _after_number(node: _Node, number: str, area: Span, taken: Sequence[Span], alignment: _Alignment) -> Span:
    """What follows the same number in a word, maybe nothing: the st of 1st is the º of 1º, and no part of 1 or I."""
    for start, end in alignment.units:
        rest = start + len(number)
        same = alignment.target.startswith(number, start) and not alignment.target[rest : rest + 1].isdecimal()
        if same and area[0] <= start and end <= area[1] and _is_free((rest, end), taken):
            return rest, end
    place = _out_of(taken, min(area[1], max(area[0], _beside(node.start, node.end, True, alignment))))
    return place, place


def _literal(node: _Node, area: Span, taken: Sequence[Span], alignment: _Alignment) -> Span | None:
    """The nearest place where the target has the pair's own text, in any case."""
    start, end = _ink(alignment.source, node.start, node.end)
    words, target = alignment.source[start:end].lower(), alignment.target.lower()
    if len(target) != len(alignment.target) or len(words) != end - start:
        return None
    near = alignment.relative(start)
    places = [(at, at + len(words)) for at in _occurrences(words, target, area)]
    return min(
        (place for place in places if _is_free(place, taken)), key=lambda place: abs(place[0] - near), default=None
    )


def _occurrences(words: str, text: str, area: Span) -> Iterator[int]:
    """Where the words stand in the text as whole words."""
    at = text.find(words, *area)
    while at >= 0:
        end = at + len(words)
        if not _is_within_word(text, at) and not _is_within_word(text, end):
            yield at
        at = text.find(words, end, area[1])


def _is_free(place: Span, taken: Sequence[Span]) -> bool:
    return all(place[1] <= start or end <= place[0] for start, end in taken)


def _ink(text: str, start: int, end: int) -> Span:
    """A stretch of a text without the white space at its ends."""
    inner = text[start:end]
    start += len(inner) - len(inner.lstrip())
    return start, start + len(inner.strip())


def _is_within_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and all(map(_is_letter, text[at - 1 : at + 1]))


def _is_letter(char: str) -> bool:
    return char.isalnum() or unicodedata.category(char)[0] == "M"


def _is_stand_in(char: str) -> bool:
    """Whether it is for private use; such a character stands for a word."""
    return "\ue000" <= char <= "\uf8ff"


def _is_of_word(char: str) -> bool:
    return char.isalnum() or _is_stand_in(char)


def _widen(text: str, start: int, end: int) -> Span:
    while _is_within_word(text, start):
        start -= 1
    while _is_within_word(text, end):
        end += 1
    return start, end


def _best_run(units: Sequence[int], scores: Sequence[float]) -> list[int]:
    """The units in a row that make the greatest sum above nothing; the longer of equals."""
    best, best_sum, start, total = (0, 0), 0.0, 0, 0.0
    for index, score in enumerate(scores):
        if total < 0 or (index and units[index] != units[index - 1] + 1):
            start, total = index, 0.0
        total += score
        if total > 0 and (total, index + 1 - start) > (best_sum, best[1] - best[0]):
            best, best_sum = (start, index + 1), total
    return list(units[best[0] : best[1]])


def _without_strays(node: _Node, units: list[int], alignment: _Alignment) -> list[int]:
    """The run without articles and prepositions at its ends that the source has not.

    While they write one, decoders look at the noun that it goes with; so it seems to come from there.
    """
    words = [span for span in alignment.source_words if node.start <= span[0] < node.end]
    short = sum(end - start < _WHOLE_CHARS and alignment.source[start].isalpha() for start, end in words)
    short -= sum(alignment.is_short(unit) for unit in units)
    while short < 0:
        known = {word for unit in units if not alignment.is_short(unit) for word in alignment.origins(unit)}
        strays = [
            edge for edge in (0, -1) if alignment.is_short(units[edge]) and alignment.origins(units[edge]) <= known
        ]
        if not strays:
            break
        units.pop(strays[-1])
        short += 1
    return units


def _nearest_run(node: _Node, free: Sequence[int], alignment: _Alignment) -> list[int]:
    """The words that stand where the pair stood, in proportion."""
    first, last = alignment.relative(node.start), alignment.relative(node.end)
    middles = [sum(alignment.units[unit]) / 2 for unit in free]
    inside = [unit for unit, middle in zip(free, middles, strict=True) if first <= middle < last]
    if not inside:
        words = [unit for unit in free if alignment.is_word(unit)] or free
        inside = [min(words, key=lambda unit: abs(sum(alignment.units[unit]) - first - last))]
    return next(_runs(inside))


def _fit_punctuation(node: _Node, units: list[int], free: set[int], alignment: _Alignment) -> list[int]:
    """Punctuation at the ends only where the source has it there."""
    start, end = _ink(alignment.source, node.start, node.end)
    first = _fit_edge(units, -1, alignment.source[start], free, alignment)
    last = _fit_edge(units[::-1], 1, alignment.source[end - 1], free, alignment)
    return list(range(first, last + 1)) if first <= last else units


def _fit_edge(units: list[int], step: int, char: str, free: set[int], alignment: _Alignment) -> int:
    """Which unit, at the end they are listed from, can stand where the source has this character."""
    edge = units[0]
    if _is_of_word(char):
        return next(filter(alignment.is_word, units), edge)
    beyond, kind = edge + step, _ALIKE.get(char, char)
    return beyond if beyond in free and alignment.kind(beyond) == kind != alignment.kind(edge) else edge


def _place_point(node: _Node, parent: _Node, area: Span, alignment: _Alignment) -> int:
    """Where marks without text of their own go: beside the word that they stood beside."""
    text = alignment.source
    if not text[parent.start : node.start].strip():
        return area[0]
    if not text[node.end : parent.end].strip():
        return area[1]
    follows = not text[node.start - 1].isspace() and not (
        text[node.end].isalnum() and not text[node.start - 1].isalnum()
    )
    place = _beside(node.start, node.end, follows, alignment)
    return min(area[1], max(area[0], place))


def _beside(start: int, end: int, follows: bool, alignment: _Alignment) -> int:
    """The place in the target after what came from the word before, or before what came from the word after."""
    words = alignment.source_words
    after = bisect_left(words, (end, 0))
    before = bisect_left(words, (start, 0)) - 1
    for is_before in (follows, not follows):
        index = before if is_before else after
        found = alignment.from_word(words[index]) if 0 <= index < len(words) else []
        if found:
            return alignment.units[found[-1]][1] if is_before else alignment.units[found[0]][0]
    near = alignment.relative(start)
    unit = bisect_left(alignment.units, (near, 0))
    edges = [pair[follows] for pair in alignment.units[max(0, unit - 1) : unit + 1]]
    return min(edges, key=lambda edge: abs(edge - near), default=0)


def _in_order(source: MarkedText, alignment: _Alignment) -> list[Placed]:
    """The places of marks that are not well nested: in the order of the source, so no worse than there."""
    placed: list[Placed] = []
    reached = 0
    places: dict[tuple[int, bool], int] = {}
    for index, mark in enumerate(source.marks):
        follows = mark.kind is Kind.END
        key = mark.at, follows
        if key not in places:
            if not source.text[: mark.at].strip():
                places[key] = 0
            elif not source.text[mark.at :].strip():
                places[key] = len(alignment.target)
            else:
                places[key] = _beside(mark.at, mark.at, follows, alignment)
        reached = max(reached, places[key])
        placed.append((index, index + 1, reached, mark.kind is Kind.EMPTY))
    return placed


def _assemble(source: MarkedText, target: str, placed: Iterable[Placed]) -> MarkedText:
    """The target with the marks at their places, and a space beside a point where the source has one."""
    text, parts, marks, position, size = source.text, list[str](), list[Mark](), 0, 0
    for first, last, place, is_point in placed:
        before = target[position:place]
        position, start, end = place, source.marks[first].at, source.marks[last - 1].at
        if is_point and start and text[start - 1].isspace() and (size or before):
            before += " " * (not (before or parts[-1])[-1].isspace())
        size += len(before)
        marks += (replace(mark, at=size) for mark in source.marks[first:last])
        after = " " * (is_point and text[end : end + 1].isspace() and not target[place : place + 1].isspace())
        after = after if place < len(target) else ""
        size += len(after)
        parts += filter(None, (before, after))
    return MarkedText("".join((*parts, target[position:])), tuple(marks))
