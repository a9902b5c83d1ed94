"""What counts as doubt, beside what the words show: what was not copied, and a term's harm."""

import re
from collections.abc import Callable, Sequence

import pytest

from services.cache import SentenceCache
from services.model import LanguagePair
from services.ports import Hypothesis
from services.rendering import Rendering, Retry
from services.route import Route
from services.schedule import FairPool
from services.sentences import Termed, TranslateSentences
from services.text.links import Link
from services.text.terms import Glossary
from tests.fakes.meters import RecordingMeter
from tests.fakes.models import BeamTranslator, MarkingTranslator, hypothesis, pair

EN_PT = Route((pair("en>pt"),))
ADDRESSED, MARKED = "Write to a@example.org now.", "Write to www41 now."
LOST, COPIED = "Escreva para isso agora.", "Escreva para www41 agora."


@pytest.mark.parametrize(
    ("beams", "text", "retry", "is_complete"),
    [
        ([COPIED], "Escreva para a@example.org agora.", None, True),
        ([LOST, LOST, COPIED], "Escreva para a@example.org agora.", Retry.HYPOTHESIS, True),
        ([LOST, LOST], "Escreva para a@example.org isso agora.", None, False),
    ],
    ids=["copied", "copied by another hypothesis", "never copied"],
)
@pytest.mark.parametrize("detailed", [True, False])
def test_what_had_to_be_put_back_by_guess_is_tried_again(
    beams: list[str], text: str, retry: Retry | None, is_complete: bool, detailed: bool
) -> None:
    translate = TranslateSentences(BeamTranslator({MARKED: beams}), SentenceCache(0), FairPool(1), RecordingMeter())
    (rendering,) = translate([ADDRESSED], EN_PT, detailed=detailed).items
    assert (rendering.text, rendering.retry, rendering.is_complete) == (text, retry, is_complete)


class Termwise(MarkingTranslator):
    """Says one thing of a sentence, with no telling where words came from, and another where a term is masked."""

    def __init__(self, plain: str, masked: str, links: Sequence[Link] = ()) -> None:
        super().__init__()
        self._plain, self._masked, self._links = plain, masked, tuple(links)

    def translate(
        self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Hypothesis]]:
        self.asked.append((str(pair), list(texts)))
        return [[self._said(text, detailed)] for text in texts]

    def _said(self, text: str, detailed: bool) -> Hypothesis:
        if mark := re.search(r"\bX\d+\b", text):
            return hypothesis(text, self._masked.replace("TERM", mark[0]), detailed)
        return Hypothesis(self._plain, -0.5, self._links) if detailed else Hypothesis(self._plain)


def termed(translator: MarkingTranslator, sentence: str, source: str, target: str) -> Termed:
    translate = TranslateSentences(translator, SentenceCache(0), FairPool(1), RecordingMeter())
    (rendering,) = translate([sentence], EN_PT).items
    (termed,) = translate.with_terms([sentence], [rendering], EN_PT, Glossary.of([(source, target)]))
    return termed


DIED = "12 people died in the tram."


def test_a_sentence_is_translated_again_with_its_term_masked_where_its_word_cannot_be_told() -> None:
    translator = Termwise("12 pessoas morreram no bonde.", "12 pessoas morreram no TERM.")
    found = termed(translator, DIED, "tram", "elétrico")
    assert found.rendering.text == "12 pessoas morreram no elétrico."
    assert ([term.source for term in found.applied], found.missed) == (["tram"], ())


@pytest.mark.parametrize(
    "masked",
    ["21 pessoas morreram no TERM.", "No TERM TERM TERM TERM 12.", "12 people died in the TERM."],
    ids=["numbers", "loop", "echo"],
)
def test_a_term_that_would_do_harm_is_missed_and_the_sentence_stays(masked: str) -> None:
    translator = Termwise("12 pessoas morreram no bonde.", masked)
    found = termed(translator, DIED, "tram", "elétrico")
    assert found.rendering.text == "12 pessoas morreram no bonde."
    assert (found.applied, [term.target for term in found.missed]) == ((), ["elétrico"])


def test_a_masked_term_that_was_lost_and_put_back_by_guess_is_not_taken() -> None:
    translator = Termwise("12 pessoas morreram no bonde.", "12 pessoas morreram ali.")
    found = termed(translator, DIED, "tram", "elétrico")
    assert (found.rendering.text, len(found.missed)) == ("12 pessoas morreram no bonde.", 1)


def test_a_sentence_that_was_doubtful_may_stay_as_doubtful_with_its_term() -> None:
    translator = Termwise("21 pessoas morreram no bonde.", "21 pessoas morreram no TERM.")
    assert termed(translator, DIED, "tram", "elétrico").rendering.text == "21 pessoas morreram no elétrico."


def test_a_term_in_the_place_of_an_adjective_is_missed_and_not_masked() -> None:
    source, target = "The school strike ends tonight.", "A greve escolar termina hoje."

    def linked(ours: str, theirs: str) -> Link:
        at, there = source.index(ours), target.index(theirs)
        return at, at + len(ours), there, there + len(theirs)

    words = (("The", "A"), ("strike", "greve"), ("school", "escolar"), ("ends", "termina"), ("tonight", "hoje"))
    translator = Termwise(target, "A greve do TERM termina hoje.", [linked(*both) for both in words])
    asked = len(translator.asked) + 1
    found = termed(translator, source, "school", "colégio")
    assert (found.rendering.text, found.applied) == (target, ())
    assert [(term.source, term.target) for term in found.missed] == [("school", "colégio")]
    assert len(translator.asked) == asked


@pytest.mark.parametrize(
    ("mend", "is_taken"), [(lambda text: text, False), (lambda text: text.replace("isso", "www41"), True)]
)
def test_a_beam_s_best_is_taken_only_where_it_mends_something(mend: Callable[[str], str], is_taken: bool) -> None:
    class Mending(MarkingTranslator):
        def translate(
            self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
        ) -> list[list[Hypothesis]]:
            said = mend(LOST) if hypotheses > 1 else LOST
            return [[hypothesis(text, said, detailed)] for text in texts]

    (rendering,) = TranslateSentences(Mending(), SentenceCache(0), FairPool(1), RecordingMeter())(
        [ADDRESSED], EN_PT
    ).items
    assert isinstance(rendering, Rendering)
    assert (rendering.retry is Retry.BEAM, rendering.is_complete) == (is_taken, is_taken)
