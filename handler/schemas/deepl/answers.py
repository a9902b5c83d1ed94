"""What DeepL's calls give."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, PlainSerializer

from services.shelves import Dictionary, Listed


def _written(moment: datetime) -> str:
    """With a fraction of the second, without which DeepL's clients cannot read it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Moment = Annotated[datetime, PlainSerializer(_written, return_type=str)]
ModelType = Literal["quality_optimized", "latency_optimized"]


class ErrorOut(BaseModel):
    """An error as DeepL tells it."""

    message: str = Field(examples=["Value for 'target_lang' not supported."])
    detail: str | None = None
    code: str | None = Field(default=None, description="For machines, where there is one")


class TranslationOut(BaseModel):
    """A translated text."""

    detected_source_language: str = Field(examples=["EN"])
    text: str
    billed_characters: int | None = Field(default=None, description="If `show_billed_characters`")
    model_type_used: ModelType | None = Field(default=None, description="If `model_type` was given")
    tag_handling_version: Literal["v1", "v2"] | None = Field(default=None, description="If `tag_handling` was given")


class TranslateResponse(BaseModel):
    """The translations, in the order of their texts."""

    translations: list[TranslationOut]


class LanguageOut(BaseModel):
    """A language."""

    language: str = Field(examples=["PT-BR"])
    name: str = Field(examples=["Portuguese (Brazilian)"])
    supports_formality: bool | None = Field(default=None, description="Of targets only")


class FeatureOut(BaseModel):
    """How far a feature is."""

    status: Literal["stable"] = "stable"


class LanguageV3Out(BaseModel):
    """A language and what can be done with it."""

    lang: str = Field(examples=["pt-BR"])
    name: str
    usable_as_source: bool
    usable_as_target: bool
    status: Literal["stable"] = "stable"
    features: dict[str, FeatureOut]


class UsageResponse(BaseModel):
    """What has been used, and how much there may be."""

    character_count: int
    character_limit: int


class UploadResponse(BaseModel):
    """The id of a document, and the key to it."""

    document_id: str = Field(pattern="^[0-9A-F]{32}$")
    document_key: str = Field(pattern="^[0-9A-F]{64}$")


class DocumentResponse(BaseModel):
    """How far a document is."""

    document_id: str
    status: Literal["queued", "translating", "done", "error"]
    seconds_remaining: int | None = None
    billed_characters: int | None = None
    error_message: str | None = None


class LanguagePairOut(BaseModel):
    """Languages that there can be a glossary for."""

    source_lang: str = Field(examples=["en"])
    target_lang: str = Field(examples=["pt"])


class LanguagePairsResponse(BaseModel):
    """All of these."""

    supported_languages: list[LanguagePairOut]


class GlossaryOut(BaseModel):
    """A glossary of one pair of languages."""

    glossary_id: str
    name: str
    ready: bool
    source_lang: str
    target_lang: str
    creation_time: Moment = Field(examples=["2026-02-12T08:30:00.000Z"])
    entry_count: int

    @classmethod
    def of(cls, listed: Listed) -> Self:
        """A glossary that has one dictionary."""
        ((source, target, count),) = listed.sizes
        return cls(
            glossary_id=listed.id,
            name=listed.name,
            ready=True,
            source_lang=str(source),
            target_lang=str(target),
            creation_time=listed.created_at,
            entry_count=count,
        )


class GlossariesResponse(BaseModel):
    """All glossaries of one pair of languages."""

    glossaries: list[GlossaryOut]


class DictionaryOut(BaseModel):
    """A dictionary of a glossary."""

    source_lang: str
    target_lang: str
    entry_count: int


class MultilingualOut(BaseModel):
    """A glossary."""

    glossary_id: str
    name: str
    dictionaries: list[DictionaryOut]
    creation_time: Moment = Field(examples=["2026-02-12T08:30:00.000Z"])

    @classmethod
    def of(cls, listed: Listed) -> Self:
        """Any glossary."""
        return cls(
            glossary_id=listed.id,
            name=listed.name,
            dictionaries=[
                DictionaryOut(source_lang=str(source), target_lang=str(target), entry_count=count)
                for source, target, count in listed.sizes
            ],
            creation_time=listed.created_at,
        )


class MultilingualsResponse(BaseModel):
    """All glossaries."""

    glossaries: list[MultilingualOut]


class EntriesOut(BaseModel):
    """A dictionary with its entries."""

    source_lang: str
    target_lang: str
    entries: str
    entries_format: Literal["tsv"] = "tsv"

    @classmethod
    def of(cls, dictionary: Dictionary, entries: str) -> Self:
        """A dictionary, and its entries as they are written."""
        return cls(source_lang=str(dictionary.source), target_lang=str(dictionary.target), entries=entries)


class EntriesResponse(BaseModel):
    """The dictionary that was asked for."""

    dictionaries: list[EntriesOut]
