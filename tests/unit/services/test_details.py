"""What asking for details (scores and links) changes, and what it does not: the words."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.wiring import Services
from services.cache import SentenceCache
from services.model import Content, Format, Language, LanguagePair
from services.ports import Hypothesis
from services.route import Route
from services.schedule import FairPool
from services.sentences import TranslateSentences
from services.text.terms import Glossary, Table
from services.translate import Options, Translation
from tests.fakes.meters import RecordingMeter
from tests.fakes.models import MarkingTranslator, hypothesis, pair
from tests.fakes.services import fake_services

EN, PT = Language("en"), Language("pt")
EN_PT = Route((pair("en>pt"),))
ADDRESSED = "Write to a@example.org now."
SENTENCES = ["Hello there.", ADDRESSED, "See https://example.org/a and b@example.org.", "…", "Ask @joe again, please."]


class Losing(MarkingTranslator):
    """Says another word where a mark stands for what must be copied."""

    def translation(self, text: str, pair: LanguagePair) -> str:
        words = ("isso" if word.startswith(("www", "X")) else word for word in text.split(" "))
        return super().translation(" ".join(words), pair)


def sentences(translator: MarkingTranslator, cache_bytes: int = 10**6) -> TranslateSentences:
    return TranslateSentences(translator, SentenceCache(cache_bytes), FairPool(1), RecordingMeter())


def translated(services: Services, content: Content, options: Options = Options()) -> Translation:  # noqa: B008
    return services.translate([content], EN, [PT], options).result.items[0]


def test_without_details_there_is_neither_a_score_nor_a_link() -> None:
    (rendering,) = sentences(MarkingTranslator())(["Hello there."], EN_PT, detailed=False).items
    assert (rendering.text, rendering.score, rendering.links) == ("[en>pt Hello there.]", None, None)


def test_a_sentence_known_without_details_is_decoded_again_when_they_are_needed() -> None:
    translator = MarkingTranslator()
    translate = sentences(translator)
    before = translate(["Hello there."], EN_PT, detailed=False)
    after = translate(["Hello there."], EN_PT, detailed=True)
    assert (after.decoded, after.reused, translator.detailed) == (1, 0, [False, True])
    assert after.items[0].text == before.items[0].text
    assert after.items[0].score == -0.5
    assert after.items[0].links


def test_a_sentence_known_in_detail_is_not_decoded_again_without() -> None:
    translator = MarkingTranslator()
    translate = sentences(translator)
    before = translate(["Hello there."], EN_PT, detailed=True)
    for detailed in (False, True):
        after = translate(["Hello there."], EN_PT, detailed=detailed)
        assert (after.decoded, after.reused, after.items[0].text) == (0, 1, before.items[0].text)
    assert translator.detailed == [True]


@pytest.mark.parametrize("translator", [MarkingTranslator, Losing])
@pytest.mark.parametrize("order", [(False, True), (True, False), (False, True, False)], ids=str)
def test_the_words_are_the_same_with_details_and_without(
    translator: Callable[[], MarkingTranslator], order: Sequence[bool]
) -> None:
    wanted = sentences(translator(), 0)(SENTENCES, EN_PT, detailed=True).items
    translate = sentences(translator())
    for detailed in order:
        found = translate(SENTENCES, EN_PT, detailed=detailed).items
        assert [(one.text, one.is_complete) for one in found] == [(one.text, one.is_complete) for one in wanted]
    for sentence, one in zip(SENTENCES, wanted, strict=True):
        assert sentences(translator(), 0)([sentence], EN_PT, detailed=False).items[0].text == one.text


def test_what_was_lost_is_put_where_links_say_whether_they_were_asked_for_or_not() -> None:
    for detailed in (True, False):
        (rendering,) = sentences(Losing())([ADDRESSED], EN_PT, detailed=detailed).items
        assert rendering.text == "[en>pt Write to a@example.org isso now.]"
        assert not rendering.is_complete


@given(st.lists(st.sampled_from(["go", "a@b.org", "c", "www", "@x", "#y", "no", "https://a.b"]), max_size=9))
def test_any_sentence_reads_the_same_with_details_and_without(words: list[str]) -> None:
    sentence = " ".join([*words, "end."])
    texts = {sentences(Losing(), 0)([sentence], EN_PT, detailed=one).items[0].text for one in (False, True)}
    assert len(texts) == 1


TRAM = Table(Glossary.of([("tram", "elétrico")]))
PLAIN = Content("The old tram is late.")
IN_DETAIL: dict[str, tuple[Content, Options]] = {
    "asked for": (PLAIN, Options(detailed=True)),
    "HTML": (Content("<p>The old tram is late.</p>", Format.HTML), Options()),
    "Markdown": (Content("The old tram is late.\n", Format.MARKDOWN), Options()),
    "glossary": (PLAIN, Options(glossary=TRAM)),
}


@pytest.mark.parametrize(("content", "options"), IN_DETAIL.values(), ids=IN_DETAIL.keys())
def test_markup_and_terms_need_details_even_where_a_sentence_is_known_without(
    content: Content, options: Options
) -> None:
    translator = MarkingTranslator()
    services = fake_services(translator)
    without = translated(services, PLAIN)
    assert [segment.score for segment in without.segments] == [None]
    with_details = translated(services, content, options)
    assert [segment.score for segment in with_details.segments] == [0.6065]
    assert translator.detailed == [False, True]


def test_a_tag_is_around_its_word_even_where_the_sentence_was_known_as_plain_text() -> None:
    services = fake_services()
    html = "<p>Two <b>small</b> and very old trams collided near the river.</p>"
    expected = translated(fake_services(), Content(html, Format.HTML)).content
    assert "<b>small</b>" in expected
    translated(services, Content("Two small and very old trams collided near the river."))
    assert translated(services, Content(html, Format.HTML)).content == expected


def test_a_term_takes_its_word_even_where_the_sentence_was_known_without_links() -> None:
    class Portuguese(MarkingTranslator):
        def translation(self, text: str, pair: LanguagePair) -> str:
            return text.replace("The", "O").replace("tram", "bonde").replace("is late", "tarda bem")

    services = fake_services(Portuguese())
    assert translated(services, Content("The tram is late.")).text == "O bonde tarda bem."
    item = translated(services, Content("The tram is late."), Options(glossary=TRAM))
    assert item.text == "O elétrico tarda bem."
    assert [(term.applied, term.missed) for term in item.terms] == [(1, 0)]


def test_a_translator_that_gives_details_unasked_changes_nothing() -> None:
    class Generous(Losing):
        """Takes as long with details as without."""

        def translate(
            self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
        ) -> list[list[Hypothesis]]:
            return [[hypothesis(text, self.translation(text, pair), detailed=True)] for text in texts]

    for detailed in (True, False):
        found = sentences(Generous())(SENTENCES, EN_PT, detailed=detailed).items
        assert [one.text for one in found] == [one.text for one in sentences(Losing())(SENTENCES, EN_PT).items]
