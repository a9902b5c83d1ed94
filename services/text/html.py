"""What there is to translate in HTML, and the HTML with the translations in it.

The standard library's parser tells neither where a comment begins nor how a tag was written, so this one reads tags as
browsers do (WHATWG, 13.2.5), builds no tree, and keeps everything by its place in the source.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from html import unescape
from itertools import pairwise

from services.model import USUAL, Ends, Handling
from services.text.bylines import is_by_line_class
from services.text.clauses import Span
from services.text.form import ends
from services.text.inline import (
    SPACE,
    Block,
    Is,
    Token,
    is_line_break,
    is_translatable,
    partners,
    spellings,
    text_block,
)
from services.text.landmarks import SiteHeaders, site_headers
from services.text.markup import MarkedText
from services.text.neighbours import apart, without_notes
from services.text.role import Role
from services.text.tagged import Document

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
_LAYOUT = re.compile(rf"[{SPACE}]+")
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
    "header", "hgroup", "hr", "html", "iframe", "input", "label", "legend", "li", "link", "main", "map", "menu", "meta",
    "nav", "noembed", "noframes", "noscript", "object", "ol", "optgroup", "option", "p", "param", "picture",
    "plaintext", "pre", "search", "section", "select", "source", "summary", "table", "tbody", "td", "template",
    "textarea", "tfoot", "th", "thead", "title", "tr", "track", "ul", "video", "xmp",
})
_FOREIGN = frozenset({"math", "svg"})
_OPAQUE = frozenset({
    "audio", "canvas", "code", "iframe", "kbd", "math", "noembed", "noframes", "object", "plaintext", "pre", "rp", "rt",
    "samp", "script", "style", "svg", "textarea", "var", "video", "xmp",
})
_ROLES = {
    **dict.fromkeys(("h2", "h3", "h4", "h5", "h6"), Role.HEADING),
    **dict.fromkeys(("caption", "figcaption", "figure", "legend"), Role.CAPTION),
    **dict.fromkeys(("dd", "dt", "li"), Role.LIST),
    **dict.fromkeys(("td", "th"), Role.TABLE),
    **dict.fromkeys((
        "aside", "button", "datalist", "dialog", "footer", "menu", "nav", "option", "search", "select",
    ), Role.ASIDE),
    "address": Role.BYLINE, "blockquote": Role.QUOTE, "h1": Role.TITLE, "title": Role.ATTRIBUTE,
}
_ROLES_OF_CLASSES = {
    **dict.fromkeys(("caption", "credit", "image-caption", "photo-credit", "wp-caption-text"), Role.CAPTION),
    **dict.fromkeys(("pull-quote", "pullquote", "wp-block-pullquote"), Role.QUOTE),
    **dict.fromkeys((
        "advertisement", "breadcrumb", "breadcrumbs", "comments", "newsletter", "newsletter-signup", "related",
        "related-articles", "related-posts", "share", "sidebar", "social", "social-share",
    ), Role.ASIDE),
}
_ROLES_OF_LANDMARKS = dict.fromkeys(("banner", "complementary", "contentinfo", "navigation", "search"), Role.ASIDE)
_AROUND_ALL = frozenset({"article", "body", "html", "main"})  # their classes tell of the page
_CLOSED = frozenset({Role.ASIDE, Role.BYLINE})  # what is within is no more than that
_OF_THE_STORY = frozenset({Role.BODY, Role.LIST})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_NO_WORD = frozenset({"rp", "rt", "script", "style", "svg"})  # of what is not translated: it is no word of a sentence
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
_TELLING = ("class", "role", "rel", "itemprop")
_SIGNED = ("author", "byline", "dateline")
_MAX_CHARS_OF_A_BY_LINE = 120  # around a name that is marked as the author's

Layout = Callable[[re.Match[str]], str]
"""What becomes of white space."""


def chars_of_text(html: str) -> int:
    """How many code points stand outside of tags and comments, or in attributes that are translated."""
    tokens = list(_tokens(html))
    texts = [(token.start, token.end) for token in tokens if token.kind is Is.TEXT]
    values = [block.place for token in tokens for block in attribute_blocks(html, token)]
    return sum(end - start for start, end in texts + values)


def parse(html: str, handling: Handling = USUAL) -> Document:
    """Find the texts in a document or a fragment, however broken. Total, linear.

    White space within a line is one space in them; empty lines stay, and every line break where it ends a sentence.
    """
    tokens = list(_tokens(html))
    layout = _one_break if handling.ends is Ends.LINES else _one_space
    shortcodes = frozenset(_SHORTCODE_END.findall(html))
    blocks, items, within = list[Block](), list[Token](), _Within(html, site_headers(tokens))
    for token in without_opaque(html, tokens, handling.ignored):
        blocks += attribute_blocks(html, token)
        is_usual = _breaks(token.name) and token.name not in handling.non_splitting
        if is_usual or token.name in handling.splitting:
            blocks += _text_blocks(html, items, shortcodes, layout, within.role)
            items = []
            within.go_on(token)
        else:
            items.append(token)
    blocks += _text_blocks(html, items, shortcodes, layout, within.role)
    blocks.sort(key=lambda block: block.place)
    return Document(html, tuple(blocks), tuple(_language_places(html, tokens)))


def _breaks(name: str) -> bool:
    """Whether sentences end at such an element; one of an unknown name is inline, a component is not."""
    return name in _BREAKS or "-" in name


def _tokens(html: str) -> Iterator[Token]:
    """The source in tags, comments and the like (EMPTY), and text, without a gap."""
    position, text_start, foreign = 0, 0, 0
    while markup := _MARKUP.search(html, position):
        start = markup.start()
        if text_start < start:
            yield Token(Is.TEXT, text_start, start)
        tag = _TAG.match(html, start)
        if tag is None:
            position = text_start = _end_of_comment(html, start)
            yield Token(Is.EMPTY, start, position)
            continue
        position, name = tag.end(), tag[1].lower()
        is_end, is_closed = html[start + 1] == "/", html[position - 2] == "/"
        yield Token(Is.END if is_end else Is.START, start, position, name)
        if name in _FOREIGN and not is_closed:
            foreign = max(0, foreign - 1) if is_end else foreign + 1
        if name in _RAW and not is_end and not (foreign and is_closed):
            end = _RAW[name].search(html, position)
            text_start, position = position, end.start() if end else len(html)
            if text_start < position:
                yield Token(Is.TEXT, text_start, position)
        text_start = position
    if text_start < len(html):
        yield Token(Is.TEXT, text_start, len(html))


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


def _attributes(html: str, token: Token) -> dict[str, tuple[Span, str]]:
    """The place of each value and the quotes around it; of attributes of the same name the first counts."""
    found: dict[str, tuple[Span, str]] = {}
    tag = _TAG.match(html, token.start)
    for match in _ATTRIBUTE.finditer(html, tag.end(1), tag.end() - 1) if tag else ():
        if match.lastindex and match.lastindex > 1:
            found.setdefault(match[1].lower(), (match.span(match.lastindex), ("", '"', "'", "")[match.lastindex - 1]))
    return found


def _language_places(html: str, tokens: Sequence[Token]) -> Iterator[Span]:
    """Where the element around everything says its language."""
    solid = [token for token in tokens if token.kind is not Is.EMPTY and html[token.start : token.end].strip(SPACE)]
    if not solid or solid[0].kind is not Is.START:
        return
    attributes, root, depth = _attributes(html, solid[0]), solid[0].name, 0
    if not attributes.keys() & {"lang", "xml:lang"} or _is_protected(html, attributes):
        return
    for index, token in enumerate(solid):
        depth += (token.kind is Is.START) - (token.kind is Is.END) if token.name == root else 0
        if not depth and index < len(solid) - 1 and root != "html":
            return
    yield from (place for name, (place, _) in attributes.items() if name in ("lang", "xml:lang"))


def _is_protected(html: str, attributes: Mapping[str, tuple[Span, str]]) -> bool:
    """Whether the author, or who made the embed, wants the element left alone."""
    values = {name: html[slice(*attributes[name][0])] for name in ("translate", "class") if name in attributes}
    classes = values.get("class", "").split()
    return values.get("translate", "").lower() == "no" or not _OPAQUE_CLASSES.isdisjoint(classes)


class _Within:
    """The elements around a place, as far as sentences end at them, and what they make of a text there."""

    def __init__(self, html: str, headers: SiteHeaders) -> None:
        self._html, self._headers = html, headers
        self._roles: list[tuple[str, Role]] = []
        self._open: Counter[str] = Counter()

    @property
    def role(self) -> Role:
        """The role of a text there: of the innermost element that gives one, but an aside is all beside."""
        return self._roles[-1][1] if self._roles else Role.BODY

    def go_on(self, token: Token) -> None:
        """Go past a tag. An end that is missing comes with that of the element around, or with the next heading."""
        name = token.name
        if token.kind is Is.START and name not in _VOID:
            if name in _HEADINGS and self._roles and self._roles[-1][0] in _HEADINGS:
                self._leave(self._roles[-1][0])
            self._roles.append((name, self._role_in(token)))
            self._open[name] += 1
        elif token.kind is Is.END and self._open[name]:
            self._leave(name)

    def _leave(self, name: str) -> None:
        while True:
            left, _ = self._roles.pop()
            self._open[left] -= 1
            if left == name:
                return

    def _role_in(self, token: Token) -> Role:
        if token.name == "main":
            return Role.BODY
        if token.start == self._headers.headline or (token.name == "h1" and self.role is Role.BYLINE):
            return Role.TITLE
        return self.role if self.role in _CLOSED else self._own(token) or self.role

    def _own(self, token: Token) -> Role | None:
        if token.name in _AROUND_ALL:
            return None
        if token.start in self._headers.starts:
            return Role.ASIDE
        tag = self._html[token.start : token.end].lower()
        if any(name in tag for name in _TELLING):
            attributes = _attributes(self._html, token)
            for name, roles in (("role", _ROLES_OF_LANDMARKS), ("class", _ROLES_OF_CLASSES)):
                for word in self._html[slice(*attributes[name][0])].lower().split() if name in attributes else ():
                    if word in roles:
                        return roles[word]
            if _is_signed(self._html, token):
                return Role.BYLINE
        return _ROLES.get(token.name)


def _is_signed(html: str, token: Token) -> bool:
    """Whether a tag says that its element tells of the author."""
    tag = html[token.start : token.end].lower()
    if not any(word in tag for word in _SIGNED):
        return False
    attributes = _attributes(html, token)
    rel, itemprop, classes = (
        html[slice(*attributes[name][0])].lower().split() if name in attributes else []
        for name in ("rel", "itemprop", "class")
    )
    return "author" in rel or "author" in itemprop or any(map(is_by_line_class, classes))


def _is_by_line(html: str, items: Sequence[Token]) -> bool:
    """Whether a text in a line is all of its author, or no more than a few words beside."""
    if not any(item.kind is Is.START and _is_signed(html, item) for item in items):
        return False
    pairs, end, beside = partners(items), 0, 0
    for at, item in enumerate(items):
        if at >= end and pairs[at] > at and _is_signed(html, item):
            end = pairs[at]
        beside += len(item.text.strip()) if at >= end else 0
    text = "".join(item.text for item in items).strip()
    return not beside or (len(text) <= _MAX_CHARS_OF_A_BY_LINE and not ends(text))


class _Opaque:
    """An element that is not translated, from its start tag on."""

    def __init__(self, token: Token) -> None:
        self._token = token
        self._inside: Counter[str] = Counter()

    def end(self, token: Token) -> int | None:
        """Where the element ends, if this is the token that ends it.

        An element within a line ends with the block around it at the latest, and a paragraph where the next begins.
        """
        name, own = token.name, self._token.name
        if token.kind is Is.START and name not in _VOID:
            if name == own == "p":
                return token.start
            self._inside[name] += 1
        elif token.kind is Is.END and self._inside[name]:
            self._inside[name] -= 1
        elif token.kind is Is.END and name == own:
            return token.end
        elif token.kind is Is.END and _breaks(name) and not _breaks(own):
            return token.start
        return None

    def until(self, end: int) -> Token:
        """The element as one token."""
        return Token(Is.EMPTY, self._token.start, end, self._token.name)


def without_opaque(html: str, tokens: Iterable[Token], ignored: Container[str] = ()) -> Iterator[Token]:
    """The tokens, with one EMPTY token for each element that is not translated, or whose name is to be ignored."""
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
        is_ignored = token.name in ignored
        is_protected = token.kind is Is.START and (is_ignored or _is_protected(html, _attributes(html, token)))
        if token.kind is not Is.START or not (is_protected or token.name in _OPAQUE):
            yield token
        elif token.name in _VOID or ((is_ignored or token.name in _FOREIGN) and html[token.end - 2] == "/"):
            yield Token(Is.EMPTY, token.start, token.end, token.name)
        else:
            opaque = _Opaque(token)
    if opaque:
        yield opaque.until(end)


def attribute_blocks(html: str, token: Token) -> Iterator[Block]:
    """The values of a tag's attributes that people read; no other token has any."""
    if not token.name or not (token.kind is Is.START or token.name == "textarea"):
        return
    attributes = _attributes(html, token)
    read = _READ_ATTRIBUTES if token.name not in _UNSEEN else frozenset[str]()
    if token.name == "meta":
        named = (html[slice(*attributes[name][0])].lower() for name in ("name", "property") if name in attributes)
        read = frozenset({"content"} if _READ_METADATA.intersection(named) else ())
    for name in () if _is_protected(html, attributes) else attributes.keys() & read:
        place, quote = attributes[name]
        text = unicodedata.normalize("NFC", unescape(html[slice(*place)]))
        if is_translatable(text):
            yield Block(
                MarkedText(text), place, spellings=spellings([html[slice(*place)]]), quote=quote, role=Role.ATTRIBUTE
            )


def _text_blocks(
    html: str, items: Sequence[Token], shortcodes: frozenset[str], layout: Layout, role: Role
) -> Iterator[Block]:
    """The texts between two breaks, if there are any."""
    if any(item.kind is Is.TEXT for item in items):
        parts = [part for item in items for part in _parts(html, item, shortcodes, layout)]
        for stretch in apart(without_notes(parts)):
            is_by_line = role in _OF_THE_STORY and _is_by_line(html, stretch)
            yield from text_block(html, stretch, role=Role.BYLINE if is_by_line else role)


def _parts(html: str, item: Token, shortcodes: frozenset[str], layout: Layout) -> Iterator[Token]:
    """Text without the shortcodes in it, and what people read in the rest."""
    if item.kind is not Is.TEXT:
        yield read_tag(html, item)
        return
    position = item.start
    for match in _SHORTCODE.finditer(html, item.start, item.end):
        if match["embed"] or match["attributes"] or match["name"] in shortcodes:
            if position < match.start():
                yield _text(html, position, match.start(), layout)
            position = match.end()
            yield Token(Is.EMPTY, match.start(), position)
    if position < item.end:
        yield _text(html, position, item.end, layout)


def _text(html: str, start: int, end: int, layout: Layout) -> Token:
    text = unicodedata.normalize("NFC", _LAYOUT.sub(layout, unescape(html[start:end])))
    return Token(Is.TEXT, start, end, text=text)


def read_tag(html: str, token: Token) -> Token:
    """A tag that cannot have an end as EMPTY, a line break and an element that is not translated with their text."""
    if token.kind is Is.EMPTY and token.name not in _NO_WORD:
        return replace(token, text=_visible(html[token.start : token.end])) if token.name else token
    if token.name not in _VOID:
        return token
    return replace(token, kind=Is.EMPTY, text="\n" * is_line_break(html[token.start : token.end]))


def _visible(html: str) -> str:
    """What people read in an element."""
    tokens = [Token(Is.EMPTY, 0, 0), *_tokens(html)]
    texts = [
        html[token.start : token.end]
        for before, token in pairwise(tokens)
        if token.kind is Is.TEXT and not (before.kind is Is.START and before.name in _RAW)
    ]
    return unicodedata.normalize("NFC", _LAYOUT.sub(" ", unescape("".join(texts)))).strip()


def _one_space(layout: re.Match[str]) -> str:
    """What a run of white space comes to; empty lines are paragraphs to many a CMS."""
    return "\n\n" if layout[0].count("\n") > 1 else " "


def _one_break(layout: re.Match[str]) -> str:
    """The same where line breaks end sentences."""
    return "\n" if layout[0].count("\n") == 1 else _one_space(layout)
