from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.adapters.results import JsonResults
from services.callers import NOBODY, Caller, acting_for
from services.errors import InvalidGlossary, StoreUnavailable, UnknownGlossary
from services.model import Language
from services.shelves import Dictionary, Listed, NamedGlossary, Shelves, merged
from tests.fakes.meters import RecordingMeter
from tests.fakes.stores import DownStore, MemoryStore

ANA, BOB = Caller("ana"), Caller("bob")
EN, PT, ES = Language("en"), Language("pt"), Language("es")
TO_PT = Dictionary(EN, PT, (("tram", "elétrico"), ("ferry", "barca")))
TO_ES = Dictionary(EN, ES, (("tram", "tranvía"),))


class Days:
    """Another day each time it is asked."""

    def __init__(self) -> None:
        self._now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self._now += timedelta(days=1)
        return self._now


@pytest.fixture
def shelves() -> Shelves:
    return Shelves(JsonResults(MemoryStore(), RecordingMeter()), Days())


def test_a_glossary_is_found_listed_and_dropped(shelves: Shelves) -> None:
    made = shelves.create("desk", (TO_PT, TO_ES))
    assert made.sizes == ((EN, PT, 2), (EN, ES, 1))
    found = shelves.find(made.id)
    assert (Listed.of(found), found.dictionaries) == (made, (TO_PT, TO_ES))
    assert shelves.find(made.id.upper()) == found
    assert shelves.listed() == (made,)
    shelves.drop(made.id)
    assert shelves.listed() == ()
    with pytest.raises(UnknownGlossary):
        shelves.find(made.id)


def test_a_glossary_has_one_dictionary_for_a_pair(shelves: Shelves) -> None:
    newer = Dictionary(EN, PT, (("hall", "salão"),))
    made = shelves.create("desk", (TO_PT, TO_ES, newer))
    assert shelves.find(made.id).dictionaries == (newer, TO_ES)


def test_what_belongs_to_somebody_is_nobody_elses(shelves: Shelves) -> None:
    with acting_for(ANA):
        made = shelves.create("desk", (TO_PT,))
    for other in (BOB, NOBODY):
        with acting_for(other):
            assert shelves.listed() == ()
            for reach in (
                lambda: shelves.find(made.id),
                lambda: shelves.drop(made.id),
                lambda: shelves.change(made.id, lambda glossary: glossary.without(EN, PT)),
            ):
                with pytest.raises(UnknownGlossary):
                    reach()
    with acting_for(ANA):
        assert shelves.listed() == (made,)


def test_a_change_is_in_the_list_and_keeps_the_place(shelves: Shelves) -> None:
    first, second = (shelves.create(name, (TO_PT,)) for name in ("first", "second"))
    changed = shelves.change(first.id, lambda glossary: glossary.with_dictionary(TO_ES))
    assert shelves.listed() == (changed, second)
    assert changed.sizes == ((EN, PT, 2), (EN, ES, 1))
    with pytest.raises(UnknownGlossary):
        shelves.change(first.id, lambda glossary: glossary.without(PT, EN))
    assert shelves.listed() == (changed, second)


def test_there_is_an_end_to_glossaries() -> None:
    shelves = Shelves(JsonResults(MemoryStore(), RecordingMeter()), Days(), max_glossaries=1)
    shelves.create("desk", (TO_PT,))
    with acting_for(BOB):
        shelves.create("desk", (TO_PT,))
    with pytest.raises(InvalidGlossary):
        shelves.create("one more", (TO_PT,))


def test_of_equal_terms_those_of_the_first_hold() -> None:
    other = Dictionary(EN, PT, (("tram", "bonde"), ("hall", "salão")))
    assert merged((TO_PT, other)).pairs == (("ferry", "barca"), ("hall", "salão"), ("tram", "elétrico"))
    assert dict(merged((other, TO_PT)).pairs)["tram"] == "bonde"


def test_a_store_that_is_down_is_no_empty_shelf() -> None:
    shelves = Shelves(JsonResults(DownStore(), RecordingMeter()))
    with pytest.raises(StoreUnavailable):
        shelves.listed()


def test_what_is_dropped_meanwhile_is_not_brought_back(shelves: Shelves) -> None:
    made = shelves.create("desk", (TO_PT,))

    def slowly(glossary: NamedGlossary) -> NamedGlossary:
        if shelves.listed():
            shelves.drop(made.id)
        return replace(glossary, name="other")

    with pytest.raises(UnknownGlossary):
        shelves.change(made.id, slowly)
    assert shelves.listed() == ()
