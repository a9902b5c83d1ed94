"""The shapes of LibreTranslate's answers, as its documentation has them: nothing more, nothing less."""

from typing import Annotated, TypeVar

from httpx2 import Response
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter


class _Exact(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Detected(_Exact):
    confidence: Annotated[float, Field(ge=0, le=100)]
    language: str


class One(_Exact):
    translatedText: str


class OneDetected(One):
    detectedLanguage: Detected


class OneOfSeveral(One):
    alternatives: list[str]


class OneDetectedOfSeveral(OneDetected):
    alternatives: list[str]


class Batch(_Exact):
    translatedText: list[str]


class BatchDetected(Batch):
    detectedLanguage: list[Detected]


class BatchOfSeveral(Batch):
    alternatives: list[list[str]]


class BatchDetectedOfSeveral(BatchDetected):
    alternatives: list[list[str]]


class Language(_Exact):
    code: str
    name: str
    targets: list[str]


class Named(_Exact):
    code: str
    name: str


class FirstLanguages(_Exact):
    source: Named
    target: Named


class Settings(_Exact):
    charLimit: int
    frontendTimeout: int
    apiKeys: bool
    keyRequired: bool
    suggestions: bool
    filesTranslation: bool
    supportedFilesFormat: list[str]
    language: FirstLanguages


class Health(_Exact):
    status: str


class File(_Exact):
    translatedFileUrl: str


class Failure(_Exact):
    error: str


Shape = TypeVar("Shape")


def shaped(answer: Response, shape: type[Shape], status: int = 200) -> Shape:
    """An answer of a status, as what it must be in JSON."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    return TypeAdapter(shape).validate_json(answer.content)


def error(answer: Response) -> tuple[int, str]:
    """The status and the words of a failure."""
    return answer.status_code, shaped(answer, Failure, answer.status_code).error
