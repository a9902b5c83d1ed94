"""What is said again where a script puts no spaces between words: stretches of letters, as long as they can be."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from services.patterns import pattern
from services.text.function_words import small_words
from services.text.words import LETTERS_WITHOUT_SPACES

RUN = pattern(f"[{LETTERS_WITHOUT_SPACES}]+")
_LONGEST_CHARS = 16
_ONCE_CHARS: Mapping[str, range] = {"ja": range(2, 7), "zh": range(2, 5)}
_UNSPACED = frozenset({"ja", "th", "zh"})
_SYLLABLES = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_SHORTEST_OF_SYLLABLES = 4
# Letters that are written on to the one before, and Thai and Lao vowels that are written before theirs.
_FOLLOWING = re.compile("[\u0e30-\u0e3a\u0e45-\u0e4e\u0eb0-\u0ebc\u0ec6-\u0ece\u102b-\u103e\u17b4-\u17d3]")
_LEADING = re.compile("[\u0e40-\u0e44\u0ec0-\u0ec4]")
_HIRAGANA = "[\u3041-\u309f]"  # what joins in Japanese, and is nowhere else

_Place = tuple[int, int]


def stretches(sentences: Sequence[str], primary: str) -> Iterator[tuple[str, list[int]]]:
    """Stretches without small words, and the sentence of each time that one is said.

    They are said twice and more, and always longer ones are left; in Chinese and Japanese also what stands between
    small words or punctuation, if it is as short as a word. Linear.
    """
    runs = [
        (position, run)
        for position, sentence in enumerate(sentences)
        for piece in RUN.findall(sentence)
        for run in _joining(primary).split(piece)
    ]
    for text, places in _repeated([run for _, run in runs]).items():
        yield text, [runs[run][0] for run, _ in places]
    for position, run in runs:
        if len(run) in _ONCE_CHARS.get(primary, ()):
            yield run, [position]


@cache
def _joining(primary: str) -> re.Pattern[str]:
    words = small_words(primary) if primary in _UNSPACED else ()
    return re.compile("|".join([_HIRAGANA, *sorted(words, key=lambda word: (-len(word), word))]))


def _repeated(runs: Sequence[str]) -> dict[str, list[_Place]]:
    """Stretches that are there twice and more, each where it is; none that is always part of the same longer one."""
    found = dict[str, list[_Place]]()
    alive = [(run, at) for run, text in enumerate(runs) for at in range(len(text) - 1)]
    for size in range(2, _LONGEST_CHARS + 1):
        groups = defaultdict[str, list[_Place]](list)
        for run, at in alive:
            if at + size <= len(runs[run]):
                groups[runs[run][at : at + size]].append((run, at))
        kept = {text: places for text, places in groups.items() if len(places) > 1}
        found |= {text: places for text, places in kept.items() if _is_whole(runs, text, places)}
        alive = [place for places in kept.values() for place in places]
    return found


def _is_whole(runs: Sequence[str], text: str, places: Sequence[_Place]) -> bool:
    before = {runs[run][at - 1 : at] for run, at in places}
    after = {runs[run][at + len(text) : at + len(text) + 1] for run, at in places}
    if (len(before) == 1 and any(before)) or (len(after) == 1 and any(after)):
        return False
    if _SYLLABLES.match(text) and len(text) < _SHORTEST_OF_SYLLABLES:
        return False
    is_cut = _FOLLOWING.match(text) or _LEADING.match(text[-1])
    return not (is_cut or any(map(_LEADING.match, before)) or any(map(_FOLLOWING.match, after)))
