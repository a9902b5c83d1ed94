"""Language codes as LibreTranslate's clients write and read them: Argos' own, and three with a script or a region."""

import re
from collections.abc import Collection, Mapping
from types import MappingProxyType

from services.errors import InvalidLanguage, UnsupportedLanguage
from services.model import Language
from services.route import stand_ins

AUTO = "auto"
_READ: Mapping[str, str] = MappingProxyType({"pb": "pt-BR", "zt": "zh-Hant"})
_WRITTEN: Mapping[str, str] = MappingProxyType({"zh": "zh-Hans"})
_SCRIPTS: Mapping[str, str] = MappingProxyType({"zh": "Hans"})  # what a tag without a script means
_CODE = re.compile(r"[\w-]{1,35}", re.ASCII)


def written(language: Language) -> str:
    """A language as its code: zh-Hans for zh."""
    return _WRITTEN.get(language.tag, language.tag)


def read(code: str, installed: Collection[Language]) -> Language:
    """The installed language that a code asks for; pt for pt-BR, and the other way, where only that is installed.

    Raises UnsupportedLanguage.
    """
    try:
        wanted = Language.parse(_READ.get(code.strip().lower(), code))
    except InvalidLanguage:
        raise unsupported(code) from None
    for language in stand_ins(wanted, installed):
        if _script(language) == _script(wanted):
            return language
    raise unsupported(code)


def unsupported(code: str) -> UnsupportedLanguage:
    """That a code is not supported; what cannot be a code, and may be anything, is not told."""
    told = code.lower() if _CODE.fullmatch(code) else "?"
    return UnsupportedLanguage("no installed model reads or writes this language", language=told)


def _script(language: Language) -> str | None:
    return language.script or _SCRIPTS.get(language.primary)
