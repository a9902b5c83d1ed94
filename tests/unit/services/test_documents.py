import pytest

from services.adapters.results import JsonResults
from services.adapters.webhooks import NoWebhooks
from services.documents import Document, Documents
from services.errors import QueueUnavailable, StoreUnavailable, UnknownDocument
from services.jobs import Jobs, State
from services.ports import ObjectStore, Queue
from tests.fakes.meters import RecordingMeter
from tests.fakes.queues import DownQueue, MemoryQueue
from tests.fakes.stores import DownStore, MemoryStore


def documents(objects: ObjectStore | None = None, queue: Queue | None = None) -> Documents:
    store = JsonResults(objects or MemoryStore(), RecordingMeter())
    return Documents(store, Jobs(store, queue or MemoryQueue(), NoWebhooks()))


def test_a_document_is_found_by_its_id_and_key_in_any_case() -> None:
    kept = documents()
    document, key = kept.accept("translations", "{}", "story.txt", 5)
    assert (len(document.id), len(key)) == (32, 64)
    assert kept.find(document.id.upper(), key.upper()) == document
    job, outcome = kept.progress(document)
    assert (job.id, job.state, outcome) == (document.id, State.QUEUED, None)


@pytest.mark.parametrize(
    ("document_id", "key"), [("{id}", "0" * 64), ("{id}", ""), ("0" * 32, "{key}"), ("../x", "{key}")]
)
def test_a_wrong_id_or_key_finds_nothing(document_id: str, key: str) -> None:
    kept = documents()
    document, own_key = kept.accept("translations", "{}", "story.txt", 5)
    with pytest.raises(UnknownDocument):
        kept.find(document_id.format(id=document.id), key.format(key=own_key))


def test_the_key_is_kept_nowhere() -> None:
    objects = MemoryStore()
    kept = documents(objects)
    document, key = kept.accept("translations", "{}", "story.txt", 5)
    assert key not in repr(kept.store.find(f"documents/{document.id}", Document))


def test_what_was_taken_is_gone_but_for_that() -> None:
    kept = documents()
    document, key = kept.accept("translations", "{}", "story.txt", 5)
    kept.take(document)
    assert kept.find(document.id, key).is_taken
    job, outcome = kept.progress(document)
    assert (job.state, outcome) == (State.CANCELLED, None)


def test_nothing_is_accepted_that_would_be_lost() -> None:
    with pytest.raises(StoreUnavailable):
        documents(DownStore()).accept("translations", "{}", "story.txt", 5)
    with pytest.raises(QueueUnavailable):
        documents(queue=DownQueue()).accept("translations", "{}", "story.txt", 5)
