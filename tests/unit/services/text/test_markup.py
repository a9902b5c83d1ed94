from collections import Counter
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.text.markup import Kind, Link, Mark, MarkedText, join, split, transfer
from services.text.segment import segment

TEXT = st.lists(
    st.sampled_from(["a", "house", "Rome", "2", " ", "  ", ". ", "’s", "-", "“", "”", "世界", "e\u0301"])
).map("".join)
NUMBER = st.integers(-3, 40)
LINKS = st.lists(st.tuples(NUMBER, NUMBER, NUMBER, NUMBER), max_size=12)


@st.composite
def nested(draw: st.DrawFn) -> MarkedText:
    """A text whose marks are well nested, halves of pairs at its ends among them."""
    text, marks, numbers, opened = draw(TEXT), list[Mark](), count(), list[int]()
    for at in sorted(draw(st.lists(st.integers(0, len(text)), max_size=14))):
        kind = draw(st.sampled_from(Kind))
        number = next(numbers)
        if kind is Kind.START:
            opened.append(number)
        elif kind is Kind.END and opened:
            number = opened.pop()
        elif kind is Kind.END and any(mark.kind is Kind.START and mark.pair in opened for mark in marks):
            continue
        marks.append(Mark(f"{kind.value}{number}", at, kind, None if kind is Kind.EMPTY else number))
    return MarkedText(text, tuple(marks))


@st.composite
def tangled(draw: st.DrawFn) -> MarkedText:
    """A text with any marks at all."""
    text = draw(TEXT)
    kinds = draw(st.lists(st.tuples(st.sampled_from(Kind), st.integers(0, 3)), max_size=8, unique=True))
    places = sorted(draw(st.lists(st.integers(0, len(text)), min_size=len(kinds), max_size=len(kinds))))
    marks = (
        Mark(f"{kind.value}{number}", at, kind, None if kind is Kind.EMPTY else number)
        for (kind, number), at in zip(kinds, places, strict=True)
    )
    return MarkedText(text, tuple(marks))


def crossings(marks: tuple[Mark, ...]) -> int:
    """How many tags cross a pair: a half pair may stand in no other pair, nor before the half that it has not."""
    complete = {m.pair for m in marks if m.kind is Kind.START} & {m.pair for m in marks if m.kind is Kind.END}
    found, opened, halves_began = 0, list[int | None](), False
    for mark in marks:
        if mark.kind is Kind.START and mark.pair in complete:
            opened.append(mark.pair)
        elif mark.kind is Kind.END and mark.pair in complete:
            found += not opened or opened.pop() != mark.pair
        elif mark.kind is Kind.START:
            found, halves_began = found + bool(opened), True
        elif mark.kind is Kind.END:
            found += bool(opened) or halves_began
    return found


def show(marked: MarkedText) -> str:
    parts, position = [], 0
    for mark in marked.marks:
        parts += (marked.text[position : mark.at], mark.raw)
        position = mark.at
    return "".join((*parts, marked.text[position:]))


def read(shown: str) -> MarkedText:
    """The reverse of show for single letters: <b> </b> and <x/>."""
    text, marks, opened = "", list[Mark](), list[tuple[str, int]]()
    numbers = count()
    while "<" in shown:
        before, _, rest = shown.partition("<")
        tag, _, shown = rest.partition(">")
        text += before
        if tag.endswith("/"):
            marks.append(Mark(f"<{tag}>", len(text), Kind.EMPTY))
        elif not tag.startswith("/"):
            opened.append((tag, next(numbers)))
            marks.append(Mark(f"<{tag}>", len(text), Kind.START, opened[-1][1]))
        else:
            number = opened.pop()[1] if opened and opened[-1][0] == tag[1:] else None
            marks.append(Mark(f"<{tag}>", len(text), Kind.END, number))
    return MarkedText(text + shown, tuple(marks))


def word_links(source: str, target: str, pairs: str) -> list[Link]:
    """Links of words, each after the space before it: "cat:gato"."""
    links = []
    for pair in pairs.split():
        left, _, right = pair.partition(":")
        start, other = source.index(left), target.index(right)
        before = target[max(0, other - 1) : other] == " "
        links.append((max(0, start - 1), start + len(left), other - before, other + len(right)))
    return links


@given(nested() | tangled(), st.data())
def test_split_then_join_gives_the_marked_text_back(marked: MarkedText, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.sets(st.integers(0, len(marked.text)), max_size=8)))
    spans = list(zip(edges[::2], edges[1::2], strict=False))
    assert join(marked, spans, split(marked, spans)) == marked


@given(nested() | tangled())
def test_sentences_with_their_marks_join_to_the_marked_text(marked: MarkedText) -> None:
    spans = segment(marked.text).spans
    parts = split(marked, spans)
    assert [part.text for part in parts] == segment(marked.text).texts
    assert join(marked, spans, parts) == marked


@settings(max_examples=1500)
@given(nested(), TEXT, LINKS)
def test_marks_that_are_well_nested_come_back_once_and_well_nested(
    source: MarkedText, target: str, links: list[Link]
) -> None:
    result = transfer(source, target, links)
    assert Counter((m.raw, m.kind, m.pair) for m in result.marks) == Counter(
        (m.raw, m.kind, m.pair) for m in source.marks
    )
    assert crossings(source.marks) == crossings(result.marks) == 0
    assert "".join(result.text.split()) == "".join(target.split())


@settings(max_examples=500)
@given(tangled().filter(lambda marked: crossings(marked.marks) > 0), TEXT, LINKS)
def test_marks_that_are_not_nested_come_back_in_their_order(source: MarkedText, target: str, links: list[Link]) -> None:
    result = transfer(source, target, links)
    assert [mark.raw for mark in result.marks] == [mark.raw for mark in source.marks]
    assert "".join(result.text.split()) == "".join(target.split())


@settings(max_examples=500)
@given(nested(), TEXT, LINKS)
def test_sentences_of_one_text_stay_nested_together(source: MarkedText, target: str, links: list[Link]) -> None:
    spans = segment(source.text).spans
    result = join(source, spans, [transfer(part, target, links) for part in split(source, spans)])
    assert crossings(result.marks) == 0


@settings(max_examples=300)
@given(nested(), TEXT, LINKS)
def test_a_pair_without_text_stays_without(source: MarkedText, target: str, links: list[Link]) -> None:
    def widths(marked: MarkedText) -> dict[int | None, str]:
        starts = {mark.pair: mark.at for mark in marked.marks if mark.kind is Kind.START}
        ends = {mark.pair: mark.at for mark in marked.marks if mark.kind is Kind.END}
        return {pair: marked.text[start : ends[pair]].strip() for pair, start in starts.items() if pair in ends}

    result = widths(transfer(source, target, links))
    assert not any(result[pair] for pair, text in widths(source).items() if not text)


@given(TEXT.filter(str.strip), TEXT, LINKS)
def test_a_pair_around_the_sentence_stays_around_it(source: str, target: str, links: list[Link]) -> None:
    marks = (Mark("<b>", 0, Kind.START, 0), Mark("</b>", len(source), Kind.END, 0))
    result = transfer(MarkedText(source, marks), target, links)
    assert result.text[result.marks[0].at : result.marks[1].at].strip() == target.strip()


ALIGNED = [
    # source, target, links, expected
    (
        "The <b>red</b> <i>car</i>.",
        "O carro vermelho.",
        "The:O red:vermelho car:carro",
        "O <i>carro</i> <b>vermelho</b>.",
    ),
    ("<b>Sentence</b>.", "Frase.", "", "<b>Frase</b>."),
    ("“<b>Go</b>!”", '"Vá!"', "", '"<b>Vá</b>!"'),
    ("On <b>Monday</b>, rain.", "Na segunda-feira, chuva.", "Monday:segunda", "Na <b>segunda-feira</b>, chuva."),
    ("See <a>Angela Merkel</a> now.", "Agora veja Angela Merkel.", "", "Agora veja <a>Angela Merkel</a>."),
    ("CO<s>2</s> rose.", "Subiu o CO2.", "", "Subiu o CO<s>2</s>."),
    ("H<s>2</s>SO<s>4</s> spilt.", "Vazou H2SO4.", "", "Vazou H<s>2</s>SO<s>4</s>."),
    ("<s>T</s>he house fell.", "A casa caiu.", "The:A", "<s>A</s> casa caiu."),
    ("<s>T</s>he house fell.", "Casas caíram.", "", "<s>C</s>asas caíram."),
    ("<s>T</s>he star.", "E\u0301toile.", "", "<s>E\u0301</s>toile."),
    ("The 1<s>st</s> day.", "O 1º dia.", "1st:1º", "O 1<s>º</s> dia."),
    ("The 20<s>th</s> century.", "O século 20.", "20th:20", "O século 20<s></s>."),
    ("A garden<s>[1]</s>.", "Um jardim[1].", "garden:jardim", "Um jardim<s>[1]</s>."),
    ("Run <c/> now.", "Corra agora.", "Run:Corra now:agora", "Corra <c/> agora."),
    ("Run <c/>.", "Corra.", "Run:Corra", "Corra <c/>."),
    ("<c/> fell.", "caiu.", "", "<c/> caiu."),
    ("He said <i>“no”</i> to me.", "Disse-me “não”.", "no:não", "Disse-me <i>“não”</i>."),
    ("One <b>two", "Um dois", "One:Um two:dois", "Um <b>dois"),
    ("One</b> two", "Um dois", "One:Um two:dois", "Um</b> dois"),
    ("<a><b>More</b></a>: news", "Mais: notícias", "More:Mais news:notícias", "<a><b>Mais</b></a>: notícias"),
    ("The <b>water</b>", "L'eau", "The:L water:eau", "L'<b>eau</b>"),
    ("I saw <b>the world</b>", "我看见了世界", "world:世界", "我看见了<b>世界</b>"),
    ("A <b>b <i>c</b> d</i> e", "A b c d e.", "", "A <b>b <i>c</b> d</i> e."),
]


@pytest.mark.parametrize(("source", "target", "links", "expected"), ALIGNED)
def test_marks_go_where_their_words_went(source: str, target: str, links: str, expected: str) -> None:
    marked = read(source)
    assert show(transfer(marked, target, word_links(marked.text, target, links))) == expected


def test_a_pair_around_two_sentences_begins_in_the_first_and_ends_in_the_second() -> None:
    marked = read("It <b>ended. All</b> left.")
    assert [show(part) for part in split(marked, segment(marked.text).spans)] == ["It <b>ended.", "All</b> left."]


@pytest.mark.parametrize(("kind", "size"), [(Kind.START, 60), (Kind.END, 60), (Kind.START, 3000), (Kind.END, 3000)])
def test_marks_too_many_or_too_deep_to_weigh_keep_their_order(kind: Kind, size: int) -> None:
    source = MarkedText("a " * size, tuple(Mark(f"<{at}>", at, kind, at) for at in range(0, 2 * size, 2)))
    result = transfer(source, "b " * size, [])
    assert [mark.raw for mark in result.marks] == [mark.raw for mark in source.marks]


@pytest.mark.parametrize("places", [(2, 1), (-1,), (4,)])
def test_marks_out_of_order_or_out_of_the_text_are_refused(places: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="in order"):
        MarkedText("abc", tuple(Mark("", place, Kind.EMPTY) for place in places))
