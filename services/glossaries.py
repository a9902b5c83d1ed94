"""Glossaries that are kept, to be named by requests."""

import re
from dataclasses import dataclass
from functools import lru_cache

from services.callers import owned
from services.errors import InvalidGlossary, UnknownGlossary
from services.keys import name_key
from services.model import Language
from services.ports import ResultStore
from services.text.terms import Glossary, Table

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class StoredGlossary:
    """A glossary as it is kept."""

    name: str
    source: Language | None
    target: Language | None
    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Glossaries:
    """The glossaries in a store. Each call raises StoreUnavailable, as an answer without its terms would be wrong."""

    store: ResultStore

    def keep(self, name: str, table: Table) -> None:
        """Keep a glossary in the place of any of this name. Raises InvalidGlossary for a name that is none."""
        if not _NAME.fullmatch(name):
            raise InvalidGlossary("an id has 1 to 64 letters, digits, dots, hyphens and underscores")
        kept = StoredGlossary(name, table.source, table.target, table.glossary.pairs)
        self.store.amend(_key(name), StoredGlossary, lambda _: kept)

    def find(self, name: str) -> Table:
        """The glossary of a name. Raises UnknownGlossary."""
        kept = self.store.find(_key(name), StoredGlossary)
        if kept is None:
            raise UnknownGlossary("no glossary is kept under this id")
        return Table(_glossary(kept.pairs), kept.source, kept.target)

    def drop(self, name: str) -> None:
        """Forget a glossary. Raises UnknownGlossary."""
        self.find(name)
        self.store.drop(_key(name))


@lru_cache(maxsize=8)
def _glossary(pairs: tuple[tuple[str, str], ...]) -> Glossary:
    """10,000 terms take a fifth of a second to index."""
    return Glossary.of(pairs)


def _key(name: str) -> str:
    return name_key("glossaries", owned(name))
