"""Finds the chain of installed models that leads from one language to another."""

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass

from services.errors import UnsupportedLanguagePair
from services.model import Language, LanguagePair


@dataclass(frozen=True, slots=True)
class Route:
    """The hops of a translation, each with a model of its own; more than one hop is a pivot."""

    hops: tuple[LanguagePair, ...]

    @property
    def source(self) -> Language:
        """The language of the first model's input."""
        return self.hops[0].source

    @property
    def pair(self) -> LanguagePair:
        """The language of the first model's input, and that of the last one's output."""
        return LanguagePair(self.hops[0].source, self.hops[-1].target)


def find_route(pairs: Collection[LanguagePair], source: Language, target: Language) -> Route:
    """The route with the fewest hops, ties by tag; pt-BR is served by pt, and pt by pt-BR, where only that is there.

    Raises InvalidLanguage when the two are one, UnsupportedLanguagePair when no route leads there.
    """
    wanted = LanguagePair(source, target)
    for start in stand_ins(source, {pair.source for pair in pairs}):
        for end in stand_ins(target, {pair.target for pair in pairs}):
            if hops := _shortest(pairs, start, end):
                return Route(hops)
    raise UnsupportedLanguagePair(f"no installed model leads from {source} to {target}", pair=str(wanted))


def reachable(pairs: Collection[LanguagePair], source: Language) -> list[Language]:
    """The languages that some route leads to from an installed source language, in the order of their tags."""
    targets: dict[Language, list[Language]] = {}
    for pair in pairs:
        targets.setdefault(pair.source, []).append(pair.target)
    found, waiting = {source}, deque([source])
    while waiting:
        new = [target for target in targets.get(waiting.popleft(), ()) if target not in found]
        found.update(new)
        waiting.extend(new)
    return sorted(found - {source})


def stand_ins(language: Language, installed: Collection[Language]) -> list[Language]:
    """The installed languages that may be taken for one: itself, more general ones, then its other variants."""
    general = [tag for tag in language.fallbacks() if tag in installed]
    regional = sorted(tag for tag in installed if tag.primary == language.primary)
    return list(dict.fromkeys(general + regional))


def _shortest(pairs: Collection[LanguagePair], start: Language, end: Language) -> tuple[LanguagePair, ...]:
    ordered, seen = sorted(pairs), {start}
    waiting: deque[tuple[LanguagePair, ...]] = deque([()])
    while waiting:
        hops = waiting.popleft()
        here = hops[-1].target if hops else start
        for pair in ordered:
            if pair.source == here and pair.target not in seen:
                if pair.target == end:
                    return (*hops, pair)
                seen.add(pair.target)
                waiting.append((*hops, pair))
    return ()
