"""What a text is about in single words and names, as the text writes them. Needs no language, knows some."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from math import log, sqrt

from services.model import Language
from services.text.agencies import AGENCY
from services.text.function_words import is_small
from services.text.salience import terms
from services.text.stretches import RUN, stretches
from services.text.words import MARKS, words

_LETTERS = rf"[^\W_]+(?:[{MARKS}]+[^\W_]*)*"
_WORD = re.compile(rf"{_LETTERS}(?:['’\-‑·.\u200c\u200d]{_LETTERS})*")
_OPENING = "\"'“”„«»‹›‘’([ \xa0—–-"
_DIGITS = 4
_SHORTEST_CHARS = 4  # a shorter word in small letters joins others, in most languages
_LONGEST_NAME_WORDS = 4
_NAME_BONUS, _EARLY_BONUS = 1.5, 1.0
_WHOLE_BONUS = 0.01  # for each word, so that a name comes before its parts
_JOINING_SHARE = 0.75  # words that stand in so many sentences, of four and more, join them


@dataclass(frozen=True, slots=True)
class Keyword:
    """A word or a name as the text writes it, and how much it tells, from 0 to 1 for the best."""

    text: str
    score: float


@dataclass(slots=True)
class _Seen:
    """Where a term stands, and how it is written."""

    forms: Counter[str] = field(default_factory=Counter)
    sentences: list[int] = field(default_factory=list)
    names: int = 0


def keywords(
    sentences: Sequence[str], count: int, language: Language | None, authors: Collection[str] = ()
) -> list[Keyword]:
    """At most so many, the best first; none is part of a better one, or holds one. Total, deterministic.

    The best has 1. Neither authors, by their whole names, nor news agencies are among them. Where a script has no
    spaces they are stretches of letters.
    """
    if not count:
        return []
    names = re.compile("|".join([AGENCY.pattern, *(rf"(?i:\b{re.escape(name)}\b)" for name in sorted(authors))]))
    told, primary = [_without(sentence, names) for sentence in sentences], language.primary if language else ""
    scored = sorted(
        [*_of_words(told, language), *_of_stretches(told, primary)], key=lambda one: (-one[1], one[2], one[0])
    )
    found, said = list[Keyword](), list[frozenset[str]]()
    for text, score, _, about in scored:
        if len(found) == count:
            break
        overlaps = RUN.match(text) is not None  # of two names with a word in common both tell something
        if not any(about & other if overlaps else about <= other or other <= about for other in said):
            found.append(Keyword(text, round(score / scored[0][1], _DIGITS)))
            said.append(about)
    return found


_Scored = tuple[str, float, int, frozenset[str]]


def _of_words(sentences: Sequence[str], language: Language | None) -> Iterator[_Scored]:
    """Words and names, what each scores, its first sentence, and the terms that it says."""
    primary = language.primary if language else ""
    seen: defaultdict[str, _Seen] = defaultdict(_Seen)
    written: dict[tuple[str, ...], str] = {}
    for position, sentence in enumerate(sentences):
        runs, is_loud = list[list[re.Match[str]]](), sentence.isupper()
        for match in _WORD.finditer(sentence):
            if not _tells(match[0], is_loud) or is_small(match[0], primary):
                continue
            is_first = not sentence[: match.start()].strip(_OPENING)
            one = seen[_term(match[0], language)]
            one.forms[match[0]] += 1
            one.sentences.append(position)
            if not match[0][0].isupper():
                continue
            one.names += not is_first
            if runs and sentence[runs[-1][-1].end() : match.start()] == " ":
                runs[-1].append(match)
            else:
                runs.append([match])
        for run in runs:
            if 1 < len(run) <= _LONGEST_NAME_WORDS:
                key = tuple(_term(each[0], language) for each in run)
                written.setdefault(key, sentence[run[0].start() : run[-1].end()])
    many = max(_SHORTEST_CHARS, _JOINING_SHARE * len(sentences))
    scores = {term: _score(one) for term, one in seen.items() if len(set(one.sentences)) < many or one.names}
    for term, score in scores.items():
        yield _commonest(seen[term].forms), score, seen[term].sentences[0], frozenset([term])
    for key, name in written.items():
        parts = [scores[term] for term in key if term in scores]
        if parts:
            yield (
                name,
                max(parts) * (1 + _WHOLE_BONUS * len(key)),
                min(seen[term].sentences[0] for term in key),
                frozenset(key),
            )


def _commonest(forms: Counter[str]) -> str:
    """Of equals that in small letters, which is no sentence's beginning, and then the first."""
    return max(forms, key=lambda form: (forms[form], form.islower()))


def _term(word: str, language: Language | None) -> str:
    return next(iter(terms(word, language)), word.lower())


def _tells(word: str, is_loud: bool) -> bool:
    """Whether it is as long as a word that tells something: abbreviations are, but not in a line of capitals."""
    if word[0].isdigit() or RUN.search(word):
        return False
    if word.isupper() and len(word) > 1 and not is_loud:
        return True
    return len(word) >= _SHORTEST_CHARS or not (word[0].islower() or word[0].isupper())


def _score(one: _Seen) -> float:
    """More for what is told often, early, in several sentences, and is a name."""
    times, first = len(one.sentences), one.sentences[0]
    name = _NAME_BONUS if 2 * one.names >= times else 1.0
    return sqrt(times * len(set(one.sentences))) * (1 + _EARLY_BONUS / sqrt(1 + first)) * name


def _of_stretches(sentences: Sequence[str], primary: str) -> Iterator[_Scored]:
    """Stretches of scripts without spaces, scored by how often and how early they are said, and their length."""
    for stretch, positions in stretches(sentences, primary):
        score = len(positions) * log(1 + len(stretch)) * (1 + _EARLY_BONUS / sqrt(1 + positions[0]))
        yield stretch, score, positions[0], frozenset(words(stretch, None))


def _without(sentence: str, names: re.Pattern[str]) -> str:
    """The sentence with line feeds in the place of names, so that no name goes over such a place."""
    return names.sub(lambda name: "\n" * len(name[0]), sentence)
