"""What there is to translate in XML, and the XML with the translations in it.

The names of elements say nothing by themselves. Which of them are structure, and which are marks in a sentence, is seen
by where text stands beside them, or said by the caller.
"""

import re
import unicodedata
from collections.abc import Container, Iterator, Sequence
from html import unescape
from html.entities import html5
from xml.parsers import expat

from services.model import USUAL, Handling
from services.text.inline import Block, Is, Token, partners, text_block
from services.text.tagged import Document

_MARKUP = re.compile(  # possessive, and what has no end goes to the end of all: so it is linear
    r"""
    <!-- (?: [^-]++ | -(?!->) )*+ (?: --> | \Z )
  | <\? (?: [^?]++ | \?(?!>) )*+ (?: \?> | \Z )
  | (?P<literal> <!\[CDATA\[ (?: [^\]]++ | \](?!\]>) )*+ \]\]> )
  | <! (?: [^<>\[\]"'] | "[^"]*+" | '[^']*+' | \[ (?: [^\]"'] | "[^"]*+" | '[^']*+' )*+ (?: \] | \Z ) )*+ (?: > | \Z )
  | < (?P<end>/)?+ (?P<name> [^\W\d][^\s<>/="'&]*+ | :[^\s<>/="'&]*+ )
      (?: [\s/]++ | [^\s<>/="']++ | = | "[^"]*+" | '[^']*+' )*+ >
  | &(?P<entity> \#\d++ | \#[xX][\da-fA-F]++ | [^\W\d][\w.-]*+ );
    """,
    re.VERBOSE,
)
_REFERENCE = re.compile(r"&[#\w.-]+;")
_ROOT = -1
_DECLARED = re.compile(r"\s*(?:<\?xml\s|<!DOCTYPE\s)")


def parse(xml: str, handling: Handling = USUAL) -> Document:
    """Find the texts in a document or a fragment, however broken. Total, linear.

    A sentence ends at an element that stands where there is no text but in elements: `par` and `title` in an article,
    and not `b` in a `par`. CDATA and entities that only a document type knows are words that are not translated.
    """
    tokens = list(_without_ignored(xml, list(_tokens(xml)), handling.ignored))
    breaks = _breaks(tokens, handling)
    blocks, items = list[Block](), list[Token]()
    for index, token in enumerate(tokens):
        if index in breaks:
            blocks += text_block(xml, items)
            items = []
        else:
            items.append(token)
    blocks += text_block(xml, items)
    return Document(xml, tuple(blocks), has_line_breaks=False)


def is_well_formed(xml: str) -> bool:
    """Whether a document, or a fragment of one, keeps the rules of XML 1.0; one that declares entities does not."""
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _refuse_entity
    try:
        parser.Parse(xml if _DECLARED.match(xml) else f"<_>{xml}</_>", True)
    except (expat.ExpatError, UnicodeEncodeError, _Declared):
        return False
    return True


class _Declared(Exception):
    """An entity is declared, which may stand for anything, or for a very great deal."""


def _refuse_entity(*_: object) -> None:
    raise _Declared


def chars_of_text(xml: str) -> int:
    """How many code points stand outside of tags and comments."""
    return sum(token.end - token.start for token in _tokens(xml) if token.text)


def _tokens(xml: str) -> Iterator[Token]:
    """The source in tags, text and everything else (EMPTY), without a gap."""
    text_start = 0
    for markup in _MARKUP.finditer(xml):
        start, end = markup.span()
        if markup["entity"] and _character(markup[0]) != markup[0]:
            continue
        if text_start < start:
            yield _text(xml, text_start, start)
        text_start, name = end, markup["name"] or ""
        if markup["entity"] or markup["literal"]:
            yield Token(Is.EMPTY, start, end, text=markup["entity"] or markup["literal"][9:-3])
        elif not name or xml[end - 2] == "/":
            yield Token(Is.EMPTY, start, end, name)
        else:
            yield Token(Is.END if markup["end"] else Is.START, start, end, name)
    if text_start < len(xml):
        yield _text(xml, text_start, len(xml))


def _text(xml: str, start: int, end: int) -> Token:
    text = _REFERENCE.sub(lambda reference: _character(reference[0]), xml[start:end])
    return Token(Is.TEXT, start, end, text=unicodedata.normalize("NFC", re.sub(r"\r\n?", "\n", text)))


def _character(reference: str) -> str:
    """What a reference stands for; itself where only a document type knows it, as `&copyright;`, which HTML reads."""
    return unescape(reference) if reference[1] == "#" or reference[1:] in html5 else reference


def _without_ignored(xml: str, tokens: Sequence[Token], ignored: Container[str]) -> Iterator[Token]:
    """The tokens, with one EMPTY token for each element that is to stay as it is; people read its text."""
    found, position = partners(tokens), 0
    for index, token in enumerate(tokens):
        if index < position:
            continue
        if token.name in ignored and found[index] > index:
            position = found[index] + 1
            read = "".join(inner.text for inner in tokens[index:position])
            yield Token(Is.EMPTY, token.start, tokens[position - 1].end, token.name, text=read.strip())
        else:
            yield token


def _breaks(tokens: Sequence[Token], handling: Handling) -> set[int]:
    """The tags at which sentences end."""
    pairs, around = partners(tokens), [_ROOT]
    has_text, parents = set[int](), dict[int, int]()
    for index, token in enumerate(tokens):
        if token.kind is Is.END and pairs[index] >= 0:
            around.pop()
        elif token.kind is Is.START and pairs[index] >= 0:
            parents[index] = around[-1]
            around.append(index)
        elif token.text.strip() and not (token.kind is Is.EMPTY and token.name):
            has_text.add(around[-1])
    structure, breaks = {_ROOT}, set[int]()
    for index, parent in parents.items():  # in the order of the document
        if parent in structure and parent not in has_text:
            structure.add(index)
            if handling.outline and tokens[index].name not in handling.non_splitting:
                breaks |= {index, pairs[index]}
    return breaks | {index for index, token in enumerate(tokens) if token.name in handling.splitting}
