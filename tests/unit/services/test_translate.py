import re
from unittest.mock import ANY

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import EngineFailed, InvalidLanguage, UndeterminedLanguage, UnsupportedLanguagePair
from services.model import Language, LanguagePair
from services.ports import LanguageScore
from services.results import CacheState
from services.translate import Span, Translation
from tests.fakes.models import BrokenTranslator, FixedIdentifier, MarkingTranslator, ShortTranslator
from tests.fakes.services import fake_services, translate
from tests.fakes.stores import DownStore

PROSE = re.compile("[A-Za-z]+[.?]?")
EN, PT, ES, FR = Language("en"), Language("pt"), Language("es"), Language("fr")


def translated(text: str, *pairs: str, source: Language | None = EN, target: Language = PT) -> Translation:
    return translate(fake_services(MarkingTranslator(*pairs)), [text], source, target).result.items[0]


def test_each_sentence_is_translated_and_the_white_space_stays() -> None:
    text = "\n  One is here.\t Two is there.\n\n\nThree.  \n"
    assert translated(text).text == "\n  [en>pt One is here.]\t [en>pt Two is there.]\n\n\n[en>pt Three.]  \n"


def test_repeated_sentences_keep_their_places_and_are_decoded_once() -> None:
    translator = MarkingTranslator()
    answer = translate(fake_services(translator), ["Stop. Go on. Stop.", "Stop."], EN, PT)
    assert [item.text for item in answer.result.items] == [
        "[en>pt Stop.] [en>pt Go on.] [en>pt Stop.]",
        "[en>pt Stop.]",
    ]
    assert sorted(translator.texts) == ["Go on.", "Stop."]


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80), max_size=5))
def test_every_segment_says_where_it_stands(texts: list[str]) -> None:
    for item in translate(fake_services(), texts, EN, PT).result.items:
        assert gaps(item.source_text, [segment.source for segment in item.segments]) == gaps(
            item.text, [segment.target for segment in item.segments]
        )
        for position, segment in enumerate(item.segments):
            source = item.source_text[segment.source.offset :][: segment.source.length]
            assert item.target_of(position) == (f"[en>pt {source}]" if PROSE.fullmatch(source) else ANY)


def gaps(text: str, spans: list[Span]) -> list[str]:
    ends = [0, *(span.offset + span.length for span in spans)]
    return [text[end:start] for end, start in zip(ends, [*(span.offset for span in spans), len(text)], strict=True)]


@pytest.mark.parametrize("text", ["", "  \n\t ", "🎉🎉 👍", "2026", "12,5 % – 14/3 …", "***\n---"])
def test_what_has_no_words_is_given_back_and_no_model_is_asked(text: str) -> None:
    translator = MarkingTranslator()
    for source in (EN, None):
        assert translate(fake_services(translator), [text], source, PT).result.items[0].text == text
    assert translator.asked == []


def test_a_pair_without_a_model_goes_through_a_pivot() -> None:
    answer = translated("Hola. Adiós.", "es>en", "en>pt", source=ES)
    assert answer.text == "[en>pt [es>en Hola.]] [en>pt [es>en Adiós.]]"
    assert answer.model == "marking-es-en+marking-en-pt"


def test_a_regional_target_is_served_by_the_general_model() -> None:
    answer = translated("Hello.", target=Language("pt-BR"))
    assert (answer.text, str(answer.target)) == ("[en>pt Hello.]", "pt-BR")


def test_the_source_is_detected_for_each_text_when_it_is_not_given() -> None:
    item = translated("Hello there.", source=None)
    assert (item.source, item.detection and item.detection.language) == (EN, EN)


def test_a_text_detected_to_be_in_the_target_language_is_given_back() -> None:
    translator = MarkingTranslator()
    services = fake_services(translator, FixedIdentifier("pt"))
    item = translate(services, ["Bom dia a todos."], None, Language("pt-BR")).result.items[0]
    assert (item.text, item.source, item.model, translator.asked) == ("Bom dia a todos.", PT, None, [])


@pytest.mark.parametrize(
    ("source", "target", "error"),
    [(EN, FR, UnsupportedLanguagePair), (FR, PT, UnsupportedLanguagePair), (EN, EN, InvalidLanguage)],
)
def test_a_pair_that_cannot_be_translated_is_refused(
    source: Language, target: Language, error: type[Exception]
) -> None:
    with pytest.raises(error):
        translated("Hello.", source=source, target=target)


def test_a_text_in_a_language_without_a_model_is_refused_by_name() -> None:
    with pytest.raises(UnsupportedLanguagePair, match="from fr to pt"):
        translate(fake_services(identifier=FixedIdentifier("fr")), ["Bonjour à tous."], None, PT)


def test_words_of_which_nothing_is_known_need_a_source() -> None:
    class Clueless(FixedIdentifier):
        def identify(self, text: str) -> list[LanguageScore]:
            return []

    with pytest.raises(UndeterminedLanguage):
        translate(fake_services(identifier=Clueless()), ["Xyzzy plugh."], None, PT)


def test_a_repeated_request_is_answered_from_the_store() -> None:
    translator = MarkingTranslator()
    services = fake_services(translator, sentence_cache_bytes=0)
    first, second = (translate(services, ["Hello."], EN, PT) for _ in range(2))
    assert (first.cache, second.cache, len(translator.asked)) == (CacheState.MISS, CacheState.HIT, 1)
    assert first.result == second.result


def test_known_sentences_of_a_new_text_are_not_decoded_again() -> None:
    translator = MarkingTranslator()
    services = fake_services(translator)
    translate(services, ["One. Two."], EN, PT)
    answer = translate(services, ["Two. Three."], EN, PT)
    assert (answer.cache, translator.asked[-1]) == (CacheState.PARTIAL, ("en>pt", ["Three."]))
    assert answer.result.items[0].text == "[en>pt Two.] [en>pt Three.]"


def test_one_text_of_two_lines_is_not_two_texts() -> None:
    services = fake_services()
    assert len({translate(services, texts, EN, PT).key for texts in (["a|b"], ["a", "b"], ["a"], ["b", "a"])}) == 4


def test_a_store_that_is_down_makes_no_difference_to_the_answer() -> None:
    answer = translate(fake_services(objects=DownStore()), ["Hello."], EN, PT)
    assert (answer.cache, answer.result.items[0].text) == (CacheState.BYPASS, "[en>pt Hello.]")


def test_a_broken_engine_is_said_to_be_broken() -> None:
    with pytest.raises(EngineFailed):
        translate(fake_services(BrokenTranslator()), ["Hello."], EN, PT)


def test_an_engine_that_loses_a_sentence_is_not_believed() -> None:
    with pytest.raises(ValueError, match="zip"):
        translate(fake_services(ShortTranslator()), ["One. Two."], EN, PT)


def test_what_must_be_copied_is_copied_whatever_the_engine_makes_of_its_neighbours() -> None:
    class Shouting(MarkingTranslator):
        def translation(self, text: str, pair: LanguagePair) -> str:
            return super().translation(text, pair).upper()

    text = "Write to press@example.org or @joe_smith about #Vote 🎉."
    translation = translate(fake_services(Shouting()), [text], EN, PT).result.items[0].text
    assert translation == "[EN>PT WRITE TO press@example.org OR @joe_smith ABOUT #Vote 🎉.]"


def test_a_sentence_that_is_nothing_but_copied_is_not_decoded() -> None:
    translator = MarkingTranslator()
    translation = translate(fake_services(translator), ["https://example.org/a_b"], EN, PT).result.items[0].text
    assert (translation, translator.asked) == ("https://example.org/a_b", [])


class Renamed(MarkingTranslator):
    """The same pairs, with other models."""

    def model_id(self, pair: LanguagePair) -> str:
        return f"renamed-{pair}"


def test_whatever_can_change_a_translation_changes_its_key() -> None:
    services = fake_services(MarkingTranslator("en>pt", "en>es"))
    answers = [
        translate(services, ["Hello there."], EN, PT),
        translate(services, ["Hello here."], EN, PT),
        translate(services, ["Hello there."], None, PT),
        translate(services, ["Hello there."], EN, ES),
        translate(fake_services(Renamed("en>pt", "en>es")), ["Hello there."], EN, PT),
        translate(services, ["Hello there."], EN, Language("pt-BR")),
    ]
    assert len({answer.key for answer in answers}) == len(answers)
    assert translate(services, ["Hello there."], EN, PT).cache is CacheState.HIT


def test_a_sentence_is_known_for_its_own_model_only() -> None:
    services = fake_services(MarkingTranslator("en>pt", "en>es"))
    texts = [translate(services, ["Hello."], EN, target).result.items[0].text for target in (PT, ES)]
    assert texts == ["[en>pt Hello.]", "[en>es Hello.]"]


def test_texts_of_several_languages_are_each_translated_their_own_way() -> None:
    class ByFirstLetter(FixedIdentifier):
        def identify(self, text: str) -> list[LanguageScore]:
            return [LanguageScore({"e": EN, "p": PT, "s": ES}[text[0].lower()], 0.99)]

    translator = MarkingTranslator("en>pt", "es>pt")
    texts = ["Every morning they sing.", "Para todos os gostos.", "Siempre hay que leer.", "Every morning they sing."]
    items = translate(fake_services(translator, ByFirstLetter()), texts, None, PT).result.items
    assert [item.text for item in items] == [
        "[en>pt Every morning they sing.]",
        "Para todos os gostos.",
        "[es>pt Siempre hay que leer.]",
        "[en>pt Every morning they sing.]",
    ]


@pytest.mark.parametrize(
    ("pairs", "source", "target", "text"),
    [
        ("en>pt", "pt", "pt-BR", "Olá."),
        ("pt>pt-BR", "pt", "pt-BR", "[pt>pt-BR Olá.]"),
        ("pt>en en>pt-BR", "pt", "pt-BR", "Olá."),
    ],
)
def test_a_regional_form_is_its_own_translation_unless_a_model_knows_better(
    pairs: str, source: str, target: str, text: str
) -> None:
    services = fake_services(MarkingTranslator(*pairs.split()))
    assert translate(services, ["Olá."], Language(source), Language(target)).result.items[0].text == text


def test_another_script_of_a_language_needs_a_model() -> None:
    with pytest.raises(UnsupportedLanguagePair):
        translate(fake_services(), ["你好。"], Language("zh"), Language("zh-Hant"))
