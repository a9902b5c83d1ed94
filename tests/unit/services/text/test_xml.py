import random
import re
import time
import unicodedata
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.model import USUAL, Content, Ends, Format, Handling, Language
from services.rendering import Rendering
from services.text.markup import MarkedText, transfer
from services.text.reading import read
from services.text.tagged import Document
from services.text.xml import chars_of_text, is_well_formed, parse

EN, PT = Language("en"), Language("pt")
TAG = re.compile(r"<[^>]*>")
# fmt: off
SHREDS = (
    "<", ">", "&", ";", '"', "'", "=", "/", "!", "?", "[", "]", "<!--", "-->", "<b>", "</b>", "<B >", "</i>", "<i>",
    "<par>", "</par>", "<par id='1'>", "<x/>", "<br/>", "<x>", "</x>", "<n:y a=\"<\">", "</n:y>", "<![CDATA[", "]]>",
    "<?xml version='1.0'?>", "<?", "?>", "<!DOCTYPE a [", "]>", "&amp;", "&lt;", "&company;", "&#8217;", "&#x41;",
    "&copy", "&eacute;", "word", "Two. Three", "é", "e\u0301", "\n", "\n\n", "\r\n", "\t", "  ", "日本", ".", "\ue000",
)
# fmt: on
SHRED = st.sampled_from(SHREDS)
XML = st.lists(SHRED, max_size=25).map("".join) | st.lists(SHRED, max_size=25).map(" ".join) | st.text()
NAMES = st.frozensets(st.sampled_from(["b", "i", "par", "x", "br", "n:y"]))
HANDLING = st.builds(
    Handling, ends=st.sampled_from(Ends), outline=st.booleans(), splitting=NAMES, non_splitting=NAMES, ignored=NAMES
)
ARTICLE = (
    "<doc><meta><title>Its title</title></meta><body><par>One. Two.</par>\n<par>Three <b>bold</b>.</par></body></doc>"
)
TORN = "<par>The firm said it had been </par><par> looking into it.</par>"


def texts(xml: str, handling: Handling = USUAL) -> list[str]:
    return [block.marked.text for block in parse(xml, handling).blocks]


def translated(xml: str, handling: Handling) -> str:
    """The document with its sentences in capitals, every word linked to its own."""
    reading = read(Content(xml, Format.XML, handling))
    segmented = reading.segment([((0, len(reading.text)), EN)])
    renderings = [
        Rendering(text.upper(), links=tuple((at, at + 1, at, at + 1) for at in range(len(text))))
        for text in segmented.texts
    ]
    return reading.write(segmented, renderings, PT)


@settings(max_examples=1000)
@given(XML, HANDLING)
def test_xml_that_is_not_translated_comes_back_byte_for_byte(xml: str, handling: Handling) -> None:
    document = parse(xml, handling)
    assert document.render([block.marked for block in document.blocks]) == xml


@settings(max_examples=500)
@given(XML, HANDLING)
def test_a_text_to_translate_holds_a_letter_and_is_normalised(xml: str, handling: Handling) -> None:
    for text in texts(xml, handling):
        assert any(map(str.isalpha, text))
        assert unicodedata.is_normalized("NFC", text)
        assert "\r" not in text


@settings(max_examples=500)
@given(st.lists(st.text("ab<>&\"';#é\xa0 ", min_size=1).map(lambda text: f"x{text}x"), min_size=2, max_size=2))
def test_translations_are_text_and_never_markup(written: list[str]) -> None:
    document = parse("<a><p>b <i>c</i> d</p><p>e</p></a>")
    rendered = document.render([MarkedText(text) for text in written])
    assert is_well_formed(rendered)
    assert texts(rendered) == written


def well_formed(at_random: random.Random, depth: int) -> str:
    """Sentences with empty marks, ignored elements and pairs in them."""
    parts = []
    for _ in range(at_random.randint(1, 4)):
        part = at_random.choice(("word ", "Rome", " 2", ". ", "&amp;", "<br/>", "<!-- c -->", "<no>x y</no>", "\n"))
        inner = well_formed(at_random, depth - 1) if depth else part
        tag = at_random.choice(("b", "i", "par", "n:x", "EM"))
        parts.append(at_random.choice((part, f"<{tag}>{inner}</{tag}>", f" <{tag} id='x'>{inner}</{tag}> ")))
    return "".join(parts)


def relocated(marked: MarkedText, at_random: random.Random) -> MarkedText:
    words = marked.text.split()
    at_random.shuffle(words)
    target = " ".join(words[: at_random.randint(0, len(words))] + ["novo"] * at_random.randint(0, 2))
    edge = len(marked.text) + 1
    links = [tuple(at_random.randint(0, edge) for _ in range(4)) for _ in range(at_random.randint(0, 9))]
    return transfer(marked, target, [(a, b, c, d) for a, b, c, d in links])


def test_tags_put_back_by_any_alignment_are_all_there_and_well_formed() -> None:
    for seed in range(2000):
        at_random = random.Random(seed)
        names = [frozenset(at_random.sample(["b", "i", "par", "n:x"], 1)) for _ in range(2)]
        handling = Handling(
            outline=at_random.random() < 0.7, non_splitting=names[0], splitting=names[1] - names[0], ignored={"no"}
        )
        xml = f"<div>{well_formed(at_random, 3)}</div>".replace("n:x", "nx")
        document: Document = parse(xml, handling)
        result = document.render([relocated(block.marked, at_random) for block in document.blocks])
        assert Counter(TAG.findall(result)) == Counter(TAG.findall(xml)), seed
        assert result.count("<no>x y</no>") == xml.count("<no>x y</no>"), seed
        assert is_well_formed(xml), seed
        if not handling.splitting:
            assert is_well_formed(result), seed


@settings(max_examples=500)
@given(XML.filter(lambda xml: "\0" not in xml), HANDLING)
def test_sentences_that_are_left_as_they_are_leave_the_document_as_it_is(xml: str, handling: Handling) -> None:
    reading = read(Content(xml, Format.XML, handling))
    segmented = reading.segment([((0, len(reading.text)), EN)])
    assert reading.write(segmented, [Rendering(text) for text in segmented.texts], PT) == xml


@pytest.mark.parametrize(
    ("xml", "handling", "expected"),
    [
        ("Press <i>Continue</i> to advance.", USUAL, ["Press Continue to advance."]),
        (ARTICLE, USUAL, ["Its title", "One. Two.", "Three bold."]),
        (ARTICLE, Handling(outline=False), ["Its titleOne. Two.\nThree bold."]),
        (ARTICLE, Handling(outline=False, splitting=frozenset({"par"})), ["Its title", "One. Two.", "Three bold."]),
        (ARTICLE, Handling(ignored=frozenset({"meta", "b"})), ["One. Two.", "Three \ue000."]),
        (TORN, USUAL, ["The firm said it had been", "looking into it."]),
        (TORN, Handling(non_splitting=frozenset({"par"})), ["The firm said it had been  looking into it."]),
        ("a <b><i>b</i><u>c</u></b> d", USUAL, ["a bc d"]),
        ("a <b>b</b> c", Handling(splitting=frozenset({"b"})), ["a", "b", "c"]),
        ("<B>b</B> <b>c</b>", Handling(ignored=frozenset({"b"})), ["b"]),
        ("a &amp; b &company; &#233; &copy", USUAL, ["a & b \ue000 é &copy"]),
        ("&copy; &copyright; a &notice;", USUAL, ["© \ue000 a \ue001"]),
        ("a <![CDATA[<b>]]> b", USUAL, ["a \ue000 b"]),
        ("<!DOCTYPE d [<!ENTITY e 'word'>]><d>a</d><!-- b --><?c d?>", USUAL, ["a"]),
        ("2 < 3 and 5 > 4", USUAL, ["2 < 3 and 5 > 4"]),
        ("a</b> c<i> d", USUAL, ["a c d"]),
        ("<a title='Dog'/>1", USUAL, []),
    ],
)
def test_what_is_one_text(xml: str, handling: Handling, expected: list[str]) -> None:
    assert texts(xml, handling) == expected


def test_an_ignored_element_is_a_word_that_comes_back_as_it_was() -> None:
    ignored = Handling(ignored=frozenset({"x"}))
    xml = "Open the <x>Settings &lt;page&gt;</x>, please."
    assert translated(xml, ignored) == "OPEN THE <x>Settings &lt;page&gt;</x>, PLEASE."
    assert read(Content(xml, Format.XML, ignored)).shown().text == "Open the Settings <page>, please."


def test_a_line_break_after_an_empty_element_stays() -> None:
    lines = Handling(ends=Ends.LINES)
    assert translated("one<br/>\n  two", lines) == "ONE<br/>\n  TWO"


def test_attributes_are_not_translated() -> None:
    xml = '<a xml:lang="en" title="Dog">Run</a>'
    assert translated(xml, Handling()) == '<a xml:lang="en" title="Dog">RUN</a>'


@pytest.mark.parametrize(
    ("xml", "is_so"),
    [
        ("Hello <b>world</b> &amp; all", True),
        ('<?xml version="1.0"?>\n<a/>', True),
        ("<!DOCTYPE a><a/>", True),
        ("", True),
        ("<b>Hello", False),
        ("<b><i>x</b></i>", False),
        ("this & that", False),
        ("&nbsp;", False),
        ("<a/><a x=1/>", False),
        ("\ud800", False),
        ('<!DOCTYPE a [<!ENTITY e "e">]><a>&e;</a>', False),
    ],
)
def test_what_is_well_formed(xml: str, is_so: bool) -> None:
    assert is_well_formed(xml) is is_so


def test_characters_are_counted_outside_of_tags() -> None:
    assert chars_of_text("<h1 style='x'>Title 𝄞</h1><!-- no -->&amp;") == len("Title 𝄞&amp;")


@pytest.mark.parametrize("shred", ["<!--", "<![CDATA[", "<![", "<?", "<a '", "<a>", "</a>", "<a><b>", "&x;", "<!\"'"])
def test_broken_xml_costs_linear_time(shred: str) -> None:
    began = time.process_time()
    parse(shred * 20_000)
    assert time.process_time() - began < 5
