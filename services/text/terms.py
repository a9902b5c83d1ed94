"""Glossary terms: how a table of them is read, where a text uses them, and how their targets get into a translation."""

import csv
import io
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from services.errors import InvalidGlossary, InvalidLanguage
from services.model import Language, LanguagePair
from services.patterns import pattern
from services.text.agreement import agreeing
from services.text.casing import Case, case_of, is_beginning
from services.text.clauses import Span as Stretch
from services.text.edits import Edit, Edits
from services.text.links import Link
from services.text.verbatim import copied
from services.text.words import LETTERS_WITHOUT_SPACES, PLAIN_MARK, with_plain_marks

MAX_TERMS, MAX_TERM_CHARS = 10_000, 200

_CODES = (  # which may be a header by themselves; not all words of two letters are codes
    "ar az be bg bn ca cs da de el en eo es et eu fa fi fr ga gl he hi hr hu id it ja ko lt lv ms nb nl pl pt ro ru sk "
    "sl sq sr sv sw th tl tr uk ur vi zh"
)
_WORDS, _OTHER_WORDS = (
    "be he hi id it",
    "be da de el es et fa he hi id it ja sl",
)  # English, and any: it,es may be a term
_NAMED = re.compile(r"\s*(source|target)\s*(?::(.*))?", re.IGNORECASE | re.DOTALL)
_LETTER = rf"[^\W{LETTERS_WITHOUT_SPACES}]"
_TOKEN = pattern(rf"\s+|{_LETTER}++(?:(?<=\d)[.,](?=\d){_LETTER}++)*+|[{LETTERS_WITHOUT_SPACES}]{PLAIN_MARK}*|\S")
_UNIT = pattern(
    rf"[{LETTERS_WITHOUT_SPACES}]{PLAIN_MARK}*|{_LETTER}++"
    rf"(?:['’]{_LETTER}{{1,2}}(?!{_LETTER})|[-‐‑&]{_LETTER}++|(?<=\d)[.,]\d++)*+(?:['’](?={_LETTER}))?"
)
_APOSTROPHES, _JOINTS = "'’", "-‐‑&"
_ELIDED = "l d c j m n s t qu jusqu lorsqu puisqu quoiqu un dell all nell sull dall quell"
_ACRONYM_CHARS = 4
_LIKE = re.compile(r"[^\W\d_]{4,}")
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")
_SMALL_CHARS = 3  # articles, prepositions
_NO_NOUN_BESIDE_NOUN = frozenset({"ca", "es", "fr", "gl", "it", "pt", "ro"})
_WORD_AFTER = re.compile(r"[ \xa0]([^\W\d_][\w'’-]*)")
_WORD_BEFORE = re.compile(r"(?<![\w'’-])([^\W\d_]+) \Z")
_BETWEEN = re.compile(r"[\s'’&-]*")


def is_word(text: str) -> bool:
    """Whether there is a letter or a digit in a text, by which it can be found in others."""
    return any(map(str.isalnum, text))


@dataclass(frozen=True, slots=True, order=True)
class Term:
    """A word or phrase and its translation. Raises InvalidGlossary unless both are one clean line (see `parse`)."""

    source: str
    target: str

    def __post_init__(self) -> None:
        for side, text in (("source", self.source), ("target", self.target)):
            if reason := _objection(text):
                raise InvalidGlossary(f"the {side} {reason}")
        if not is_word(self.source):
            raise InvalidGlossary("the source has neither a letter nor a digit")

    @classmethod
    def parse(cls, source: str, target: str) -> "Term":
        """Read what people type: in any normal form, with spaces around and several within. Raises InvalidGlossary."""
        return cls(_clean(source), _clean(target))


def _clean(text: str) -> str:
    text = unicodedata.normalize("NFC", text.strip())
    return re.sub(r"[ \xa0]+", " ", text)


def _objection(text: str) -> str | None:
    if not text:
        return "is empty"
    if len(text) > MAX_TERM_CHARS:
        return f"is longer than {MAX_TERM_CHARS} characters"
    if any(unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") for char in text):
        return "holds a line break or a control character"
    return None if text == _clean(text) else "is not in NFC, or has spaces too many"


@dataclass(frozen=True, slots=True)
class Use:
    """Where a text uses a term, and the term's target in the case of the use. `begins`: a sentence begins there."""

    start: int
    end: int
    term: Term
    target: str
    begins: bool = False

    def moved(self, start: int, end: int) -> "Use":
        """The same use elsewhere."""
        return replace(self, start=start, end=end)

    @property
    def inside(self) -> str:
        """The target where no sentence begins."""
        return self.term.target if self.begins and self.target == _capitalised(self.term.target) else self.target

    @property
    def first(self) -> str:
        """The target where a sentence begins."""
        return _capitalised(self.target)


class _Node:
    """A token of terms: what may follow, and the terms that end here, beside what they are found by."""

    __slots__ = ("following", "terms")

    def __init__(self) -> None:
        self.following = dict[str, _Node]()
        self.terms = list[tuple[str, Term]]()


@dataclass(frozen=True, slots=True)
class Glossary:
    """Terms in the order of their sources, each source once. Raises InvalidGlossary."""

    terms: tuple[Term, ...] = ()
    _root: _Node = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.terms) > MAX_TERMS:
            raise InvalidGlossary(f"a glossary has at most {MAX_TERMS} terms")
        terms = tuple(sorted(set(self.terms)))
        if len({term.source for term in terms}) < len(terms):
            raise InvalidGlossary("a source has two different targets")
        object.__setattr__(self, "terms", terms)
        object.__setattr__(self, "_root", _trie(terms, [term.source for term in terms]))

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> "Glossary":
        """From sources and targets as people type them. Raises InvalidGlossary, which names the entry, from 1."""
        return _glossary("entry", enumerate(pairs, 1))

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Sources and targets, in order: equal for equal glossaries."""
        return tuple((term.source, term.target) for term in self.terms)

    def find(self, text: str) -> tuple[Use, ...]:
        """Where the text uses terms: whole words, the longest of those that begin first, none over another.

        A term in lower case is found with capitals too, and its target gets them; one with capitals as it is, and in
        ALL CAPS. A word with a capital beside another is a name: Bill Gates is no bill. What must be copied holds no
        term. "bank" is in "bank's", and in neither "bankers" nor "bank-owned"; "EU" is in "EU-wide" and "pro-EU".
        """
        tokens = _tokens(text)
        following = self._root.following
        starts = [at for at, token in enumerate(tokens) if token[0] in following]
        if not starts:
            return ()
        search = _Search(text, tokens, copied(text), _is_shouted(text), case_of(text) is Case.TITLE)
        uses, reached = list[Use](), 0
        for at in starts:
            if at >= reached and (found := search.longest(self._root, at)):
                use, reached = found
                uses.append(use)
        return tuple(uses)


def _glossary(unit: str, numbered: Iterable[tuple[int, tuple[str, str]]]) -> Glossary:
    """A glossary of numbered pairs: whatever is wrong is said with its number, and never with its text."""
    targets = dict[str, Term]()
    for number, (source, target) in numbered:
        try:
            term = Term.parse(source, target)
        except InvalidGlossary as error:
            raise InvalidGlossary(f"{unit} {number}: {error.detail}", **{unit: number}) from None
        if targets.setdefault(term.source, term) != term:
            raise InvalidGlossary(f"{unit} {number}: the source has another target already", **{unit: number})
        if len(targets) > MAX_TERMS:
            raise InvalidGlossary(f"{unit} {number}: a glossary has at most {MAX_TERMS} terms", **{unit: number})
    return Glossary(tuple(targets.values()))


@dataclass(frozen=True, slots=True)
class Table:
    """A glossary and the languages that its header names, if it does."""

    glossary: Glossary
    source: Language | None = None
    target: Language | None = None

    def serves(self, pair: LanguagePair) -> bool:
        """Whether it is for a pair: pt is for pt-BR, too; without languages it is for any."""
        named = ((self.source, pair.source), (self.target, pair.target))
        return all(own is None or own.primary == other.primary for own, other in named)


def read_table(
    text: str, delimiter: str = ",", source: Language | None = None, target: Language | None = None
) -> Table:
    """Read two columns of CSV or TSV; a header may stand first, and need not where the languages are given.

    Headers are `source,target`, with languages `source:en,target:pt-BR` or one of them, and two codes in lower case
    (`en,pt-BR`). Takes any line ends, quotes, blank lines and a BOM. Raises InvalidGlossary, which names the line,
    from 1.
    """
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), delimiter=delimiter, strict=True)
    numbered = list[tuple[int, tuple[str, str]]]()
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != 2:
                raise InvalidGlossary(f"line {rows.line_num}: there are not two columns", line=rows.line_num)
            numbered.append((rows.line_num, (row[0], row[1])))
    except csv.Error as error:
        is_long = str(error).startswith("field larger")
        reason = "a field is too long, or its quote has no end" if is_long else "the quotes do not match"
        raise InvalidGlossary(f"line {rows.line_num}: {reason}", line=rows.line_num) from None
    header = _header(*numbered[0], (source, target)) if numbered else None
    languages = _agreed(numbered[0][0], header, (source, target)) if header else (source, target)
    return Table(_glossary("line", numbered[bool(header) :]), *languages)


def write_table(table: Table, delimiter: str = ",") -> str:
    """The table with a header: read_table(write_table(table)) is the table."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    named = (("source", table.source), ("target", table.target))
    writer.writerow(f"{column}:{language}" if language else column for column, language in named)
    writer.writerows(table.glossary.pairs)
    return out.getvalue()


_Languages = tuple[Language | None, Language | None]


def _header(line: int, row: tuple[str, str], given: _Languages) -> _Languages | None:
    """The languages of a row that is a header, None for a term. Raises InvalidGlossary if it may be either."""
    columns = [_NAMED.fullmatch(cell) for cell in row]
    if [column and column[1].lower() for column in columns] == ["source", "target"]:
        try:
            source, target = (Language.parse(column[2]) if column and column[2] else None for column in columns)
        except InvalidLanguage:
            raise InvalidGlossary(f"line {line}: the header names a language that is none", line=line) from None
        return source, target
    codes = _codes(*row)
    if not codes or codes[0].tag not in _WORDS.split() or codes[1].tag not in _OTHER_WORDS.split() or codes == given:
        return codes
    if given != (None, None):
        return None
    raise InvalidGlossary(
        f"line {line}: this may be a header or a term; write `source:…` and `target:…` for the languages, "
        "or put `source` and `target` above it",
        line=line,
    )


def _codes(source: str, target: str) -> tuple[Language, Language] | None:
    """Two languages by their codes alone, in lower case but for subtags."""
    try:
        languages = Language.parse(source), Language.parse(target)
    except InvalidLanguage:
        return None
    is_known = all(
        language.primary in _CODES.split() and cell.strip().startswith(language.primary)
        for language, cell in zip(languages, (source, target), strict=True)
    )
    return languages if is_known and languages[0] != languages[1] else None


def _agreed(line: int, header: _Languages, given: _Languages) -> _Languages:
    """What is given goes before what a header says, which may not be another language. Raises InvalidGlossary."""
    for named, wanted in zip(header, given, strict=True):
        if named and wanted and named.primary != wanted.primary:
            raise InvalidGlossary(f"line {line}: the header names other languages than the request", line=line)
    return given[0] or header[0], given[1] or header[1]


_Token = tuple[str, int, int]
"""What terms are compared by, and where it stands."""


def _tokens(text: str) -> list[_Token]:
    """Words, characters of scripts without spaces, punctuation marks, and the white space between them as one space."""
    return [
        (" " if text[start].isspace() else "'" if text[start] == "’" else text[start:end].casefold(), start, end)
        for start, end in (match.span() for match in _TOKEN.finditer(with_plain_marks(text)))
    ]


def _trie(terms: Iterable[Term], texts: Iterable[str]) -> _Node:
    root = _Node()
    for term, text in zip(terms, texts, strict=True):
        node = root
        for key, _, _ in _tokens(text):
            node = node.following.setdefault(key, _Node())
        node.terms.append((_canonical(text), term))
    return root


def _ends(root: _Node, tokens: Sequence[_Token], at: int) -> list[tuple[int, list[tuple[str, Term]]]]:
    """The terms that begin with a token, and the token after each; the longest last."""
    found, node = list[tuple[int, list[tuple[str, Term]]]](), root
    for end in range(at, len(tokens)):
        following = node.following.get(tokens[end][0])
        if following is None:
            break
        node = following
        if node.terms:
            found.append((end + 1, node.terms))
    return found


@dataclass(frozen=True, slots=True)
class _Search:
    """A text in which terms are looked for."""

    text: str
    tokens: Sequence[_Token]
    copied: Sequence[Stretch]
    is_shouted: bool
    is_title: bool

    def longest(self, root: _Node, at: int) -> tuple[Use, int] | None:
        """The longest use that begins with a token, and the token after it."""
        for end, terms in reversed(_ends(root, self.tokens, at)):
            start, stop = self.tokens[at][1], self.tokens[end - 1][2]
            before = bisect_left(self.copied, (stop, 0)) - 1
            if before >= 0 and self.copied[before][1] > start:
                continue
            stretch = _canonical(self.text[start:stop])
            for source, term in sorted(terms, key=lambda pair: pair[0] != stretch):
                target = _cased(term, source, stretch, self.is_shouted)
                if target is not None and self._is_whole(term, at, end) and not self._is_named(term, at, end):
                    return Use(start, stop, term, target, is_beginning(self.text, start)), end
        return None

    def _is_whole(self, term: Term, at: int, end: int) -> bool:
        """Whether no word goes on over a hyphen or an apostrophe, but for those that leave a word what it is."""
        is_name = term.source != term.source.lower() and len(term.source) > 1
        before, joint_before = self._neighbour(at - 1, -1)
        after, joint_after = self._neighbour(end, 1)
        if joint_before in _APOSTROPHES and before and before.casefold() not in _ELIDED.split():
            return False
        if joint_after in _APOSTROPHES and after and after.casefold() != "s" and not is_name:
            return False
        return all(
            not word or joint not in _JOINTS or (is_name and joint != "&" and _may_join(word, term))
            for word, joint in ((before, joint_before), (after, joint_after))
        )

    def _is_named(self, term: Term, at: int, end: int) -> bool:
        """Whether a word in lower case is part of a name here: with a capital, within a sentence, beside another."""
        stretch = self.text[self.tokens[at][1] : self.tokens[end - 1][2]]
        if self.is_title or not stretch.istitle() or not term.source.islower() or " " in term.source:
            return False
        return not self._begins(at) and any(
            self._is_capitalised(to) and self.tokens[between][0] == " " and not self._begins(to)
            for between, to in ((at - 1, at - 2), (end, end + 1))
        )

    def _begins(self, at: int) -> bool:
        return is_beginning(self.text, self.tokens[at][1])

    def _is_capitalised(self, at: int) -> bool:
        return 0 <= at < len(self.tokens) and self.text[self.tokens[at][1]].isupper()

    def _neighbour(self, at: int, step: int) -> tuple[str, str]:
        """The word beyond a mark, with no space between, and the mark."""
        if not (0 <= at < len(self.tokens) and 0 <= at + step < len(self.tokens)):
            return "", " "
        _, start, end = self.tokens[at + step]
        return (self.text[start:end] if self.text[start].isalnum() else ""), self.text[self.tokens[at][1]]


def _may_join(word: str, term: Term) -> bool:
    """Whether a name is still itself beside a word and a hyphen: pro-Brexit, EU-wide; not Rolls-Royce."""
    return not word[0].isupper() or term.source.isupper()


def _canonical(text: str) -> str:
    return " ".join(text.split()).replace("’", "'")


def _is_shouted(text: str) -> bool:
    """Whether a text is in capitals, which acronyms alone do not make."""
    if sum(map(str.isupper, text)) <= sum(map(str.islower, text)):
        return False
    return any(match[0].isupper() for match in _LONG_WORD.finditer(text))


def _cased(term: Term, source: str, stretch: str, is_shouted: bool) -> str | None:
    """The target as the stretch is written; None where the term may not be written so."""
    letters = sum(map(str.isalpha, stretch))
    if stretch == source:
        return term.target.upper() if is_shouted and stretch.isupper() and letters > 1 else term.target
    if stretch.isupper() and (is_shouted or letters > _ACRONYM_CHARS):
        return term.target.upper()
    words = re.findall(r"[^\W\d_]+", stretch)
    if not words or term.source != term.source.lower() or any(word[1:] != word[1:].lower() for word in words):
        return None
    if not words[0][0].isupper():
        return term.target
    if len(words) > 1 and all(word[0].isupper() or len(word) <= _SMALL_CHARS for word in words):
        return _titled(term.target)
    return _capitalised(term.target)


def _capitalised(text: str) -> str:
    """With a capital first, unless its first word has capitals elsewhere, as iPhone."""
    first = text.split(" ", 1)[0]
    return text[0].upper() + text[1:] if first == first.lower() else text


def _titled(text: str) -> str:
    words = _capitalised(text).split(" ")
    return " ".join(_capitalised(word) if len(word) > _SMALL_CHARS else word for word in words)


def missing(uses: Sequence[Use], target: str) -> tuple[Use, ...]:
    """The uses whose targets a translation has not as whole words, in any case, as often as the uses want them."""
    terms = [use.term for use in uses]
    root, tokens = _trie(terms, [use.target for use in uses]), _tokens(target)
    there, reached = Counter[str](), 0
    for at in range(len(tokens)):
        if at >= reached and (ends := _ends(root, tokens, at)):
            reached = ends[-1][0]
            there["".join(token[0] for token in tokens[at:reached])] += 1
    absent = list[Use]()
    for use in uses:
        key = _key(use.target)
        there[key] -= 1
        if there[key] < 0:
            absent.append(use)
    return tuple(absent)


def _key(text: str) -> str:
    return "".join(token[0] for token in _tokens(text))


@dataclass(frozen=True, slots=True)
class Placed:
    """A translation with terms put in their places, its links, and the uses that were placed and that could not be.

    Unfit are those whose words are known, but have the place of an adjective: masking the term does no better there.
    """

    text: str
    links: tuple[Link, ...]
    applied: tuple[Use, ...] = ()
    missed: tuple[Use, ...] = ()
    unfit: tuple[Use, ...] = ()


def place(
    uses: Sequence[Use], source: str, target: str, links: Sequence[Link], language: Language | None = None
) -> Placed:
    """Put each target that is not there in the place of the words that came from the term, where these stand together.

    Nothing else changes, but for articles that do not agree with a term (Portuguese, English), if the target's
    language is given. Links are those of the source and the new text, with one for each target that was placed.
    """
    wanted = Counter(_key(use.target) for use in missing(uses, target))
    words = _Words.of(source, target, links)
    placed, missed, unfit = dict[Edit, Use](), list[Use](), list[Use]()
    for use in uses:
        owned = words.owned(use)
        stretch = words.stretch(owned)
        if not wanted[_key(use.target)] or (stretch and not missing([use], target[slice(*stretch)])):
            continue
        wanted[_key(use.target)] -= 1
        if not stretch or not _is_apart(stretch, placed):
            missed.append(use)
        elif words.is_adjective(owned, use, language):
            unfit.append(use)
        else:
            placed[Edit(*stretch, _written(use, target, stretch))] = use
    if not placed:
        return Placed(target, tuple(links), (), tuple(missed), tuple(unfit))
    articles = (edit for term in placed for edit in _articles(target, term, language))
    free = [edit for edit in articles if _is_apart((edit.start, edit.end), placed)]
    return Placed(*_edited(target, links, placed, free), tuple(placed.values()), tuple(missed), tuple(unfit))


def _is_apart(stretch: Stretch, edits: Iterable[Edit]) -> bool:
    return all(stretch[1] <= edit.start or edit.end <= stretch[0] for edit in edits)


def _written(use: Use, target: str, stretch: Stretch) -> str:
    """The target of a use in the place of a stretch, with a capital where that has one."""
    if use.target != use.term.target and use.target == use.target.upper():
        return use.target
    if target[stretch[0]].islower():
        return use.term.target
    return use.inside if any(map(str.isalnum, target[: stretch[0]])) else use.first


def _articles(target: str, term: Edit, language: Language | None) -> Iterator[Edit]:
    """What the words before a term become that do not agree: na última, before pleito."""
    before = _WORD_BEFORE.search(target[: term.start])
    while before and language:
        article = agreeing(before[1], term.text.split(" ", 1)[0], language)
        if article == before[1]:
            return
        yield Edit(*before.span(1), article)
        before = _WORD_BEFORE.search(target[: before.start()])


def _edited(
    target: str, links: Sequence[Link], placed: dict[Edit, Use], articles: Sequence[Edit]
) -> tuple[str, tuple[Link, ...]]:
    terms = sorted(placed, key=lambda edit: edit.start)
    edits = Edits((*terms, *articles))
    starts = [edit.start for edit in terms]
    kept = [link for link in links if not _is_inside(_ink(target, link[2], link[3]), terms, starts)]
    shifted = [(*link[:2], *edits.moved(*link[2:])) for link in kept]
    shifted += [(placed[edit].start, placed[edit].end, *edits.moved(edit.start, edit.end)) for edit in terms]
    return edits.apply(target), tuple(sorted(shifted, key=lambda link: link[2:]))


def _is_inside(stretch: Stretch, edits: Sequence[Edit], starts: Sequence[int]) -> bool:
    """Whether a piece is gone with what an edit replaces."""
    at = bisect_right(starts, stretch[0]) - 1
    return at >= 0 and stretch[0] < stretch[1] <= edits[at].end


def _ink(text: str, start: int, end: int) -> Stretch:
    """A stretch without the white space at its ends, unless it is nothing else."""
    inner = text[start:end]
    if not inner.strip():
        return start, end
    start += len(inner) - len(inner.lstrip())
    return start, start + len(inner.strip())


def _likenesses(text: str) -> set[str]:
    """The beginnings of longer words, without accents, by which a name is known in another language."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return {match[0][:4] for match in _LIKE.finditer(plain)}


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a target, and where in the source the pieces of each came from: the place, and how many letters."""

    source: str
    target: str
    spans: list[Stretch]
    origins: list[list[tuple[float, int]]]

    @classmethod
    def of(cls, source: str, target: str, links: Sequence[Link]) -> "_Words":
        """Which words there are, by links that may be nonsense."""
        spans = [match.span() for match in _UNIT.finditer(with_plain_marks(target))]
        ends = [end for _, end in spans]
        origins: list[list[tuple[float, int]]] = [[] for _ in spans]
        for link in links:
            start, end = _ink(source, max(0, link[0]), max(0, link[1]))
            for at in range(bisect_right(ends, link[2]), len(spans)):
                if spans[at][0] >= link[3]:
                    break
                overlap = min(link[3], spans[at][1]) - max(link[2], spans[at][0])
                if source[start:end].strip() and overlap > 0:
                    origins[at].append(((start + end) / 2, overlap))
        return cls(source, target, spans, origins)

    def owned(self, use: Use) -> list[int]:
        """The words that came from a term, if they stand together and nothing else came from it; or none."""
        shares = [self._share(at, use.start, use.end) for at in range(len(self.spans))]
        owned = self._without_articles([at for at, share in enumerate(shares) if share > 0.5], use)
        if not owned:
            return []
        others = set(range(len(self.spans))).difference(owned)
        if any((shares[at] > 0 or owned[0] < at < owned[-1]) and not self._is_small(at) for at in others):
            return []
        return owned if self._is_unbroken(owned[0], owned[-1]) and not self._takes_name(owned, use) else []

    def _takes_name(self, owned: Sequence[int], use: Use) -> bool:
        """Whether there is a word among them that looks like one outside of the term, so hardly came from it."""
        inside = _likenesses(self.source[use.start : use.end])
        outside = _likenesses(self.source[: use.start]) | _likenesses(self.source[use.end :])
        own = _likenesses(" ".join(self.target[slice(*self.spans[at])] for at in owned))
        return not own.isdisjoint(outside - inside)

    def stretch(self, owned: Sequence[int]) -> Stretch | None:
        """Where words that stand together begin and end; an English genitive's ending is left."""
        if not owned:
            return None
        start, end = self.spans[owned[0]][0], self.spans[owned[-1]][1]
        return start, end - 2 * self.target.endswith(("'s", "’s"), start + 1, end)

    def is_adjective(self, owned: Sequence[int], use: Use, language: Language | None) -> bool:
        """Whether a noun would not fit: in Romance languages, right after what the term goes with, as in "escolar".

        A word that was only copied fits: o acordo Brexit.
        """
        following = _WORD_AFTER.match(self.source, use.end)
        if not language or language.primary not in _NO_NOUN_BESIDE_NOUN or not following or not owned[0]:
            return False
        before = owned[0] - 1
        stretch = slice(self.spans[owned[0]][0], self.spans[owned[-1]][1])
        return (
            self.target[self.spans[before][1] : stretch.start].isspace()
            and not self._is_small(before)
            and self._share(before, *following.span(1)) > 0.5
            and self.target[stretch].casefold() != self.source[use.start : use.end].casefold()
        )

    def _share(self, at: int, start: int, end: int) -> float:
        """How much of a word came from a stretch of the source."""
        total = sum(size for _, size in self.origins[at])
        return sum(size for middle, size in self.origins[at] if start <= middle < end) / max(1, total)

    def _is_small(self, at: int) -> bool:
        """Whether a word may be an article or a preposition."""
        word = self.target[slice(*self.spans[at])]
        rest = word[at == 0 :]  # the first may have a capital
        return word[0].isalpha() and len(word.rstrip("'’")) <= _SMALL_CHARS and rest == rest.lower()

    def _without_articles(self, owned: list[int], use: Use) -> list[int]:
        """Without the small words at the ends that the term has not: decoders write an article looking at its noun."""
        words = use.term.source.split()
        own = sum(len(word) <= _SMALL_CHARS and word[1:].islower() for word in words) if len(words) > 1 else 0
        spare = sum(map(self._is_small, owned)) - own
        while spare > 0 and len(owned) > 1:
            edge = next((edge for edge in (0, -1) if self._is_small(owned[edge])), None)
            if edge is None:
                break
            owned = owned[1:] if edge == 0 else owned[:-1]
            spare -= 1
        return owned

    def _is_unbroken(self, first: int, last: int) -> bool:
        """Whether there is no punctuation between words."""
        return all(
            _BETWEEN.fullmatch(self.target, self.spans[at][1], self.spans[at + 1][0]) for at in range(first, last)
        )
