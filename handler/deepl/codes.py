"""DeepL's language codes: those of a region are targets only, and EN and PT stand for any of theirs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from handler.deepl.refusals import unsupported
from services.errors import InvalidLanguage
from services.languages import SourceLanguage
from services.model import Language

_VARIANTS = {
    "en": {"en-GB": "English (British)", "en-US": "English (American)"},
    "pt": {"pt-BR": "Portuguese (Brazilian)", "pt-PT": "Portuguese (European)"},
    "zh": {"zh": "Chinese (simplified)", "zh-Hans": "Chinese (simplified)"},
}
_NAMES = {"zh-Hant": "Chinese (traditional)"} | {tag: name for one in _VARIANTS.values() for tag, name in one.items()}
_STANDS_FOR_ITS_VARIANTS = ("en", "pt")  # deprecated as a target, and taken all the same


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of what is installed."""

    installed: Sequence[SourceLanguage]

    def sources(self) -> dict[str, str]:
        """The names of what texts may be in, by their codes."""
        found = {code_of(one.language): one for one in self.installed if one.targets}
        return {code: _base_name(one) for code, one in sorted(found.items())}

    def targets(self) -> dict[Language, str]:
        """The names of what texts can be translated into."""
        names = {one.language: one.name for one in self.installed}
        reached = {target for one in self.installed for target in one.targets}
        return {tag: name for language in sorted(reached) for tag, name in _variants(language, names[language])}

    def pairs(self) -> list[tuple[str, str]]:
        """The pairs of languages, without regions, that there can be glossaries for."""
        pairs = {(one.language.primary, target.primary) for one in self.installed for target in one.targets}
        return sorted((source, target) for source, target in pairs if source != target)

    def general(self) -> dict[str, str]:
        """The names of all languages without regions, by their tags."""
        return {one.language.primary: _base_name(one) for one in self.installed}

    def source(self, code: str) -> Language:
        """The language of a code that texts are in. Raises Refusal."""
        if code.strip().upper() not in self.sources():
            raise unsupported("source_lang")
        return _parsed(code, "source_lang")

    def target(self, code: str) -> Language:
        """The language of a code to translate into. Raises Refusal."""
        language, targets = _parsed(code, "target_lang"), self.targets()
        is_general = language.tag in _STANDS_FOR_ITS_VARIANTS and any(t.primary == language.tag for t in targets)
        if language not in targets and not is_general:
            raise unsupported("target_lang")
        return language

    def of_glossary(self, code: str, name: str) -> Language:
        """The language of a glossary, which has no region. Raises Refusal."""
        language = Language(_parsed(code, name).primary)
        if language.tag not in {tag for pair in self.pairs() for tag in pair}:
            raise unsupported(name)
        return language


def code_of(language: Language) -> str:
    """What DeepL calls a language that a text is in."""
    return language.primary.upper()


def _parsed(code: str, name: str) -> Language:
    try:
        return Language.parse(code)
    except InvalidLanguage:
        raise unsupported(name) from None


def _base_name(one: SourceLanguage) -> str:
    return one.name if one.language.tag == one.language.primary else one.name.rpartition(" (")[0] or one.name


def _variants(language: Language, name: str) -> Iterator[tuple[Language, str]]:
    for tag, own_name in _VARIANTS.get(language.tag, {language.tag: _NAMES.get(language.tag, name)}).items():
        yield Language(tag), own_name
