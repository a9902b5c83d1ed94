"""Where sentences begin and end. No model: punctuation, white space, and what each language abbreviates."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from services.model import Ends, Language
from services.patterns import pattern
from services.text.abbreviations import LONGEST_CHARS, Profile, profile
from services.text.clauses import Span, clauses

MAX_CHARS = 600
LONG_LINE_CHARS = 50
WIDEST_WRAP_CHARS = 100
_LINE_SEPARATOR, _PARAGRAPH_SEPARATOR = "\u2028", "\u2029"

# Georgian small letters have capitals in Unicode, and begin sentences all the same.
_LOWER = "".join(c for c in map(chr, range(0x2C00)) if c.islower() and not "\u10d0" <= c <= "\u10ff")
_UPPER = "".join(c for c in map(chr, range(0x2C00)) if c.isupper())
_CASED = frozenset(_LOWER + _UPPER)
_WIDE = "。！？｡।॥။።፧។៕။།"  # these need no white space after them
_STOPS = ".!?…‽⁇⁈⁉؟۔։" + _WIDE
_NO_STOP = r"[^\u0370-\u03ff\u1f00-\u1fff];"  # a semicolon asks in Greek only
_OPEN = r"\"'“”„‟‘‚«»‹›(\[{「『（【《〈"
_DASH = r"\-–—―"
_IDEOGRAPHS = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff「『（《【"

_CLOSE = r"""(?:
    [)\]}”’»›」』）】》〉]
  | ["'“‘«‹] (?!\w)
  | [ \xa0\u202f] [»›”"] (?![^\s.,;:!?)])
)*+"""

# One match for each stop that may end a sentence. Group 1 belongs to the sentence; a gap follows.
# The look-behind lets a match begin at the first stop of a run only: that keeps the search linear.
_END = pattern(
    rf"""
    ( [{_STOPS};] (?<![{_STOPS}][{_STOPS}]) (?<!{_NO_STOP}) [{_STOPS}]*+
      (?: (?<=[{_WIDE}]) {_CLOSE} (?! (?<=[」』”"）]) (?:と|って|など) )
        | (?<=[!?]) {_CLOSE} (?=[{_IDEOGRAPHS}])
        | {_CLOSE} (?=\s)
      )
    )
    \s*+ (?=\S)
    (?! [,;:)\]}}、，；：）&] | 라고 | 라며 | 라면서 )
    (?! [\s{_OPEN}{_DASH}]*+ [{_LOWER}] (?![{_UPPER}]) )
    """,
    re.VERBOSE,
)
_STOPPED = re.compile(rf"[{_STOPS}:：;；]{_CLOSE}\Z", re.VERBOSE)
_STARTS_LOWER = pattern(rf"[{_LOWER}](?![{_UPPER}])")
_LIST_ITEM = re.compile(rf"(?:[*+•‣▪◦·{_DASH}]|\d{{1,3}}[.)]|[^\W\d_]\))\s")
_FIRST_WORD = pattern(rf"[{_IDEOGRAPHS}]|[^\s{_IDEOGRAPHS}]++")
_LAST_WORD = re.compile(rf"[^\s\"'“”„«»‹›‘’(\[{{/、，·–—{_IDEOGRAPHS}]++\Z")
_NEXT_WORD = re.compile(rf"[\s{_OPEN}{_DASH}]*+([^\W\d_]++)(?![.\w])")
_DOTTED = re.compile(r"(?:[^\W\d_]{1,2}\.-?)+[^\W\d_]{1,2}")
_ATTRIBUTED = pattern(
    r"""
    [?!]++ ["'”’»]++ \s++ (?:[A-Z][\w.'’-]*+\s){1,4} (?:said|says|ask|add|told|repli|wrote|writes|shout|cri|continue)
  | [。！？]++ ["”』」]++ [^，。！？：；\s]{1,15}? (?:说|說|表示|称|稱|道|问|問|强调|補充|补充) [，。：]
  | [.!?]++ ["'”’]++ \s*+ [^.!?"'“”]{1,30}? (?:말했|밝혔|전했|덧붙였|물었|강조했|설명했|주장했)
    """,
    re.VERBOSE,
)
_TIME_GOES_ON = re.compile(r"(?:[A-Z]{2,4}|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|Eastern|Pacific|Central)\b")
_AFTER_NUMBER = re.compile(r"[\dIVX]\s\Z")


@dataclass(frozen=True, slots=True)
class Segmented:
    """A text and its segments: (start, end) in code points, in order, apart, never empty.

    Between, before and after the segments is nothing but white space.
    """

    text: str
    spans: tuple[Span, ...]

    @property
    def texts(self) -> list[str]:
        """The text of each segment."""
        return [self.text[start:end] for start, end in self.spans]

    def join(self, texts: Sequence[str]) -> str:
        """Put a text in the place of each segment and keep the white space. Raises ValueError unless one for each."""
        parts, position = list[str](), 0
        for (start, end), text in zip(self.spans, texts, strict=True):
            parts += (self.text[position:start], text)
            position = end
        return "".join((*parts, self.text[position:]))


def segment(text: str, language: Language | None = None, ends: Ends = Ends.USUAL) -> Segmented:
    """Split a text into sentences, none longer than MAX_CHARS. Total, deterministic, linear."""
    if ends is Ends.NOTHING:
        sentences = _whole(text)
    else:
        habits, blocks = profile(language), _BLOCKS[ends]
        sentences = (sentence for block in blocks(text) for sentence in _sentences(text, block, habits))
    return Segmented(text, tuple(span for sentence in sentences for span in clauses(text, sentence, MAX_CHARS)))


def _paragraphs(text: str) -> Iterator[list[Span]]:
    """The lines between blank lines and paragraph separators, without the white space around them."""
    position, lines = 0, list[Span]()
    for line in text.splitlines(keepends=True):
        content = line.lstrip()
        if content:
            start = position + len(line) - len(content)
            lines.append((start, start + len(content.rstrip())))
        if lines and (not content or line.endswith(_PARAGRAPH_SEPARATOR)):
            yield lines
            lines = []
        position += len(line)
    if lines:
        yield lines


def _blocks(text: str) -> Iterator[Span]:
    """Lines, and lines that were wrapped made one again: sentences do not go on beyond them."""
    paragraphs = list(_paragraphs(text))
    width_chars = _wrap_width(text, paragraphs)
    for lines in paragraphs:
        start = lines[0][0]
        for line, after in pairwise(lines):
            if not _is_wrapped(text, line, after, width_chars):
                yield start, line[1]
                start = after[0]
        yield start, lines[-1][1]


def _lines(text: str) -> Iterator[Span]:
    return (line for lines in _paragraphs(text) for line in lines)


def _whole(text: str) -> Iterator[Span]:
    """All of it, without the white space around."""
    if ink := text.strip():
        start = len(text) - len(text.lstrip())
        yield start, start + len(ink)


_BLOCKS = {Ends.USUAL: _blocks, Ends.LINES: _lines, Ends.PUNCTUATION: _whole}


def _wrap_width(text: str, paragraphs: list[list[Span]]) -> int | None:
    """The width that the text was wrapped at, if it was: few lines leave room for the next one's first word."""
    width_chars = max((end - start for lines in paragraphs for start, end in lines), default=0)
    if not LONG_LINE_CHARS <= width_chars <= WIDEST_WRAP_CHARS:
        return None
    full = [
        _is_full(text, line, after, width_chars)
        for lines in paragraphs
        for line, after in pairwise(lines)
        if not _is_stopped(text, line)
    ]
    return width_chars if sum(full) >= max(2, len(full) * 2 / 3) else None


def _is_full(text: str, line: Span, after: Span, width_chars: int) -> bool:
    word = _FIRST_WORD.match(text, after[0], min(after[1], after[0] + width_chars))
    return word is not None and line[1] - line[0] + 1 + len(word[0]) > width_chars


def _is_stopped(text: str, line: Span) -> bool:
    return _STOPPED.search(text, max(line[0], line[1] - 8), line[1]) is not None


def _is_wrapped(text: str, line: Span, after: Span, width_chars: int | None) -> bool:
    """Whether the line break is mere layout: after a short line only a line separator is, which ends no paragraph."""
    is_short = line[1] - line[0] < LONG_LINE_CHARS and _LINE_SEPARATOR not in text[line[1] : after[0]]
    if is_short or _LIST_ITEM.match(text, *after):
        return False
    if width_chars and _is_full(text, line, after, width_chars):
        return True
    return _STARTS_LOWER.match(text, *after) is not None and not _is_stopped(text, line)


def _sentences(text: str, block: Span, habits: Profile) -> Iterator[Span]:
    start, end = block
    for match in _END.finditer(text, start, end):
        close, following = match.end(1), match.end()
        if close - match.start() == 1:
            goes_on = text[close - 1] == "." and _is_abbreviated(text, (start, close - 1), following, habits)
        else:
            goes_on = text[start] in "\"'“‘«「『" and _ATTRIBUTED.match(text, match.start(), end) is not None
        if not goes_on:
            yield start, close
            start = following
    yield start, end


def _is_abbreviated(text: str, before: Span, following: int, habits: Profile) -> bool:
    """Whether the full stop after `before` belongs to its last word, and the sentence goes on."""
    start, stop = before
    if stop - start > LONGEST_CHARS and text[stop - LONGEST_CHARS - 1 : stop].isalpha():
        return False
    match = _LAST_WORD.search(text, max(start, stop - 2 * LONGEST_CHARS), stop)
    if match is None:
        return False
    word = match[0]
    forms = {word, word.lower()}
    if word.isdecimal():
        listed = match.start() == start and len(word) <= 3
        return listed or (habits.ordinals and len(word) <= 2 and not _begins(text, following, habits))
    if forms & habits.numbered and text[following].isdecimal():
        return True
    if len(word) == 1 and not word.isupper() and _AFTER_NUMBER.search(text, match.start() - 2, match.start()):
        return False  # a unit, a year or a century: 5 m. XX w.
    if forms & habits.titles:
        return True
    if word in ("a.m", "p.m"):
        return _TIME_GOES_ON.match(text, following) is not None
    if forms & habits.words or _DOTTED.fullmatch(word) or (len(word) == 1 and word in _CASED):
        return not _begins(text, following, habits)
    return False


def _begins(text: str, following: int, habits: Profile) -> bool:
    word = _NEXT_WORD.match(text, following)
    return word is not None and word[1] in habits.starters
