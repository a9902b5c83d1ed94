"""Texts that nobody has sent before: the lines of NTREX, shortened in all ways that leave most of their words.

A server remembers sentences, so each must be new; nothing is put into them, as a number or a name would be checked.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random

from bench.texts import ARTICLE_CHARS, LINES_A_PARAGRAPH, Pair
from services.model import Language
from services.text.segment import segment

LEAST_SHARE, LEAST_WORDS = 0.6, 5
HEADLINE_CHARS = range(40, 81)  # the headlines of NTREX have 62 on the mean
HEADLINES, ARTICLES = 4, 1


@dataclass(frozen=True, slots=True)
class Request:
    """A text, and what it is: headline or article."""

    kind: str
    text: str


def requests(documents: Sequence[Sequence[Pair]]) -> Iterator[Request]:
    """Four headlines to an article, shuffled, until there is nothing left to make them of."""
    chance = Random(0)
    spans = list(_spans(documents))
    chance.shuffle(spans)
    headlines = (span for span in spans if len(span) in HEADLINE_CHARS)
    lines = (span for span in spans if len(span) not in HEADLINE_CHARS)
    while True:
        some = [Request("headline", span) for span in islice(headlines, HEADLINES)]
        article = _article(lines)
        if len(some) < HEADLINES or article is None:
            return
        some += [Request("article", article)]
        chance.shuffle(some)
        yield from some


def _article(spans: Iterator[str]) -> str | None:
    taken, chars = list[str](), 0
    for span in spans:
        taken.append(f"{span}.")
        chars += len(span) + 2
        if chars >= ARTICLE_CHARS:
            places = range(0, len(taken), LINES_A_PARAGRAPH)
            return "\n\n".join(" ".join(taken[at : at + LINES_A_PARAGRAPH]) for at in places)
    return None


def _spans(documents: Sequence[Sequence[Pair]]) -> Iterator[str]:
    """Each once; of a line with several sentences none, as these would come again whole."""
    seen = set[str]()
    for line in (pair.text for document in documents for pair in document):
        words = line.split()
        if len(segment(line, Language("en")).texts) == 1:
            for size in range(max(LEAST_WORDS, math.ceil(LEAST_SHARE * len(words))), len(words) + 1):
                for at in range(len(words) - size + 1):
                    span = " ".join(words[at : at + size]).strip(" .,;:!?")
                    span = span[:1].upper() + span[1:]
                    if span not in seen:
                        seen.add(span)
                        yield span
