"""The one form in which text enters the core."""

import re
import unicodedata

from services.errors import InvalidText

_LINE_END = re.compile(r"\r\n?")
_SURROGATE = re.compile("[\ud800-\udfff]")


def normalise(text: str) -> str:
    """NFC with LF line ends, and nothing else changed. Idempotent.

    Raises InvalidText for what no article holds: NUL (binary data, or UTF-16 read as UTF-8) and lone surrogates.
    """
    if (at := text.find("\0")) >= 0:
        raise InvalidText("the text holds a NUL character; is it binary, or UTF-16?", offset=at)
    if lone := _SURROGATE.search(text):
        raise InvalidText("the text holds half of a surrogate pair", offset=lone.start())
    return unicodedata.normalize("NFC", _LINE_END.sub("\n", text))
