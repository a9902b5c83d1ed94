"""An article of any format as one text in sentences, and its translation in the same format."""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import Protocol

from services.model import Content, Format, Handling, Language
from services.rendering import Rendering
from services.text.clauses import Span
from services.text.markup import MarkedText, cut, join, split, transfer
from services.text.normalise import normalise
from services.text.role import Role
from services.text.segment import Segmented, segment

_BREAK = "\n\n"


class Block(Protocol):
    """Text that is translated by itself."""

    @property
    def marked(self) -> MarkedText:
        """The text and the marks in it."""
        ...

    @property
    def role(self) -> Role:
        """What it is on its page."""
        ...

    @property
    def stand_ins(self) -> Mapping[str, str]:
        """Characters of the text that stand for something that is not translated, and what people read there."""
        ...


class Document(Protocol):
    """Markup, and the texts to translate in it."""

    @property
    def blocks(self) -> Sequence[Block]:
        """The texts, in their order."""
        ...

    def render(self, blocks: Sequence[MarkedText], language: str | None = None) -> str:
        """The markup with a text in the place of each block, and with another language where it names one."""
        ...

    def excerpt(self, index: int, marked: MarkedText) -> str:
        """A part of the block of that index as markup by itself."""
        ...


@dataclass(frozen=True, slots=True)
class Shown:
    """The text of an article as people read it, and where the places of its reading are in that."""

    text: str
    _grown: tuple[tuple[int, int], ...] = ()

    def place(self, at: int) -> int:
        """The place in this text of a place in the reading's."""
        index = bisect_left(self._grown, at, key=lambda grown: grown[0]) - 1
        return at + self._grown[index][1] if index >= 0 else at


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of an article: that of its blocks, an empty line between; it is its own where there is no markup."""

    text: str
    content: Content
    document: Document | None
    blocks: tuple[Span, ...]
    sources: tuple[Block, ...] = ()  # of the blocks, where there is a document

    def segment(self, languages: Sequence[tuple[Span, Language | None]]) -> Segmented:
        """The sentences of the stretches of a text, each in a language; no sentence is in two blocks or stretches.

        The stretches are in order, and nothing but white space is outside of them.
        """
        spans, waiting, ends = list[Span](), deque(self.blocks), self.content.handling.ends
        for (start, end), language in languages:
            while waiting and waiting[0][0] < end:
                first, last = waiting.popleft()
                if last > end:  # the rest is in the next stretch
                    waiting.appendleft((end, last))
                begin, finish = max(start, first), min(end, last)
                found = segment(self.text[begin:finish], language, ends).spans if begin < finish else ()
                spans += ((begin + a, begin + b) for a, b in found)
        return Segmented(self.text, tuple(spans))

    @property
    def title(self) -> str | None:
        """What people read in the first heading of the first level, if there is one."""
        first = next((block for block in self.sources if block.role is Role.TITLE), None)
        return _without_stand_ins(first.marked.text, first) if first else None

    def shown(self) -> Shown:
        """The text with what people read in the place of each stand-in."""
        parts, grown, growth, position = list[str](), list[tuple[int, int]](), 0, 0
        for (start, end), block in zip(self.blocks if self.sources else (), self.sources, strict=True):
            for at in range(start, end) if block.stand_ins else ():
                if (read := block.stand_ins.get(self.text[at])) is not None:
                    parts += (self.text[position:at], read)
                    growth, position = growth + len(read) - 1, at + 1
                    grown.append((at, growth))
        return Shown("".join((*parts, self.text[position:])), tuple(grown))

    def readable(self, text: str, span: Span) -> str:
        """A text made of the sentence in a span, with what people read in the place of each stand-in."""
        return _without_stand_ins(text, self.sources[self._block(span)]) if self.sources else text

    def role(self, span: Span) -> Role:
        """What a sentence is on its page."""
        return self.sources[self._block(span)].role if self.sources else Role.BODY

    def excerpt(self, span: Span) -> str:
        """A sentence in the format of the article, with the tags in it and around it; each is closed."""
        if not self.document:
            return self.text[slice(*span)]
        index = self._block(span)
        first = self.blocks[index][0]
        return self.document.excerpt(index, cut(self.sources[index].marked, (span[0] - first, span[1] - first)))

    def _block(self, span: Span) -> int:
        return bisect_right(self.blocks, span[0], key=lambda block: block[0]) - 1

    def write(self, segmented: Segmented, renderings: Sequence[Rendering], language: Language) -> str:
        """The article with a translation in the place of each sentence, every mark around the words it was around.

        Raises ValueError unless there is one for each.
        """
        if self.document is None:
            return segmented.join([rendering.text for rendering in renderings])
        translated = zip(segmented.spans, renderings, strict=True)
        waiting = next(translated, None)
        written = []
        for block, (start, end) in zip(self.sources, self.blocks, strict=True):
            spans, of_block = list[Span](), list[Rendering]()
            while waiting and waiting[0][1] <= end:
                spans.append((waiting[0][0] - start, waiting[0][1] - start))
                of_block.append(waiting[1])
                waiting = next(translated, None)
            parts = split(block.marked, spans)
            moved = [transfer(part, one.text, one.links or ()) for part, one in zip(parts, of_block, strict=True)]
            written.append(join(block.marked, spans, moved))
        return self.document.render(written, str(language))


def read(content: Content) -> Reading:
    """Read an article. Raises InvalidText."""
    text = normalise(content.text)
    if content.format is Format.TEXT:
        return Reading(text, replace(content, text=text), None, ((0, len(text)),))
    document = _parser(content.format)(content.text, content.handling)
    sources = tuple(document.blocks)
    texts = [block.marked.text for block in sources]
    ends = accumulate((len(one) + len(_BREAK) for one in texts), initial=0)
    blocks = tuple((start, end - len(_BREAK)) for start, end in pairwise(ends))
    return Reading(_BREAK.join(texts), content, document, blocks, sources)


def _without_stand_ins(text: str, block: Block) -> str:
    return text.translate({ord(char): read for char, read in block.stand_ins.items()})


def _parser(format_: Format) -> Callable[[str, Handling], Document]:
    """The one place where the readers of markup are imported, which takes its time; plain text needs none."""
    if format_ is Format.HTML:
        from services.text import html

        return html.parse
    if format_ is Format.XML:
        from services.text import xml

        return xml.parse
    from services.text import markdown

    return lambda text, _: markdown.parse(text)
