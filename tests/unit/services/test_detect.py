import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.fasttext import FastTextIdentifier, default_model_path
from services.detect import Detection, DetectLanguage
from services.model import Language
from services.ports import LanguageScore

NOTHING = Detection(None, 0.0, False, ())
HEADLINE = "Harbour opens again tomorrow"
PT, EN, ES = Language("pt"), Language("en"), Language("es")


@dataclass
class FakeIdentifier:
    """Answers every text with the same probabilities, and remembers what it was asked."""

    probabilities: Mapping[str, float]
    asked: list[str] = field(default_factory=list)

    def identify(self, text: str) -> list[LanguageScore]:
        self.asked.append(text)
        scores = [LanguageScore(Language(tag), p) for tag, p in self.probabilities.items()]
        return sorted(scores, key=lambda score: -score.probability)


def detect(text: str, among: str, **probabilities: float) -> Detection:
    return DetectLanguage(FakeIdentifier(probabilities))(text, [Language(tag) for tag in among.split()])


@pytest.mark.parametrize(
    "text", ["", " \n\t", "2024", "🎉🇵🇹", "https://example.com/the-news", "a@example.com", "\x00", "\ud83d"], ids=ascii
)
def test_a_text_with_nothing_to_go_by_has_no_language(text: str) -> None:
    assert detect(text, "en pt", en=0.9) == NOTHING


def test_an_identifier_that_knows_nothing_leaves_a_latin_text_undetermined() -> None:
    assert detect(HEADLINE, "en pt") == NOTHING


def test_probabilities_are_shared_out_among_the_installed_languages() -> None:
    found = detect(HEADLINE, "pt es", pt=0.3, es=0.1)
    assert found.candidates == (LanguageScore(PT, pytest.approx(0.75)), LanguageScore(ES, pytest.approx(0.25)))
    assert (found.language, found.confidence) == (PT, pytest.approx(0.75))


def test_an_installed_language_is_preferred_to_a_somewhat_likelier_other() -> None:
    assert detect(HEADLINE, "en pt", gl=0.6, pt=0.3).language == PT


def test_a_text_that_is_clearly_in_another_language_is_said_to_be() -> None:
    found = detect(HEADLINE, "en pt", es=0.97, pt=0.02)
    assert found.language == ES
    assert found.candidates[1].language == PT


def test_with_nothing_installed_the_likeliest_language_is_named() -> None:
    found = detect(HEADLINE, "", es=0.6, pt=0.4)
    assert (found.language, found.confidence) == (ES, pytest.approx(0.6))


@pytest.mark.parametrize(
    ("identified", "installed"),
    [("pt", "pt-BR"), ("no", "nb"), ("nn", "nb"), ("als", "de"), ("en", "en-GB")],
)
def test_the_installed_tag_is_reported(identified: str, installed: str) -> None:
    assert detect(HEADLINE, installed, **{identified: 0.9}).language == Language(installed)


def test_chinese_is_reported_by_the_installed_tag() -> None:
    assert detect("强烈风暴过后，港口重新向船舶开放", "en zh-Hant").language == Language("zh-Hant")


def test_the_most_general_installed_tag_wins() -> None:
    assert detect(HEADLINE, "pt-BR pt", pt=0.9).language == PT


def test_the_order_of_the_installed_languages_does_not_matter() -> None:
    assert detect(HEADLINE, "pt-BR en pt-PT", pt=0.5, en=0.5) == detect(HEADLINE, "pt-PT pt-BR en", pt=0.5, en=0.5)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Το λιμάνι άνοιξε", "el"),
        ("ท่าเรือเปิดแล้ว", "th"),
        ("항구가 열렸다", "ko"),
        ("港が開いた", "ja"),
        ("强烈风暴过后，港口重新向船舶开放", "zh"),
    ],
)
def test_a_script_with_one_language_decides_without_the_identifier(text: str, tag: str) -> None:
    identifier = FakeIdentifier({"en": 1.0})
    found = DetectLanguage(identifier)(text, [EN, PT])
    assert found == Detection(Language(tag), 1.0, True, (LanguageScore(Language(tag), 1.0),))
    assert identifier.asked == []


def test_a_language_that_does_not_use_the_script_is_ruled_out() -> None:
    found = detect("Порт снова открыли для судов", "en ru", en=0.9, ru=0.05, uk=0.01)
    assert found.language == Language("ru")
    assert EN not in {score.language for score in found.candidates}


def test_the_identifier_does_not_see_names_in_another_script() -> None:
    identifier = FakeIdentifier({"ru": 0.9})
    DetectLanguage(identifier)("Порт Rotterdam снова открыт", [])
    assert identifier.asked == ["Порт снова открыт"]


def test_where_the_identifier_knows_none_of_the_script_its_chief_language_is_a_guess() -> None:
    found = detect("港口", "en", en=1.0)
    assert (found.language, found.reliable) == (Language("zh"), False)


def test_a_few_han_characters_are_japanese_where_chinese_is_not_installed() -> None:
    assert detect("首相辞任", "en ja", zh=0.6, ja=0.4).language == Language("ja")


def test_small_words_decide_between_close_languages() -> None:
    text = "Almanaque: o inventor do contador da cidade"
    assert detect(text, "es pt", es=0.6, pt=0.2).language == PT


def test_small_words_take_nothing_from_a_language_whose_small_words_are_unknown() -> None:
    found = detect("o porto do norte da cidade", "gl pt es", gl=0.8, pt=0.1, es=0.1)
    assert found.candidates[0] == LanguageScore(Language("gl"), pytest.approx(0.8))


@pytest.mark.parametrize(
    ("text", "probability", "reliable"),
    [
        ("twenty letters are en", 0.95, False),
        ("twenty letters are enough", 0.95, True),
        ("twenty letters are enough", 0.85, False),
        ("twenty 123456789", 0.95, False),
    ],
)
def test_reliable_takes_twenty_letters_and_nine_tenths(text: str, probability: float, reliable: bool) -> None:
    # Small words would shift the odds between known languages, so these two are of others.
    assert detect(text, "sv da", sv=probability, da=1 - probability).reliable is reliable


@pytest.mark.parametrize(("text", "reliable"), [("π", False), ("λιμά", True), ("네", False), ("항구", True)])
def test_a_script_with_one_language_takes_a_few_letters_to_be_reliable(text: str, reliable: bool) -> None:
    assert detect(text, "en").reliable is reliable


def test_five_candidates_at_most_are_named() -> None:
    found = detect(HEADLINE, "en", **dict.fromkeys(["sv", "da", "fi", "et", "lv", "lt"], 0.15))
    assert len(found.candidates) == 5


@given(
    st.text(st.characters()),
    st.frozensets(st.sampled_from(["en", "pt", "pt-BR", "zh-Hant", "ja", "nb"]).map(Language)),
    st.dictionaries(st.sampled_from(["en", "pt", "es", "zh", "ja", "ru", "ar", "no"]), st.floats(0.0, 1.0)),
)
def test_any_text_has_an_answer_that_agrees_with_itself(
    text: str, among: frozenset[Language], probabilities: dict[str, float]
) -> None:
    found = DetectLanguage(FakeIdentifier(probabilities))(text, among)
    if found.language is None:
        assert found == NOTHING
    else:
        assert found.candidates[0] == LanguageScore(found.language, found.confidence)
        shares = [score.probability for score in found.candidates]
        assert shares == sorted(shares, reverse=True)
        assert all(0.0 < share <= 1.0 for share in shares)


REAL = DetectLanguage(FastTextIdentifier(default_model_path()))


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("Ministra inaugura ponte sobre o rio em Coimbra", "pt-BR"),
        ("MINISTRA INAUGURA PONTE SOBRE O RIO EM COIMBRA", "pt-BR"),
        ("Minister opens bridge over the river in Durham", "en"),
        ("La ministra inaugura un puente sobre el río en Zaragoza", "es"),
        ("Министр открыла новый мост через реку, которого ждали десять лет", "ru"),
        ("Міністерка відкрила міст через річку у Львові", "uk"),
        ("وزيرة تفتتح جسرا جديدا فوق النهر", "ar"),
    ],
)
def test_headlines_are_told_apart_also_where_their_language_is_not_installed(text: str, tag: str) -> None:
    found = REAL(text, [EN, Language("pt-BR")])
    assert (found.language, found.reliable) == (Language(tag), True)


def test_one_word_is_too_short_to_be_reliable() -> None:
    assert not REAL("Total", [EN, PT]).reliable


def test_the_language_of_a_text_with_a_foreign_quote_is_its_own() -> None:
    text = "A ministra disse que a obra está pronta. «The bridge is open», repetiu aos jornalistas estrangeiros."
    assert REAL(text, [EN, PT]).language == PT


def test_the_answer_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "from services.detect import *; from services.adapters.fasttext import *;"
        "print(DetectLanguage(FastTextIdentifier(default_model_path()))"
        "('A ponte do rio no museu', {Language(t) for t in ('en', 'pt', 'es', 'fr', 'de', 'pt-BR')}))"
    )
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(answers) == 1
