"""A translation as DeepL's clients ask for it, by our use cases."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

from handler.calls import Limits
from handler.deepl.codes import code_of
from handler.deepl.refusals import Refusal, unsupported
from handler.schemas.deepl.requests import Glossed, TranslateRequest
from handler.schemas.v1.requests import check_length
from services.detect import DetectLanguage
from services.errors import TextTooLong, UnknownGlossary
from services.languages import ListLanguages
from services.model import Content, Ends, Format, Handling, Language
from services.shelves import Shelves, merged
from services.text import html, xml
from services.text.reading import read
from services.text.terms import Table
from services.translate import Options, TranslateTexts

_FORMATS = {None: Format.TEXT, "html": Format.HTML, "xml": Format.XML}
_ENDS = {"0": Ends.NOTHING, "1": Ends.LINES, "nonewlines": Ends.PUNCTUATION}


@dataclass(frozen=True, slots=True)
class Translated:
    """A translated text, and the code of the language it was in."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Translating:
    """Translates texts, each from the language that it is in."""

    translate: TranslateTexts
    detect: DetectLanguage
    languages: ListLanguages

    def __call__(
        self, contents: Sequence[Content], source: Language | None, target: Language, table: Table | None
    ) -> list[Translated]:
        """The translations in the order of the texts. Raises what TranslateTexts raises."""
        sources = [source or self._source(content, target) for content in contents]
        done: dict[int, str] = {}
        for language in dict.fromkeys(sources):
            places = [at for at, one in enumerate(sources) if one == language]
            of_language = [contents[at] for at in places]
            if language == target:
                done |= {at: contents[at].text for at in places}
                continue
            answer = self.translate(of_language, language, [target], Options(glossary=table))
            done |= {at: one.content for at, one in zip(places, answer.result.items, strict=True)}
        return [Translated(done[at], code_of(language)) for at, language in enumerate(sources)]

    @staticmethod
    def characters(content: Content) -> int:
        """What is charged for a text: its code points, but for tags where these are handled."""
        if content.format is Format.HTML:
            return html.chars_of_text(content.text)
        return xml.chars_of_text(content.text) if content.format is Format.XML else len(content.text)

    def _source(self, content: Content, target: Language) -> Language:
        """The language of a text. One that tells none is in any that leads to the target, English if that does."""
        found = self.detect(read(content).text, self.languages.tags())
        if found.language and (found.reliable or found.language in self.languages.tags()):
            return found.language
        leading = [one.language for one in self.languages() if any(t.primary == target.primary for t in one.targets)]
        return next((one for one in leading if one.primary == "en"), leading[0])


def check_offered(call: Glossed) -> None:
    """Raises Refusal for what no model here can do."""
    if call.formality in ("more", "less"):
        language = call.target_lang.upper()
        raise Refusal(HTTPStatus.BAD_REQUEST, f"Target language '{language}' doesn't support formality.")
    if call.style_id is not None:
        raise Refusal(HTTPStatus.NOT_FOUND, "Style rule not found", "style rules are not offered by this server")
    if call.translation_memory_id is not None:
        detail = "translation memories are not offered by this server"
        raise Refusal(HTTPStatus.NOT_FOUND, "Translation memory not found", detail)
    if isinstance(call, TranslateRequest) and call.custom_instructions:
        raise unsupported("custom_instructions")


def check_well_formed(call: TranslateRequest) -> None:
    """Raises Refusal for XML that is not, where that is to be checked."""
    is_strict = call.tag_handling == "xml" and call.tag_handling_version == "v2"
    if is_strict and not all(map(xml.is_well_formed, call.text)):
        raise Refusal(HTTPStatus.BAD_REQUEST, "Tag handling parsing failed, please check input.")


def contents_of(call: TranslateRequest, limits: Limits) -> list[Content]:
    """The texts, and how they are to be taken apart. Raises TextTooLong."""
    ends = _ENDS.get(call.split_sentences or "1", Ends.USUAL)
    if call.tag_handling == "html" and call.split_sentences in (None, "nonewlines"):
        ends = Ends.USUAL  # line breaks are but layout there
    fold = str.lower if call.tag_handling == "html" else str
    handling = Handling(
        ends=ends,
        outline=call.outline_detection,
        splitting=frozenset(map(fold, call.splitting_tags)),
        non_splitting=frozenset(map(fold, call.non_splitting_tags)),
        ignored=frozenset(map(fold, call.ignore_tags)),
    )
    contents = [Content(text, _FORMATS[call.tag_handling], handling) for text in call.text]
    check_length(contents, limits.max_text_chars)
    if len(contents) > limits.max_texts:
        raise TextTooLong(f"a request has at most {limits.max_texts} texts", max_texts=limits.max_texts)
    return contents


def table_of(shelves: Shelves, call: Glossed, source: Language | None, target: Language) -> Table | None:
    """The terms of the glossaries that are named. Raises Refusal, UnknownGlossary, StoreUnavailable."""
    if call.glossary_id and call.glossary_ids:
        raise Refusal(HTTPStatus.BAD_REQUEST, "glossary_id and glossary_ids cannot be used together")
    if not call.all_glossary_ids:
        return None
    if source is None:
        raise Refusal(HTTPStatus.BAD_REQUEST, "Use of a glossary requires the source_lang parameter to be specified")
    pair = Language(source.primary), Language(target.primary)
    glossaries = [shelves.find(one) for one in call.all_glossary_ids]
    try:
        dictionaries = tuple(glossary.find(*pair) for glossary in glossaries)
    except UnknownGlossary:
        raise Refusal(HTTPStatus.NOT_FOUND, "Glossary dictionary not found") from None
    return Table(merged(dictionaries), *pair)
