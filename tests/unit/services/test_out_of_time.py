"""What becomes of a request that takes too long: what is finished is kept, and another try goes on from there."""

from collections.abc import Sequence

import pytest

from handler.problems import problem_of
from services import deadline
from services.cache import SentenceCache
from services.errors import OutOfTime
from services.model import Content, Language, LanguagePair
from services.ports import Hypothesis
from services.rendering import Rendering, Retry
from services.results import CacheState
from services.route import Route
from services.schedule import FairPool
from services.sentences import Renderings, TranslateSentences
from services.text.terms import Glossary
from services.translate import Options
from tests.fakes.meters import RecordingMeter
from tests.fakes.models import BeamTranslator, MarkingTranslator, pair
from tests.fakes.services import fake_services, translate
from tests.fakes.stores import MemoryStore

EN, PT = Language("en"), Language("pt")
EN_PT = Route((pair("en>pt"),))
SENTENCES = [
    "One.",
    "Number two.",
    "Number three here.",
    "Number four lasts longer.",
    "Number five lasts longest here.",
]
LONGEST_FIRST = SENTENCES[::-1]


class Clock:
    """A clock that stands still, but for a second for each text that is translated."""

    def __init__(self) -> None:
        self.now_s = 100.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(deadline, "monotonic", lambda: clock.now_s)
    return clock


class SlowTranslator(BeamTranslator):
    """Takes a second for each text, and knows one translation of it, unless it is given others."""

    def __init__(self, clock: Clock, beams: dict[str, list[str]] | None = None, *pairs: str) -> None:
        super().__init__(beams or {}, *pairs)
        self._clock = clock

    def translate(
        self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Hypothesis]]:
        self._clock.now_s += len(texts)
        return super().translate(texts, pair, hypotheses, detailed)


def slow(clock: Clock, *pairs: str, workers: int = 1) -> tuple[TranslateSentences, SlowTranslator]:
    translator = SlowTranslator(clock, None, *pairs)
    return TranslateSentences(translator, SentenceCache(10**6), FairPool(workers), RecordingMeter()), translator


def tries(sentences: TranslateSentences, seconds: float, route: Route = EN_PT) -> tuple[Renderings, list[OutOfTime]]:
    """What comes of it in the end, each try having so much time, and how the others ended."""
    failures = list[OutOfTime]()
    while True:
        try:
            with deadline.within(seconds):
                return sentences(SENTENCES, route), failures
        except OutOfTime as exc:
            failures.append(exc)
            assert len(failures) < 20


def test_what_was_finished_is_told_and_kept(clock: Clock) -> None:
    sentences, translator = slow(clock)
    with pytest.raises(OutOfTime) as late, deadline.within(2.5):
        sentences(SENTENCES, EN_PT)
    assert translator.texts == LONGEST_FIRST[:3]
    assert {clause: one.text for clause, one in late.value.finished.items()} == {
        clause: f"[en>pt {clause}]" for clause in LONGEST_FIRST[:3]
    }
    assert late.value.facts == {"done": 3, "total": 5}
    assert sentences.cache.get_many(sentences.model_id(EN_PT), SENTENCES) == late.value.finished


def test_the_error_says_nothing_of_the_article(clock: Clock) -> None:
    with pytest.raises(OutOfTime) as late, deadline.within(1):
        slow(clock)[0](SENTENCES, EN_PT)
    said = f"{late.value} {late.value!r} {late.value.args} {problem_of(late.value).model_dump_json()}"
    assert "Number" not in said
    assert "1 of 5" in said
    assert problem_of(late.value).status == 503


@pytest.mark.parametrize(("seconds", "failures"), [(0, 4), (1, 4), (1.5, 2), (2, 2), (3, 1), (4, 1), (4.5, 0), (5, 0)])
def test_another_try_goes_on_and_nothing_is_translated_twice(clock: Clock, seconds: float, failures: int) -> None:
    sentences, translator = slow(clock)
    found, late = tries(sentences, seconds)
    assert found.items == slow(clock)[0](SENTENCES, EN_PT).items
    assert (len(late), translator.texts) == (failures, LONGEST_FIRST)
    counts = [len(one.finished) for one in late]
    assert counts == sorted(set(counts))


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_no_try_is_in_vain_however_short(clock: Clock, workers: int) -> None:
    sentences, translator = slow(clock, workers=workers)
    _, late = tries(sentences, 0)
    assert len(late) == -(-len(SENTENCES) // workers) - 1
    assert sorted(translator.texts) == sorted(SENTENCES)


def test_what_is_known_takes_no_time(clock: Clock) -> None:
    sentences, translator = slow(clock)
    before = sentences(SENTENCES, EN_PT)
    with deadline.within(-1):
        assert sentences(SENTENCES, EN_PT).items == before.items
        assert slow(clock)[0](SENTENCES, EN_PT, before.clauses).items == before.items
    assert translator.texts == LONGEST_FIRST


def test_what_was_known_before_is_finished_too(clock: Clock) -> None:
    known = {SENTENCES[0]: Rendering("Um.")}
    with pytest.raises(OutOfTime) as late, deadline.within(0):
        slow(clock)[0](SENTENCES, EN_PT, known)
    assert late.value.finished.keys() == {SENTENCES[0], SENTENCES[4]}
    assert late.value.facts == {"done": 2, "total": 5}


def test_a_clause_goes_along_all_hops_at_once(clock: Clock) -> None:
    sentences, translator = slow(clock, "es>en", "en>pt")
    with pytest.raises(OutOfTime) as late, deadline.within(3):
        sentences(SENTENCES, Route((pair("es>en"), pair("en>pt"))))
    assert [one.text for one in late.value.finished.values()] == [
        f"[en>pt [es>en {clause}]]" for clause in (SENTENCES[3], SENTENCES[4])
    ]
    assert len(translator.texts) == 4


def test_what_was_finished_was_tried_again_where_it_was_doubtful(clock: Clock) -> None:
    translator = SlowTranslator(clock, {"12 people died.": ["21 pessoas.", "Morreram 12 pessoas."]})
    sentences = TranslateSentences(translator, SentenceCache(0), FairPool(1), RecordingMeter())
    with pytest.raises(OutOfTime) as late, deadline.within(0):
        sentences(["One.", "12 people died."], EN_PT)
    (rendering,) = late.value.finished.values()
    assert (rendering.text, rendering.retry) == ("Morreram 12 pessoas.", Retry.HYPOTHESIS)


def test_other_translations_and_terms_are_finished_whatever_the_time(clock: Clock) -> None:
    sentences, _ = slow(clock)
    renderings = sentences(SENTENCES, EN_PT).items
    with deadline.within(0):
        assert [len(one) for one in sentences.best(2, SENTENCES, EN_PT)] == [2] * len(SENTENCES)
        termed = sentences.with_terms(SENTENCES, renderings, EN_PT, Glossary.of([("one", "um")]))
    assert len(termed) == len(SENTENCES)


def test_another_process_goes_on_with_a_story(clock: Clock) -> None:
    objects, asked = MemoryStore(), list[str]()
    options = Options(story="storm")
    fresh = fake_services(MarkingTranslator(), objects=objects, sentence_cache_bytes=0)
    translate(fresh, ["Earlier."], EN, PT, options)
    for _ in range(20):
        translator = SlowTranslator(clock)
        services = fake_services(translator, objects=objects, sentence_cache_bytes=0)
        try:
            with deadline.within(1.5):
                answer = translate(services, [" ".join(SENTENCES)], EN, PT, options)
            break
        except OutOfTime:
            assert "Earlier." in services.stories.recall("storm", "marking-en-pt")
        finally:
            asked += translator.texts
    assert answer.result.items[0].text == " ".join(f"[en>pt {one}]" for one in SENTENCES)
    assert asked == LONGEST_FIRST


def test_nothing_is_kept_as_the_answer_to_a_request_that_was_late(clock: Clock) -> None:
    services = fake_services(SlowTranslator(clock))
    with pytest.raises(OutOfTime), deadline.within(1):
        services.translate([Content(" ".join(SENTENCES))], EN, [PT])
    answer = services.translate([Content(" ".join(SENTENCES))], EN, [PT])
    assert answer.cache is not CacheState.HIT
    assert answer.result.items[0].text == " ".join(f"[en>pt {one}]" for one in SENTENCES)
