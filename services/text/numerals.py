"""Large numbers as the target's language writes them: 1,234.5 in English is 1.234,5 in Portuguese.

Models copy some separators and change others, even within a number. Without thousands a number is left alone: 3.5 may
be a version, and 12.05 a time.
"""

import re
from collections import Counter
from collections.abc import Iterator

from services.model import LanguagePair
from services.text.edits import Edit

_DECIMAL = dict.fromkeys(["en", "ja", "ko", "zh"], ".") | dict.fromkeys(["de", "es", "id", "it", "nl", "pt", "tr"], ",")
_BARE_DECIMAL = re.compile(r"(?<![\w.,…])\.(?=\d+\b(?!\.\w))")
_NUMBER = re.compile(r"(?<![\w.,])\d{1,3}(?:[.,]\d{3})*(?:[.,]\d+)?(?![\w]|[.,]\d)")


def plain(text: str) -> Iterator[Edit]:
    """A zero before each decimal that lacks it, as models overlook the point of .5."""
    return (Edit(match.start(), match.start(), "0") for match in _BARE_DECIMAL.finditer(text))


def localised(source: str, target: str, pair: LanguagePair) -> Iterator[Edit]:
    """Each number of the source with thousands, where the target has its digits in another form."""
    ours, theirs = (_DECIMAL.get(language.primary) for language in (pair.source, pair.target))
    if ours is None or theirs is None:
        return
    thousands = "," if ours == "." else "."
    numbers = [match[0] for match in _NUMBER.finditer(source)]
    if not any(thousands in number for number in numbers):  # as in most sentences, and found at once
        return
    well_formed = re.compile(rf"\d{{1,3}}(?:{re.escape(thousands)}\d{{3}})+(?:{re.escape(ours)}\d+)?")
    times = Counter(map(_digits, numbers))
    wanted = {
        _digits(number): _swapped(number, ours != theirs)
        for number in numbers
        if well_formed.fullmatch(number) and times[_digits(number)] == 1
    }
    for match in _NUMBER.finditer(target) if wanted else ():
        form = wanted.get(_digits(match[0]))
        if form and form != match[0]:
            yield Edit(*match.span(), form)


def _digits(number: str) -> str:
    return number.replace(",", "").replace(".", "")


def _swapped(number: str, is_swapped: bool) -> str:
    return number.translate(str.maketrans(",.", ".,")) if is_swapped else number
