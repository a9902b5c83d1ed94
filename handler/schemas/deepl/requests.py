"""What DeepL's calls take; members that are not named here are ignored, as DeepL does."""

from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

MAX_GLOSSARY_IDS = 5


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _between_commas(value: object) -> object:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [name.strip() for one in value for name in one.split(",") if name.strip()]
    return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value


def _is_uuid(value: str) -> str:
    UUID(value)
    return value


Code = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=10)]
SourceLang = Annotated[Code, Field(description="The language of the text; it is detected where this is left out")]
TargetLang = Annotated[Code, Field(description="The language to translate into", examples=["PT-BR"])]
Texts = Annotated[
    list[str], BeforeValidator(_listed), Field(min_length=1, description="Texts, each translated by itself")
]
TagNames = Annotated[
    list[Annotated[str, StringConstraints(max_length=200)]],
    BeforeValidator(_between_commas),
    Field(max_length=1_000, description="Names of tags: a list, or with commas between"),
]
GlossaryId = Annotated[
    str, AfterValidator(_is_uuid), Field(description="A glossary, which needs `source_lang`", max_length=36)
]
GlossaryIds = Annotated[
    list[GlossaryId],
    BeforeValidator(_between_commas),
    Field(max_length=MAX_GLOSSARY_IDS, description="Several glossaries; of equal terms those of the first hold"),
]
Formality = Annotated[
    Literal["default", "more", "less", "prefer_more", "prefer_less"],
    Field(description="No language has it here: `more` and `less` are refused, the others are taken"),
]
EntriesFormat = Annotated[Literal["tsv", "csv"], Field(description="How the entries are written")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=1_024)]


class Parameters(BaseModel):
    """The parameters of a call."""

    model_config = ConfigDict(frozen=True)


class Glossed(Parameters):
    """What may name glossaries."""

    target_lang: TargetLang
    source_lang: SourceLang | None = None
    formality: Formality = "default"
    glossary_id: GlossaryId | None = None
    glossary_ids: GlossaryIds = Field(default=[])
    style_id: str | None = Field(default=None, description="Refused: there are no style rules")
    translation_memory_id: str | None = Field(default=None, description="Refused: there are no translation memories")

    @property
    def all_glossary_ids(self) -> list[str]:
        """The glossaries that are named, in order."""
        return [self.glossary_id] if self.glossary_id else self.glossary_ids


class TranslateRequest(Glossed):
    """Texts to be translated."""

    text: Texts
    context: str | None = Field(default=None, description="Taken, and of no effect; its characters are not counted")
    show_billed_characters: bool = False
    split_sentences: Literal["0", "1", "nonewlines"] | None = Field(
        default=None, description="What ends a sentence; `nonewlines` is the default with `tag_handling=html`, else `1`"
    )
    preserve_formatting: bool = Field(default=False, description="Formatting is preserved in any case")
    model_type: Literal["quality_optimized", "latency_optimized", "prefer_quality_optimized"] | None = Field(
        default=None, description="There is one model for each pair, which serves them all"
    )
    tag_handling: Literal["xml", "html"] | None = None
    tag_handling_version: Literal["v1", "v2"] = Field(
        default="v1", description="`v2` refuses XML that is not well formed"
    )
    outline_detection: bool = True
    splitting_tags: TagNames = Field(default=[])
    non_splitting_tags: TagNames = Field(default=[])
    ignore_tags: TagNames = Field(default=[])
    custom_instructions: Annotated[list[str], BeforeValidator(_listed)] = Field(
        default=[], description="Refused: the models take none"
    )


class UploadRequest(Glossed):
    """A file to be translated, beside the file itself."""

    filename: str | None = Field(default=None, max_length=1_000, description="The file's name, if its part has none")
    output_format: str | None = Field(default=None, max_length=10, description="The extension that the file has")


class DocumentKey(Parameters):
    """The key to a document."""

    document_key: Annotated[str, StringConstraints(max_length=200)]


class LanguagesRequest(Parameters):
    """Which languages are asked for."""

    type: Literal["source", "target"] = "source"


class ResourceRequest(Parameters):
    """What the languages are asked for."""

    resource: Literal[
        "translate_text", "translate_document", "glossary", "voice", "write", "style_rules", "translation_memory"
    ]


class DictionaryKey(Parameters):
    """The languages of a dictionary."""

    source_lang: Code
    target_lang: Code


class DictionaryBody(DictionaryKey):
    """A dictionary and its entries."""

    entries: str
    entries_format: EntriesFormat = "tsv"


class GlossaryBody(DictionaryBody):
    """A glossary of one pair of languages."""

    name: Name


class MultilingualBody(Parameters):
    """A glossary of several pairs of languages."""

    name: Name
    dictionaries: list[DictionaryBody] = Field(min_length=1, max_length=1_000)


class PatchBody(Parameters):
    """What shall be changed of a glossary: entries are added to those that a dictionary has."""

    name: Name | None = None
    dictionaries: list[DictionaryBody] = Field(default=[], max_length=1_000)

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.name is None and not self.dictionaries:
            raise ValueError("nothing is to be changed")
        return self
