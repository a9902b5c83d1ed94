import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InvalidText
from services.text.normalise import normalise

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))


@given(texts)
def test_normalising_twice_is_normalising_once(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(texts)
def test_only_composition_and_line_ends_change(text: str) -> None:
    assert normalise(text) == unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def test_line_ends_of_all_systems_become_line_feeds() -> None:
    assert normalise("a\r\nb\rc\nd\n\r\n") == "a\nb\nc\nd\n\n"


def test_a_letter_and_its_accent_become_one() -> None:
    assert normalise("ca\u0301") == "cá"


@pytest.mark.parametrize("text", ["a\0b", "\0", "a\ud800", "\udfff"])
def test_what_no_article_holds_is_refused(text: str) -> None:
    with pytest.raises(InvalidText):
        normalise(text)
