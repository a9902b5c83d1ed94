from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.script import PRIMARIES, Script, letters, main_script, may_be, only, prose, weight


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("The harbour reopened", Script.LATIN),
        ("Порт снова открыт", Script.CYRILLIC),
        ("Το λιμάνι άνοιξε", Script.GREEK),
        ("الميناء مفتوح", Script.ARABIC),
        ("הנמל נפתח", Script.HEBREW),
        ("बंदरगाह खुला", Script.DEVANAGARI),
        ("ท่าเรือเปิดแล้ว", Script.THAI),
        ("항구가 다시 열렸다", Script.HANGUL),
        ("港が再開した", Script.KANA),
        ("港口重新开放", Script.HAN),
        ("ღია პორტი", Script.GEORGIAN),
    ],
)
def test_a_text_is_written_in_the_script_of_its_letters(text: str, script: Script) -> None:
    assert main_script(letters(text)) is script


@pytest.mark.parametrize("text", ["", " \n\t", "2024 - 38:17", "🎉👩‍👩‍👧🇵🇹", "?!…", "ᎣᏏᏲ"])
def test_without_a_letter_of_a_known_script_there_is_no_script(text: str) -> None:
    assert main_script(letters(text)) is None


def test_latin_names_do_not_outweigh_the_script_around_them() -> None:
    assert main_script(letters("Wayde Sims 遇害：警方逮捕 Dyteon Simpson")) is Script.HAN
    assert main_script(letters("iPhone 15 Pro Max уже в продаже")) is Script.CYRILLIC


def test_a_foreign_word_in_a_latin_text_does_not_change_its_script() -> None:
    assert main_script(letters("The slogan Слава Україні was heard across the square")) is Script.LATIN


def test_one_kana_in_a_long_chinese_text_does_not_make_it_japanese() -> None:
    assert main_script(letters("港口重新开放" * 5 + "の")) is Script.HAN


def test_a_han_character_weighs_as_much_as_four_latin_letters() -> None:
    assert weight(letters("港")) == weight(letters("port"))


def test_only_keeps_the_letters_of_one_script_and_the_punctuation() -> None:
    assert only("Порт Rotterdam, открыт.", Script.CYRILLIC) == "Порт , открыт."


def test_only_keeps_the_han_characters_of_japanese() -> None:
    assert only("NATO港が再開", Script.KANA) == "港が再開"


@pytest.mark.parametrize(("primary", "script"), [("ja", Script.HAN), ("sr", Script.LATIN), ("sr", Script.CYRILLIC)])
def test_a_language_may_have_several_scripts(primary: str, script: Script) -> None:
    assert may_be(primary, script, 8)


def test_a_sentence_of_han_characters_alone_is_not_japanese() -> None:
    assert not may_be("ja", Script.HAN, weight({Script.HAN: 10}))


@pytest.mark.parametrize(("primary", "script"), [("ru", Script.LATIN), ("en", Script.CYRILLIC), ("zh", Script.KANA)])
def test_a_language_is_not_found_in_a_script_that_it_does_not_use(primary: str, script: Script) -> None:
    assert not may_be(primary, script, 100)


def test_every_script_but_latin_has_its_languages() -> None:
    assert set(Script) - set(PRIMARIES) == {Script.LATIN}


@pytest.mark.parametrize(
    "noise",
    [
        "https://example.com/a_b?c=d#e",
        "www.example.org",
        "news.example.com/latest",
        "maria.silva@example.pt",
        "@redacao_1",
        "@redacao@social.example.pt",
        "38-17",
        "🎉❤️👩‍👩‍👧",
        "€$+<=>",
        "\ud83d",
        "\x00\x1f\x7f",
    ],
)
def test_addresses_handles_digits_and_symbols_are_not_prose(noise: str) -> None:
    assert not letters(prose(noise))
    assert prose(f"O porto {noise} abriu.").replace(" - ", " ") == "O porto abriu."


def test_chinese_right_after_an_address_is_prose() -> None:
    assert prose("见https://example.com/a港口开放，@user港口") == "见 港口开放， 港口"


def test_prose_is_one_line() -> None:
    assert prose("um\ndois\r\ntrês\u2028quatro\x85cinco") == "um dois três quatro cinco"


def test_full_width_and_mathematical_letters_become_plain() -> None:
    assert prose("ＰＯＲＴ 𝐩𝐨𝐫𝐭") == "PORT port"


def test_the_joiner_of_persian_words_stays() -> None:
    assert prose("می\u200cخواهم") == "می\u200cخواهم"


def test_a_long_text_is_read_at_its_beginning_and_in_its_middle() -> None:
    sample = prose("a" * 500_000 + "b" * 1_000_000 + "c" * 500_000)
    assert Counter(sample) == {"a": 2_000, "b": 1_000, " ": 1}


@given(st.text(st.characters()))
def test_prose_is_a_single_stripped_line_without_what_has_no_words(text: str) -> None:
    line = prose(text)
    assert line == " ".join(line.split())
    assert not any(char.isdecimal() or "\ud800" <= char <= "\udfff" for char in line)


@given(st.text(st.characters()))
def test_only_leaves_letters_of_one_script_at_most(text: str) -> None:
    script = main_script(letters(text))
    if script:
        assert set(letters(only(text, script))) <= {script, Script.HAN if script is Script.KANA else script}
