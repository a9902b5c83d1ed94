"""What the calls about glossaries share."""

from http import HTTPStatus
from uuid import UUID

from handler.deepl.codes import Codes
from handler.deepl.entries import read_entries
from handler.deepl.refusals import Refusal, unsupported
from handler.schemas.deepl.requests import DictionaryBody, DictionaryKey
from services.model import Language
from services.shelves import Dictionary


def check_id(glossary_id: str) -> str:
    """The id of a glossary, if it can be one. Raises Refusal."""
    try:
        UUID(glossary_id)
    except ValueError:
        raise unsupported("glossary_id") from None
    return glossary_id


def languages_of(call: DictionaryKey, codes: Codes) -> tuple[Language, Language]:
    """The languages of a dictionary. Raises Refusal."""
    source = codes.of_glossary(call.source_lang, "source_lang")
    target = codes.of_glossary(call.target_lang, "target_lang")
    if (source.tag, target.tag) not in codes.pairs():
        raise Refusal(HTTPStatus.BAD_REQUEST, "Unsupported glossary source and target language pair")
    return source, target


def dictionary_of(call: DictionaryBody, codes: Codes) -> Dictionary:
    """A dictionary as it was sent. Raises Refusal."""
    source, target = languages_of(call, codes)
    return Dictionary(source, target, read_entries(call.entries, call.entries_format, source, target))
