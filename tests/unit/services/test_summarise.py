from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import InvalidOption, InvalidText
from services.lede import LedeRanker
from services.model import Content, Format, Language
from services.ports import Pick
from services.results import CacheState
from services.selection import Avoid, Length, Sort, fitting, story_of
from services.summarise import Summary, SummaryOptions, join_sentences
from services.text.role import Role
from services.text.words import count_words
from tests.fakes.models import FixedIdentifier
from tests.fakes.services import fake_services

EN = Language("en")
TEXT = "First one. Second one.\n\nThird one. Fourth one."
ONE, TWO, THREE, ALL = (SummaryOptions(Length(sentences=count)) for count in (1, 2, 3, 99))
SPOKEN = (
    'The council met on Monday. "We are very happy with it," said the mayor. "It is what we wanted. Nobody will go '
    'home on foot." Who pays for it? The state does. Its budget has grown.'
)
PAGE = """
<nav><a href="/">All the news of the day.</a></nav>
<h1>Ferry returns to the island</h1>
<figure><img src="a.jpg" alt="The ferry on Monday."><figcaption>The ferry leaves the port.</figcaption></figure>
<p>The <a href="/ferry">ferry</a> sailed again on Monday. It had been <b>repaired. The work</b> cost a million.</p>
<h2>What comes next.</h2>
<ul><li>The port closes at night.</li></ul>
<blockquote>The ferry is back at last.</blockquote>
<table><tr><td>A ticket is four crowns.</td></tr></table>
<aside>Read about the other islands.</aside>
<p>Shops ordered <code>milk</code> and bread.</p>
<footer>The Amsel Post is a daily paper.</footer>
"""


def summarise(text: str, options: SummaryOptions = THREE, title: str | None = None, **services: object) -> Summary:
    return fake_services(**services).summarise(Content(text), EN, options, title).result  # type: ignore[arg-type]


def test_the_picked_sentences_come_in_the_order_of_the_text() -> None:
    summary = summarise(TEXT, replace(TWO, method="last"))
    assert summary.text == "Third one. Fourth one."
    assert [(s.position, s.rank) for s in summary.sentences] == [(2, 2), (3, 1)]


def test_the_best_comes_first_where_that_is_wanted() -> None:
    summary = summarise(TEXT, replace(TWO, method="last", sort=Sort.RANK))
    assert [(s.position, s.rank) for s in summary.sentences] == [(3, 1), (2, 2)]


def test_a_sentence_says_where_it_stands_and_how_it_scored() -> None:
    summary = summarise(TEXT)
    assert [TEXT[s.offset : s.offset + s.length] for s in summary.sentences] == [s.text for s in summary.sentences]
    assert [s.score for s in summary.sentences] == [1.0, 0.5, 0.25]


@given(st.integers(0, 500), st.floats(0, 1, exclude_min=True))
def test_a_ratio_gives_at_least_one_sentence_and_never_more_than_there_are(total: int, ratio: float) -> None:
    assert min(1, total) <= Length(ratio=ratio).of(total) <= total


@pytest.mark.parametrize(("ratio", "total", "wanted"), [(0.1, 10, 1), (0.25, 10, 3), (0.5, 4, 2), (1.0, 7, 7)])
def test_a_ratio_is_rounded_up(ratio: float, total: int, wanted: int) -> None:
    assert Length(ratio=ratio).of(total) == wanted


@pytest.mark.parametrize(
    "length",
    [
        {},
        {"sentences": 0},
        {"sentences": -1},
        {"ratio": 0.0},
        {"ratio": 1.1},
        {"words": 0},
        {"ratio": 0.5, "sentences": 3},
        {"words": 5, "sentences": 3},
        {"words": 5, "ratio": 0.5},
    ],
)
def test_a_length_that_cannot_be_is_refused(length: dict[str, int]) -> None:
    with pytest.raises(InvalidOption):
        Length(**length)


@given(
    st.lists(st.integers(1, 30), max_size=12).flatmap(lambda sizes: st.tuples(st.just(sizes), st.permutations(sizes))),
    st.integers(1, 60),
    st.data(),
)
def test_what_fits_never_exceeds_and_leaves_nothing_better_out(
    sizes_and_order: tuple[list[int], list[int]], max_words: int, data: st.DataObject
) -> None:
    sizes = sizes_and_order[0]
    picks = [Pick(position, 0.5) for position in data.draw(st.permutations(range(len(sizes))))]
    late = data.draw(st.lists(st.booleans(), min_size=len(sizes), max_size=len(sizes)))
    found = list(fitting(picks, sizes, late, max_words))
    used = sum(sizes[pick.position] for pick in found)
    assert used <= max_words
    assert len({late[pick.position] for pick in found}) <= 1
    assert found or min(sizes, default=61) > max_words
    is_late = bool(found) and late[found[0].position]
    for pick in picks:
        if late[pick.position] is is_late and pick not in found:
            before = [one for one in found if picks.index(one) < picks.index(pick)]
            assert sum(sizes[one.position] for one in before) + sizes[pick.position] > max_words


@pytest.mark.parametrize("method", ["lead", "last"])
@pytest.mark.parametrize("words", [1, 2, 3, 5, 8, 100])
def test_words_are_never_exceeded(method: str, words: int) -> None:
    summary = summarise(TEXT, SummaryOptions(Length(words=words), method))
    assert count_words(summary.text) <= words
    assert len(summary.sentences) == min(4, words // 2)


def test_where_not_even_one_sentence_fits_the_summary_is_empty() -> None:
    summary = summarise(TEXT, SummaryOptions(Length(words=1)))
    assert (summary.text, summary.sentences) == ("", ())


def test_words_are_not_filled_with_what_is_no_part_of_the_story() -> None:
    summary = summarise("The ferry sailed again on Monday.\n\nRead more: ferries", SummaryOptions(Length(words=20)))
    assert summary.text == "The ferry sailed again on Monday."


@pytest.mark.parametrize(
    ("avoid", "expected"),
    [
        ((), [0, 1, 2, 3, 4, 5, 6]),
        (("quotes",), [0, 4, 5, 6, 1, 2, 3]),
        (("questions",), [0, 1, 2, 3, 5, 6, 4]),
        (("quotes", "questions"), [0, 5, 6, 1, 2, 3, 4]),
    ],
)
def test_what_is_avoided_is_passed_over_as_long_as_something_else_is_left(
    avoid: tuple[str, ...], expected: list[int]
) -> None:
    summary = summarise(SPOKEN, replace(ALL, avoid=frozenset(map(Avoid, avoid)), sort=Sort.RANK))
    assert [sentence.position for sentence in summary.sentences] == expected


def test_what_is_avoided_does_not_fill_up_words() -> None:
    options = SummaryOptions(Length(words=1000), avoid=frozenset(Avoid))
    assert [sentence.position for sentence in summarise(SPOKEN, options).sentences] == [0, 5, 6]
    assert len(summarise('"We are very happy with it."', options).sentences) == 1


def test_a_sentence_that_points_back_says_so_unless_the_one_before_is_there() -> None:
    services = fake_services()

    def needs(options: SummaryOptions) -> list[bool]:
        answer = services.summarise(Content("A ferry sailed. It was full. The day was fine."), EN, options)
        return [sentence.needs_before for sentence in answer.result.sentences]

    assert needs(replace(TWO, method="last")) == [True, False]
    assert needs(replace(THREE, method="last")) == [False, False, False]
    assert summarise("It was full. A ferry sailed.", ONE).sentences[0].needs_before is False


def test_the_sentence_before_is_given_along_where_it_is_wanted() -> None:
    text = "A ferry sailed. It was full."
    assert summarise(text, replace(ONE, method="last")).sentences[0].before is None
    before = summarise(text, replace(ONE, method="last", context=True)).sentences[0].before
    assert before is not None
    assert (before.text, before.offset, before.length, before.position) == ("A ferry sailed.", 0, 15, 0)


def page(options: SummaryOptions) -> Summary:
    return fake_services().summarise(Content(PAGE, Format.HTML), EN, options).result


def test_what_is_no_text_of_the_body_is_picked_only_when_nothing_else_is_left() -> None:
    body = ["The ferry sailed again on Monday.", "It had been repaired.", "The work cost a million."]
    body.append("Shops ordered milk and bread.")
    ranked = page(replace(ALL, sort=Sort.RANK)).sentences
    assert [sentence.text for sentence in ranked[:4]] == body
    assert [sentence.text for sentence in ranked[4:]] == [
        "The port closes at night.",
        "The ferry is back at last.",
        "A ticket is four crowns.",
        "Ferry returns to the island",
        "The ferry leaves the port.",
        "What comes next.",
        "All the news of the day.",
        "Read about the other islands.",
        "The Amsel Post is a daily paper.",
        "The ferry on Monday.",
    ]
    assert {sentence.score for sentence in ranked[4:]} == {0.0}
    assert len(page(SummaryOptions(Length(ratio=1.0))).sentences) == 4


@pytest.mark.parametrize(
    ("content", "format_"),
    [
        ("By Ana Silva, in Lisbon\n\nThe ferry sailed, Ana Silva saw.\n\nThe ferry is new.", Format.TEXT),
        ("![Alt](i.png)\n\n*By Ana Silva, correspondent*\n\nThe ferry sailed, Ana Silva saw.", Format.MARKDOWN),
        ("<div class=byline>Ana Silva</div><p>The ferry sailed, Ana Silva saw.", Format.HTML),
    ],
)
def test_who_wrote_it_is_neither_picked_nor_a_keyword(content: str, format_: Format) -> None:
    options = SummaryOptions(Length(ratio=1.0), keywords=20)
    summary = fake_services().summarise(Content(content, format_), EN, options).result
    assert summary.text.startswith("The ferry sailed")
    assert not any("Silva" in keyword.text for keyword in summary.keywords)


def test_the_place_of_a_by_line_may_be_a_keyword() -> None:
    content = Content("<p class=dateline>LISBON</p><p>The ferry left Lisbon.</p>", Format.HTML)
    summary = fake_services().summarise(content, EN, SummaryOptions(keywords=20)).result
    assert "Lisbon" in {keyword.text for keyword in summary.keywords}


def test_where_there_is_nothing_but_a_list_it_is_the_story() -> None:
    content = Content("<h1>Two things</h1><ul><li>Milk is dear.</li><li>Bread is not.</li></ul>", Format.HTML)
    summary = fake_services().summarise(content, EN, TWO).result
    assert [(sentence.text, sentence.score) for sentence in summary.sentences] == [
        ("Milk is dear.", 1.0),
        ("Bread is not.", 0.5),
    ]


def test_the_first_heading_serves_as_the_title_where_there_is_none() -> None:
    services = fake_services()
    services.summarise(Content(PAGE, Format.HTML), EN, ONE)
    services.summarise(Content("Two words\n===\n\nOne. Two.", Format.MARKDOWN), EN, ONE)
    services.summarise(Content(PAGE, Format.HTML), EN, ONE, "Another")
    titles = ["Ferry returns to the island", "Two words", "Another"]
    assert services.summarise.rankers["lead"].titles == titles  # type: ignore[attr-defined]


def test_picked_sentences_keep_their_tags_where_that_is_wanted() -> None:
    assert [sentence.content for sentence in page(replace(ALL, markup=True)).sentences if sentence.score] == [
        'The <a href="/ferry">ferry</a> sailed again on Monday.',
        "It had been <b>repaired.</b>",
        "<b>The work</b> cost a million.",
        "Shops ordered <code>milk</code> and bread.",
    ]
    assert {sentence.content for sentence in page(ALL).sentences} == {None}


def test_offsets_are_those_of_the_text_as_people_read_it() -> None:
    summary = page(ALL)
    for sentence in summary.sentences:
        assert summary.source_text[sentence.offset : sentence.offset + sentence.length] == sentence.text


ROLES = st.lists(st.sampled_from(Role), max_size=20)


@given(ROLES, st.data())
def test_each_sentence_is_of_the_story_or_of_the_rest(roles: list[Role], data: st.DataObject) -> None:
    texts = data.draw(
        st.lists(st.sampled_from(["Read more", "It is.", "---"]), min_size=len(roles), max_size=len(roles))
    )
    story = story_of(texts, roles)
    assert sorted((*story.positions, *story.rest)) == list(range(len(roles)))
    assert bool(story.positions) == bool(roles)
    assert list(story.positions) == sorted(story.positions)


@pytest.mark.parametrize("method", ["lead", "last"])
def test_furniture_after_the_story_changes_nothing_for_any_method(method: str) -> None:
    options = replace(SummaryOptions(Length(ratio=0.5)), method=method, keywords=5)
    plain = summarise(TEXT, options)
    more = summarise(TEXT + "\n\nRead more: news\n\n© 2024 The Post. All rights reserved.", options)
    assert (more.sentences, more.keywords) == (plain.sentences, plain.keywords)


def test_keywords_are_of_the_story_and_as_many_as_wanted() -> None:
    assert [keyword.text for keyword in page(replace(ONE, keywords=1)).keywords] == ["ferry"]
    assert page(ONE).keywords == ()


def test_the_reasons_of_a_method_that_has_some_are_told() -> None:
    services = fake_services()
    summarise = replace(services.summarise, rankers={"lede": LedeRanker()}, default_method="lede")
    (sentence,) = summarise(Content(TEXT), EN, ONE).result.sentences
    assert sentence.reasons is not None
    assert sentence.reasons.score == sentence.score
    assert summarise(Content(TEXT), EN, ONE).cache is CacheState.HIT


@pytest.mark.parametrize("text", ["", " \n ", "🎉"])
def test_a_text_without_sentences_has_a_summary_all_the_same(text: str) -> None:
    summary = fake_services().summarise(Content(text), None).result
    assert summary.text == text.strip()
    assert summary.language is None


def test_a_query_is_normalised_as_the_text_is() -> None:
    services = fake_services()
    queries = [replace(ONE, query=query) for query in ("cafe\u0301", "caf\u00e9")]
    assert len({services.summarise(Content(TEXT), EN, options).key for options in queries}) == 1
    with pytest.raises(InvalidText):
        services.summarise(Content(TEXT), EN, replace(ONE, query="\0"))


def test_an_unknown_method_is_refused_by_naming_the_known_ones() -> None:
    with pytest.raises(InvalidOption, match="last, lead"):
        summarise(TEXT, SummaryOptions(method="best"))


def test_the_headline_reaches_the_ranker() -> None:
    services = fake_services()
    services.summarise(Content(TEXT), EN, title="The headline")
    assert services.summarise.rankers["lead"].titles == ["The headline"]  # type: ignore[attr-defined]


def test_a_language_without_a_model_can_be_summarised() -> None:
    summary = fake_services(identifier=FixedIdentifier("fi")).summarise(Content(TEXT), None).result
    assert str(summary.language) == "fi"


def test_each_option_is_kept_apart_and_a_repeated_request_is_answered_from_the_store() -> None:
    services = fake_services()
    one = replace(ONE, method="lead")
    requests = [
        (Content(TEXT), EN, one),
        (Content(TEXT, Format.HTML), EN, one),
        (Content(TEXT + " Fifth."), EN, one),
        (Content(TEXT), None, one),
        (Content(TEXT), EN, one, "A headline"),
        *(
            (Content(TEXT), EN, replace(one, **option))
            for option in (
                {"length": Length(sentences=2)},
                {"length": Length(ratio=0.25)},
                {"length": Length(words=1)},
                {"method": "last"},
                {"sort": Sort.RANK},
                {"query": "third"},
                {"avoid": frozenset({Avoid.QUOTES})},
                {"avoid": frozenset(Avoid)},
                {"keywords": 1},
                {"context": True},
                {"markup": True},
            )
        ),
    ]
    assert {services.summarise(*request).cache for request in requests} == {CacheState.MISS}
    assert {services.summarise(*request).cache for request in requests} == {CacheState.HIT}


@pytest.mark.parametrize(("tag", "joined"), [("en", "A. B."), ("ja", "A.B."), ("zh-Hant", "A.B."), (None, "A. B.")])
def test_sentences_are_joined_as_their_script_does(tag: str | None, joined: str) -> None:
    assert join_sentences(["A.", "B."], Language(tag) if tag else None) == joined
