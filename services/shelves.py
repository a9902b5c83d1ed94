"""Glossaries with a name and several pairs of languages, which belong to somebody and can be listed."""

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from services.callers import current_caller, owned
from services.clock import utc_now
from services.errors import InvalidGlossary, UnknownGlossary
from services.keys import name_key
from services.model import Language
from services.ports import ResultStore
from services.text.terms import Glossary, is_word

MAX_GLOSSARIES = 1_000

Pairs = tuple[tuple[str, str], ...]


def words_of(pairs: Iterable[tuple[str, str]]) -> Pairs:
    """The entries that can be found in a text; an emoji, say, is kept in a dictionary and has no effect."""
    return tuple(pair for pair in pairs if is_word(pair[0]))


@dataclass(frozen=True, slots=True)
class Dictionary:
    """Terms and their translations, in the order in which they were given."""

    source: Language
    target: Language
    pairs: Pairs

    @property
    def languages(self) -> tuple[Language, Language]:
        """What it is known by in its glossary."""
        return self.source, self.target


@dataclass(frozen=True, slots=True)
class NamedGlossary:
    """A glossary of somebody's: at most one dictionary for each pair of languages."""

    id: str
    owner: str | None
    name: str
    created_at: datetime
    dictionaries: tuple[Dictionary, ...]

    def find(self, source: Language, target: Language) -> Dictionary:
        """The dictionary of a pair. Raises UnknownGlossary."""
        for one in self.dictionaries:
            if one.languages == (source, target):
                return one
        raise UnknownGlossary("the glossary has no dictionary for these languages")

    def with_dictionary(self, dictionary: Dictionary) -> "NamedGlossary":
        """The same with a dictionary in the place of the one for its languages, or as the last."""
        kept = [dictionary if one.languages == dictionary.languages else one for one in self.dictionaries]
        return replace(self, dictionaries=tuple(kept if dictionary in kept else [*kept, dictionary]))

    def without(self, source: Language, target: Language) -> "NamedGlossary":
        """The same without the dictionary of a pair. Raises UnknownGlossary."""
        gone = self.find(source, target)
        return replace(self, dictionaries=tuple(one for one in self.dictionaries if one != gone))


@dataclass(frozen=True, slots=True)
class Listed:
    """What a list of glossaries tells of one: the languages of each dictionary and how many entries it has."""

    id: str
    name: str
    created_at: datetime
    sizes: tuple[tuple[Language, Language, int], ...]

    @classmethod
    def of(cls, glossary: NamedGlossary) -> "Listed":
        """A glossary as a list has it."""
        sizes = ((one.source, one.target, len(one.pairs)) for one in glossary.dictionaries)
        return cls(glossary.id, glossary.name, glossary.created_at, tuple(sizes))


@dataclass(frozen=True, slots=True)
class Shelf:
    """All glossaries of somebody, the oldest first."""

    glossaries: tuple[Listed, ...] = ()


@dataclass(frozen=True, slots=True)
class Shelves:
    """The named glossaries of whoever calls; nobody sees those of others. Each call raises StoreUnavailable."""

    store: ResultStore
    now: Callable[[], datetime] = utc_now
    max_glossaries: int = MAX_GLOSSARIES

    def create(self, name: str, dictionaries: tuple[Dictionary, ...]) -> Listed:
        """Keep a new glossary. Raises InvalidGlossary where its owner has too many."""
        glossary = NamedGlossary(str(uuid.uuid4()), current_caller().owner, name, self.now(), ())
        for dictionary in dictionaries:
            glossary = glossary.with_dictionary(dictionary)
        if len(self.listed()) >= self.max_glossaries:
            detail = f"there are {self.max_glossaries} glossaries already"
            raise InvalidGlossary(detail, max_glossaries=self.max_glossaries)
        self.store.keep(_key(glossary.id), glossary)
        return self._list(glossary)

    def listed(self) -> tuple[Listed, ...]:
        """All glossaries of the caller."""
        shelf = self.store.find(_shelf_key(), Shelf)
        return shelf.glossaries if shelf else ()

    def find(self, glossary_id: str) -> NamedGlossary:
        """A glossary by its id. Raises UnknownGlossary."""
        found = self.store.find(_key(glossary_id), NamedGlossary)
        if found is None or found.owner != current_caller().owner:
            raise UnknownGlossary("no glossary is kept under this id")
        return found

    def change(self, glossary_id: str, change: Callable[[NamedGlossary], NamedGlossary]) -> Listed:
        """Keep what a change makes of a glossary. Raises UnknownGlossary, and what the change raises."""

        def changed(kept: NamedGlossary | None) -> NamedGlossary:
            if kept is None:  # somebody has dropped it meanwhile
                raise UnknownGlossary("no glossary is kept under this id")
            return change(kept)

        self.find(glossary_id)
        return self._list(self.store.amend(_key(glossary_id), NamedGlossary, changed))

    def drop(self, glossary_id: str) -> None:
        """Forget a glossary. Raises UnknownGlossary."""
        self.find(glossary_id)
        self.store.amend(_shelf_key(), Shelf, lambda shelf: Shelf(_others(shelf, glossary_id)))
        self.store.drop(_key(glossary_id))

    def _list(self, glossary: NamedGlossary) -> Listed:
        listed = Listed.of(glossary)

        def with_it(shelf: Shelf | None) -> Shelf:
            all_of_them = (*_others(shelf, glossary.id), listed)
            return Shelf(tuple(sorted(all_of_them, key=lambda one: (one.created_at, one.id))))

        self.store.amend(_shelf_key(), Shelf, with_it)
        return listed


def merged(dictionaries: tuple[Dictionary, ...]) -> Glossary:
    """The terms of several dictionaries; where two have the same, those of the first hold."""
    return _glossary(tuple(one.pairs for one in dictionaries))


@lru_cache(maxsize=8)
def _glossary(tables: tuple[Pairs, ...]) -> Glossary:
    """10,000 terms take a fifth of a second to index."""
    terms: dict[str, str] = {}
    for pairs in tables:
        for term in Glossary.of(words_of(pairs)).pairs:
            terms.setdefault(*term)
    return Glossary.of(terms.items())


def _others(shelf: Shelf | None, glossary_id: str) -> tuple[Listed, ...]:
    return tuple(one for one in shelf.glossaries if one.id != glossary_id) if shelf else ()


def _key(glossary_id: str) -> str:
    return name_key("named-glossaries", glossary_id.lower())


def _shelf_key() -> str:
    return name_key("shelves", owned("shelf"))
