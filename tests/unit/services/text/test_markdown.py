import random
import re
import sysconfig
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from services.text.markdown import Document, parse
from services.text.markup import Kind, MarkedText, join, split, transfer

ORACLE = MarkdownIt("commonmark").enable(["table", "strikethrough"])
# fmt: off
SHREDS = (
    "word", "two words", "é", "日本", "1", ".", ",", " ", "  ", "    ", "\t", "\n", "\n\n", "\r\n", "\\", "\\\n",
    "  \n",
    "*", "**", "_", "__", "~~", "~", "`", "``", "```\n", "~~~\n", "[", "]", "(", ")", "](", "[a](b)", "![a](b 'c')",
    "[a]", "[a][]", "[b][a]", "[a]: /x\n", "\n[a]: /x 'y'\n", "[^1]", "\n[^1]: ", "<b>", "</b>", "<br>", "<div>\n",
    "</div>\n", "<!--", "-->", "<https://a.b>", "https://a.b/c_d", "www.a.b", "&amp;", "&nbsp;", "&", "<", ">", "\n> ",
    "\n- ", "\n* ", "\n1. ", "\n2) ", "\n   ", "\n  ", "- [ ] ", "# ", "\n## ", " #", "\n===", "\n---\n", "\n***\n",
    "|",
    "\n| a | b |\n|---|:-:|\n| c | d |\n", "\n\na | b\n-|-\nc\n", "\\*", "\\|", "{{ x }}", "{% y %}", "{#z}",
    "<kbd>k</kbd>", "<code>x</code>", "<code>", "</code>", ":tada:", "---\na: b\n---\n", "<span translate=no>",
    "</span>",
    "\n: ",
    "\ue000", "[!NOTE]\n",
)
# fmt: on
MARKDOWN = st.lists(st.sampled_from(SHREDS), max_size=25).map("".join) | st.text()
SITE = Path(sysconfig.get_path("purelib"))
REAL = sorted([*SITE.rglob("*.md"), *SITE.glob("*.dist-info/METADATA")])


def unchanged(document: Document) -> str:
    return document.render([block.marked for block in document.blocks])


def shout(markdown: str) -> str:
    """Every text in capitals, marks where they were."""
    document = parse(markdown)
    return document.render([MarkedText(b.marked.text.upper(), b.marked.marks) for b in document.blocks])


def texts(markdown: str) -> list[str]:
    return [block.marked.text for block in parse(markdown).blocks]


def structure(markdown: str) -> list[object]:
    """The blocks of a document as another reader sees them, and what code is in them."""
    tokens = ORACLE.parse(markdown)
    return [
        (
            token.type,
            token.tag,
            token.markup,
            token.info,
            token.content if token.type in ("fence", "code_block") else "",
        )
        for token in tokens
        if token.type != "inline"
    ]


def marks(markdown: str) -> Counter[object]:
    """What is within the lines of a document as another reader sees it, text apart."""
    children = (child for token in ORACLE.parse(markdown) for child in token.children or ())
    return Counter(sign(child) for child in children if child.type not in ("text", "softbreak", "text_special"))


def sign(token: Token) -> object:
    if token.type == "html_inline" and (tag := re.fullmatch(r"<(/?)(em|strong|del)>", token.content)):
        return ("s" if tag[2] == "del" else tag[2]) + ("_close" if tag[1] else "_open")
    if token.type in ("code_inline", "html_inline"):
        return token.type, re.sub("(alt|title)=(\"[^\"]*\"|'[^']*'|[^\\s>]+)", "", " ".join(token.content.split()))
    return (token.type, token.attrGet("href"), token.attrGet("src")) if token.attrs else token.type


def read(markdown: str) -> list[str]:
    """The texts of a document as another reader sees them."""
    return [
        "".join(c.content for c in token.children or ()) for token in ORACLE.parse(markdown) if token.type == "inline"
    ]


def phrase(at_random: random.Random, depth: int = 2) -> str:
    """Words with marks among them, well nested, each mark apart from letters or around whole words."""
    plain = ("word", "Rome", "2", "snake_case", "5 * 6", "é", "\\*", "&amp;", "&nbsp;x", "[sic]", "<br>", "日本")
    atoms = ("`code`", "`` a`b ``", "<https://a.b>", "https://a.b/c_d", "{{ x }}", "<kbd>K</kbd>", "![alt](i.png 't')")
    parts = []
    for _ in range(at_random.randint(1, 5)):
        inner = phrase(at_random, depth - 1) if depth else at_random.choice(plain)
        wrapped = at_random.choice(
            ("*{}*", "**{}**", "~~{}~~", "<b>{}</b>", "[{}](/a_b 'title')", "[{}][r]", "<i title='x'>{}</i>")
        )
        if "](" in inner or "][" in inner:
            wrapped = "**{}**"
        parts.append(
            at_random.choice((at_random.choice(plain), at_random.choice(atoms), wrapped.format(f"x {inner} y")))
        )
    return "so " + " ".join(parts) + " end"


def document(at_random: random.Random) -> str:
    """Blocks of all kinds."""

    def say() -> str:
        return phrase(at_random)

    kinds = (
        lambda: f"# {say()}", lambda: f"### {say()} ###", lambda: f"{say()}\n===", lambda: say(),
        lambda: f"{say()}\n{say()}", lambda: f"{say()}\\\n{say()}", lambda: f"{say()}  \n{say()}",
        lambda: f"> {say()}\n> {say()}\n>\n> - {say()}\n>   {say()}", lambda: f"> {say()}\n{say()}",
        lambda: f"- {say()}\n- [ ] {say()}\n  {say()}\n\n  {say()}",
        lambda: f"3. {say()}\n   1. {say()}  \n      {say()}",
        lambda: f"| {say()} | b |\n|---|:-:|\n| `a\\|b` {say()} | {say()}", lambda: f"a {say()} | b\n-|-\n{say()} | c",
        lambda: "```py\ncode *x*\n```", lambda: "    indented *x*", lambda: "***", lambda: "[q]: /q 'no'",
        lambda: f"<div>\n<p>{at_random.choice(('text', 'more *text*'))}</p>\n</div>",
        lambda: "<!-- no -->", lambda: "[r]",
    )  # fmt: skip
    blocks = [at_random.choice(kinds)() for _ in range(at_random.randint(1, 6))]
    return "\n\n".join([*blocks, "[r]: /ref 'R'\n"])


def relocated(marked: MarkedText, at_random: random.Random, more: tuple[str, ...]) -> MarkedText:
    """A translation by chance: each line with other words in another order, and links that mean nothing."""
    lines = [match.span() for match in re.finditer(r"[^\n]+", marked.text)]
    moved = [one_relocated(part, at_random, more) for part in split(marked, lines)]
    joined = join(marked, lines, moved)
    return joined if all(map(str.strip, emphasised(joined))) else marked


def one_relocated(marked: MarkedText, at_random: random.Random, more: tuple[str, ...]) -> MarkedText:
    words = [*marked.text.split(" "), *at_random.choices(more, k=len(marked.marks) + 1)]
    at_random.shuffle(words)
    target, edge = " ".join(words), len(marked.text)
    links = []
    for _ in range(at_random.randint(0, 9)):
        source, place = at_random.randint(0, edge), at_random.randint(0, len(target))
        links.append((source, source + at_random.randint(0, 5), place, place + at_random.randint(0, 5)))
    return transfer(marked, target, links)


def emphasised(marked: MarkedText) -> list[str]:
    """What is within each emphasis: around nothing it goes away."""
    starts = {mark.pair: mark.at for mark in marked.marks if mark.kind is Kind.START}
    ends = [mark for mark in marked.marks if mark.kind is Kind.END and mark.raw in ("*", "**", "~~")]
    return [marked.text[starts.get(mark.pair, 0) : mark.at] for mark in ends]


TAME = ("novo", "água", "“sim”", "C#")
WILD = (
    *TAME, "1.", "2)", "#", "*", "-", "+", ">", "|", "~", "_a", "a_b", "*x*", "__x__", "`", "<b>", "<!--", "[x]", "[r]",
    "[a", "](y)", "&amp;", "---", "===", "~~~", "\\", "!",
)  # fmt: skip


@settings(max_examples=1000)
@given(MARKDOWN)
def test_markdown_that_is_not_translated_comes_back_byte_for_byte(markdown: str) -> None:
    assert unchanged(parse(markdown)) == markdown


@settings(max_examples=300)
@given(MARKDOWN, st.randoms(use_true_random=False))
def test_any_translation_of_any_markdown_can_be_written(markdown: str, at_random: random.Random) -> None:
    document = parse(markdown)
    result = document.render([relocated(block.marked, at_random, WILD) for block in document.blocks], "pt")
    assert unchanged(parse(result)) == result


@pytest.mark.parametrize("more", [TAME, WILD], ids=["tame", "wild"])
def test_another_reader_sees_the_same_structure_after_a_translation(more: tuple[str, ...]) -> None:
    for seed in range(600):
        at_random = random.Random(seed)
        markdown = document(at_random)
        parsed = parse(markdown)
        result = parsed.render([relocated(block.marked, at_random, more) for block in parsed.blocks])
        assert structure(result) == structure(markdown), seed
        assert marks(result) == marks(markdown), seed


@pytest.mark.parametrize("path", REAL, ids=lambda path: path.parent.name)
def test_real_documents_keep_their_structure(path: Path) -> None:
    markdown = path.read_text(errors="replace")[:60_000]
    if path.name == "METADATA":
        markdown = markdown.partition("\n\n")[2]
    document, at_random = parse(markdown), random.Random(1)
    assert unchanged(document) == markdown
    if path.suffix == ".md" or re.search(r"(?m)^#|\[.*\]\(", markdown):
        result = document.render([relocated(block.marked, at_random, TAME) for block in document.blocks])
        assert structure(result) == structure(markdown)
        assert marks(result) == marks(markdown)


ROOMS = (
    "{}",
    "# {}",
    "{}\n===",
    "> {}",
    "- {}",
    "2. {}",
    "| {} | b |\n|---|---|",
    "{} | b\n---|---",
    "**{}**",
    "[{}](/a)",
)


@settings(max_examples=500)
@given(
    st.sampled_from(ROOMS),
    st.lists(st.sampled_from(WILD) | st.text("ab*_~`[]()<>#!&;\\|-+=.1: ", min_size=1), min_size=1),
)
def test_a_translation_is_text_and_never_markup(room: str, words: list[str]) -> None:
    target = " ".join(" ".join(words).split())
    markdown = room.format("word") + "\n\n[r]: /ref\n"
    document = parse(markdown)
    first, *others = document.blocks
    written = [transfer(first.marked, target, []), *(block.marked for block in others)]
    rendered = document.render(written)
    assert structure(rendered) == structure(markdown)
    assert read(rendered)[0].split() == (target or "word").split()


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("one\ntwo  \nthree\\\nfour", ["one two\nthree\nfour"]),
        ("# a #\n\nb\nc\n---\n", ["a", "b c"]),
        ("> a\n> b\n\n- c\n  d\n- [x] e", ["a b", "c d", "e"]),
        ("| a | b\\|c |\n|--|--|\n| d | `e` |\n", ["a", "b|c", "d"]),
        ("a *b* **c** ~~d~~ [e](f 'g') [h] [i][h]\n\n[h]: /x 'no'", ["a b c d e h i", "g"]),
        ("![a](b 'c')", ["a", "c"]),
        ("a ![b](c) d", ["a  d", "b"]),
        ("---\na: b\n---\nc", ["c"]),
        ("+++\na = 'b'\n+++\n\nc", ["c"]),
        ("```\na\n```\n\n    b\n\n~~~ x\nc", []),
        ("<div title='a'>\n*b*\n</div>\n\n<script>\nc\n</script>\n\n<!-- d -->", ["a", "*b*"]),
        ("\\*a\\* &eacute; &copy; 1 < 2", ["*a* é © 1 < 2"]),
        ("a[^1]\n\n[^1]: b\n    c", ["a", "b c"]),
        ("> [!NOTE]\n> a", ["a"]),
        ("a {% if b %} c", ["a  c"]),
        ("{{< figure src='a' >}}\n\n{% b %}", []),
        ("Term\n: a\n: b", ["Term", "a", "b"]),
        ("a <span translate=no>*b*</span> c", ["a \ue000 c"]),
        ("`a` <https://b.c> https://d.e {{ f }}", []),
        ("`a` \ue000 b", ["\ue001 \ue000 b"]),
    ],
)
def test_the_texts_of_markdown(markdown: str, expected: list[str]) -> None:
    assert texts(markdown) == expected
    assert unchanged(parse(markdown)) == markdown


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("a\nb\\\nc", "A B\\\nC"),
        ("> a\n> b  \n> c", "> A B  \n> C"),
        ("- a\n  b\\\n  c", "- A B\\\n  C"),
        ("a [b][]\n\n[b]: /x", "A [B][b]\n\n[b]: /x"),
        ("[b]\n\n[b]: /x", "[B][b]\n\n[b]: /x"),
        ("a ![b](c 'd') `e` <i title=f>g</i>", "A ![B](c 'D') `e` <i title=\"F\">G</i>"),
        ("a_b [sic] 5 * 6 ~7 &nbsp;&lt;", "A_B [SIC] 5 * 6 ~7 &nbsp;&lt;"),
        ("Title\n-----\n\n## b ##", "TITLE\n-----\n\n## B ##"),
        ("<a href=x>\na <b>b</b>\n</a>", "<a href=x>\nA <b>B</b>\n</a>"),
        ("## a {#id}", "## A {#id}"),
        ("a:tada: b :tada:", "A:TADA: B :tada:"),
    ],
)
def test_what_is_around_a_text_stays_as_it_was(markdown: str, expected: str) -> None:
    assert shout(markdown) == expected


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("1. a", "1\\. a"),
        ("2024 a", "2024 a"),
        ("# a", "\\# a"),
        ("- a", "\\- a"),
        ("-a", "-a"),
        ("a * b *c*", "a * b \\*c\\*"),
        ("a_b _c_", "a_b \\_c\\_"),
        ("[a] [b](c)", "[a] \\[b\\](c)"),
        ("a < b <c> `d`", "a < b \\<c> \\`d\\`"),
        ("AT&T &amp;", "AT&T &amp;amp;"),
        ("  a\n\nb ", "a b"),
    ],
)
def test_what_would_be_markup_is_escaped(target: str, expected: str) -> None:
    assert parse("word").render([MarkedText(target)]) == expected


def test_emphasis_that_markdown_cannot_say_there_is_written_as_tags() -> None:
    document = parse("He said **yes** now")
    start, end = document.blocks[0].marked.marks
    target = MarkedText("他说“是”了", (replace(start, at=2), replace(end, at=5)))
    assert document.render([target]) == "他说<strong>“是”</strong>了"


def test_a_text_that_comes_back_blank_leaves_the_source() -> None:
    assert parse("- a\n- b").render([MarkedText(" "), MarkedText("c")]) == "- a\n- c"


OPAQUE = ("`code`", "``a ` b``", "<kbd>K</kbd>", "<https://a.b>", "{{ x }}", "<i translate=no>*d*</i>")


@given(
    st.lists(st.sampled_from([*OPAQUE, "word", "**x**", "[y](z)", ","])).map(" ".join),
    st.text("\ue000\ue001\ue002\ue003 ab*"),
)
def test_what_has_a_stand_in_is_neither_lost_nor_doubled(inside: str, target: str) -> None:
    markdown = f"so {inside} end"
    document = parse(markdown)
    (block,) = document.blocks
    for marked in (MarkedText(f"a{target}"), transfer(block.marked, f"a{target}", [])):
        rendered = document.render([marked])
        assert {raw: rendered.count(raw) for raw in OPAQUE} == {raw: markdown.count(raw) for raw in OPAQUE}


def test_code_in_a_sentence_is_a_character() -> None:
    (block,) = parse("Run `make  run` on <kbd>F1</kbd> of https://a.b now").blocks
    assert block.marked.text == "Run \ue000 on \ue001 of \ue002 now"
    assert block.stand_ins == {"\ue000": "make  run", "\ue001": "F1", "\ue002": "https://a.b"}


def test_every_block_needs_its_text() -> None:
    for given_texts in ([], [MarkedText("a")] * 2):
        with pytest.raises(ValueError, match=r"one text|shorter"):
            parse("a").render(given_texts)


@pytest.mark.parametrize(
    "shred",
    [
        "[",
        "![",
        "[a](b ",
        "*a ",
        "_a_ ",
        "`",
        "<!-- ",
        "<a b='",
        "> ",
        "- ",
        "[a]: b\n",
        "|a",
        "{{",
        "a\\\n",
        "***a",
        "&#",
    ],
)
def test_much_of_one_thing_is_no_harm(shred: str) -> None:
    markdown = shred * 10_000
    assert unchanged(parse(markdown)) == markdown


SPACE = " " * 50_000


@pytest.mark.parametrize(
    "markdown",
    [
        f"Hello{SPACE}there.",
        "Hello" + "\u00a0" * 50_000 + "there.",
        "Hello" + "\t" * 50_000 + "there.",
        f'[a](b "Hello{SPACE}there")',
        f'A <b title="hello{SPACE}there">b</b>',
        f"![Hello{SPACE}there](a)",
        "# Hello " + "#" * 50_000 + r" x \#",
        f"[a]:{SPACE}\n\nb",
        f"a\n---{SPACE}x",
    ],
    ids=["spaces", "no-break", "tabs", "title", "attribute", "description", "heading", "definition", "delimiters"],
)
def test_a_long_run_costs_no_more_than_its_length(markdown: str) -> None:
    began_s = time.process_time()
    shout(markdown)
    assert time.process_time() - began_s < 3  # at 50,000 characters what is quadratic takes four or more
