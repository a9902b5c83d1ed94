"""Whatever is repeated, the time to read it grows with its length and not with the square of it. docs/threats.md."""

import time
from collections.abc import Callable
from math import inf

import pytest

from services.model import Content, Format, Language
from services.text.quotes import quoted
from services.text.reading import read
from services.text.script import letters, prose
from services.text.segment import segment
from services.text.verbatim import copied

EN = Language("en")
SHORT, LONG = 4_000, 32_000  # eight times as much; what is quadratic takes 64 times as long
MOST_TIMES = 24
QUICK_S = 0.15  # what is read so soon cannot be quadratic, or not to anybody's harm
TRIES = 4  # a busy machine is slow once, what is quadratic always


def quotes(text: str) -> object:
    return quoted(text, segment(text, EN).spans)


# Those that read a whole text; all others read a sentence, and none is longer than 600 characters.
READERS: dict[str, Callable[[str], object]] = {
    "text": lambda text: segment(read(Content(text)).text, EN),
    "html": lambda text: read(Content(text, Format.HTML)),
    "markdown": lambda text: read(Content(text, Format.MARKDOWN)),
    "language": lambda text: letters(prose(text)),
    "quotes": quotes,
    "copied": copied,
}
REPEATED = [
    "(", "[", "{", "<", "<<a", "<a ", "<a b='", "<!--", "<!", "</", "<b>", "<p><b>", "<script>", "<td>", "<li>",
    "&", "&amp;", "&#", "*", "**a ", "*a", "_a_", "***a", "`", "``a", "![", "[a](", "[a]: b\n", "](", "|",
    "| a |\n", "> ", "- ", "1. ", "~~a", "#", "\\", "```\n", "===\n", '"', '""" ', "'a ", "“", "«", "”. ", "a.",
    "a.a.", "A. ", "... ", "?!", "。", "; ", ", ", "-", "—", " ", "\t", "\n", "\r\n", " \n", "\u2028", "\u00a0",
    "\u200b", "\u0301", "a\u0301", "\u202e", "A ", "a\n", "1,", "1.000.", "$1 ", "http://", "http://a.b/( ", "www.",
    "a@", "@a ", "#a", "a/", "a-b-", "{{", "{% ", "😀", "😀\u200d", "中", "ไทย", "Mr. ", "said ",
]  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_what_is_repeated_is_read_in_time(reader: str) -> None:
    slow = {unit: ratio for unit in REPEATED if (ratio := growth(READERS[reader], unit)) > MOST_TIMES}
    assert slow == {}


# Much of one thing, and then much of another: what begins at each of the first is looked for among all of the second.
HALVES = [
    ("(", ")"), ("[", "]"), ("[", "](b)"), ("<", ">"), ("<a ", '"'), ("<b>", "</b>"), ("</b>", "<b>"),
    ("<!--", "-->"), ("`", "a"), ("`", "``"), ("<a>", "</a>"), ("<sup>", "</sup>"), ("a<sup>1</sup>", "<i></i>"),
    ("*", "a"), ("*a ", "b* "), ('"', " "), (" ", '"'), ("“", "”"), ("a", " "), (" ", "\n"), ("\n", " "),
    ("a.", " "), (". ", "\n"), ("!", '"'), ("&", ";"), ("> ", "\n"), ("| a ", "\n|-|"), ("http://a", ")"),
    ("a@", ".b"), ("1", ","), ("{{", "}}"), ("a", "=<b>x</b>"),
]  # fmt: skip


@pytest.mark.parametrize("reader", READERS)
def test_what_is_repeated_after_something_else_is_read_in_time(reader: str) -> None:
    slow = {pair: ratio for pair in HALVES if (ratio := growth(READERS[reader], *pair)) > MOST_TIMES}
    assert slow == {}


def growth(reader: Callable[[str], object], *units: str) -> float:
    """How many times the time of the short text the long one takes at best; less where it is done at once."""
    least = inf
    for _ in range(TRIES):
        long_s = took_s(reader, *units, chars=LONG)
        least = min(least, long_s / took_s(reader, *units, chars=SHORT) if long_s > QUICK_S else 0.0)
        if least <= MOST_TIMES:
            break
    return least


def took_s(reader: Callable[[str], object], *units: str, chars: int) -> float:
    """The processor time that so many characters take."""
    share = chars // len(units)
    text = "".join((unit * share)[:share] for unit in units)
    began_s = time.process_time()
    reader(text)
    return time.process_time() - began_s
