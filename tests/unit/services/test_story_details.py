"""What a story knows only gets better: details stay, and are added where they were not asked for before."""

from collections.abc import Sequence

from services.adapters.results import JsonResults
from services.model import Content, Language
from services.ports import NOTHING
from services.rendering import Rendering, Retry
from services.stories import Stories
from services.translate import Options, Translation
from tests.fakes.meters import RecordingMeter
from tests.fakes.models import MarkingTranslator
from tests.fakes.services import fake_services
from tests.fakes.stores import MemoryStore

EN, PT = Language("en"), Language("pt")
PLAIN, DETAILED = Rendering("A", None, None), Rendering("A", -0.5, ((0, 1, 0, 1),))
BETTER = Rendering("B", -0.25, ((0, 1, 0, 1),), Retry.BEAM)


class Desk:
    """Sends versions of a story to processes that share nothing but a store, and tells what they had to decode."""

    def __init__(self) -> None:
        self.objects = MemoryStore()

    def send(self, text: str, detailed: bool, after: Sequence[str] = ()) -> tuple[Translation, list[str]]:
        """Translate a version in a process of its own, which translated other texts before, without details."""
        translator = MarkingTranslator()
        services = fake_services(translator, objects=self.objects)
        for other in after:
            services.translate([Content(other)], EN, [PT])
        translator.asked.clear()
        answer = services.translate([Content(text)], EN, [PT], Options(detailed=detailed, story="storm"))
        return answer.result.items[0], translator.texts


def scores(item: Translation) -> list[float | None]:
    return [segment.score for segment in item.segments]


def test_a_story_that_was_kept_without_details_gets_them_once_they_are_asked_for() -> None:
    desk = Desk()
    assert desk.send("One. Two.", detailed=False)[1] == ["One.", "Two."]
    item, decoded = desk.send("One. Two.", detailed=True)
    assert (scores(item), decoded) == ([0.6065, 0.6065], ["One.", "Two."])
    item, decoded = desk.send("Two. One.", detailed=True)  # the same sentences, and not the same result
    assert (scores(item), decoded) == ([0.6065, 0.6065], [])


def test_a_story_that_was_kept_in_detail_serves_those_who_ask_for_none() -> None:
    desk = Desk()
    desk.send("One. Two.", detailed=True)
    assert desk.send("Two. One.", detailed=False)[1] == []


def test_a_version_without_details_takes_none_from_the_story() -> None:
    desk = Desk()
    desk.send("One. Two.", detailed=True)
    assert desk.send("One. Two. Three.", detailed=False)[1] == ["Three."]
    item, decoded = desk.send("Two. One.", detailed=True)
    assert (scores(item), decoded) == ([0.6065, 0.6065], [])


def test_what_a_process_knows_without_details_does_not_hide_what_the_story_knows_in_detail() -> None:
    desk = Desk()
    desk.send("One. Two.", detailed=True)
    item, decoded = desk.send("Two. One.", detailed=True, after=["One.", "Two."])
    assert (scores(item), decoded) == ([0.6065, 0.6065], [])


def test_what_a_process_knows_without_details_takes_none_from_the_story() -> None:
    desk = Desk()
    desk.send("One. Two.", detailed=True)
    desk.send("One. Two. Three.", detailed=False, after=["One.", "Two."])
    item, decoded = desk.send("Two. One.", detailed=True)
    assert (scores(item), decoded) == ([0.6065, 0.6065], [])


def test_sentences_that_are_gone_from_a_version_are_still_known_in_the_next() -> None:
    desk = Desk()
    desk.send("One. Two.", detailed=True)
    desk.send("One.", detailed=True)
    assert desk.send("Two. Three.", detailed=True)[1] == ["Three."]


def remembered(earlier: Rendering, latest: Rendering) -> Rendering:
    memory = Stories(JsonResults(MemoryStore(), RecordingMeter()))
    memory.remember("storm", 0, "m", {"a": earlier}, {})
    memory.remember("storm", 0, "m", {"a": latest}, memory.recall("storm", "m"))
    return memory.recall("storm", "m")["a"]


def test_a_later_version_with_the_same_clauses_and_better_renderings_is_kept() -> None:
    assert remembered(PLAIN, DETAILED) == DETAILED
    assert remembered(PLAIN, BETTER) == BETTER


def test_a_detailed_rendering_gives_way_to_no_plain_one() -> None:
    memory = Stories(JsonResults(MemoryStore(), RecordingMeter()))
    memory.remember("storm", 0, "m", {"a": DETAILED}, {})
    memory.remember("storm", 0, "m", {"a": PLAIN, "b": PLAIN}, memory.recall("storm", "m"))
    assert memory.recall("storm", "m") == {"a": DETAILED, "b": PLAIN}


def test_a_version_that_brings_nothing_new_is_not_written_again() -> None:
    class Counting(MemoryStore):
        written = 0

        def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
            self.written += key.startswith("stories/")
            return super().put(key, value, over)

    store = Counting()
    memory = Stories(JsonResults(store, RecordingMeter()))
    for _ in range(3):
        memory.remember("storm", 0, "m", {"a": DETAILED}, memory.recall("storm", "m"))
    assert store.written == 1
