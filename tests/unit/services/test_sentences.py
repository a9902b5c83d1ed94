"""What becomes of doubtful sentences; the plain way is told in test_translate.py."""

from collections.abc import Collection, Sequence

import pytest

from services.cache import SentenceCache
from services.model import LanguagePair
from services.ports import Hypothesis
from services.rendering import Rendering, Retry
from services.route import Route
from services.schedule import FairPool
from services.sentences import Renderings, TranslateSentences, report
from services.text.integrity import Flag
from tests.fakes.meters import RecordingMeter
from tests.fakes.models import MarkingTranslator, pair

EN_PT = Route((pair("en>pt"),))
GOOD, BAD, LOOP = "Morreram 12 pessoas.", "Morreram 21 pessoas.", "Morreram morreram morreram 12 pessoas."
SOURCE = "12 people died."

Scripted = dict[str, list[str]]


class ScriptedTranslator(MarkingTranslator):
    """Says of a text what it was told to: the first for a greedy search, the others as hypotheses of a beam."""

    def __init__(self, script: Scripted, *pairs: str) -> None:
        super().__init__(*pairs)
        self.script = script

    def translate(
        self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Hypothesis]]:
        self.asked.append((f"{pair.source}>{pair.target} {hypotheses}", list(texts)))
        found = [self.script.get(text, [text]) for text in texts]
        wanted = [one[:1] if hypotheses == 1 else (one[1:] or one)[:hypotheses] for one in found]
        return [
            [Hypothesis(text, -0.1 * rank, ()) if detailed else Hypothesis(text) for rank, text in enumerate(one)]
            for one in wanted
        ]


def rendered(script: Scripted, *sentences: str) -> tuple[Renderings, ScriptedTranslator]:
    translator = ScriptedTranslator(script)
    return TranslateSentences(translator, SentenceCache(10**6), FairPool(1), RecordingMeter())(
        sentences or (SOURCE,), EN_PT
    ), translator


@pytest.mark.parametrize(
    ("answers", "text", "retry"),
    [
        ([GOOD, BAD], GOOD, None),
        ([BAD, GOOD], GOOD, Retry.BEAM),
        ([BAD, BAD, GOOD], GOOD, Retry.HYPOTHESIS),
        ([BAD, LOOP, BAD], BAD, None),
        ([LOOP, BAD], BAD, Retry.BEAM),
        (["", GOOD, GOOD + " "], GOOD, Retry.BEAM),
    ],
    ids=["sound", "beam", "hypothesis", "nothing better", "lesser evil", "nothing at all"],
)
def test_a_doubtful_sentence_is_tried_again_and_the_soundest_answer_is_taken(
    answers: list[str], text: str, retry: Retry | None
) -> None:
    (rendering,), _ = rendered({SOURCE: answers})[0].items, None
    assert (rendering.text, rendering.retry) == (text, retry)


def test_only_doubtful_sentences_are_tried_again() -> None:
    _, translator = rendered({SOURCE: [BAD, GOOD], "9 lived.": ["9 viveram."]}, SOURCE, "9 lived.")
    assert translator.asked == [("en>pt 1", [SOURCE]), ("en>pt 4", [SOURCE]), ("en>pt 1", ["9 lived."])]


def test_a_long_sentence_that_stays_doubtful_is_translated_clause_by_clause() -> None:
    clauses = ["The mayor said 12 people died in the fire;", "she added that 40 more were hurt."]
    whole = " ".join(clauses)
    script = {
        whole: ["O prefeito disse isso."],
        clauses[0]: ["O prefeito disse que 12 pessoas morreram no fogo;"],
        clauses[1]: ["ela acrescentou que mais 40 ficaram feridas."],
    }
    (rendering,) = rendered(script, whole)[0].items
    assert rendering.text == f"{script[clauses[0]][0]} {script[clauses[1]][0]}"
    assert (rendering.retry, report(whole, rendering, EN_PT.pair)) == (Retry.CLAUSES, frozenset())


def test_what_still_fails_comes_back_with_its_flag() -> None:
    (rendering,) = rendered({SOURCE: [BAD]})[0].items
    assert report(SOURCE, rendering, EN_PT.pair) == {Flag.NUMBERS}


def test_an_address_that_had_to_be_put_back_by_guess_is_flagged() -> None:
    source = "Write to a@example.org now."
    (rendering,) = rendered({"Write to www41 now.": ["Escreva agora."]}, source)[0].items
    assert "a@example.org" in rendering.text
    assert report(source, rendering, EN_PT.pair) >= {Flag.URLS}


def test_the_answer_is_the_same_in_any_company() -> None:
    script = {SOURCE: [BAD, GOOD], "9 lived.": ["9 viveram."]}
    alone = rendered(script)[0].items[0]
    assert rendered(script, "9 lived.", SOURCE, "9 lived.")[0].items[1] == alone


def test_known_clauses_are_not_asked_for() -> None:
    translator = ScriptedTranslator({})
    known = {SOURCE: Rendering("conhecida")}
    renderings = TranslateSentences(translator, SentenceCache(0), FairPool(1), RecordingMeter())(
        [SOURCE, "9 lived."], EN_PT, known
    )
    assert renderings.items[0].text == "conhecida"
    assert (renderings.decoded, renderings.reused) == (1, 1)
    assert translator.asked[0] == ("en>pt 1", ["9 lived."])


def test_the_best_translations_of_a_beam_are_all_different() -> None:
    translator = ScriptedTranslator({SOURCE: [GOOD, GOOD, GOOD, BAD, GOOD + "!"]})
    translate = TranslateSentences(translator, SentenceCache(0), FairPool(1), RecordingMeter())
    (found,) = translate.best(4, [SOURCE], EN_PT)
    assert [one.text for one in found] == [GOOD, BAD, GOOD + "!"]
    assert translate.best(3, ["…"], EN_PT) == [[Rendering("…")]]


def test_a_pivot_brings_the_alignment_along() -> None:
    class Swapping(MarkingTranslator):
        """Says the two words of a text in the other order."""

        def translate(
            self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
        ) -> list[list[Hypothesis]]:
            (one, two) = texts[0].split()
            links = ((0, len(one), len(two) + 1, len(two) + 1 + len(one)), (len(one) + 1, len(texts[0]), 0, len(two)))
            return [[Hypothesis(f"{two} {one}", -0.5, links)]]

    route = Route((pair("es>en"), pair("en>pt")))
    (rendering,) = TranslateSentences(Swapping("es>en", "en>pt"), SentenceCache(0), FairPool(1), RecordingMeter())(
        ["casa blanca"], route
    ).items
    assert (rendering.text, sorted(rendering.links)) == ("casa blanca", [(0, 4, 0, 4), (5, 11, 5, 11)])
    assert rendering.score == -1.0


class Unlettered(MarkingTranslator):
    """Cannot read what is not ASCII, and drops words with such letters."""

    def unknown(self, characters: Collection[str], pair: LanguagePair) -> frozenset[str]:
        return frozenset(char for char in characters if not char.isascii())

    def translation(self, text: str, pair: LanguagePair) -> str:
        return " ".join(word for word in text.split() if word.isascii())


def test_names_with_letters_that_the_model_cannot_read_survive() -> None:
    source = "Angela Müller met Erdoğan in Łódź."
    (rendering,) = TranslateSentences(Unlettered(), SentenceCache(0), FairPool(1), RecordingMeter())(
        [source], EN_PT
    ).items
    assert rendering.text == source


class Companies(MarkingTranslator):
    """Has the texts of one length decoded together, the longest first."""

    def batches(self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1) -> list[list[int]]:
        lengths = sorted({len(text) for text in texts}, reverse=True)
        return [[at for at, text in enumerate(texts) if len(text) == length] for length in lengths]


@pytest.mark.parametrize("workers", [1, 2, 5])
@pytest.mark.parametrize("translator", [MarkingTranslator, Companies])
def test_jobs_are_of_a_few_short_sentences_and_the_last_ones_of_one(
    translator: type[MarkingTranslator], workers: int
) -> None:
    sentences = [f"Tram {'x' * (7 * n % 40)}{n} left." for n in range(60)]
    engine = translator()
    found = TranslateSentences(engine, SentenceCache(0), FairPool(workers), RecordingMeter())(sentences, EN_PT)
    assert [one.text for one in found.items] == [f"[en>pt {one}]" for one in sentences]
    assert list(found.clauses) == sentences
    assert sorted(engine.texts) == sorted(sentences)
    jobs = sorted((texts for _, texts in engine.asked), key=lambda texts: len(texts[0]))
    assert len(jobs) < 50
    assert all(sum(map(len, texts)) <= 400 for texts in jobs)
    assert len(jobs[0]) == 1
