import random
import re
import unicodedata
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.model import Ends, Handling
from services.text.html import chars_of_text, parse
from services.text.markup import Kind, MarkedText, transfer
from services.text.tagged import Document

TAG = re.compile(r"<[^>]*>")
# fmt: off
SHREDS = (
    "<", ">", "&", ";", '"', "'", "=", "/", "!", "-", "--", "<!--", "-->", "<b>", "</b>", "<B >", "</i>", "<i>", "<p>",
    "</p>", "<br>", "<br/>", "<img alt=Dog>", "<a title='a&b'>", "</a>", "<script>", "</script>", "<code>", "</code>",
    "<svg/>", "<svg>", "</svg>", "<title>", "</title>", "<td>", "<p translate=no>", "<?php", "?>", "<![CDATA[", "]]>",
    "<!doctype html>", "<html lang=en>", "</html>", "&nbsp;", "&amp;", "&lt;", "&eacute;", "&#8217;", "&copy", "word",
    "é", "e\u0301", "[gallery id='1']", "[/gallery]", "[a]", "[/a]", "\n", "\n\n", "\r\n", "\t", "日本", ".", "<x-y>",
    "<span class=notranslate>", "</span>",
)
# fmt: on
SHRED = st.sampled_from(SHREDS)
HTML = st.lists(SHRED, max_size=25).map("".join) | st.lists(SHRED, max_size=25).map(" ".join) | st.text()


def unchanged(document: Document) -> str:
    return document.render([block.marked for block in document.blocks])


def shout(html: str, language: str | None = None) -> str:
    """Every text in capitals, marks where they were."""
    document = parse(html)
    return document.render([MarkedText(b.marked.text.upper(), b.marked.marks) for b in document.blocks], language)


def texts(html: str) -> list[str]:
    return [block.marked.text for block in parse(html).blocks]


@settings(max_examples=1000)
@given(HTML)
def test_html_that_is_not_translated_comes_back_byte_for_byte(html: str) -> None:
    assert unchanged(parse(html)) == html


@settings(max_examples=500)
@given(HTML)
def test_a_text_to_translate_holds_a_letter_and_is_normalised(html: str) -> None:
    for block in parse(html).blocks:
        assert any(map(str.isalpha, block.marked.text))
        assert unicodedata.is_normalized("NFC", block.marked.text)
        assert not re.search(r"[\t\r\f]", block.marked.text) or block.quote is not None


@settings(max_examples=500)
@given(st.lists(st.text("ab<>&\"';#é\xa0 ", min_size=1).map(lambda text: f"x{text}x"), min_size=3, max_size=3))
def test_translations_are_text_and_never_markup(written: list[str]) -> None:
    html = "<title>a</title><p>b <i>c</i></p><img alt='d'>"
    title, paragraph, image = parse(html).blocks
    rendered = parse(html).render(
        [MarkedText(written[0]), MarkedText(written[1], paragraph.marked.marks[:0]), MarkedText(written[2])]
    )
    assert len(TAG.findall(re.sub("alt='[^']*'", "", rendered))) == 5
    expected = [*(re.sub(" +", " ", text) for text in written[:2]), written[2]]
    assert (title.quote, paragraph.quote, image.quote) == (None, None, "'")
    assert texts(rendered) == expected


def well_formed(at_random: random.Random, depth: int) -> str:
    """Sentences with empty marks and pairs in them."""
    parts = []
    for _ in range(at_random.randint(1, 4)):
        part = at_random.choice(
            ("word ", "Rome", " 2", ". ", "&amp;", "<br>", "<img src=x>", "<!-- c -->", "<code>x</code>", "[a b=1]")
        )
        inner = well_formed(at_random, depth - 1) if depth else part
        tag = at_random.choice(("b", "i", "a", "span", "EM"))
        parts.append(at_random.choice((part, f"<{tag}>{inner}</{tag}>", f" <{tag} id=x>{inner}</{tag}> ")))
    return "".join(parts)


def crossing(html: str) -> bool:
    opened: list[str] = []
    for tag in re.findall(r"</?\w+", html):
        if tag.startswith("</"):
            if not opened or opened.pop() != tag[2:]:
                return True
        elif tag[1:] not in ("br", "img"):
            opened.append(tag[1:])
    return bool(opened)


def test_tags_put_back_by_any_alignment_are_all_there_and_well_nested() -> None:
    for seed in range(3000):
        at_random = random.Random(seed)
        html = f"<div>{well_formed(at_random, 3)}</div><p>{well_formed(at_random, 2)}</p>"
        document = parse(html)
        result = document.render([relocated(block.marked, at_random) for block in document.blocks])
        assert Counter(TAG.findall(result)) == Counter(TAG.findall(html)), seed
        assert not crossing(html), seed
        assert not crossing(result), seed


def relocated(marked: MarkedText, at_random: random.Random) -> MarkedText:
    words = marked.text.split()
    at_random.shuffle(words)
    target = " ".join(words[: at_random.randint(0, len(words))] + ["novo"] * at_random.randint(0, 2))
    edge = len(marked.text) + 1
    links = [tuple(at_random.randint(0, edge) for _ in range(4)) for _ in range(at_random.randint(0, 9))]
    return transfer(marked, target, [(a, b, c, d) for a, b, c, d in links])


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>One <b>two</b></p><p>three</p>", ["One two", "three"]),
        ("<ul><li>a<li>b</ul>c", ["a", "b", "c"]),
        ("<P CLASS=x>a<TD>b", ["a", "b"]),
        ("one<hr>two<my-card>three</my-card>", ["one", "two", "three"]),
        ("<p>\n  over\n  two <i>lines</i>\n</p>", ["over two lines"]),
        ("first\n\nsecond", ["first\n\nsecond"]),
        ("line<br />\n  line", ["line\nline"]),
        ("5 < 6 & a&b &lt;script&gt; &copy; &#8217;", ["5 < 6 & a&b <script> © ’"]),
        ("<title>a <b>&amp; c</title>", ["a <b>& c"]),
        ("<p>12 &mdash; 13</p>https://example.org/a", []),
        ("<script>a<b></script><style>b{}</style><textarea>c</textarea><pre>d</pre><xmp>e</xmp>", []),
        ("<iframe>a</iframe><object>b</object><video>c</video><audio>d</audio><math><mi>e</mi></math>", []),
        ("<svg><title>a</title><script/><g><text>b</text></g></svg>c", ["c"]),
        ("<svg/>c", ["c"]),
        ("<div translate=no>a<div>b</div>c</div>d", ["d"]),
        ("<b class='x notranslate'>a</b>b", ["\ue000b"]),
        ("<html translate='no'>a", []),
        ("<blockquote class=twitter-tweet><p>a</p></blockquote>b", ["b"]),
        ("<p translate=no>a<p>b", ["b"]),
        ("<p>a <code>b</p><p>c", ["a \ue000", "c"]),
        ("<!-- a --><!doctype a><?xml a?><![CDATA[a]]><?php a > b ?><!-->b", ["b"]),
        ("a <!-- b", ["a"]),
        ("a <b", ["a"]),
        ("<a href='>'>b</a> <a href=\"x>c", ["b c"]),
        ("<p>a [gallery ids='1,2'] b [sic]</p>[embed]c[/embed] [box]d[/box]", ["a  b [sic]", "d"]),
        ("<ruby>a<rt>b</rt></ruby>", ["a"]),
    ],
)
def test_the_texts_of_html(html: str, expected: list[str]) -> None:
    assert texts(html) == expected
    assert unchanged(parse(html)) == html


def test_attributes_that_people_read_are_translated() -> None:
    html = (
        '<meta name=description content="a"><meta name=robots content="no"><link title="no"><p title=b>'
        "<a href=no title='c'>d <img alt=\"e\" alt='no' src=no>f</a> <input placeholder=g value=no aria-label=h>"
        '<textarea placeholder="i"> title="no"</textarea><textarea placeholder="no" translate=no></textarea>'
        '<img alt=no translate=no><img alt="">'
    )
    assert sorted(texts(html)) == ["a", "b", "c", "d f", "e", "g", "h", "i"]
    assert shout(html) == (
        '<meta name=description content="A"><meta name=robots content="no"><link title="no"><p title="B">'
        '<a href=no title=\'C\'>D <img alt="E" alt=\'no\' src=no>F</a> <input placeholder="G" value=no aria-label="H">'
        '<textarea placeholder="I"> title="no"</textarea><textarea placeholder="no" translate=no></textarea>'
        '<img alt=no translate=no><img alt="">'
    )


def test_quotes_are_escaped_only_where_they_would_end_the_value() -> None:
    html = """<img alt="a"><img alt='a'><img alt=a><p>a</p>"""
    rendered = parse(html).render([MarkedText("\"'")] * 4)
    assert rendered == """<img alt="&quot;'"><img alt='"&#39;'><img alt="&quot;'"><p>"'</p>"""


def test_a_character_stays_the_entity_that_the_source_wrote() -> None:
    assert shout("<p>caf&eacute;&nbsp;&#038; <b>&#8217;x&rsquo;</b> é</p>") == (
        "<p>CAFÉ&nbsp;&#038; <b>&rsquo;X&rsquo;</b> É</p>"
    )


def test_what_looks_like_markup_stays_text() -> None:
    assert shout("<p>a &lt;script&gt; 1 < 2 && b</p>") == "<p>A &lt;SCRIPT&gt; 1 &lt; 2 &amp;&amp; B</p>"


def test_line_breaks_are_not_doubled() -> None:
    assert shout("<p>a<br>b<BR />\n c</p>") == "<p>A<br>B<BR />\n C</p>"


def test_what_is_around_a_text_stays_as_it_was() -> None:
    html = "<!-- wp:paragraph -->\n<p >\n\t<b><a href=x>\r\na  b</a></b> <!-- c --> </P>\n<!-- /wp:paragraph -->"
    assert parse(html).blocks[0].marked == MarkedText("a b")
    assert shout(html) == html.replace("a  b", "A B")


def test_code_in_a_sentence_is_a_character_and_tells_what_people_read() -> None:
    html = (
        "<p>Run <code class=x>a &lt; <i>b</i></code> now, <span translate=no>c<script>d</script></span> too \ue000</p>"
    )
    (block,) = parse(html).blocks
    assert block.marked == MarkedText("Run \ue001 now, \ue002 too \ue000")
    assert block.stand_ins == {"\ue001": "a < b", "\ue002": "c"}
    assert shout(html) == html.replace("Run", "RUN").replace("now", "NOW").replace("too", "TOO")


def test_what_people_do_not_read_is_a_mark_without_text() -> None:
    (block,) = parse("<p>a <i class='icon notranslate'></i> <svg><text>b</text></svg> <!-- c --> d</p>").blocks
    assert block.marked.text == "a    d"
    assert not block.stand_ins
    assert [mark.kind for mark in block.marked.marks] == [Kind.EMPTY] * 3


def test_a_text_of_nothing_but_code_is_not_translated() -> None:
    assert texts("<p><code>a</code>, <kbd>b</kbd></p><li><code>c</code>: d</li>") == ["\ue000: d"]


def test_beyond_a_hundred_there_are_no_more_stand_ins() -> None:
    html = "<p>a" + "<code>b</code>" * 120 + "</p>"
    (block,) = parse(html).blocks
    assert len(block.stand_ins) == 100
    assert len(block.marked.marks) == 20
    assert shout(html) == html.replace("<p>a", "<p>A")


OPAQUE = (
    "<code>a</code>",
    "<code >a</code>",
    "<kbd>b &amp; c</kbd>",
    "<span translate=no><i>d</i></span>",
    "<var>e</var>",
)


@given(st.lists(st.sampled_from([*OPAQUE, "word ", "<b>x</b>", "<br>", ", "])), st.text("\ue000\ue001\ue002\ue003 ab"))
def test_what_has_a_stand_in_is_neither_lost_nor_doubled(parts: list[str], target: str) -> None:
    html = f"<p>so {''.join(parts)} end</p>"
    document = parse(html)
    (block,) = document.blocks
    for marked in (MarkedText(target), transfer(block.marked, target, [])):
        rendered = document.render([marked])
        assert {tag: rendered.count(tag) for tag in OPAQUE} == {tag: html.count(tag) for tag in OPAQUE}


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("\ue001 b \ue000", "<kbd>K</kbd> b <code>c</code>"),
        ("b \ue001", "b <kbd>K</kbd> <code>c</code>"),
        ("\ue000 \ue001 \ue000", "<code>c</code> <kbd>K</kbd> "),
        ("", "<code>c</code> <kbd>K</kbd>"),
    ],
)
def test_of_stand_ins_the_first_counts_and_a_missing_one_goes_to_the_end(target: str, expected: str) -> None:
    assert parse("<code>c</code> a <kbd>K</kbd>").render([MarkedText(target)]) == expected


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            "<!doctype html>\n<HTML lang='en' xml:lang=en><p lang=en>",
            "<!doctype html>\n<HTML lang='pt' xml:lang=pt><p lang=en>",
        ),
        ("<div lang=en><div>1</div></div>\n", "<div lang=pt><div>1</div></div>\n"),
        ('<html lang="">', '<html lang="pt">'),
        ("<p lang=en>1</p><p>2</p>", "<p lang=en>1</p><p>2</p>"),
        ("1<p lang=en>1</p>", "1<p lang=en>1</p>"),
        ("<html translate=no lang=en>", "<html translate=no lang=en>"),
        ("<html><p>1", "<html><p>1"),
    ],
)
def test_the_root_says_the_language_of_the_translation(html: str, expected: str) -> None:
    assert parse(html).render([], "pt") == expected
    assert parse(html).render([]) == html


def test_equal_tags_keep_the_translations_of_their_attributes() -> None:
    assert shout("<p>a <img alt=x> b <img alt=x> c</p>") == '<p>A <img alt="X"> B <img alt="X"> C</p>'


@pytest.mark.parametrize("shred", ["<", "<b>", "&", "<!--", "<a b='", "[a b=", "<code>", "<svg>", "<x "])
def test_much_of_one_thing_is_no_harm(shred: str) -> None:
    html = shred * 20_000
    assert unchanged(parse(html)) == html


def test_every_block_needs_its_text() -> None:
    with pytest.raises(ValueError, match="zip"):
        parse("<p>a</p>").render([])


@pytest.mark.parametrize(
    ("html", "handling", "expected"),
    [
        ("<p>One <x>two</x> three</p>", Handling(ignored=frozenset({"x"})), ["One \ue000 three"]),
        ("<p>One <X>two</X> three <x/>four</p>", Handling(ignored=frozenset({"x"})), ["One \ue000 three four"]),
        ("<p>One </p><p>two</p>", Handling(non_splitting=frozenset({"p"})), ["One two"]),
        ("<p>One <b>two</b></p>", Handling(splitting=frozenset({"b"})), ["One", "two"]),
        ("<p>One\n  two\n\nthree  four</p>", Handling(ends=Ends.LINES), ["One\ntwo\n\nthree four"]),
        ("<p>One\n  two\n\nthree  four</p>", Handling(ends=Ends.NOTHING), ["One two\n\nthree four"]),
    ],
)
def test_what_elements_and_lines_do_can_be_said(html: str, handling: Handling, expected: list[str]) -> None:
    document = parse(html, handling)
    assert [block.marked.text for block in document.blocks] == expected
    assert unchanged(document) == html


def test_characters_are_counted_outside_of_tags() -> None:
    assert chars_of_text("<h1 style='x'>Title 𝄞</h1><!-- no -->&amp;") == len("Title 𝄞&amp;")


def test_the_values_of_attributes_that_are_translated_are_counted() -> None:
    assert chars_of_text("<img alt='The council &amp; all' class='a b'><p translate=no title='No'>x</p>") == len(
        "The council &amp; all" + "x"
    )
