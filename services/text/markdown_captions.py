"""Captions of Markdown, which has no mark for them: a line in italics right under a picture."""

import re
from collections.abc import Sequence

from services.text.inline import Is, Token

_ITALICS = re.compile(r"[*_]\d+|em|i")
_NOTHING = " \t\r\n>"  # a quote's marks stand before its empty lines too


def is_caption(source: str, tokens: Sequence[Token], is_below: bool) -> bool:
    """Whether a paragraph says something in italics and nothing else, below or after a picture."""
    has_picture, depth, has_words = is_below, 0, False
    for token in tokens:
        if _ink(token):
            if not (has_picture and depth):
                return False
            has_words = True
        elif _ITALICS.fullmatch(token.name):
            depth += (token.kind is Is.START) - (token.kind is Is.END)
        has_picture = has_picture or _is_picture(source, token)
    return has_words


def is_picture(source: str, tokens: Sequence[Token]) -> bool:
    """Whether a paragraph shows pictures and says nothing."""
    return not any(map(_ink, tokens)) and any(_is_picture(source, token) for token in tokens)


def is_right_below(source: str, end: int, start: int) -> bool:
    """Whether nothing is between the end of one paragraph and the start of another."""
    return not source[end:start].strip(_NOTHING)


def _ink(token: Token) -> bool:
    return bool(token.text.strip())


def _is_picture(source: str, token: Token) -> bool:
    return token.name == "img" or (token.kind is Is.EMPTY and source.startswith("![", token.start))
