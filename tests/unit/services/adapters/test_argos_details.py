"""Scores, links and the order of work; texts and packages are told in test_argos.py."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import ctranslate2
import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from services.adapters.argos import ArgosTranslator
from services.model import Language, LanguagePair
from services.ports import Hypothesis
from tests.fakes.meters import RecordingMeter
from tests.packages import CHARACTERS, write_package

EMBEDDED = Path(__file__).parents[4] / ".models" / "packages"
EN_PT = LanguagePair(Language("en"), Language("pt"))
WINDOW = 256
NEWS = [
    f"{who} {what}."
    for who in ("The mayor", "A court in Porto", "Dr. O'Connor", "NATO")
    for what in (
        "said prices rose by 3.5% in March",
        "denied that the €40 million contract was legal",
        'warned that "nobody was hurt" in the fire',
        "hopes that talks go on in Geneva",
        "lost 2-1",
    )
]


def translator(folder: Path, workers: int = 2) -> ArgosTranslator:
    return ArgosTranslator(folder, workers, 10**9, RecordingMeter())


@pytest.fixture(scope="module")
def spelling(tmp_path_factory: pytest.TempPathFactory) -> ArgosTranslator:
    """A package that spells its input."""
    folder = tmp_path_factory.mktemp("spelling")
    write_package(folder / "en_pt")
    return translator(folder)


def best(argos: ArgosTranslator, text: str, detailed: bool = True) -> Hypothesis:
    ((one,),) = argos.translate([text], EN_PT, detailed=detailed)
    return one


def letters_came_from_themselves(text: str, found: Hypothesis) -> bool:
    """Whether each letter of the translation is linked to the same place of the text, once and in order."""
    links = [link for link in found.links or () if text[link[0] : link[1]].strip()]
    places = [(at, at + 1) for at, char in enumerate(text) if char.strip()]
    return [(a, b) for a, b, *_ in links] == places == [(c, d) for *_, c, d in links]


# With details and without


@pytest.mark.parametrize("hypotheses", [1, 4])
def test_the_embedded_model_says_the_same_with_details_and_without(hypotheses: int) -> None:
    assert len(NEWS) == 20
    argos = translator(EMBEDDED)
    with_details, without = (argos.translate(NEWS, EN_PT, hypotheses, detailed) for detailed in (True, False))
    assert [[one.text for one in found] for found in with_details] == [[one.text for one in found] for found in without]
    for found in without:
        assert all((one.score, one.links) == (None, None) for one in found)
    for found in with_details:
        assert all(one.score is not None and one.score <= 0 and one.links for one in found)


def test_a_text_of_several_windows_is_the_same_with_details_and_without(spelling: ArgosTranslator) -> None:
    text = "".join(CHARACTERS) * 7
    assert best(spelling, text, detailed=False) == Hypothesis(best(spelling, text).text) == Hypothesis(text)


# Links


@pytest.mark.parametrize("length", [WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW + 50, 3 * WINDOW])
@pytest.mark.parametrize("bpe", [False, True], ids=["sentencepiece", "bpe"])
def test_links_lead_to_the_right_window_of_a_long_text(tmp_path: Path, length: int, bpe: bool) -> None:
    write_package(tmp_path / "en_pt", bpe=bpe)
    text = " ".join("Hello you." for _ in range(1 + length // 11))[:length].strip()
    found = best(translator(tmp_path), text)
    assert found.text == text
    links = [link for link in found.links or () if text[link[0] : link[1]].strip()]
    assert len(links) > length // 3
    assert all((a, b) == (c, d) for a, b, c, d in links)
    assert {char for a, b, *_ in links for char in range(a, b)} >= {n for n, char in enumerate(text) if char.isalpha()}


@settings(max_examples=20, deadline=None)
@given(st.text(st.sampled_from("abc d"), max_size=3 * WINDOW))
def test_every_letter_of_any_text_comes_from_itself(spelling: ArgosTranslator, text: str) -> None:
    plain = " ".join(text.split())
    assert letters_came_from_themselves(plain, best(spelling, plain))


@pytest.mark.parametrize("text", ["xHello you", "xxHello you", "xx x xHello you"])
def test_links_are_right_where_a_translation_begins_with_spaces(tmp_path: Path, text: str) -> None:
    folder = write_package(tmp_path / "en_pt", turn=lambda piece: "\u2581" if piece == "x" else piece)
    with (folder / "sentencepiece.model").open("wb") as file:  # the same pieces, and spaces as they come
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter([" ".join(CHARACTERS)]),
            model_writer=file,
            model_type="char",
            vocab_size=len(CHARACTERS) + 4,
            hard_vocab_limit=False,
            remove_extra_whitespaces=False,
            minloglevel=2,
        )
    assert best(translator(tmp_path), text, detailed=False) == Hypothesis("Hello you")
    found = best(translator(tmp_path), text)
    assert found.text == "Hello you"
    linked = {found.text[c:d]: text[a:b] for a, b, c, d in found.links or () if found.text[c:d].strip()}
    assert linked == {char: char for char in "Heloyu"}
    assert all(0 <= c <= d <= len(found.text) for *_, c, d in found.links or ())
    assert (text.rindex("H"), text.rindex("H") + 1, 0, 1) in (found.links or ())


# Scores


class Scoring:
    """CTranslate2's translator, but for the scores, which are given: for a source as long as a window, and others."""

    def __init__(self, real: Any, full: float, rest: float) -> None:  # noqa: ANN401
        self._real, self._full, self._rest = real, full, rest

    def translate_batch(self, sources: Sequence[Sequence[str]], **options: object) -> list[SimpleNamespace]:
        return [
            SimpleNamespace(
                hypotheses=result.hypotheses,
                scores=[self._full if len(source) == WINDOW else self._rest for _ in result.hypotheses],
                attention=result.attention,
            )
            for source, result in zip(sources, self._real.translate_batch(sources, **options), strict=True)
        ]


@pytest.mark.parametrize("rest", [1, 9, 99, WINDOW - 1])
def test_the_score_is_that_of_a_piece_however_long_the_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rest: int
) -> None:
    load = ctranslate2.Translator
    monkeypatch.setattr(ctranslate2, "Translator", lambda *a, **options: Scoring(load(*a, **options), -1.0, -3.0))
    write_package(tmp_path / "en_pt")
    argos = translator(tmp_path)
    assert best(argos, "a" * rest if rest < WINDOW - 1 else "a").score == pytest.approx(-3)
    assert best(argos, "a" * (WINDOW - 1)).score == pytest.approx(-1)  # and a piece for the space before the first word
    whole = best(argos, "a" * (WINDOW - 1) + "b" * rest).score
    assert whole == pytest.approx((-1 * WINDOW - 3 * rest) / (WINDOW + rest))


# The order of work


class Noting:
    """CTranslate2's translator, which notes how long the sources are that it decodes."""

    def __init__(self, real: Any, noted: list[int]) -> None:  # noqa: ANN401
        self._real, self._noted = real, noted

    def translate_batch(self, sources: Sequence[Sequence[str]], **options: object) -> list[Any]:
        self._noted += map(len, sources)
        return list(self._real.translate_batch(sources, **options))


@pytest.mark.parametrize("with_map", [False, True])
def test_the_longest_source_is_decoded_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, with_map: bool) -> None:
    noted, load = list[int](), ctranslate2.Translator
    monkeypatch.setattr(ctranslate2, "Translator", lambda *a, **options: Noting(load(*a, **options), noted))
    write_package(tmp_path / "en_pt", with_map=with_map)
    texts = ["a" * length for length in (5, 40, 1, 99, 40, 3, 300, 20)]
    found = translator(tmp_path, workers=1).translate(texts, EN_PT)
    assert [one.text for (one,) in found] == texts
    assert noted == sorted(noted, reverse=True)
    assert (len(noted), noted[0]) == (9, WINDOW)


TEXTS = ["a" * length for length in (5, 40, 1, 40, 3, 5, 40)]
ONE_BY_ONE = [[1], [3], [6], [0], [5], [4], [2]]


@pytest.mark.parametrize(
    ("with_map", "hypotheses", "batches"),
    [(False, 1, [[1, 3, 6], [0, 5], [4], [2]]), (False, 4, ONE_BY_ONE), (True, 1, ONE_BY_ONE), (True, 4, ONE_BY_ONE)],
)
def test_texts_of_one_length_are_a_batch_unless_company_could_change_them(
    tmp_path: Path, with_map: bool, hypotheses: int, batches: list[list[int]]
) -> None:
    write_package(tmp_path / "en_pt", with_map=with_map)
    argos = translator(tmp_path)
    assert argos.batches(TEXTS, EN_PT, hypotheses) == batches
    assert argos.batches([], EN_PT, hypotheses) == []
    assert list(map(len, argos.batches(["abc"] * 70, EN_PT))) == ([1] * 70 if with_map else [32, 32, 6])
