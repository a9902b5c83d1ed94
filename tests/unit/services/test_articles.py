from dataclasses import replace

import pytest

from services.articles import PreparedArticle
from services.errors import UnknownArticle
from services.model import Content, Format, Language
from services.results import Answer, CacheState
from services.selection import Avoid, Length, Sort
from services.summarise import SummaryOptions
from tests.fakes.models import FixedIdentifier, MarkingTranslator
from tests.fakes.services import fake_services
from tests.fakes.stores import DownStore

EN, PT = Language("en"), Language("pt")
TEXT = "First one. Second one. Third one."
TWO = SummaryOptions(Length(sentences=2))
LAST = SummaryOptions(Length(sentences=2), "last")


def test_the_summary_is_in_both_languages_and_nothing_is_translated_twice() -> None:
    translator = MarkingTranslator()
    article = fake_services(translator).prepare_article("A headline", Content(TEXT), None, PT, LAST).result
    assert article.summary.text == "Second one. Third one."
    assert article.summary_translation == "[en>pt Second one.] [en>pt Third one.]"
    assert article.title is not None
    assert article.title.text == "[en>pt A headline]"
    assert sorted(translator.texts) == ["A headline", "First one.", "Second one.", "Third one."]


def test_a_prepared_article_is_found_by_its_id() -> None:
    services = fake_services()
    answer = services.prepare_article(None, Content(TEXT), EN, PT, TWO)
    assert services.find_article(answer.key.removeprefix("articles/")) == answer.result


@pytest.mark.parametrize("article_id", ["", "0" * 64, "0" * 63, "../secret", "A" * 64, "0" * 64 + "\n"])
def test_an_unknown_id_is_said_to_be_unknown(article_id: str) -> None:
    with pytest.raises(UnknownArticle):
        fake_services().find_article(article_id)


def test_whatever_can_change_the_article_changes_its_id() -> None:
    services = fake_services()
    other_models = fake_services(MarkingTranslator("en>pt-BR"))

    def prepare(
        title: str | None = None,
        text: str = TEXT,
        source: Language | None = EN,
        options: SummaryOptions = TWO,
    ) -> Answer[PreparedArticle]:
        return services.prepare_article(title, Content(text), source, PT, options)

    answers = [
        prepare(),
        prepare(title="A headline"),
        prepare(title="Another headline"),
        services.prepare_article(None, Content(TEXT), EN, Language("pt-BR"), TWO),
        other_models.prepare_article(None, Content(TEXT), EN, PT, TWO),
        prepare(text=TEXT + "\n"),
        prepare(source=None),
        prepare(options=SummaryOptions(Length(sentences=3))),
        prepare(options=SummaryOptions(Length(ratio=0.5))),
        prepare(options=SummaryOptions(Length(words=2))),
        *(
            prepare(options=replace(TWO, **option))
            for option in (
                {"method": "last"},
                {"sort": Sort.RANK},
                {"query": "ferry"},
                {"avoid": frozenset({Avoid.QUOTES})},
                {"keywords": 3},
                {"context": True},
                {"markup": True},
            )
        ),
    ]
    assert len({answer.key for answer in answers}) == len(answers)
    assert prepare().cache is CacheState.HIT


@pytest.mark.parametrize(
    ("text", "format_"), [("# Big *news*\n\nFirst one.", Format.MARKDOWN), ("<h1>Big <i>news</i></h1>x", Format.HTML)]
)
def test_the_first_heading_of_level_one_is_the_title_unless_one_is_given(text: str, format_: Format) -> None:
    services = fake_services()
    headed = services.prepare_article(None, Content(text, format_), EN, PT, TWO).result
    titled = services.prepare_article("A headline", Content(text, format_), EN, PT, TWO).result
    assert headed.title is not None
    assert titled.title is not None
    assert (headed.title.source_text, headed.title.text) == ("Big news", "[en>pt Big news]")
    assert titled.title.source_text == "A headline"


def test_plain_text_has_no_title_of_its_own() -> None:
    assert fake_services().prepare_article(None, Content("Big news\n\nFirst one."), EN, PT, TWO).result.title is None


def test_a_headline_speaks_for_itself_where_the_text_says_nothing() -> None:
    article = fake_services().prepare_article("A headline", Content(""), None, PT, TWO).result
    assert article.title is not None
    assert (article.title.text, article.body.text, article.summary.sentences) == ("[en>pt A headline]", "", ())


def test_an_article_in_the_target_language_already_is_summarised_and_not_translated() -> None:
    translator = MarkingTranslator()
    services = fake_services(translator, FixedIdentifier("pt"))
    article = services.prepare_article("A headline", Content(TEXT), None, PT, TWO).result
    assert article.title is not None
    assert (article.title.text, article.body.text) == ("A headline", TEXT)
    assert article.summary_translation == article.summary.text == "First one. Second one."
    assert translator.asked == []


def test_a_store_that_is_down_does_not_keep_an_article_from_its_sender() -> None:
    answer = fake_services(objects=DownStore()).prepare_article(None, Content(TEXT), EN, PT, TWO)
    assert (answer.cache, answer.result.body.text[:12]) == (CacheState.BYPASS, "[en>pt First")
