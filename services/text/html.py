"""What there is to translate in HTML, and the HTML with the translations in it.

The standard library's parser tells neither where a comment begins nor how a tag was written, so this one reads tags as
browsers do (WHATWG, 13.2.5), builds no tree, and keeps everything by its place in the source.
"""

import re
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from html import unescape

from services.text.clauses import Span
from services.text.markup import Kind, Mark, MarkedText

_SPACE = " \t\n\r\f"
_MARKUP = re.compile(r"<[a-zA-Z!?/]")
_TAG = re.compile(  # possessive: it fails only where the document ends within the tag
    r"""</?([a-zA-Z][^\s/>]*+)
    (?: [\s/]++ | [^\s/>][^\s/>=]*+ (?: \s*+ = \s*+ (?: "[^"]*+" | '[^']*+' | (?!["'])[^\s>]++ )?+ )?+ )*+ >""",
    re.VERBOSE,
)
_UNFINISHED_TAG = re.compile(r"</?[a-zA-Z]")
_ATTRIBUTE = re.compile(
    r"""[\s/]*+ ([^\s/>][^\s/>=]*+)
    (?: \s*+ = \s*+ (?: "([^"]*+)" | '([^']*+)' | ((?!["'])[^\s>]++) )?+ )?+""",
    re.VERBOSE,
)
_LAYOUT = re.compile(rf"[{_SPACE}]+")
_ENTITY = re.compile(r"&#?\w+;")
_URL = re.compile(r"\s*(?:https?://|www\.)\S+\s*")
_SHORTCODE_END = re.compile(r"\[/([a-zA-Z][\w-]*)\]")
_SHORTCODE = re.compile(  # in the text of a CMS: [gallery ids="1,2"], [embed]address[/embed]
    r"""\[ (?: (?P<embed>audio|embed|gallery|playlist|video) (?:[ ][^\[\]<]*+)?+ \] (?: [^\[\]<]*+ \[/(?P=embed)\] )?+
             | /?(?P<name>[a-zA-Z][\w-]*+)
               (?P<attributes> (?: \s++ [\w-]++ = (?: "[^"\[<]*+" | '[^'\[<]*+' | [^\s\[\]"'<]++ ) )*+ )
               \s*+ /?\] )""",
    re.VERBOSE,
)

# fmt: off
_VOID = frozenset({
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr",
})
_BREAKS = frozenset({
    "address", "article", "aside", "audio", "base", "blockquote", "body", "button", "canvas", "caption", "center",
    "col", "colgroup", "datalist", "dd", "details", "dialog", "dir", "div", "dl", "dt", "embed", "fieldset",
    "figcaption", "figure", "footer", "form", "frame", "frameset", "h1", "h2", "h3", "h4", "h5", "h6", "head",
    "header", "hgroup", "hr", "html", "iframe", "legend", "li", "link", "main", "map", "menu", "meta", "nav",
    "noembed", "noframes", "noscript", "object", "ol", "optgroup", "option", "p", "param", "picture", "plaintext",
    "pre", "search", "section", "select", "source", "summary", "table", "tbody", "td", "template", "textarea",
    "tfoot", "th", "thead", "title", "tr", "track", "ul", "video", "xmp",
})
_FOREIGN = frozenset({"math", "svg"})
_OPAQUE = frozenset({
    "audio", "canvas", "code", "iframe", "math", "noembed", "noframes", "object", "plaintext", "pre", "rp", "rt",
    "script", "style", "svg", "textarea", "video", "xmp",
})
_OPAQUE_CLASSES = frozenset({
    "notranslate", "skiptranslate", "bluesky-embed", "fb-post", "fb-video", "instagram-media", "reddit-embed-bq",
    "tiktok-embed", "twitter-tweet", "twitter-video",
})
# fmt: on
_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp")
}
_READ_ATTRIBUTES = frozenset({"alt", "aria-label", "placeholder", "title"})
_READ_METADATA = frozenset({"description", "og:description", "og:title", "twitter:description", "twitter:title"})
_UNSEEN = frozenset({"link", "meta", "script", "style"})
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True, slots=True)
class Block:
    """Text to translate as one, in NFC, and its place in the source: that of an attribute's value may be in a mark."""

    marked: MarkedText
    place: Span
    mark_places: tuple[Span, ...] = ()
    spellings: Mapping[str, str] = field(default_factory=dict)
    quote: str | None = None  # the quotes around an attribute's value; "" where it has none


@dataclass(frozen=True, slots=True)
class Document:
    """HTML, what there is to translate in it, in order, and where its root says the language."""

    source: str
    blocks: tuple[Block, ...]
    language_places: tuple[Span, ...]

    def render(self, blocks: Sequence[MarkedText], language: str | None = None) -> str:
        """Put a text in the place of each block and a tag where the language stands; the rest stays byte for byte.

        parse(html).render([block.marked for block in blocks]) is html. Raises ValueError unless one for each block.
        """
        edits = {place: language for place in self.language_places if language}
        changed = [(block, marked) for block, marked in zip(self.blocks, blocks, strict=True) if marked != block.marked]
        for block, marked in changed:
            if block.quote is not None:
                edits[block.place] = _written_value(marked.text, block)
        inner = _Edits(self.source, edits)
        for block, marked in changed:
            if block.quote is None:
                edits[block.place] = _written_block(marked, block, inner)
        return _Edits(self.source, edits).between(0, len(self.source))


class _Edits:
    """The source with something else in some places; of places within each other the outermost counts."""

    def __init__(self, source: str, edits: Mapping[Span, str]) -> None:
        self._source, self._edits = source, dict(edits)
        self._places = sorted(edits, key=lambda place: (place[0], -place[1]))

    def between(self, start: int, end: int) -> str:
        parts, position = list[str](), start
        for index in range(bisect_left(self._places, (start, 0)), len(self._places)):
            place = self._places[index]
            if place[0] >= end:
                break
            if place[0] >= position:
                parts += (self._source[position : place[0]], self._edits[place])
                position = place[1]
        return "".join((*parts, self._source[position:end]))


def _written_value(text: str, block: Block) -> str:
    quotes = {"'": "&#39;"} if block.quote == "'" else {'"': "&quot;"}
    value = _escaped(text, {**quotes, **block.spellings})
    return value if block.quote else f'"{value}"'


def _escaped(text: str, spellings: Mapping[str, str]) -> str:
    return text.translate({ord(char): entity for char, entity in {**_ESCAPES, **spellings}.items()})


def _written_block(marked: MarkedText, block: Block, inner: _Edits) -> str:
    """Tags as they are in the source, by their raw text: equal ones stand for each other."""
    tags: dict[str, list[str]] = {}
    for mark, place in zip(block.marked.marks, block.mark_places, strict=True):
        tags.setdefault(mark.raw, []).append(inner.between(*place))
    waiting = {raw: iter(written) for raw, written in tags.items()}
    parts, position = list[str](), 0
    for mark in marked.marks:
        parts += (
            _escaped(marked.text[position : mark.at], block.spellings),
            next(waiting.get(mark.raw, iter(())), mark.raw),
        )
        # A line break is its tag; readers of `pre-wrap` would see a second one.
        position = mark.at + (_is_line_break(mark.raw) and marked.text.startswith("\n", mark.at))
    return "".join((*parts, _escaped(marked.text[position:], block.spellings)))


def _is_line_break(raw: str) -> bool:
    return raw[:3].lower() == "<br" and raw[3:4] in ("/", ">", *_SPACE)


class _Is(Enum):
    """What a stretch of the source is; EMPTY stands for everything that has no inside to read."""

    TEXT = auto()
    START = auto()
    END = auto()
    EMPTY = auto()


_KINDS = {_Is.START: Kind.START, _Is.END: Kind.END, _Is.EMPTY: Kind.EMPTY}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: _Is
    start: int
    end: int
    name: str = ""

    @property
    def is_read(self) -> bool:
        """Whether it is a tag whose attributes are read."""
        return bool(self.name) and (self.kind is _Is.START or self.name == "textarea")


def parse(html: str) -> Document:
    """Find the texts in a document or a fragment, however broken. Total, linear."""
    tokens = list(_tokens(html))
    shortcodes = frozenset(_SHORTCODE_END.findall(html))
    blocks, items = list[Block](), list[_Token]()
    for token in _without_opaque(html, tokens):
        if token.is_read:
            blocks += _attribute_blocks(html, token)
        if _breaks(token.name):
            blocks += _text_blocks(html, items, shortcodes)
            items = []
        else:
            items.append(token)
    blocks += _text_blocks(html, items, shortcodes)
    blocks.sort(key=lambda block: block.place)
    return Document(html, tuple(blocks), tuple(_language_places(html, tokens)))


def _breaks(name: str) -> bool:
    """Whether sentences end at such an element; one of an unknown name is inline, a component is not."""
    return name in _BREAKS or "-" in name


def _tokens(html: str) -> Iterator[_Token]:
    """The source in tags, comments and the like (EMPTY), and text, without a gap."""
    position, text_start, foreign = 0, 0, 0
    while markup := _MARKUP.search(html, position):
        start = markup.start()
        if text_start < start:
            yield _Token(_Is.TEXT, text_start, start)
        tag = _TAG.match(html, start)
        if tag is None:
            position = text_start = _end_of_comment(html, start)
            yield _Token(_Is.EMPTY, start, position)
            continue
        position, name = tag.end(), tag[1].lower()
        is_end, is_closed = html[start + 1] == "/", html[position - 2] == "/"
        yield _Token(_Is.END if is_end else _Is.START, start, position, name)
        if name in _FOREIGN and not is_closed:
            foreign = max(0, foreign - 1) if is_end else foreign + 1
        if name in _RAW and not is_end and not (foreign and is_closed):
            end = _RAW[name].search(html, position)
            text_start, position = position, end.start() if end else len(html)
            if text_start < position:
                yield _Token(_Is.TEXT, text_start, position)
        text_start = position
    if text_start < len(html):
        yield _Token(_Is.TEXT, text_start, len(html))


def _end_of_comment(html: str, start: int) -> int:
    """Where a comment, or what browsers take for one, ends; the end of the document when it does not."""
    if html.startswith(("<!-->", "<!--->"), start):
        return html.index(">", start) + 1
    closings = {"<!--": "-->", "<![CDATA[": "]]>", "<?php": "?>", "<?=": "?>"}
    for opening, closing in closings.items():
        if html.startswith(opening, start):
            end = html.find(closing, start + len(opening))
            return len(html) if end < 0 else end + len(closing)
    end = -1 if _UNFINISHED_TAG.match(html, start) else html.find(">", start)
    return len(html) if end < 0 else end + 1


def _attributes(html: str, token: _Token) -> dict[str, tuple[Span, str]]:
    """The place of each value and the quotes around it; of attributes of the same name the first counts."""
    found: dict[str, tuple[Span, str]] = {}
    tag = _TAG.match(html, token.start)
    for match in _ATTRIBUTE.finditer(html, tag.end(1), tag.end() - 1) if tag else ():
        if match.lastindex and match.lastindex > 1:
            found.setdefault(match[1].lower(), (match.span(match.lastindex), ("", '"', "'", "")[match.lastindex - 1]))
    return found


def _language_places(html: str, tokens: Sequence[_Token]) -> Iterator[Span]:
    """Where the element around everything says its language."""
    solid = [token for token in tokens if token.kind is not _Is.EMPTY and html[token.start : token.end].strip(_SPACE)]
    if not solid or solid[0].kind is not _Is.START:
        return
    attributes, root, depth = _attributes(html, solid[0]), solid[0].name, 0
    if not attributes.keys() & {"lang", "xml:lang"} or _is_protected(html, attributes):
        return
    for index, token in enumerate(solid):
        depth += (token.kind is _Is.START) - (token.kind is _Is.END) if token.name == root else 0
        if not depth and index < len(solid) - 1 and root != "html":
            return
    yield from (place for name, (place, _) in attributes.items() if name in ("lang", "xml:lang"))


def _is_protected(html: str, attributes: Mapping[str, tuple[Span, str]]) -> bool:
    """Whether the author, or who made the embed, wants the element left alone."""
    values = {name: html[slice(*attributes[name][0])] for name in ("translate", "class") if name in attributes}
    classes = values.get("class", "").split()
    return values.get("translate", "").lower() == "no" or not _OPAQUE_CLASSES.isdisjoint(classes)


class _Opaque:
    """An element that is not translated, from its start tag on."""

    def __init__(self, token: _Token) -> None:
        self._token = token
        self._inside: Counter[str] = Counter()

    def end(self, token: _Token) -> int | None:
        """Where the element ends, if this is the token that ends it.

        An element within a line ends with the block around it at the latest, and a paragraph where the next begins.
        """
        name, own = token.name, self._token.name
        if token.kind is _Is.START and name not in _VOID:
            if name == own == "p":
                return token.start
            self._inside[name] += 1
        elif token.kind is _Is.END and self._inside[name]:
            self._inside[name] -= 1
        elif token.kind is _Is.END and name == own:
            return token.end
        elif token.kind is _Is.END and _breaks(name) and not _breaks(own):
            return token.start
        return None

    def until(self, end: int) -> _Token:
        """The element as one token."""
        return _Token(_Is.EMPTY, self._token.start, end, self._token.name)


def _without_opaque(html: str, tokens: Iterable[_Token]) -> Iterator[_Token]:
    """The tokens, with one EMPTY token for each element that is not translated."""
    opaque: _Opaque | None = None
    end = 0
    for token in tokens:
        end = token.end
        if opaque:
            closed = opaque.end(token)
            if closed is None:
                continue
            yield opaque.until(closed)
            opaque = None
            if closed == token.end:
                continue
        is_protected = token.kind is _Is.START and _is_protected(html, _attributes(html, token))
        if token.kind is not _Is.START or not (is_protected or token.name in _OPAQUE):
            yield token
        elif token.name in _VOID or (token.name in _FOREIGN and html[token.end - 2] == "/"):
            yield _Token(_Is.EMPTY, token.start, token.end, token.name)
        else:
            opaque = _Opaque(token)
    if opaque:
        yield opaque.until(end)


def _attribute_blocks(html: str, token: _Token) -> Iterator[Block]:
    """The values of a tag's attributes that people read."""
    attributes = _attributes(html, token)
    read = _READ_ATTRIBUTES if token.name not in _UNSEEN else frozenset[str]()
    if token.name == "meta":
        named = (html[slice(*attributes[name][0])].lower() for name in ("name", "property") if name in attributes)
        read = frozenset({"content"} if _READ_METADATA.intersection(named) else ())
    for name in () if _is_protected(html, attributes) else attributes.keys() & read:
        place, quote = attributes[name]
        text = unicodedata.normalize("NFC", unescape(html[slice(*place)]))
        if _is_translatable(text):
            yield Block(MarkedText(text), place, spellings=_spellings([html[slice(*place)]]), quote=quote)


def _is_translatable(text: str) -> bool:
    return any(map(str.isalpha, text)) and not _URL.fullmatch(text)


def _spellings(sources: Sequence[str]) -> dict[str, str]:
    """The characters that a text has as entities only."""
    found = {unescape(entity): entity for source in sources for entity in _ENTITY.findall(source)}
    plain = set[str]().union(*sources) - {"&", "<"} if found else set[str]()
    symbols = {char: entity for char, entity in found.items() if len(char) == 1 and char not in plain}
    return {char: entity for char, entity in symbols.items() if not char.isascii() or char in "&<>\"'"}


def _text_blocks(html: str, items: Sequence[_Token], shortcodes: frozenset[str]) -> Iterator[Block]:
    """The text between two breaks, if there is any, without the marks that are around all of it."""
    if not any(item.kind is _Is.TEXT for item in items):
        return
    items = [part for item in items for part in _parts(html, item, shortcodes)]
    inked = [i for i, item in enumerate(items) if item.kind is _Is.TEXT and html[item.start : item.end].strip(_SPACE)]
    if not inked:
        return
    partners = _partners(items)
    first, last = _core(items, partners, inked[0], inked[-1])
    block = _block(html, items[first:last], [partner - first for partner in partners[first:last]])
    if _is_translatable(block.marked.text) and unicodedata.is_normalized("NFC", block.marked.text):
        yield block


def _parts(html: str, item: _Token, shortcodes: frozenset[str]) -> Iterator[_Token]:
    """Text without the shortcodes in it; tags that cannot have an end as EMPTY."""
    if item.kind is not _Is.TEXT:
        yield replace(item, kind=_Is.EMPTY) if item.name in _VOID else item
        return
    position = item.start
    for match in _SHORTCODE.finditer(html, item.start, item.end):
        if match["embed"] or match["attributes"] or match["name"] in shortcodes:
            if position < match.start():
                yield _Token(_Is.TEXT, position, match.start())
            position = match.end()
            yield _Token(_Is.EMPTY, match.start(), position)
    if position < item.end:
        yield _Token(_Is.TEXT, position, item.end)


def _partners(items: Sequence[_Token]) -> list[int]:
    """For each tag of a pair where the other one is, -1 for everything else; pairs never cross each other."""
    partners, waiting, names = [-1] * len(items), list[int](), Counter[str]()
    for index, item in enumerate(items):
        if item.kind is _Is.START:
            waiting.append(index)
            names[item.name] += 1
        elif item.kind is _Is.END and names[item.name]:
            while True:
                start = waiting.pop()
                names[items[start].name] -= 1
                if items[start].name == item.name:
                    break
            partners[start], partners[index] = index, start
    return partners


def _core(items: Sequence[_Token], partners: Sequence[int], first: int, last: int) -> Span:
    """The items from the first text to the last and the tags that belong to a part of it."""

    def is_outside(index: int) -> bool:
        return not first <= partners[index] <= last

    begin = next((i for i in range(first) if items[i].kind is _Is.START and not is_outside(i)), first)
    end = next((i for i in range(len(items) - 1, last, -1) if items[i].kind is _Is.END and not is_outside(i)), last)
    return begin, end + 1


def _block(html: str, items: Sequence[_Token], partners: Sequence[int]) -> Block:
    """The text of several stretches and the marks between them; a line break is a mark before a line feed."""
    texts, marks, places, sources, size = list[str](), list[Mark](), list[Span](), list[str](), 0
    start = begin = _after_layout(html, items[0])
    end = items[-1].end
    for index, item in enumerate(items):
        start, end = max(start, item.start), item.end
        if item.kind is _Is.TEXT:
            if index == len(items) - 1:
                end = start + len(html[start:end].rstrip(_SPACE))
            sources.append(html[start:end])
            text = unicodedata.normalize("NFC", _LAYOUT.sub(_one_space, unescape(html[start:end])))
        else:
            if text := "\n" * _is_line_break(html[start:end]):
                end = _after_layout(html, items[index + 1]) if index + 1 < len(items) else end
            pair = min(index, partners[index]) if partners[index] >= 0 else None
            marks.append(Mark(html[start:end], size, _KINDS[item.kind], pair))
            places.append((start, end))
            start = end
        texts.append(text)
        size += len(text)
    return Block(MarkedText("".join(texts), tuple(marks)), (begin, end), tuple(places), _spellings(sources))


def _after_layout(html: str, item: _Token) -> int:
    """Where an item begins, or its ink does if it is text."""
    stretch = html[item.start : item.end]
    return item.start + (len(stretch) - len(stretch.lstrip(_SPACE)) if item.kind is _Is.TEXT else 0)


def _one_space(layout: re.Match[str]) -> str:
    """What a run of white space comes to; empty lines are paragraphs to many a CMS."""
    return "\n\n" if layout[0].count("\n") > 1 else " "
