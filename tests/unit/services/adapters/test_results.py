import hashlib
import logging
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.adapters.results import JsonResults
from services.articles import PreparedArticle
from services.crosslingual import TranslatedSummary
from services.detect import Detection
from services.errors import StoreUnavailable
from services.model import Format, Language
from services.ports import ANYTHING, NOTHING, Count, LanguageScore, Pick
from services.reasons import Reasons
from services.rendering import Retry
from services.summarise import Neighbour, Summary, SummarySentence
from services.text.keywords import Keyword
from services.translate import Alternative, SegmentPair, Span, TermCount, Translation, Translations
from tests.fakes.meters import RecordingMeter
from tests.fakes.stores import DownStore, MemoryStore

KEY, OTHER = "articles/0123", "articles/4567"
PICK = Pick(3, 0.5)

texts = st.text(max_size=20)
counts = st.integers(0, 10**9)
ratios = st.floats(0, 1)
languages = st.sampled_from(["en", "pt-BR", "zh-Hant", "sr-Latn-RS", "es-419"]).map(Language)


def tuples(items: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(items, max_size=3).map(tuple)


detections = st.builds(
    Detection,
    language=st.none() | languages,
    confidence=ratios,
    reliable=st.booleans(),
    candidates=tuples(st.builds(LanguageScore, languages, ratios)),
)
spans = st.builds(Span, counts, counts)
translations = st.builds(
    Translation,
    content=texts,
    format=st.sampled_from(Format),
    source_text=texts,
    text=texts,
    source=st.none() | languages,
    target=languages,
    detection=st.none() | detections,
    model=st.none() | texts,
    segments=tuples(
        st.builds(
            SegmentPair,
            source=spans,
            target=spans,
            language=st.none() | languages,
            translated=st.booleans(),
            score=st.none() | ratios,
            retry=st.none() | st.sampled_from(Retry),
            is_complete=st.booleans(),
        )
    ),
    alternatives=tuples(st.builds(Alternative, texts, ratios)),
    terms=tuples(st.builds(TermCount, texts, texts, counts, counts)),
)
reasons = st.builds(Reasons, ratios, ratios, st.none() | ratios, st.none() | ratios, ratios, ratios)
sentences = st.builds(
    SummarySentence,
    text=texts,
    content=st.none() | texts,
    offset=counts,
    length=counts,
    position=counts,
    rank=counts,
    score=ratios,
    reasons=st.none() | reasons,
    needs_before=st.booleans(),
    before=st.none() | st.builds(Neighbour, texts, counts, counts, counts),
)
summaries = st.builds(
    Summary,
    sentences=tuples(sentences),
    keywords=tuples(st.builds(Keyword, texts, ratios)),
    source_text=texts,
    format=st.sampled_from(Format),
    method=texts,
    language=st.none() | languages,
    detection=st.none() | detections,
)
translated_summaries = st.builds(
    TranslatedSummary, summaries, languages, st.none() | texts, tuples(texts), tuples(st.none() | texts)
)
prepared_articles = st.builds(
    PreparedArticle,
    title=st.none() | translations,
    body=translations,
    summary=summaries,
    summary_translations=tuples(texts),
    summary_befores=tuples(st.none() | texts),
)

SUMMARY = Summary(
    sentences=(SummarySentence("Olá, água… 🌊", None, 0, 12, 0, 1, 0.1, None, False, None),),
    keywords=(),
    source_text="Olá, água… 🌊",
    format=Format.TEXT,
    method="luhn",
    language=Language("pt-BR"),
    detection=None,
)


class Shelf:
    """Results in a store, with a meter."""

    def __init__(self) -> None:
        self.objects = MemoryStore()
        self.meter = RecordingMeter()
        self.results = JsonResults(self.objects, self.meter)

    def holds(self, value: bytes) -> None:
        """Put a value under the key, whatever is there."""
        self.objects.put(KEY, value, ANYTHING)

    @property
    def value(self) -> bytes:
        return self.objects.values[KEY]

    @property
    def unreadable(self) -> int:
        return self.meter.counts[Count.RESULT_UNREADABLE]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def written(schema: int, payload: bytes, kind: type = Pick, key: str = KEY) -> bytes:
    """A value as the code of a schema writes it."""
    digest = hashlib.sha256(f"{schema} {key} {kind.__name__} ".encode() + payload).digest()
    return b"ilr" + bytes([schema]) + digest + payload


@settings(deadline=None)
@given(st.builds(Translations, tuples(translations)) | summaries | translated_summaries | prepared_articles)
def test_a_result_comes_back_as_it_was(
    result: Translations | Summary | TranslatedSummary | PreparedArticle,
) -> None:
    results = Shelf().results
    assert results.keep(KEY, result) is result
    assert results.find(KEY, type(result)) == result


def test_the_form_of_a_value_is_known_to_later_code(shelf: Shelf) -> None:
    shelf.holds(written(1, zlib.compress(b'{"position": 3, "score": 0.5, "reasons": null}')))
    assert shelf.results.find(KEY, Pick) == PICK
    shelf.results.keep(OTHER, PICK)
    value = shelf.objects.values[OTHER]
    assert value == written(1, value[36:], key=OTHER)
    assert zlib.decompress(value[36:]) == b'{"position":3,"score":0.5,"reasons":null}'


def test_a_result_is_kept_compressed(shelf: Shelf) -> None:
    shelf.results.keep(KEY, replace(SUMMARY, source_text="The same again and again. " * 1_000))
    assert len(shelf.value) < 1_000


def test_the_first_result_under_a_key_stays_and_is_given_to_whoever_came_later(shelf: Shelf) -> None:
    shelf.results.keep(KEY, Pick(1, 1.0))
    assert shelf.results.keep(KEY, Pick(2, 0.5)) == Pick(1, 1.0)
    assert shelf.results.find(KEY, Pick) == Pick(1, 1.0)


def test_a_missing_result_is_no_news(shelf: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        assert shelf.results.find(KEY, Summary) is None
    assert (caplog.records, shelf.unreadable) == ([], 0)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "foreign"),
        (b"secret", "foreign"),
        (b'{"position": 3, "score": 0.5, "reasons": null}', "foreign"),
        (b"ilr\1secret", "foreign"),
        (b"ilr\1" + bytes(32) + b"secret", "corrupt"),
        (written(0, b"secret"), "older"),
        (written(2, b"secret"), "newer"),
        (written(1, b"secret"), "foreign"),
        (written(1, zlib.compress(b"secret")), "foreign"),
        (written(1, zlib.compress(b'{"position": 3, "score": "secret"}')), "foreign"),
        (written(1, zlib.compress(b"[" * 100_000)), "foreign"),
    ],
)
def test_what_cannot_be_read_counts_as_missing_and_is_not_logged(
    shelf: Shelf, value: bytes, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    shelf.holds(value)
    assert (shelf.results.find(KEY, Pick), shelf.unreadable) == (None, 1)
    [record] = caplog.records
    assert (record.levelname, record.msg) == ("WARNING", "unreadable result")
    told = vars(record)
    assert (told["kind"], told["size_bytes"], told["reason"]) == ("articles", len(value), reason)
    assert "secret" not in str(told)


_BOMB = """
import hashlib, resource, zlib
from services.adapters.results import JsonResults
from services.ports import Pick
from tests.fakes.meters import RecordingMeter
from tests.fakes.stores import MemoryStore

compressor = zlib.compressobj()
first, again = (compressor.compress(b" " * 2**20) + compressor.flush(zlib.Z_FULL_FLUSH) for _ in range(2))
payload = first + again * 8191
digest = hashlib.sha256(b"1 articles/0123 Pick " + payload).digest()
store, meter = MemoryStore(), RecordingMeter()
store.put("articles/0123", b"ilr" + bytes([1]) + digest + payload)
resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))
assert JsonResults(store, meter).find("articles/0123", Pick) is None
print(len(payload) // 2**20, "MiB", dict(meter.counts))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not keep a process to the memory it may have")
def test_eight_gigabytes_in_eight_megabytes_are_not_unpacked() -> None:
    """By a process that may have two. Whoever can write to the store can make the checksum, too."""
    done = subprocess.run([sys.executable, "-c", _BOMB], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "unreadable result\n")
    assert "result_unreadable" in done.stdout


def test_what_the_core_refuses_counts_as_missing(shelf: Shelf) -> None:
    shelf.results.keep(KEY, SUMMARY)
    payload = zlib.decompress(shelf.value[36:]).replace(b'"pt-BR"', b'"no tag"')
    shelf.holds(written(1, zlib.compress(payload), Summary))
    assert (shelf.results.find(KEY, Summary), shelf.unreadable) == (None, 1)


def test_a_value_with_any_bit_changed_counts_as_missing_and_is_replaced(shelf: Shelf) -> None:
    shelf.results.keep(KEY, PICK)
    whole = shelf.value
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        shelf.holds(bytes(flipped))
        assert (shelf.results.find(KEY, Pick), shelf.unreadable) == (None, 2 * bit + 1)
        assert (shelf.results.keep(KEY, PICK), shelf.value, shelf.unreadable) == (PICK, whole, 2 * bit + 2)


def test_a_value_cut_off_anywhere_counts_as_missing_and_is_replaced(shelf: Shelf) -> None:
    shelf.results.keep(KEY, PICK)
    whole = shelf.value
    for size in range(len(whole)):
        shelf.holds(whole[:size])
        assert (shelf.results.find(KEY, Pick), shelf.unreadable) == (None, 2 * size + 1)
        shelf.results.keep(KEY, PICK)
        assert shelf.value == whole


def test_a_value_that_goes_on_counts_as_missing(shelf: Shelf) -> None:
    shelf.results.keep(KEY, PICK)
    shelf.holds(shelf.value + b"\0")
    assert (shelf.results.find(KEY, Pick), shelf.unreadable) == (None, 1)


def test_a_value_that_was_written_for_another_key_counts_as_missing(shelf: Shelf) -> None:
    shelf.results.keep(OTHER, PICK)
    shelf.holds(shelf.objects.values[OTHER])
    assert (shelf.results.find(KEY, Pick), shelf.unreadable) == (None, 1)


def test_a_value_of_another_kind_counts_as_missing(shelf: Shelf) -> None:
    shelf.results.keep(KEY, Neighbour("", None, 0, 0))
    assert (shelf.results.find(KEY, Pick), shelf.unreadable) == (None, 1)


def test_a_value_of_an_older_schema_is_replaced(shelf: Shelf) -> None:
    shelf.holds(written(0, b"old"))
    assert shelf.results.keep(KEY, PICK) == PICK
    assert shelf.results.find(KEY, Pick) == PICK


def test_a_value_of_a_newer_schema_stays(shelf: Shelf) -> None:
    newer = written(2, b"new")
    shelf.holds(newer)
    assert shelf.results.keep(KEY, PICK) == PICK
    with pytest.raises(StoreUnavailable, match="only later code"):
        shelf.results.amend(KEY, Pick, lambda _: PICK)
    assert shelf.value == newer


def test_a_change_is_made_to_what_is_kept(shelf: Shelf) -> None:
    assert [shelf.results.amend(KEY, Pick, one_more) for _ in range(3)] == [Pick(n, 0.5) for n in (1, 2, 3)]
    assert shelf.results.find(KEY, Pick) == Pick(3, 0.5)


def test_a_change_is_made_to_nothing_where_what_is_kept_cannot_be_read(shelf: Shelf) -> None:
    shelf.holds(b"foreign")
    assert shelf.results.amend(KEY, Pick, one_more) == Pick(1, 0.5)
    assert shelf.results.find(KEY, Pick) == Pick(1, 0.5)


def test_a_change_that_changes_nothing_is_not_written() -> None:
    results = JsonResults(DownStore("write"), RecordingMeter())
    with pytest.raises(StoreUnavailable):
        results.amend(KEY, Pick, one_more)
    kept = Shelf()
    kept.results.keep(KEY, PICK)
    frozen = DownStore("write")
    frozen.values = kept.objects.values
    assert JsonResults(frozen, RecordingMeter()).amend(KEY, Pick, lambda pick: pick or PICK) == PICK


def test_of_changes_that_are_made_at_once_none_is_lost(shelf: Shelf) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: shelf.results.amend(KEY, Pick, one_more), range(64)))
    assert shelf.results.find(KEY, Pick) == Pick(64, 0.5)


class BusyStore(MemoryStore):
    """Breaks one promise: whoever puts a value, somebody else was quicker."""

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        """Keep nothing."""
        return False


def test_where_others_are_always_quicker_the_store_counts_as_down() -> None:
    results = JsonResults(BusyStore(), RecordingMeter())
    with pytest.raises(StoreUnavailable, match="too many others"):
        results.amend(KEY, Pick, one_more)
    with pytest.raises(StoreUnavailable, match="neither read nor replaced"):
        results.keep(KEY, PICK)


def test_what_is_dropped_is_gone(shelf: Shelf) -> None:
    shelf.results.keep(KEY, PICK)
    shelf.results.drop(KEY)
    assert shelf.results.find(KEY, Pick) is None


def one_more(pick: Pick | None) -> Pick:
    return Pick(pick.position + 1 if pick else 1, 0.5)
