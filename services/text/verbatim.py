"""What must be copied is copied: addresses, handles, placeholders, dates, versions, code, emoji, currency signs, and
characters for private use, which stand for something.

Many models spell an address wrong and drop a handle's @ or an emoji, as they never saw them, and the embedded ones call
any unknown currency euros. So a model reads a word that it copies (X41) or a currency that it knows (R$).
"""

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from services.model import Language
from services.patterns import pattern
from services.text.clauses import Span as Stretch
from services.text.edits import Edit, Edits
from services.text.links import Link, moved
from services.text.script import Script, may_be

# www41 is taken for an address: "at www41" gets the right preposition and no article. But lists of them lose members,
# where X41, X52, X63 do not; nor do they get mixed up, as X1, X2, X3 do.
_FIRST_NUMBER, _STEP, _MAX_WEB_MARKS = 41, 11, 3

_FILES = "py|js|ts|json|csv|txt|pdf|xml|ya?ml|toml|html?|css|sh|md|docx?|xlsx?|zip|mp[34]|jpe?g|png|gif|svg"
_DOMAINS = "com|org|net|gov|edu|info|io|app|dev|eu|uk|br|pt|fr|nl|pl|ru|uk|jp|cn|au|ca|ie|ch|tv"
_NO_URL = r"\s\ue000-\uf8ff<>\"“”‘’«»…`{}|\\、。，！？；：（）「」『』【】\u3040-\u9fff\uac00-\ud7af"
_SYMBOL = "[\U0001f000-\U0001faff\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u297f\u2b00-\u2bff•‣⁃]"
_TAIL = r"[\ufe0e\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]"
_VERBATIM = pattern(
    rf"""
    (?P<web>
        (?<!\w)(?:(?:https?|ftps?|tel|ssh|git)://|mailto:|www\.)[^{_NO_URL}]+
      | (?<![\w.+%-])[\w.+%-]{{1,64}}@[\w-]{{1,63}}(?:\.[\w-]{{1,63}}){{1,8}}
      | (?<![\w@/.-])@\w+(?:\.[a-z0-9_]\w*)*(?:@[\w-]+(?:\.[\w-]+)+)?
      | (?<![\w@/.-])(?:[A-Za-z0-9-]{{1,63}}\.){{1,8}}(?:{_DOMAINS})\b(?![\w@-]|\.\w)(?:/[^{_NO_URL}]*)?
    )
  | (?<![\w&])\#\w+
  | \{{\{{[^{{}}\n]{{0,80}}\}}\}} | \{{%[^{{}}\n]{{0,80}}%\}} | \$?\{{[\w.:!\[\]-]{{0,80}}\}}
  | (?<![\w%])%(?:\(\w{{1,80}}\)|\d{{1,2}}\$)?[-+0\#]?\d{{0,3}}(?:\.\d{{1,3}})?(?:[sdiufFeEgGxXcr]\b|@)
  | (?<![\w$])\$[A-Za-z_]\w*(?![^$\n]{{0,200}}[\\^_{{][^$\n]{{0,200}}\$)
  | \$\$?[^$\n]{{0,200}}[\\^_{{][^$\n]{{0,200}}\$\$?
  | ``[^\n]{{1,200}}?`` | `[^`\n]{{1,200}}`
  | (?<![\w.-])\d{{4}}-[01]\d-[0-3]\d
        (?:[T\ ][0-2]\d:[0-5]\d(?::[0-6]\d(?:\.\d{{1,9}})?)?(?:Z|[+-]\d\d:?\d\d)?)? (?![\w-])
  | (?<![\w.])v\d+(?:\.\d+)+(?:-[a-z]+(?:\.?\d+)*)?\b
  | (?<![\w.,])(?!\d+(?:\.\d{{3}})+(?!\.?\d)|\d\d?\.\d\d?\.\d{{4}}\b)  # neither 1.200.000 nor 22.11.2026
        \d+(?:\.\d+){{2,8}}(?:-[a-z]+(?:\.?\d+)*)?\b(?!,\d)
  | \b[0-9A-Fa-f]{{8}}(?:-[0-9A-Fa-f]{{4}}){{3}}-[0-9A-Fa-f]{{12}}\b
  | \b(?=[a-f]{{0,63}}\d)(?=\d{{0,63}}[a-f])[0-9a-f]{{8,128}}\b
  | (?<![\w.~/])(?:~|\.\.?)?/[\w.@+-]+(?:/[\w.@+-]+)+/? | (?<![\w.~/])(?:~|\.\.?)/[\w.@+-]+
  | \b[A-Z]:\\[\w.\\-]+
  | </?[A-Za-z][^<>\n]{{0,80}}>
  | (?<![\w.-])[\w-]{{1,64}}\.(?:{_FILES})\b(?![\w@-]|\.\w)
  | [\ue000-\uf8ff]
  | [0-9*\#]\ufe0f?\u20e3 | {_SYMBOL}{_TAIL}*(?:\u200d{_SYMBOL}{_TAIL}*|[\U0001f1e6-\U0001f1ff])*
    """,
    re.VERBOSE,
)
_HINT = pattern(r"[@#{}%$`\\/<\u2022\u2023\u2043\u20e3\u2190-\U0010ffff]|[.:]\w|\d[-.a-f]|[a-f]\d|www\.")
_FOREIGN = pattern(  # letters of other scripts, in a text of Latin ones
    "[\u0370-\u1cff\u2d00-\u2dff\u2e80-\ua71f\ua800-\uabff\uac00-\ud7ff\uf900-\ufaff\ufb13-\ufdff\ufe70-\ufefc"
    "\uff66-\uffdc\U00010000-\U0001efff\U00020000-\U0003ffff]+"
)
_SIGNS = "£€¥₹₩₽₺₪₴₦₱₫₿¢฿₡₵₲₭₮₸₼₾"
_TRAILING = ".,;:!?'*"
_DIGITS = re.compile("[0-9]+")
_GLUES = re.compile(rf"[\w{_SIGNS}$@#]")
_CLOSES = {")": "(", "]": "["}

_NUMBER = r"\d{1,24}(?:[.,\xa0\u202f]\d{1,24}){0,8}"
_SCALE = "mil|thousand|million|billion|trillion|milh(?:ão|ões)|bilh(?:ão|ões)|trilh(?:ão|ões)|bili(?:ão|ões)"
_AMOUNT = pattern(
    rf"(?P<before>[{_SIGNS}])(?P<space>[ \xa0\u202f]?)(?=\d)"
    rf"|(?<![\w.,-])(?P<number>{_NUMBER}(?:-{_NUMBER})?(?:\s(?:{_SCALE})){{0,2}}(?:\s?M)?)"
    rf"(?:\sde)?[ \xa0\u202f]?(?P<after>[{_SIGNS}])(?!\w)"
)
# Which currencies a model hands on as they are: R$ into English too, US$ becomes $ there.
_CARRIERS = {"pt": ("R$", "HK$", "NZ$")}
_DOLLAR = re.compile(r"(?<![A-Z])\$")
_OTHER_CARRIERS = ("US$", "R$", "NZ$", "HK$")
_WORD_ENDS = re.compile(r"(?<=\w)(?!\w)")
_NUMBER_STARTS = re.compile(r"(?<![\d.,])(?=\d)")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the masked text: what stood in its place, the mark to look for in a target, what that stands for;
    where a sentence begins it is `first`, if there is one."""

    start: int
    end: int
    original: str
    mark: str
    kept: str
    first: str | None = None
    glued: tuple[bool, bool] = (False, False)  # whether the mark got a space before it, and after it

    @property
    def is_amount(self) -> bool:
        """Whether the mark is a currency sign, which is not unique."""
        return self.mark.endswith("$")

    def standing(self, begins: bool) -> str:
        """What the mark stands for, where a sentence begins or within."""
        return self.first if begins and self.first else self.kept


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a target has a mark."""

    start: int
    end: int
    mark: str


@dataclass(frozen=True, slots=True)
class Restored:
    """A translation with all that was protected, and its links; complete if each mark came back, none more often."""

    text: str
    links: tuple[Link, ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Protected:
    """A text as a model shall read it, and what stands for what in it."""

    text: str
    spans: tuple[Span, ...]

    @property
    def is_verbatim(self) -> bool:
        """Whether nothing is left to translate: there is no letter outside the marks."""
        without = Edits(Edit(span.start, span.end, "") for span in self.spans).apply(self.text)
        return bool(self.spans) and not any(map(str.isalpha, without))

    def restore(self, target: str, links: Sequence[Link] = ()) -> Restored:
        """Put back what was protected, each as often as in the source, whatever the target; the text itself, if echoed.

        Links say which stretch of the masked text a stretch of the target came from; they come back for the source and
        the restored target. A mark that is missing goes where they say; without them, to its relative place.
        """
        if not self.spans:
            return Restored(target, tuple(links), True)
        originals = Edits(Edit(span.start, span.end, span.original) for span in self.spans)
        beginning = _beginning(target, originals.apply(self.text))
        echoed = target == self.text
        edits, complete = (self._echoed(beginning), True) if echoed else self._edits(target, links, beginning)
        to_target = Edits(edits)
        return Restored(to_target.apply(target), moved(links, originals, to_target), complete)

    def _echoed(self, beginning: int) -> list[Edit]:
        """The text itself, but for the terms."""
        return [
            Edit(span.start, span.end, span.original if span.is_amount else span.standing(span.start <= beginning))
            for span in self.spans
        ]

    def _edits(self, target: str, links: Sequence[Link], beginning: int) -> tuple[list[Edit], bool]:
        found = _found(self.spans, target)
        chosen, missing = _assigned(self.spans, found, links)
        edits = list[Edit]()
        for place, span in zip(found, chosen, strict=True):
            edits.append(_replacing(target, place, span, beginning, edits[-1].end if edits else 0))
        edits += _insertions(self.text, missing, target, links, edits)
        complete = Counter(place.mark for place in found) == Counter(span.mark for span in self.spans)
        return sorted(edits, key=lambda edit: (edit.start, edit.end)), complete


class TermUse(Protocol):
    """A stretch of a text that has a translation of its own: within a sentence, and where one begins."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def inside(self) -> str: ...
    @property
    def first(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Masked:
    """A stretch that a model shall not see, and what stands for it in the target."""

    start: int
    end: int
    kept: str
    is_web: bool = False
    first: str | None = None


def protect(
    text: str, language: Language | None = None, uses: Sequence[TermUse] = (), unreadable: Sequence[Stretch] = ()
) -> Protected:
    """Replace what must be copied by marks that models copy; a text without it stays as it is. Total, linear.

    Letters of another script are protected too where the language is known to be written in Latin ones, and so is what
    the model cannot read. The uses of terms, in order, get marks that stand for their targets, unless they touch what
    must be copied, or one another.
    """
    if text.isascii() and not uses and not unreadable and _HINT.search(text) is None:
        return Protected(text, ())  # most sentences
    stretches = _stretches(text, language, uses, unreadable)
    edits = [
        (at.start, at.end, _spaced(text, at.start, at.end, mark), mark, at.kept, at.first)
        for at, mark in _marks(text, stretches)
    ]
    edits += _amounts(text, language, [(at.start, at.end) for at in stretches])
    parts, spans, position, length = list[str](), list[Span](), 0, 0
    for start, end, masked, mark, kept, first in sorted(edits, key=lambda edit: edit[:2]):
        length += start - position
        parts += (text[position:start], masked)
        is_glued = not mark.endswith("$")  # else the space is the amount's
        glued = is_glued and masked.startswith(" "), is_glued and masked.endswith(" ")
        spans.append(Span(length, length + len(masked), text[start:end], mark, kept, first, glued))
        position, length = end, length + len(masked)
    return Protected("".join((*parts, text[position:])), tuple(spans))


def copied(text: str) -> list[Stretch]:
    """Where a text has what must be copied from any language, in order and apart; amounts of money are not."""
    return [(at.start, at.end) for at in _merged(text, _verbatim(text))]


def _stretches(
    text: str, language: Language | None, uses: Sequence[TermUse], unreadable: Sequence[Stretch]
) -> list[_Masked]:
    """What gets a mark, in order and apart: terms give way to what must be copied, other scripts' letters to terms."""
    odd = [_Masked(start, end, text[start:end]) for start, end in unreadable]
    found = _merged(text, sorted(_verbatim(text) + odd, key=_start))
    terms = [
        _Masked(use.start, use.end, use.inside, first=use.first) for use in uses if text[use.start : use.end].strip()
    ]
    terms = _apart(found, terms)
    if language and may_be(language.primary, Script.LATIN, 0):
        foreign = [rest for match in _FOREIGN.finditer(text) for rest in _around(terms, match)]
        found = _merged(text, sorted(foreign + found, key=_start))
    return sorted(terms + found, key=_start)


def _verbatim(text: str) -> list[_Masked]:
    if _HINT.search(text) is None:  # as in most sentences, and found at once
        return []
    found = ((match.start(), _trimmed(match[0]), match["web"] is not None) for match in _VERBATIM.finditer(text))
    return [_Masked(start, start + len(kept), kept, is_web) for start, kept, is_web in found]


def _merged(text: str, found: Sequence[_Masked]) -> list[_Masked]:
    """Neighbours, and what overlaps, as one."""
    merged = list[_Masked]()
    for at in found:
        if merged and at.start <= (last := merged[-1]).end + 1 and not text[last.end : at.start].strip(" "):
            end = max(last.end, at.end)
            merged[-1] = _Masked(last.start, end, text[last.start : end], last.is_web and at.is_web)
        else:
            merged.append(at)
    return merged


def _apart(taken: Sequence[_Masked], others: Sequence[_Masked]) -> list[_Masked]:
    """Those of the others, in order, that touch neither what is taken, nor one before them."""
    starts, free, reached = [at.start for at in taken], list[_Masked](), 0
    for other in others:
        before = bisect_left(starts, other.end) - 1
        if other.start >= reached and (before < 0 or taken[before].end <= other.start):
            free.append(other)
            reached = other.end
    return free


def _around(terms: Sequence[_Masked], found: re.Match[str]) -> Iterator[_Masked]:
    """What is left of a match by the terms in it."""
    position, end = found.span()
    for term in terms[max(0, bisect_right(terms, position, key=_start) - 1) : bisect_left(terms, end, key=_start)]:
        if position < term.start:
            yield _Masked(position, term.start, found.string[position : term.start])
        position = max(position, term.end)
    if position < end:
        yield _Masked(position, end, found.string[position:end])


def _start(at: _Masked) -> int:
    return at.start


def _trimmed(found: str) -> str:
    """Without the punctuation that belongs to the sentence."""
    spare = {close: found.count(close) - found.count(opening) for close, opening in _CLOSES.items()}
    end = len(found)
    while found[end - 1] in _TRAILING or spare.get(found[end - 1], 0) > 0:
        end -= 1
        if found[end] in spare:
            spare[found[end]] -= 1
    return found[:end]


def _marks(text: str, stretches: list[_Masked]) -> Iterator[tuple[_Masked, str]]:
    taken = set(_DIGITS.findall(text))
    numbers = (number for number in count(_FIRST_NUMBER, _STEP) if str(number) not in taken)
    few = len(stretches) <= _MAX_WEB_MARKS
    for at, number in zip(stretches, numbers, strict=False):
        yield at, f"{'www' if at.is_web and few else 'X'}{number}"


def _spaced(text: str, start: int, end: int, mark: str) -> str:
    """The mark, kept apart from the words around it."""
    before = " " if _GLUES.match(text[start - 1 : start]) else ""
    return f"{before}{mark} " if _GLUES.match(text[end : end + 1]) else before + mark


def _amounts(
    text: str, language: Language | None, taken: list[tuple[int, int]]
) -> Iterator[tuple[int, int, str, str, str, str | None]]:
    """Amounts of money in a currency that a model knows, which stands first in any language."""
    carriers = (c for c in _CARRIERS.get(language.primary if language else "", _OTHER_CARRIERS) if not _has(text, c))
    carrier_of = dict[str, str]()
    for match in _AMOUNT.finditer(text):
        at = bisect_right(taken, (match.end(),)) - 1
        if at >= 0 and taken[at][1] > match.start():
            continue
        sign, space = match["before"] or match["after"], match["space"] or ""
        if sign not in carrier_of and (carrier := next(carriers, None)):
            carrier_of[sign] = carrier
        if sign in carrier_of:
            carrier, number = carrier_of[sign], match["number"]
            masked = f"{carrier} {number}" if number else carrier + space
            yield match.start(), match.end(), masked, carrier, sign + space, None


def _has(text: str, carrier: str) -> bool:
    """Whether a text has a currency sign already; a mere $ may become US$ on the way."""
    return carrier in text or (carrier == "US$" and _DOLLAR.search(text) is not None)


def _found(spans: Sequence[Span], target: str) -> list[_Place]:
    """Where a target has marks of the spans."""
    signs = "|".join(dict.fromkeys(re.escape(span.mark) for span in spans if span.is_amount)) or "(?!)"
    pattern = re.compile(rf"(?<!\w)(?:x|www)[0-9]+(?!\w)|(?<![a-z])(?:{signs})(?:[ \xa0\u202f](?=\d))?", re.IGNORECASE)
    marks = {span.mark.lower(): span.mark for span in spans}
    matches = [(match, marks.get(match[0].rstrip().lower())) for match in pattern.finditer(target)]
    return [_Place(match.start(), match.end(), mark) for match, mark in matches if mark]


def _assigned(
    spans: Sequence[Span], found: Sequence[_Place], links: Sequence[Link]
) -> tuple[list[Span | None], list[Span]]:
    """Which span each mark that was found stands for, None where it is one too many; and the spans that have none."""
    waiting = dict[str, list[Span]]()
    for span in spans:
        waiting.setdefault(span.mark, []).append(span)
    last = {mark: group[-1] for mark, group in waiting.items()}
    chosen: list[Span | None] = [None] * len(found)
    for at in _best_linked_first(spans, found, links):
        if waiting[found[at].mark]:
            chosen[at] = waiting[found[at].mark].pop(0)
    # A model that loses X52 and says X63 twice has put one in the other's place; a currency it says again is meant.
    lost = [span for group in waiting.values() for span in group if not span.is_amount]
    for at, place in enumerate(found):
        if chosen[at] is None:
            chosen[at] = last[place.mark] if last[place.mark].is_amount else lost.pop(0) if lost else None
    return chosen, lost + [span for group in waiting.values() for span in group if span.is_amount]


def _best_linked_first(spans: Sequence[Span], found: Sequence[_Place], links: Sequence[Link]) -> list[int]:
    """The positions of the found marks: those that come from their own span, then the others."""
    starts, place_starts = [span.start for span in spans], [place.start for place in found]
    own = set[int]()
    for source, _, target, _ in links:
        at, place = bisect_right(starts, source) - 1, bisect_right(place_starts, target) - 1
        if min(at, place) < 0 or source >= spans[at].end or target >= found[place].end:
            continue
        if spans[at].mark == found[place].mark:
            own.add(place)
    return sorted(range(len(found)), key=lambda at: at not in own)


def _beginning(target: str, source: str) -> int:
    """Where the first word of a target begins, if it begins a sentence in the source: -1 if not."""
    if not next(filter(str.isalpha, source), "").isupper():
        return -1
    return next((at for at, char in enumerate(target) if char.isalnum()), -1)


def _replacing(target: str, place: _Place, span: Span | None, beginning: int, free_from: int) -> Edit:
    """What stands for a mark in its place; one too many goes, and the space before it.

    A mark that was set apart from its neighbours is joined to them again.
    """
    start = place.start - (target[place.start - 1 : place.start] == " " and place.start > free_from)
    if span is None:
        return Edit(start, place.end, "")
    joins_next = span.glued[1] and target[place.end : place.end + 1] == " "
    return Edit(
        start if span.glued[0] else place.start, place.end + joins_next, span.standing(place.start <= beginning)
    )


def _insertions(
    text: str, missing: Sequence[Span], target: str, links: Sequence[Link], edits: Sequence[Edit]
) -> Iterator[Edit]:
    """Put the missing spans between words, a currency before a number if there is one."""
    ends = [0, *_outside(edits, [match.end() for match in _WORD_ENDS.finditer(target)])]
    numbers = _outside(edits, [match.start() for match in _NUMBER_STARTS.finditer(target)])
    for span in missing if ends else ():
        anchor = _anchor(span, text, target, links)
        if span.is_amount and numbers:
            at = _nearest(numbers, anchor)
            yield Edit(at, at, span.kept)
        else:
            at = _nearest(ends, anchor)
            space = " " * (not span.glued[0])
            yield Edit(at, at, f"{space}{span.kept}" if at else f"{span.kept} ")


def _outside(edits: Sequence[Edit], places: Sequence[int]) -> list[int]:
    """The places that no edit takes away; edits are in order."""
    starts = [edit.start for edit in edits]
    return [at for at in places if (last := bisect_left(starts, at) - 1) < 0 or edits[last].end <= at]


def _anchor(span: Span, text: str, target: str, links: Sequence[Link]) -> int:
    """Where a span belongs in the target: where what came from it begins, or what came from before it ends."""
    of_it = [link[2] for link in links if link[0] < span.end and span.start < link[1]]
    before = max((link for link in links if link[1] <= span.start), key=lambda link: (link[1], link[3]), default=None)
    if of_it:
        return min(of_it)
    return before[3] if before else len(target) * span.start // max(1, len(text))


def _nearest(places: Sequence[int], anchor: int) -> int:
    at = bisect_left(places, anchor)
    return min(places[max(0, at - 1) : at + 1], key=lambda place: abs(place - anchor))
