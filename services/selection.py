"""Which sentences of an article may make a summary, and which of them fit into one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import ceil

from services.errors import InvalidOption
from services.ports import Pick
from services.text.furniture import is_furniture
from services.text.role import Role

# What is taken when nothing of the story is left; what is no part of any story comes last.
_NEARNESS: Mapping[Role, int] = {
    Role.BODY: 0,
    Role.QUOTE: 1,
    Role.LIST: 1,
    Role.TABLE: 1,
    Role.TITLE: 2,
    Role.HEADING: 2,
    Role.CAPTION: 2,
    Role.BYLINE: 3,
    Role.ASIDE: 3,
    Role.ATTRIBUTE: 4,
}
_FURNITURE = 5


class Sort(StrEnum):
    """The order of a summary's sentences."""

    OFFSET = "offset"  # as the article has them
    RANK = "rank"  # the best first


class Avoid(StrEnum):
    """What is passed over as long as something else is left."""

    QUOTES = "quotes"
    QUESTIONS = "questions"


@dataclass(frozen=True, slots=True)
class Length:
    """How long a summary shall be: so many sentences, a ratio of the story's, or at most so many words.

    Raises InvalidOption unless it is one of them.
    """

    sentences: int | None = None
    ratio: float | None = None
    words: int | None = None

    def __post_init__(self) -> None:
        if [self.sentences, self.ratio, self.words].count(None) != 2:
            raise InvalidOption("give one of sentences, ratio and words", option="sentences")
        if self.sentences is not None and self.sentences < 1:
            raise InvalidOption("sentences is at least 1", option="sentences")
        if self.ratio is not None and not 0 < self.ratio <= 1:
            raise InvalidOption("ratio is above 0 and at most 1", option="ratio")
        if self.words is not None and self.words < 1:
            raise InvalidOption("words is at least 1", option="words")

    def of(self, total: int) -> int:
        """How many of `total` sentences, at most: at least one, where there is one."""
        if self.ratio is not None:
            return max(
                min(1, total), ceil(round(self.ratio * total, 9))
            )  # 0.07 of 100 is 7, and in binary a little more
        return total if self.sentences is None else min(self.sentences, total)


THREE_SENTENCES = Length(sentences=3)


@dataclass(frozen=True, slots=True)
class Story:
    """The positions of an article's sentences: those of the story, and what else there is, the nearest to it first."""

    positions: tuple[int, ...]
    rest: tuple[int, ...]


def story_of(sentences: Sequence[str], roles: Sequence[Role]) -> Story:
    """The text of the body; where it has none, what is nearest to it. Each position is in one of the two, once."""
    near = [
        _FURNITURE if is_furniture(sentence) else _NEARNESS[role]
        for sentence, role in zip(sentences, roles, strict=True)
    ]
    nearest = min(near, default=0)
    rest = sorted((position for position, n in enumerate(near) if n != nearest), key=near.__getitem__)
    return Story(tuple(position for position, n in enumerate(near) if n == nearest), tuple(rest))


def fitting(picks: Sequence[Pick], sizes: Sequence[int], late: Sequence[bool], max_words: int) -> Iterator[Pick]:
    """The best that fit into so many words together, each tried in its turn; none, where not even one does.

    What comes late is tried only if nothing else fits.
    """
    for is_late in (False, True):
        left = max_words
        for pick in picks:
            if late[pick.position] is is_late and sizes[pick.position] <= left:
                left -= sizes[pick.position]
                yield pick
        if left < max_words:
            return
