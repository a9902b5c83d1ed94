import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.text.bylines import by_line_names, is_by_line_class
from services.text.furniture import is_furniture


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By John Smith, correspondent", ["John Smith"]),
        ("By John Smith and Mary Jones, in Lisbon", ["John Smith", "Mary Jones"]),
        ("By John Smith, science and environment editor", ["John Smith"]),
        ("By Ursula von der Leyen for The Guardian", ["Ursula von der Leyen"]),
        ("By John Smith, AP Writer", ["John Smith"]),
        ("By Ana Silva, 12 May 2024, 10:30 am", ["Ana Silva"]),
        ("By: Jane Doe | BBC News", ["Jane Doe"]),
        ("by Jane Doe", ["Jane Doe"]),
        ("By Jane Doe, Political Editor.", ["Jane Doe"]),
        ("By Our Foreign Staff", []),
        ("From our own correspondent in Paris", []),
        ("Por Ana Sousa, em Lisboa", ["Ana Sousa"]),
        ("Por Ana Sousa, enviada especial", ["Ana Sousa"]),
        ("Da nossa correspondente em Paris", []),
        ("De nuestra corresponsal", []),
        ("Del enviado especial a Kiev", []),
        ("Par Jean Dupont (à Bruxelles)", ["Jean Dupont"]),
        ("De notre correspondant à Bruxelles", []),
        ("Dal nostro inviato a Roma", []),
        ("Von Anna Müller und Max Weber, Berlin", ["Anna Müller", "Max Weber"]),
        ("Von unserem Korrespondenten", []),
        ("Door onze correspondent", []),
        ("Av Anna Svensson", ["Anna Svensson"]),
        ("От Ивана Петрова", ["Ивана Петрова"]),
        ("От нашего корреспондента", []),
        ("（记者 王小明）", []),
        ("本报记者 王小明 李雷", []),
        ("홍길동 기자 hong@example.com", []),
        ("كتب: محمد علي", []),
    ],
)
def test_a_by_line_is_no_story_and_tells_its_names(line: str, names: list[str]) -> None:
    assert by_line_names(line) == tuple(names)
    assert is_furniture(line)


@pytest.mark.parametrize(
    "sentence",
    [
        "By Monday, the river had fallen.",
        "By Monday, he was no longer editor.",
        "By then, Smith was editor of the Times.",
        "By John Smith's account, nobody was hurt.",
        "By editors' choice, the prize went to Lisbon.",
        "Do nothing, said the editor.",
        "From Paris the correspondent went to Rome.",
        "Por volta das 10h, a polícia chegou.",
        "Por Lisboa passaram milhares de pessoas.",
        "Da nossa parte, nada mudou.",
        "De Gaulle chegou a Paris.",
        "De la redacción salieron veinte personas.",
        "Par ailleurs, le ministre a démissionné.",
        "Von Montag an wird gestreikt.",
        "Di Maio ha detto no.",
        "Door de storm viel de stroom uit.",
        "От взрыва пострадали три человека.",
        "记者从公安局获悉，台风已登陆。",
        "기자 회견이 열렸다.",
    ],
)
def test_a_sentence_that_begins_like_a_by_line_stays(sentence: str) -> None:
    assert by_line_names(sentence) is None
    assert not is_furniture(sentence)


@pytest.mark.parametrize(
    "name",
    ["byline", "author", "dateline", "post-author", "c-byline__name", "article__author-info", "entry-author-link"],
)
def test_a_class_says_that_its_element_is_a_by_line(name: str) -> None:
    assert is_by_line_class(name)


@pytest.mark.parametrize("name", ["", "-", "author-jane", "has-author", "no-byline", "authority", "vcard", "story"])
def test_a_class_of_something_else_does_not(name: str) -> None:
    assert not is_by_line_class(name)


@given(st.text() | st.text("By Jo,|. ").map("By ".__add__))
def test_any_line_has_an_answer_of_names_in_it(line: str) -> None:
    assert all(word in line for name in by_line_names(line) or () for word in name.split())


@pytest.mark.parametrize("line", ["By " + "A " * 50_000, "By" + " " * 100_000 + "x", "By " + "." * 100_000 + "x"])
def test_no_line_takes_long(line: str) -> None:
    assert by_line_names(line) is None
