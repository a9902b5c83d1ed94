"""Elements that stand side by side in a line: which are one text, and which only look so without their style.

Pages are written without white space between a name and a date, and menus without commas. Read as one text, "Lisbon"
and "4 min" become one word, and links change places.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from services.text.inline import Is, Token, partners

_NOTE = {  # what a footnote's mark may say, by the element it is in
    "sup": re.compile(r"\s*(?:[\[(]?(?:\d{1,3}|[*†‡§¶#]{1,3})(?:[,;–-]\d{1,3})*[\])]?|\[[^\W\d_]\]|[a-z])\s*"),
    "a": re.compile(r"\s*[\[(]?(?:\d{1,3}|[*†‡§¶]{1,3})[\])]?\s*"),
}
_MAX_NOTE = 12  # tokens; elements in elements in elements would be read again for each of them
_SMALL = frozenset({"sub", "sup"})
_PICTURES = frozenset({"img"})
_SEPARATORS = re.compile(r"[\s|·•›»>–—/,;-]*")
_MIN_GLUED_WORD, _MIN_WORD, _LONGEST_WORD = 4, 2, 100
_LAST_WORD, _FIRST_WORD = re.compile(r"\w+\Z"), re.compile(r"\w+")


def without_notes(items: Sequence[Token]) -> list[Token]:
    """The items with each footnote mark that follows a word at once as one EMPTY token: it is no part of the word."""
    found, position, ends = list[Token](), 0, partners(items)
    for index, item in enumerate(items):
        if index < position:
            continue
        end = ends[index]
        if item.kind is Is.START and end > index and _is_note(items, index, end):
            found.append(Token(Is.EMPTY, item.start, items[end].end, item.name))
            position = end + 1
        else:
            found.append(item)
    return found


def _is_note(items: Sequence[Token], start: int, end: int) -> bool:
    pattern = _NOTE.get(items[start].name)
    if pattern is None or end - start > _MAX_NOTE:
        return False
    inside = "".join(item.text for item in items[start + 1 : end])
    if not pattern.fullmatch(inside):
        return False
    before = _first_text(items, range(start - 1, -1, -1))
    after = _first_text(items, range(end + 1, len(items)))
    is_ordinal = inside.isalpha() and before[-1:].isdigit()
    return before[-1:].isalnum() and not after[:1].isalnum() and not is_ordinal


def _first_text(items: Sequence[Token], places: Iterable[int]) -> str:
    return next((items[at].text for at in places if items[at].text), "")


def apart(items: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """The items in stretches, each of which is a text of its own. Nothing is lost between them."""
    cuts = sorted({*_list_cuts(items), *_glued_cuts(items)})
    for start, end in zip([0, *cuts], [*cuts, len(items)], strict=True):
        if start < end:
            yield items[start:end]


def _list_cuts(items: Sequence[Token]) -> Iterator[int]:
    """Around each of several elements with nothing but separators between them, none of which goes on from another."""
    ends, spans, position = partners(items), list[tuple[int, int]](), 0
    for index, item in enumerate(items):
        if index < position:
            continue
        if item.kind is Is.START and ends[index] > index:
            spans.append((index, ends[index] + 1))
            position = ends[index] + 1
        elif item.text and not _SEPARATORS.fullmatch(item.text):
            return
    texts = [("".join(item.text for item in items[start:end])).strip() for start, end in spans]
    named = [(span, text) for span, text in zip(spans, texts, strict=True) if text]
    if len(named) > 1 and not any(text[0].islower() for _, text in named) and _has_words(named):
        for (start, end), _ in named:
            yield from (start, end)


def _has_words(named: Sequence[tuple[tuple[int, int], str]]) -> bool:
    """Whether these are words, and no letters of a word each in a style of its own."""
    return all(len(text) >= _MIN_WORD or not text.isalpha() for _, text in named)


def _glued_cuts(items: Sequence[Token]) -> Iterator[int]:
    """Between two texts without white space in between, where a tag parts two words."""
    before: int | None = None
    for index, item in enumerate(items):
        if not item.text:
            continue
        if before is not None and index > before + 1 and _part(items, before, index):
            between = items[before + 1 : index]
            kinds = [token.kind for token in between]
            yield index if Is.START not in kinds else before + 1 + kinds.index(Is.START)
        before = index


def _part(items: Sequence[Token], before: int, after: int) -> bool:
    first, second = items[before].text, items[after].text
    if items[before].kind is not Is.TEXT or items[after].kind is not Is.TEXT:
        return False
    last_word = _LAST_WORD.search(first, max(0, len(first) - _LONGEST_WORD))  # or it begins anew at each letter
    first_word = _FIRST_WORD.match(second)
    between = items[before + 1 : after]
    if last_word is None or first_word is None or any(token.name in _SMALL for token in between):
        return False
    words = last_word[0], first_word[0]
    if _PICTURES.intersection(token.name for token in between):
        return True
    kinds = [token.kind for token in between if token.kind is not Is.EMPTY]
    if kinds and kinds[0] is Is.END and kinds[-1] is Is.START:
        return all(len(word) >= _MIN_WORD or word.isdigit() for word in words)
    is_new = words[0][-1].islower() and words[1][0].isupper() and words[1][1:].islower()
    return is_new and all(len(word) >= _MIN_GLUED_WORD for word in words)
