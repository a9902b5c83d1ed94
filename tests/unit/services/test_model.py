import pytest

from services.errors import InvalidLanguage
from services.model import Language, LanguagePair


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("pt-br", "pt-BR"),
        ("pt_BR", "pt-BR"),
        ("zh-HANT-tw", "zh-Hant-TW"),
        (" es-419 ", "es-419"),
    ],
)
def test_a_tag_is_read_as_people_write_it(written: str, tag: str) -> None:
    assert str(Language.parse(written)) == tag


@pytest.mark.parametrize(
    "written", ["", "e", "english", "e1", "pt-", "-pt", "pt-BRA", "../pt", "p\nt", "pt-BR-x", "ｅｎ"]
)
def test_what_is_no_tag_is_refused(written: str) -> None:
    with pytest.raises(InvalidLanguage):
        Language.parse(written)


def test_a_tag_falls_back_to_ever_more_general_ones() -> None:
    assert [str(tag) for tag in Language("zh-Hant-TW").fallbacks()] == ["zh-Hant-TW", "zh-Hant", "zh"]


def test_a_pair_has_two_languages() -> None:
    with pytest.raises(InvalidLanguage):
        LanguagePair(Language("en"), Language("en"))
