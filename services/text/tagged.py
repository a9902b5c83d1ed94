"""A document of tags with translations in it: HTML, and XML.

Whoever reads it says where its texts are; all the rest stays as it is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.text.clauses import Span
from services.text.inline import Block, Edits, excerpt_of, is_line_break, settled
from services.text.markup import MarkedText

_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


@dataclass(frozen=True, slots=True)
class Document:
    """HTML or XML, what there is to translate in it, in order, and where its root says the language."""

    source: str
    blocks: tuple[Block, ...]
    language_places: tuple[Span, ...] = ()
    has_line_breaks: bool = True  # <br> is one, as in HTML

    def render(self, blocks: Sequence[MarkedText], language: str | None = None) -> str:
        """Put a text in the place of each block and a tag where the language stands; the rest stays byte for byte.

        parse(html).render([block.marked for block in blocks]) is html. What has a stand-in comes back as often as it
        is in the source: only the first of several counts, and one that is missing goes to the end of its text. Raises
        ValueError unless there is one text for each block.
        """
        edits = {place: language for place in self.language_places if language}
        changed = [(block, marked) for block, marked in zip(self.blocks, blocks, strict=True) if marked != block.marked]
        for block, marked in changed:
            if block.quote is not None:
                edits[block.place] = written_value(marked.text, block)
        inner = Edits(self.source, edits)
        for block, marked in changed:
            if block.quote is None:
                edits[block.place] = _written_block(marked, block, inner, self.has_line_breaks)
        return Edits(self.source, edits).between(0, len(self.source))

    def excerpt(self, index: int, marked: MarkedText) -> str:
        """A part of the block of that index as HTML by itself, with the tags around it that keep to its line."""
        block = self.blocks[index]
        written = _written_block(marked, excerpt_of(block, marked), Edits(self.source, {}), self.has_line_breaks)
        return "".join((*(start for start, _ in block.around), written, *(end for _, end in reversed(block.around))))


def written_value(text: str, block: Block) -> str:
    """The value of an attribute, in the quotes that are around it or in new ones."""
    quotes = {"'": "&#39;"} if block.quote == "'" else {'"': "&quot;"}
    value = _escaped(text, {**quotes, **block.spellings})
    return value if block.quote else f'"{value}"'


def _escaped(text: str, entities: Mapping[str, str]) -> str:
    return text.translate({ord(char): entity for char, entity in {**_ESCAPES, **entities}.items()})


def _written_block(marked: MarkedText, block: Block, inner: Edits, has_line_breaks: bool) -> str:
    """Tags as they are in the source, by their raw text: equal ones stand for each other."""
    marked = settled(marked, block)
    opaque = zip(block.stand_ins, block.stand_in_places, strict=True)
    entities = {**block.spellings, **{char: inner.between(*place) for char, place in opaque}}
    tags: dict[str, list[str]] = {}
    for mark, place in zip(block.marked.marks, block.mark_places, strict=True):
        tags.setdefault(mark.raw, []).append(inner.between(*place))
    waiting = {raw: iter(written) for raw, written in tags.items()}
    parts, position = list[str](), 0
    for mark in marked.marks:
        parts += (
            _escaped(marked.text[position : mark.at], entities),
            next(waiting.get(mark.raw, iter(())), mark.raw),
        )
        # A line break is its tag; readers of `pre-wrap` would see a second one.
        is_break = has_line_breaks and is_line_break(mark.raw)
        position = mark.at + (is_break and marked.text.startswith("\n", mark.at))
    return "".join((*parts, _escaped(marked.text[position:], entities)))
