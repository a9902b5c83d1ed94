"""Translates several texts that are in one language, which may have to be detected for all of them together."""

from collections.abc import Sequence
from dataclasses import dataclass

from handler.libretranslate.codes import read as read_code
from handler.libretranslate.codes import unsupported, written
from handler.schemas.libretranslate.answers import NOTHING_TO_GO_BY, DetectedOut
from handler.wiring import Services
from services.errors import UnsupportedLanguagePair
from services.model import Content, Format, Language
from services.results import CacheState
from services.sentences import has_words
from services.text.reading import read
from services.translate import Options, Translation

_ENGLISH = Language("en")


@dataclass(frozen=True, slots=True)
class Translated:
    """Translations, and other ones of each text, in the order of the texts; the language if it was detected."""

    texts: tuple[str, ...]
    alternatives: tuple[list[str], ...]
    detected: DetectedOut | None
    target: Language
    cache: CacheState | None = None


def translated(
    services: Services, contents: Sequence[Content], source: str | None, target: str, alternatives: int = 0
) -> Translated:
    """Translate texts between two codes; a source of None is detected.

    What has no words, or is in the target's language, comes back as it was. Of markup there are no alternatives.

    Raises UnsupportedLanguage, and what TranslateTexts raises.
    """
    installed = services.languages.tags()
    known = read_code(source, installed) if source else None
    into = read_code(target, installed)
    language, detected = (known, None) if known else detected_language(services, contents)
    if language is None or language == into:
        same = tuple(content.text for content in contents)
        return Translated(same, tuple([] for _ in same), detected, into)
    is_plain = all(content.format is Format.TEXT for content in contents)
    try:
        answer = services.translate(contents, language, [into], Options(alternatives=alternatives if is_plain else 0))
    except UnsupportedLanguagePair as exc:
        raise _unavailable(services, language, into) from exc
    pairs = list(zip(contents, answer.result.items, strict=True))
    return Translated(
        tuple(_with_line_ends(content, item.content) for content, item in pairs),
        tuple(_others(content, item) for content, item in pairs),
        detected,
        into,
        answer.cache,
    )


def detected_language(services: Services, contents: Sequence[Content]) -> tuple[Language | None, DetectedOut]:
    """The language of all texts together, None if they have no words, and how sure that is.

    An installed one is taken before others as long as the texts are too short to tell; English where nothing tells.
    Raises UnsupportedLanguage where it is not installed.
    """
    installed = services.languages.tags()
    text = "\n".join(read(content).text for content in contents)
    found = services.detect(text, installed)
    if not found.candidates:
        if not has_words(text):
            return None, NOTHING_TO_GO_BY
        return read_code(str(_ENGLISH), installed), NOTHING_TO_GO_BY
    best, *others = found.candidates
    if not found.reliable:
        best = next((one for one in (best, *others) if one.language in installed), best)
    if best.language not in installed:
        raise unsupported(written(best.language))
    return best.language, DetectedOut.of(best)


def detections(services: Services, texts: Sequence[str]) -> list[DetectedOut]:
    """The likely languages of texts, the likeliest first; English with no confidence where nothing tells."""
    found = services.detect("\n".join(texts), services.languages.tags())
    return [DetectedOut.of(one) for one in found.candidates] or [NOTHING_TO_GO_BY]


def _unavailable(services: Services, source: Language, target: Language) -> UnsupportedLanguagePair:
    names = services.languages.names()
    return UnsupportedLanguagePair(
        f"no installed model leads from {source} to {target}",
        source=written(source),
        source_name=names[source],
        target=written(target),
        target_name=names[target],
    )


def _others(content: Content, item: Translation) -> list[str]:
    return [_with_line_ends(content, other.content) for other in item.alternatives]


def _with_line_ends(content: Content, translation: str) -> str:
    """A translation of plain text with CR and LF at its line ends, if that is what its source had at all of them."""
    source = content.text
    ends = source.count("\r\n")
    if content.format is Format.TEXT and ends and ends == source.count("\n") == source.count("\r"):
        return translation.replace("\n", "\r\n")
    return translation
