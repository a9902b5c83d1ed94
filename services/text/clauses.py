"""Where a sentence that is too long can be cut with the least harm."""

import re
import unicodedata
from collections.abc import Iterator

Span = tuple[int, int]

_CLAUSE_ENDS = tuple(map(re.compile, (r"[;:](?=\s)|[；：]", r"[,،](?=\s)|[，、—]|\s[–-](?=\s)", r"\s")))
_INK = re.compile(r"\S")


def clauses(text: str, sentence: Span, max_chars: int) -> Iterator[Span]:
    """Cut a span where clauses end, into segments of about the same length, none longer than `max_chars`.

    Between the segments is nothing but white space; a span that is short enough stays whole.
    """
    start, end = sentence
    while end - start > max_chars:
        segments = -(-(end - start) // max_chars)
        even = start + (end - start) // segments
        cut = _best_cut(text, even, even - max_chars // 4, min(start + max_chars, even + max_chars // 4))
        yield start, start + len(text[start:cut].rstrip())
        start = next(_INK.finditer(text, cut)).start()
    yield start, end


def _best_cut(text: str, even: int, first: int, last: int) -> int:
    """The place between first and last nearest to `even` that hurts least."""
    for pattern in _CLAUSE_ENDS:
        if cuts := [match.end() for match in pattern.finditer(text, first, last)]:
            return min(cuts, key=lambda cut: abs(cut - even))
    return next((cut for cut in range(last, first, -1) if not _is_cluster(text, cut)), last)


def _is_cluster(text: str, cut: int) -> bool:
    """Whether the character at `cut` is drawn with the one before."""
    return unicodedata.category(text[cut]) in ("Mn", "Mc", "Me", "Sk") or "\u200d" in text[cut - 1 : cut + 1]
