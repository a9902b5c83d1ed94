"""What LibreTranslate's calls give."""

from collections.abc import Iterable, Sequence
from typing import Self

from pydantic import BaseModel, Field

from handler.libretranslate.codes import AUTO, written
from handler.schemas.libretranslate.requests import FILES
from services.languages import SourceLanguage
from services.model import Language
from services.ports import LanguageScore

_FRONTEND_TIMEOUT_MS = 500
_FIRST_TARGET = Language("en")


class DetectedOut(BaseModel):
    """A language that a text may be in, and how sure that is, from 0 to 100."""

    confidence: float = Field(ge=0, le=100, examples=[90.0])
    language: str = Field(examples=["en"])

    @classmethod
    def of(cls, score: LanguageScore) -> Self:
        """A likely language."""
        return cls(confidence=round(100 * score.probability, 2), language=written(score.language))


NOTHING_TO_GO_BY = DetectedOut(confidence=0.0, language="en")


class TranslateResponse(BaseModel):
    """Translations. What was not asked for is not there: no language unless it was `auto`, no alternatives unless some.

    A text gives a text, a list gives lists.
    """

    translatedText: str | list[str] = Field(examples=["Olá, mundo!"])
    detectedLanguage: DetectedOut | list[DetectedOut] | None = None
    alternatives: list[str] | list[list[str]] | None = None

    @classmethod
    def of(
        cls,
        texts: Sequence[str],
        is_batch: bool,
        detected: DetectedOut | None,
        alternatives: Sequence[list[str]] | None,
    ) -> Self:
        """The translations of a list, or of the one text that there is."""
        every = cls(
            translatedText=list(texts),
            detectedLanguage=None if detected is None else [detected] * len(texts),
            alternatives=None if alternatives is None else list(alternatives),
        )
        if is_batch:
            return every
        return cls(
            translatedText=texts[0],
            detectedLanguage=detected,
            alternatives=None if alternatives is None else alternatives[0],
        )


class LanguageOut(BaseModel):
    """A language, and what it can be translated into; itself, too."""

    code: str = Field(examples=["en"])
    name: str = Field(examples=["English"])
    targets: list[str] = Field(examples=[["en", "pt"]])

    @classmethod
    def all_of(cls, languages: Iterable[SourceLanguage]) -> list[Self]:
        """The installed languages."""
        return [
            cls(
                code=written(one.language),
                name=one.name,
                targets=sorted({written(one.language), *map(written, one.targets)}),
            )
            for one in languages
        ]


class NamedLanguage(BaseModel):
    """A language that a page shows first."""

    code: str
    name: str


class FrontendLanguages(BaseModel):
    """The languages that a page shows first."""

    source: NamedLanguage
    target: NamedLanguage


class FrontendSettings(BaseModel):
    """What a page wants to know; the time is in milliseconds."""

    charLimit: int
    frontendTimeout: int = _FRONTEND_TIMEOUT_MS
    apiKeys: bool
    keyRequired: bool
    suggestions: bool = False
    filesTranslation: bool = True
    supportedFilesFormat: list[str] = Field(default_factory=lambda: list(FILES))
    language: FrontendLanguages

    @classmethod
    def of(cls, languages: Sequence[SourceLanguage], max_text_chars: int, wants_key: bool) -> Self:
        """The settings of an installation."""
        first = min(languages, key=lambda one: (one.language != _FIRST_TARGET, one.language), default=None)
        target = NamedLanguage(code=written(first.language), name=first.name) if first else _ENGLISH
        source = NamedLanguage(code=AUTO, name="Auto Detect")
        language = FrontendLanguages(source=source, target=target)
        return cls(charLimit=max_text_chars, apiKeys=wants_key, keyRequired=wants_key, language=language)


_ENGLISH = NamedLanguage(code=str(_FIRST_TARGET), name="English")


class HealthResponse(BaseModel):
    """That the service is up and has models."""

    status: str = Field(examples=["ok"])


class TranslateFileResponse(BaseModel):
    """Where a translated file is, for a day."""

    translatedFileUrl: str
