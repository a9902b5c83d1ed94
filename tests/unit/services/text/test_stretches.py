import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.stretches import stretches

TEXTS = st.lists(st.text() | st.text("渡轮恢复航行。的フェリーはที่ก่เ "), max_size=5)


@given(TEXTS, st.sampled_from(["", "zh", "ja", "th", "en"]))
def test_stretches_are_in_the_sentences_that_they_name(sentences: list[str], primary: str) -> None:
    for text, positions in stretches(sentences, primary):
        assert positions
        assert all(text in sentences[position] for position in positions)


def test_what_is_always_part_of_the_same_longer_stretch_is_left_out() -> None:
    found = dict(stretches(["渡轮公司破产。", "渡轮公司停航。", "渡轮很旧。"], ""))
    assert found == {"渡轮": [0, 1, 2], "渡轮公司": [0, 1]}


@pytest.mark.parametrize(
    ("primary", "sentence", "expected"),
    [
        ("zh", "台风在福建省登陆，学校停课。", {"台风", "学校停课"}),
        ("ja", "台風は九州に上陸した。", {"台風", "九州", "上陸"}),
        ("th", "รัฐบาลเวียดนามสั่งอพยพ", set()),
        ("", "台风在福建省登陆", set()),
    ],
)
def test_what_is_said_once_counts_where_it_is_as_short_as_a_word(
    primary: str, sentence: str, expected: set[str]
) -> None:
    assert {one: [0] for one in expected} == dict(stretches([sentence], primary))


def test_thai_is_not_cut_within_a_syllable() -> None:
    text = "พายุไต้ฝุ่นเข้าเวียดนาม รัฐบาลเวียดนามเตือนพายุไต้ฝุ่น"
    assert {"พายุไต้ฝุ่น", "เวียดนาม"} == {found for found, _ in stretches([text], "th")}


@pytest.mark.parametrize("unit", ["渡", "渡轮", "渡轮恢复航行", "เวียดนาม", "フェリー"])
def test_a_long_text_costs_no_more_than_its_length(unit: str) -> None:
    began = time.perf_counter()
    list(stretches([unit * (20_000 // len(unit))], "zh"))
    assert time.perf_counter() - began < 5
