"""What LibreTranslate's calls take. Fields are checked in its order, and refused in its words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from math import isfinite
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Self

from handler.calls import Limits
from handler.fields import Fields
from handler.libretranslate.codes import AUTO
from handler.negotiation import decoded
from handler.problems import InvalidRequest
from handler.schemas.v1.requests import MAX_ALTERNATIVES
from services.errors import TextTooLong
from services.model import Content, Format

FILES: Mapping[str, Format] = MappingProxyType({".txt": Format.TEXT, ".md": Format.MARKDOWN, ".html": Format.HTML})
"""The formats of files, by the end of their names."""

_TEXT_FORMATS = (Format.TEXT, Format.HTML)
_MAX_ECHO_CHARS = 20


@dataclass(frozen=True, slots=True)
class TranslateCall:
    """Texts of one language to translate; `is_batch` if they came as a list. `source` is None where it is `auto`."""

    texts: tuple[str, ...]
    is_batch: bool
    source: str | None
    target: str
    format: Format
    alternatives: int

    @property
    def contents(self) -> list[Content]:
        """The texts as articles."""
        return [Content(text, self.format) for text in self.texts]

    @classmethod
    def of(cls, fields: Fields, limits: Limits) -> Self:
        """A call. Raises InvalidRequest, TextTooLong."""
        texts, is_batch = _texts(fields)
        source, target = _languages(fields)
        alternatives = _alternatives(fields.values.get("alternatives"))
        if len(texts) > limits.max_texts:
            raise _too_long(len(texts), limits.max_texts)
        _check_lengths(texts, limits.max_text_chars)
        return cls(texts, is_batch, source, target, _format(fields), alternatives)


@dataclass(frozen=True, slots=True)
class DetectCall:
    """Texts in one language, which is asked for."""

    texts: tuple[str, ...]

    @classmethod
    def of(cls, fields: Fields, limits: Limits) -> Self:
        """A call. Raises InvalidRequest, TextTooLong."""
        texts, _ = _texts(fields)
        _check_lengths(["\n".join(texts)], limits.max_text_chars)
        return cls(texts)


@dataclass(frozen=True, slots=True)
class FileCall:
    """A file to translate, and the two parts of its name. `source` is None where it is `auto`."""

    content: Content
    stem: str
    suffix: str
    source: str | None
    target: str

    @classmethod
    def of(cls, fields: Fields, limits: Limits) -> Self:
        """A call. Raises InvalidRequest, MalformedBody, UnsupportedMediaType, TextTooLong."""
        upload = fields.files.get("file")
        if upload is None:
            raise _missing("file")
        source, target = _languages(fields)
        if not upload.name:
            raise InvalidRequest("Invalid request: empty file")
        name = PurePosixPath(upload.name.replace("\\", "/"))
        if name.suffix.lower() not in FILES:
            raise InvalidRequest("Invalid request: file format not supported")
        content = Content(decoded(upload.data, upload.content_type), FILES[name.suffix.lower()])
        _check_lengths([content.text], limits.max_text_chars)
        return cls(content, name.stem, name.suffix, source, target)


def _texts(fields: Fields) -> tuple[tuple[str, ...], bool]:
    q = fields.values.get("q")
    if not q:
        raise _missing("q")
    if isinstance(q, str):
        return (q if fields.is_json else _as_typed(q),), False
    if isinstance(q, list) and all(isinstance(text, str) for text in q):
        return tuple(q), True
    raise InvalidRequest("Invalid request: q parameter is not a text or a list of texts")


def _as_typed(text: str) -> str:
    """A text as it was before a form was made of it: with LF line ends, and without the last one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")


def _languages(fields: Fields) -> tuple[str | None, str]:
    source, target = (_code(fields, name) for name in ("source", "target"))
    return None if source.lower() == AUTO else source, target


def _code(fields: Fields, name: str) -> str:
    code = fields.values.get(name)
    if not code:
        raise _missing(name)
    return str(code)


def _format(fields: Fields) -> Format:
    name = fields.values.get("format") or Format.TEXT
    if name not in _TEXT_FORMATS:
        told = name if isinstance(name, str) and name.isalnum() and len(name) <= _MAX_ECHO_CHARS else "?"
        raise InvalidRequest(f"{told} format is not supported")
    return Format(str(name))


def _alternatives(given: object) -> int:
    if given is None:
        return 0
    try:
        wanted = int(given) if isinstance(given, str | int) or (isinstance(given, float) and isfinite(given)) else None
    except ValueError:
        wanted = None
    if wanted is None:
        raise InvalidRequest("Invalid request: alternatives parameter is not a number")
    if wanted > MAX_ALTERNATIVES:
        raise InvalidRequest(f"Invalid request: alternatives parameter must be <= {MAX_ALTERNATIVES}")
    return max(0, wanted)


def _check_lengths(texts: Collection[str], max_chars: int) -> None:
    """Of each text by itself, as LibreTranslate does it."""
    longest = max(map(len, texts))
    if longest > max_chars:
        raise _too_long(longest, max_chars)


def _too_long(size: int, limit: int) -> TextTooLong:
    return TextTooLong(f"there is more than is taken at once: {size} of {limit}", chars=size, max_chars=limit)


def _missing(name: str) -> InvalidRequest:
    return InvalidRequest(f"Invalid request: missing {name} parameter")
