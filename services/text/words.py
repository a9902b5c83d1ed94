"""Words for counting and comparing: to rank sentences, never to rebuild a text."""

import re
import unicodedata

from services.model import Language
from services.patterns import pattern

# Combining marks are letters' parts, but `\w` leaves them out: without them Hindi words break at every vowel sign.
MARKS = (
    "\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07a6-\u07b0\u07eb-\u07f3"
    "\u0816-\u082d\u0898-\u08e1\u08e3-\u0963\u0981-\u09e3\u09fe\u0a01-\u0a75\u0a81-\u0ae3\u0afa-\u0b63\u0b82-\u0bd7"
    "\u0c00-\u0c63\u0c81-\u0c83\u0cbc-\u0d4d\u0d57-\u0d63\u0d81-\u0df3\u0e31-\u0e3a\u0e47-\u0e4e\u0eb1-\u0ecd"
    "\u0f18\u0f19\u0f35\u0f37\u0f39\u0f3e-\u0f84\u0f86-\u0fbc\u102b-\u103e\u1056-\u109d\u135d-\u135f"
    "\u17b4-\u17d3\u17dd\u1ab0-\u1aff\u1dc0-\u1dff\u3099\u309a\ufe20-\ufe2f"
)
_WORD = re.compile(
    rf"[^\W_]+(?:[{MARKS}]+[^\W_]*)*"
    r"(?:(?:['\-·\u200c\u200d]|(?<=\d)[.,](?=\d))"
    rf"[^\W_]+(?:[{MARKS}]+[^\W_]*)*)*"
)
_TYPOGRAPHY = str.maketrans({"’": "'", "‐": "-", "‑": "-", "\u00ad": None})
_ELISION = re.compile(r"(?<=\w)'(?=\w)")
_ELIDING = frozenset({"ca", "fr", "it"})

PLAIN_MARK = "\u02e3"  # a letter that stands for any combining mark, as `\w` leaves these out
LETTERS_WITHOUT_SPACES = (  # Thai, Lao, Burmese, Khmer, kana, Han: as in a character class
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
UNSPACED = re.compile(f"([{LETTERS_WITHOUT_SPACES}]+)")


_CHARACTER = pattern(f"[{LETTERS_WITHOUT_SPACES}]")
_NEVER_COUNTED = re.compile(f"[{MARKS}\u3000-\u3004\u3008-\u303f\uff00-\uff65]")


def count_words(text: str) -> int:
    """How long a text is to an editor: what stands between spaces, and each character where there are none."""
    return len(_CHARACTER.sub(" x ", _NEVER_COUNTED.sub("", text)).split())


def with_plain_marks(text: str) -> str:
    """The text, of the same length, with one letter for all combining marks, so that patterns see whole words."""
    if text.isascii():
        return text
    return text.translate({ord(char): PLAIN_MARK for char in set(text) if unicodedata.category(char)[0] == "M"})


def words(text: str, language: Language | None) -> list[str]:
    """The words in their order and case, numbers too; apostrophes and hyphens inside a word stay, as ' and -.

    French, Italian and Catalan words part at the apostrophe (l'eau). Scripts that put no spaces between words give
    pairs of neighbouring characters, in any language.
    """
    if not text.isascii():
        text = text.translate(_TYPOGRAPHY)
    if language and language.primary in _ELIDING:
        text = _ELISION.sub(" ", text)
    found: list[str] = _WORD.findall(text)
    if text.isascii() or not UNSPACED.search(text):
        return found
    return [part for word in found for part in _parts(word)]


def _parts(word: str) -> list[str]:
    parts: list[str] = []
    for at, run in enumerate(UNSPACED.split(word)):
        parts += _pairs(run) if at % 2 else _WORD.findall(run)
    return parts


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(max(1, len(run) - 1))]
