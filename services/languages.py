"""Says which languages can be translated into which."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from services.model import Language
from services.ports import Translator
from services.route import reachable


@dataclass(frozen=True, slots=True)
class SourceLanguage:
    """A language, its English name, and what it can be translated into, in the order of the tags."""

    language: Language
    name: str
    targets: tuple[Language, ...]


@dataclass(frozen=True, slots=True)
class ListLanguages:
    """Lists the installed languages, through pivots too."""

    translator: Translator

    def __call__(self) -> tuple[SourceLanguage, ...]:
        """Every installed language in the order of the tags."""
        names, pairs = self.translator.languages(), self.translator.pairs()
        return tuple(
            SourceLanguage(language, names[language], tuple(reachable(pairs, language))) for language in sorted(names)
        )

    def names(self) -> Mapping[Language, str]:
        """Every installed language with its English name."""
        return self.translator.languages()

    def tags(self) -> Collection[Language]:
        """Every installed language."""
        return self.names().keys()
