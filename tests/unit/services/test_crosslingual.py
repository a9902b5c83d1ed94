from dataclasses import replace

import pytest

from services.errors import UndeterminedLanguage, UnsupportedLanguagePair
from services.model import Content, Format, Language
from services.results import CacheState
from services.selection import Length, Sort
from services.summarise import SummaryOptions
from tests.fakes.models import FixedIdentifier, MarkingTranslator
from tests.fakes.services import fake_services

EN, PT = Language("en"), Language("pt")
TEXT = "A ferry sailed. It was full. The day was fine. Shops were open."
LAST = SummaryOptions(Length(sentences=3), "last", Sort.RANK)


def test_only_what_is_picked_is_translated() -> None:
    translator = MarkingTranslator()
    summary = fake_services(translator).summarise_into(Content(TEXT), None, PT, LAST).result
    assert summary.summary.text == "Shops were open. The day was fine. It was full."
    assert summary.translations == ("[en>pt Shops were open.]", "[en>pt The day was fine.]", "[en>pt It was full.]")
    assert summary.text == " ".join(summary.translations)
    assert sorted(translator.texts) == ["It was full.", "Shops were open.", "The day was fine."]
    assert summary.model == "marking-en-pt"


def test_the_sentence_that_another_leans_on_is_translated_along() -> None:
    translator = MarkingTranslator()
    options = replace(LAST, context=True)
    summary = fake_services(translator).summarise_into(Content(TEXT), EN, PT, options).result
    assert summary.befores == (None, None, "[en>pt A ferry sailed.]")
    assert [one.needs_before for one in summary.summary.sentences] == [False, False, True]


def test_a_text_in_the_target_language_is_its_own_translation() -> None:
    services = fake_services(identifier=FixedIdentifier("pt"))
    summary = services.summarise_into(Content(TEXT), None, PT, LAST).result
    assert (summary.text, summary.model) == (summary.summary.text, None)


def test_code_in_a_sentence_is_what_people_read_in_both_languages() -> None:
    content = Content("<p>Run <code>make</code> now.</p>", Format.HTML)
    summary = fake_services().summarise_into(content, EN, PT, LAST).result
    assert (summary.summary.text, summary.text) == ("Run make now.", "[en>pt Run make now.]")


def test_an_empty_summary_is_translated_as_nothing() -> None:
    summary = fake_services().summarise_into(Content(TEXT), EN, PT, SummaryOptions(Length(words=1))).result
    assert (summary.text, summary.translations) == ("", ())


def test_what_cannot_be_translated_is_refused() -> None:
    with pytest.raises(UnsupportedLanguagePair):
        fake_services().summarise_into(Content(TEXT), EN, Language("ja"), LAST)
    with pytest.raises(UndeterminedLanguage):
        fake_services(identifier=NoIdentifier()).summarise_into(Content(TEXT), None, PT, LAST)


class NoIdentifier(FixedIdentifier):
    """Knows no language."""

    def identify(self, text: str) -> list[object]:  # type: ignore[override]
        """None."""
        return []


def test_whatever_can_change_the_summary_changes_its_key() -> None:
    services = fake_services(MarkingTranslator("en>pt", "en>es"))
    other_models = fake_services(MarkingTranslator("en>pt-BR"))
    answers = [
        services.summarise_into(Content(TEXT), EN, PT, LAST),
        services.summarise_into(Content(TEXT), None, PT, LAST),
        services.summarise_into(Content(TEXT), EN, Language("es"), LAST),
        services.summarise_into(Content(TEXT), EN, PT, replace(LAST, context=True)),
        services.summarise_into(Content(TEXT), EN, PT, LAST, "A headline"),
        services.summarise_into(Content(TEXT + "\n"), EN, PT, LAST),
        other_models.summarise_into(Content(TEXT), EN, PT, LAST),
    ]
    assert len({answer.key for answer in answers}) == len(answers)
    assert services.summarise_into(Content(TEXT), EN, PT, LAST).cache is CacheState.HIT
