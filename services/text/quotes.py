"""Which sentences are somebody else's words."""

import re
from collections.abc import Sequence

from services.text.clauses import Span

_CLOSERS = {"“": "”", "„": "“”", "«": "»", "‹": "›", "»": "«", "「": "」", "『": "』", "‘": "’", '"': '"'}
_QUOTE = re.compile(r"[“”„«»‹›「」『』‘’\"\n\u2029]")
_SPEECH_DASH = re.compile(r"[—―]\s")
_SHARE = 0.5
_FEWEST_WORDS = 3  # of a quote at the beginning; fewer are a title or a name


def quoted(text: str, spans: Sequence[Span]) -> list[bool]:
    """Whether each sentence is a quotation: half of it at least, or what it begins with.

    A quotation goes on over sentences and ends with its line. Sentences are in order and apart.
    """
    inside = list(_quotations(text))
    found, first = list[bool](), 0
    for start, end in spans:
        while first < len(inside) and inside[first][1] <= start:
            first += 1
        within = 0
        opens = False
        for begin, finish in inside[first:]:
            if begin >= end:
                break
            within += min(end, finish) - max(start, begin)
            words = len(text[max(start, begin) : min(end, finish)].split())
            opens = opens or (begin <= start and words >= _FEWEST_WORDS)
        found.append(opens or within >= _SHARE * (end - start) or _SPEECH_DASH.match(text, start) is not None)
    return found


def _quotations(text: str) -> list[Span]:
    """From a quotation mark to the one that closes it, or to the end of the line. Linear."""
    found, opened = list[Span](), None
    for match in _QUOTE.finditer(text):
        at, mark = match.start(), match[0]
        if opened is None:
            if mark in _CLOSERS and _opens(text, at):
                opened = at
        elif mark in "\n\u2029":
            found.append((opened, at))
            opened = None
        elif mark in _CLOSERS[text[opened]] and not (mark == "’" and text[at + 1 : at + 2].isalpha()):
            found.append((opened, at + 1))
            opened = None
    if opened is not None:
        found.append((opened, len(text)))
    return found


def _opens(text: str, at: int) -> bool:
    """Whether a mark stands where a quotation begins: not after a letter or a digit, and before something."""
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    wide = text[at] in "「『"
    return wide or (not before.isalnum() and bool(after) and (not after.isspace() or text[at] == "«"))
