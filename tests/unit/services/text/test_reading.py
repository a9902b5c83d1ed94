import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.model import Content, Format, Language
from services.text import html, markdown
from services.text.reading import read
from services.text.role import Role

EN = Language("en")
HTML_SHREDS = st.sampled_from(
    [
        "<p>",
        "</p>",
        "<b>",
        "</b>",
        "<a href=u>",
        "</a>",
        "<li>",
        "<ul>",
        "</ul>",
        "<h1>",
        "</h1>",
        "<td>",
        "<aside>",
        "</aside>",
        "<blockquote>",
        "</blockquote>",
        "<br>",
        "<code>x</code>",
        "<img alt=Dog>",
        "One. Two",
        " word. ",
    ]
)
MARKDOWN_SHREDS = st.sampled_from(
    [
        "# ",
        "## ",
        "> ",
        "- ",
        "\n",
        "\n\n",
        "**",
        "_",
        "[",
        "](u)",
        "`x`",
        "| a | b |\n|---|---|\n",
        "One. Two",
        " so. ",
        "\n===\n",
        "![Dog](i)",
        "[^1]: ",
        "<b>",
        "</b>",
    ]
)
TAG = re.compile(r"<(/?)(\w+)[^>]*>")


def roles(text: str, format_: Format) -> dict[str, str]:
    reading = read(Content(text, format_))
    spans = reading.segment([((0, len(reading.text)), EN)]).spans
    return {reading.text[slice(*span)]: reading.role(span).value for span in spans}


def excerpts(text: str, format_: Format) -> list[str]:
    reading = read(Content(text, format_))
    return [reading.excerpt(span) for span in reading.segment([((0, len(reading.text)), EN)]).spans]


def test_the_roles_of_html() -> None:
    page = """<title>A page</title><nav><ul><li>Home</ul></nav><header><h1>Big</h1><p>Deck.</header>
        <figure><img alt="Alt" title="Tip"><figcaption>Cap<p>Credit</figcaption></figure>
        <p>Body.<h2>Sub<h3>Subsub</h3><p>More.<ul><li>One<li><p>Two</ul><p>After.
        <blockquote><p>Quote</blockquote><table><caption>Table<tr><th>Head<td>Cell</table>Rest.
        <div class="wp-caption-text">Classed</div><div role="navigation"><p>Role</p></div>
        <p class="pullquote">Pulled</p><aside><h2>Beside</h2><p>Aside</aside><footer>Foot</footer><p>End."""
    assert roles(page, Format.HTML) == {
        **dict.fromkeys(["A page", "Alt", "Tip"], "attribute"),
        **dict.fromkeys(["Home", "Role", "Beside", "Aside", "Foot"], "aside"),
        **dict.fromkeys(["Deck.", "Body.", "More.", "After.", "Rest.", "End."], "body"),
        **dict.fromkeys(["Cap", "Credit", "Table", "Classed"], "caption"),
        **dict.fromkeys(["One", "Two"], "list"),
        **dict.fromkeys(["Head", "Cell"], "table"),
        **dict.fromkeys(["Quote", "Pulled"], "quote"),
        **dict.fromkeys(["Sub", "Subsub"], "heading"),
        "Big": "title",
    }


@pytest.mark.parametrize(
    ("page", "role"),
    [
        ('<body class="sidebar"><p>Text.', "body"),
        ("<nav>Menu<main><p>Text.", "body"),
        ("<form><p>Text.</form>", "body"),
        ("<h1>Big<h2>Sub</h2><p>Text.", "body"),
        ("<blockquote><h2>Sub</h2><p>Text.", "quote"),
        ("<p class='author pull-quote'>Text.</p>", "quote"),
        ("<header>Site</header><article><header><h1>Big</h1><p>Text.</header>", "body"),
        ("<header>Site<article><p>Text.</article>", "body"),
        ("<aside><article>Other</article></aside><header><h1>Big</h1><p>Text.</header>", "body"),
        ("<section><header><h2>Big</h2><p>Text.</header></section>", "body"),
        ("<header><p>Text.</header><p>Story.", "aside"),
        ("<header><p>Text.</header><article><h1>Big</h1><p>Story.</article>", "aside"),
        ("<header><h1>Site</h1><p>Text.</header><main><h1>Big</h1><p>Story.</main>", "aside"),
        ("<main><p>Story.</main><section><header><p>Text.</header></section>", "aside"),
        ("<div role=banner>Text.</div><p>Story.", "aside"),
        ("<div class='article__byline'><p>Text.</div>", "byline"),
        ("<ul class='post-author'><li>Text.</ul>", "byline"),
        ("<div itemprop=author itemscope><span itemprop=name>Text.</span></div>", "byline"),
        ("<p><a rel='author noopener' href=u>Text.</a></p>", "byline"),
        ("<p><span class='author vcard'><b>Text.</b></span></p>", "byline"),
        ("<article><address>Text.</address></article>", "byline"),
        ("<footer><address>Text.</address></footer>", "aside"),
        ("<div class='post author-jane'><p>Text.</div>", "body"),
        ("<article class=byline><p>Text.</article>", "body"),
        ("<div class=author><h1>Text.</h1></div>", "title"),
        ("<div data-role=x data-class=caption><p>Text.", "body"),
    ],
)
def test_odd_html_has_its_roles(page: str, role: str) -> None:
    assert roles(page, Format.HTML)["Text."] == role


@pytest.mark.parametrize(
    ("page", "role"),
    [
        ("<p>By <a rel=author href=u>Jane Doe</a>, at the ferry", "byline"),
        ("<p><span class=dateline>LISBON</span> The ferry sailed.", "body"),
        ("<p>The mayor told <a class=author href=u>Jane Doe</a> that he was well.", "body"),
        ("<h1>By <span itemprop=author>Jane Doe</span></h1>", "title"),
    ],
)
def test_a_line_with_the_author_in_it_is_a_by_line_if_it_says_little_else(page: str, role: str) -> None:
    assert set(roles(page, Format.HTML).values()) == {role}


@pytest.mark.parametrize(
    ("page", "caption"),
    [
        ("![Alt](i.png)\n*Photo: Ana Silva*", "Photo: Ana Silva"),
        ("![Alt](i.png)\n\n_The bridge at **dawn**_", "The bridge at dawn"),
        ("![Alt](i.png) *Cap.*", "Cap."),
        ("[![Alt](i.png)](u)\n\n*Cap.*", "Cap."),
        ("![Alt][r]\n\n<em>Cap.</em>\n\n[r]: i.png", "Cap."),
        ("<img src=i.png>\n\n*Cap.*", "Cap."),
        ("> ![Alt](i.png)\n>\n> *Cap.*", "Cap."),
        ("- ![Alt](i.png)\n\n  *Cap.*", "Cap."),
    ],
)
def test_italics_right_under_a_picture_are_its_caption(page: str, caption: str) -> None:
    assert roles(f"{page}\n\nBody.\n", Format.MARKDOWN)[caption] == "caption"


@pytest.mark.parametrize(
    "page",
    [
        "*Text.*",
        "*Text.*\n\n![Alt](i.png)",
        "![Alt](i.png)\n\n**Text.**",
        "![Alt](i.png)\n\n*Te*xt.",
        "![Alt](i.png)\n\nOther.\n\n*Text.*",
        "![Alt](i.png)\n\n```\ncode\n```\n\n*Text.*",
        "Words ![Alt](i.png).\n\n*Text.*",
        "<img src=i.png><p>Words.\n\n*Text.*",
    ],
)
def test_italics_elsewhere_are_of_the_body(page: str) -> None:
    assert roles(page, Format.MARKDOWN)["Text."] == "body"


def test_the_roles_of_markdown() -> None:
    page = """# Big

Body with ![Alt](i.png "Tip") and so on.

> Quote
lazy.
> ## In a quote

1. One

   Two
- [ ] Three

After.

Under
-----
Title
=====
| Head | Cell |
|------|------|
| Low  | Down |

<aside>

Inner

</aside>

<figure><figcaption>Cap</figcaption></figure>

> <p>Html in a quote.</p>

End.[^1]

[^1]: Note.
"""
    found = roles(page, Format.MARKDOWN)
    assert found.pop("Inner") == "body"  # a tag of HTML does not reach over Markdown
    assert found.pop("Body with  and so on.", None) or found.pop("Body with and so on.") == "body"
    assert found == {
        **dict.fromkeys(["Big", "Title"], "title"),
        **dict.fromkeys(["Alt", "Tip"], "attribute"),
        **dict.fromkeys(["Quote lazy.", "Html in a quote."], "quote"),
        **dict.fromkeys(["In a quote", "Under"], "heading"),
        **dict.fromkeys(["One", "Two", "Three"], "list"),
        **dict.fromkeys(["Head", "Cell", "Low", "Down"], "table"),
        **dict.fromkeys(["After.", "End."], "body"),
        "Cap": "caption",
        "Note.": "aside",
    }


@pytest.mark.parametrize("text", ["One.\n\nTwo.", "# One\n\n- Two."])
def test_plain_text_has_no_structure(text: str) -> None:
    assert set(roles(text, Format.TEXT).values()) == {"body"}
    assert read(Content(text)).title is None


@pytest.mark.parametrize(
    ("page", "format_", "title"),
    [
        ("<aside><h1>Beside</h1></aside><h1>The <i>title</i></h1><h1>Second</h1>", Format.HTML, "The title"),
        ("<h2>Sub</h2><p>Text.", Format.HTML, None),
        ("<title>A page</title><p>Text.", Format.HTML, None),
        ("<header><h1>Site</h1></header><main><h1>The title</h1></main>", Format.HTML, "The title"),
        ("<header><h1>The title</h1></header><main><p>Text.</main>", Format.HTML, "The title"),
        ("<h1>Run <code>ls</code> now</h1>", Format.HTML, "Run ls now"),
        ("# Run `ls` now", Format.MARKDOWN, "Run ls now"),
        ("Text.\n\n# The *title*\n\n# Second", Format.MARKDOWN, "The title"),
    ],
)
def test_the_first_heading_of_level_one_is_the_title(page: str, format_: Format, title: str | None) -> None:
    assert read(Content(page, format_)).title == title


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("<p>One <b>two. Three</b> four.</p>", ["One <b>two.</b>", "<b>Three</b> four."]),
        ("<p><a href=u>One. Two. Three.</a></p>", [f"<a href=u>{text}</a>" for text in ("One.", "Two.", "Three.")]),
        ("<p>One. <b>Two <i>three. Four</i> five.</b> Six.</p>",
         ["One.", "<b>Two <i>three.</i></b>", "<b><i>Four</i> five.</b>", "Six."]),
        ("<p>One <b>two. Three.</p>", ["One two.", "Three."]),
        ("<p>One, <br>two &lt; three &amp; so. <code>a&lt;b</code> is code.</p>",
         ["One,", "two &lt; three &amp; so.", "<code>a&lt;b</code> is code."]),
        ("<p>One.<img src=x> Two <img src=y> more.</p>", ["One.", "Two <img src=y> more."]),
    ],
)  # fmt: skip
def test_a_sentence_of_html_keeps_its_tags_well_nested(page: str, expected: list[str]) -> None:
    assert excerpts(page, Format.HTML) == expected


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        ("One **two. Three** four.", ["One **two.**", "**Three** four."]),
        ("A [link. Of two](u 't') words.", ["A [link.](u 't')", "[Of two](u 't') words."]),
        ("A [link] and [other][b].\n\n[link]: /a\n[B]: /b 'T'", ["A [link](/a) and [other](/b 'T')."]),
        ("Run `make. Now` please. So.", ["Run `make. Now` please.", "So."]),
        ("> A *quote. In* lines.", ["A *quote.*", "*In* lines."]),
    ],
)
def test_a_sentence_of_markdown_keeps_its_marks(page: str, expected: list[str]) -> None:
    assert [one for one in excerpts(page, Format.MARKDOWN) if one != "t"] == expected


@given(st.lists(HTML_SHREDS, max_size=20).map("".join))
def test_excerpts_of_html_say_what_their_sentences_say_in_whole_pairs(page: str) -> None:
    reading = read(Content(page, Format.HTML))
    for span in reading.segment([((0, len(reading.text)), EN)]).spans:
        excerpt = reading.excerpt(span)
        opened = list[str]()
        for tag in TAG.finditer(excerpt):
            if not tag[1] and tag[2] not in ("br", "img"):
                opened.append(tag[2])
            elif tag[1]:
                assert opened.pop() == tag[2]
        assert opened == []
        said = reading.readable(reading.text[slice(*span)], span)
        assert "".join(TAG.sub("", excerpt).split()) == "".join(said.split())


@given(st.lists(MARKDOWN_SHREDS, max_size=20).map("".join))
def test_every_sentence_has_a_role_and_an_excerpt(page: str) -> None:
    reading = read(Content(page, Format.MARKDOWN))
    for span in reading.segment([((0, len(reading.text)), EN)]).spans:
        assert reading.role(span) in Role
        assert reading.excerpt(span)


@given(st.lists(HTML_SHREDS, max_size=20).map("".join), st.lists(MARKDOWN_SHREDS, max_size=20).map("".join))
def test_what_is_shown_has_each_sentence_at_its_place(page: str, text: str) -> None:
    for content in (Content(page, Format.HTML), Content(text, Format.MARKDOWN)):
        reading = read(content)
        shown = reading.shown()
        for span in reading.segment([((0, len(reading.text)), EN)]).spans:
            start, end = map(shown.place, span)
            assert shown.text[start:end] == reading.readable(reading.text[slice(*span)], span)


def test_many_open_elements_are_no_harm() -> None:
    assert len(html.parse("<div><li><p>a" * 20_000 + "</section>" * 20_000).blocks) == 20_000
    assert len(markdown.parse("> " * 50 + "a\n" * 1000).blocks) == 1
