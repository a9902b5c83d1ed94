"""What there is to translate in Markdown, and the Markdown with the translations in it.

Front matter, code, addresses, definitions and all marks stay byte for byte. A text that has changed is written on one
line (but for its hard breaks), and then read again: what does not read as it was meant is written with more care.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from services.text import html, tagged
from services.text.clauses import Span
from services.text.inline import Block, Edits, Token, excerpt_of, is_translatable, spellings, text_block
from services.text.markdown_blocks import TAG, Leaf, Reader, Room, begins_html, fold
from services.text.markdown_captions import is_caption, is_picture, is_right_below
from services.text.markdown_inline import Inline, decoded, read_inline
from services.text.markdown_write import written_text, written_title
from services.text.markup import MarkedText
from services.text.role import Role

_LINE_END = re.compile(r"(?<!\s)\s*[\r\n]\s*")
_Writer = Callable[[MarkedText, Block, Edits], str]


@dataclass(frozen=True, slots=True)
class _Inner:
    """HTML in the Markdown, and the place of it."""

    document: tagged.Document
    place: Span


@dataclass(frozen=True, slots=True)
class _Entry:
    """A block and how to write it; the outer ones are written last."""

    block: Block
    write: _Writer
    level: int


@dataclass(frozen=True, slots=True)
class Document:
    """Markdown and what there is to translate in it, in order."""

    source: str
    _parts: tuple[_Entry | _Inner, ...]
    _labels: Mapping[str, str]

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The texts; places of those in HTML count from where the HTML begins."""
        return tuple(
            block
            for part in self._parts
            for block in (part.document.blocks if isinstance(part, _Inner) else (part.block,))
        )

    def render(self, blocks: Sequence[MarkedText], language: str | None = None) -> str:
        """Put a text in the place of each block, and a tag where HTML says its language; the rest stays byte for byte.

        parse(markdown).render([block.marked for block in blocks]) is markdown. What has a stand-in comes back as often
        as it is in the source, as in HTML. A text without ink leaves the source as it is, since Markdown has no empty
        paragraph. Raises ValueError unless there is one text for each block.
        """
        edits, changed, position = dict[Span, str](), list[tuple[_Entry, MarkedText]](), 0
        for part in self._parts:
            count = len(part.document.blocks) if isinstance(part, _Inner) else 1
            own, position = blocks[position : position + count], position + count
            if isinstance(part, _Inner):
                edits[part.place] = _still_html(part.document.source, part.document.render(own, language))
            elif [part.block.marked] != list(own):
                changed += zip([part], own, strict=True)
        if position != len(blocks):
            raise ValueError("there is one text for each block")
        for level in range(3):
            inner = Edits(self.source, edits)
            for entry, marked in changed:
                if entry.level == level and marked.text.strip():
                    edits[entry.block.place] = entry.write(marked, entry.block, inner)
        return Edits(self.source, edits).between(0, len(self.source))

    def excerpt(self, index: int, marked: MarkedText) -> str:
        """A part of the block of that index as Markdown by itself: a link has its address in the place of a label."""
        for part in self._parts:
            count = len(part.document.blocks) if isinstance(part, _Inner) else 1
            if index < count:
                if isinstance(part, _Inner):
                    return part.document.excerpt(index, marked)
                marks = tuple(replace(mark, raw=self._with_address(mark.raw)) for mark in marked.marks)
                return part.write(replace(marked, marks=marks), excerpt_of(part.block, marked), Edits(self.source, {}))
            index -= count
        raise IndexError("there is no such block")

    def _with_address(self, raw: str) -> str:
        address = self._labels.get(fold(raw[2:-1])) if raw.startswith("][") else None
        return f"]({address})" if address else raw


def parse(markdown: str) -> Document:
    """Find the texts in a document. Total, linear."""
    reader = Reader(markdown)
    reader.read()
    return Document(markdown, tuple(_parts(markdown, reader)), reader.labels)


def _parts(source: str, reader: Reader) -> Iterator[_Entry | _Inner]:
    picture_end: int | None = None
    for leaf in reader.leaves:
        start, end = leaf.lines[0][0], leaf.lines[-1][1]
        if leaf.room is Room.HTML:
            within = _within(html.parse(source[start:end]), leaf.role)
            yield _Inner(within, (start, end))
            picture_end = end if _is_picture(within) else None
            continue
        inline = read_inline(source, leaf.lines, reader.labels)
        is_below = picture_end is not None and is_right_below(source, picture_end, start)
        if leaf.room is Room.PARAGRAPH and is_caption(source, inline.tokens, is_below):
            leaf = replace(leaf, role=Role.CAPTION)
        yield from _entries(source, leaf, inline, reader.labels)
        picture_end = end if is_picture(source, inline.tokens) else None


def _entries(source: str, leaf: Leaf, inline: Inline, labels: Container[str]) -> Iterator[_Entry]:
    tokens = list(html.without_opaque(source, inline.tokens))
    opaque = sorted((token.start, token.end) for token in set(tokens).difference(inline.tokens))
    is_cell = leaf.room in (Room.CELL, Room.ROW_START)
    entries = [_Entry(block, written_title(is_cell), 0) for block in _titles(source, inline.titles)]
    for description in inline.descriptions:
        write = written_text(source, Room.CELL if is_cell else Room.HEADING, labels, is_description=True)
        entries += (_Entry(block, write, 1) for block in _blocks(source, description, Role.ATTRIBUTE))
    for token in tokens:
        entries += (_Entry(block, _written_attribute(is_cell), 0) for block in html.attribute_blocks(source, token))
    entries = [entry for entry in entries if not _is_within(entry.block.place, opaque)]
    text = written_text(source, leaf.room, labels)
    entries += (_Entry(block, text, 2) for block in _blocks(source, tokens, leaf.role))
    yield from sorted(entries, key=lambda entry: entry.block.place)


def _is_picture(document: tagged.Document) -> bool:
    """Whether HTML shows a picture and says nothing."""
    return "<img" in document.source.lower() and all(block.role is Role.ATTRIBUTE for block in document.blocks)


def _is_within(place: Span, others: Sequence[Span]) -> bool:
    """Whether it is in one of the others, which are in order and apart."""
    last = bisect_right(others, place) - 1
    return last >= 0 and place[1] <= others[last][1]


def _blocks(source: str, tokens: Sequence[Token], role: Role) -> Iterator[Block]:
    return text_block(source, [html.read_tag(source, token) for token in tokens], is_whole=True, role=role)


def _within(document: tagged.Document, role: Role) -> tagged.Document:
    """HTML in a quote or a list is that, where it does not say that it is something else."""
    if role is Role.BODY:
        return document
    return replace(
        document,
        blocks=tuple(replace(block, role=role) if block.role is Role.BODY else block for block in document.blocks),
    )


def _titles(source: str, places: Sequence[Span]) -> Iterator[Block]:
    for start, end in places:
        text = decoded(source[start:end])
        if is_translatable(text):
            quote = source[start - 1]
            found = spellings([source[start:end]])
            yield Block(MarkedText(text), (start, end), spellings=found, quote=quote, role=Role.ATTRIBUTE)


def _still_html(source: str, written: str) -> str:
    """A tag of no block makes HTML of the lines after it only if it stands alone on its line."""
    tag, line_end = TAG.match(written), re.search(r"[\r\n]+[ \t]*", source)
    if not tag or not line_end or begins_html(written) or not begins_html(source):
        return written
    return written[: tag.end()] + line_end[0] + written[tag.end() :].lstrip()


def _written_attribute(is_cell: bool) -> _Writer:
    """Write the value of an attribute of a tag in a line."""

    def write(marked: MarkedText, block: Block, _: Edits) -> str:
        value = tagged.written_value(_LINE_END.sub(" ", marked.text), block)
        return value.replace("|", "&#124;") if is_cell else value

    return write
