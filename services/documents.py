"""Files that are translated later, each by a job of its own, and fetched once by who has its key."""

import secrets
from dataclasses import dataclass, replace
from hashlib import sha256
from hmac import compare_digest

from services.errors import UnknownDocument
from services.jobs import Job, Jobs, Outcome, State, is_id
from services.ports import ResultStore


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was accepted, without its text. Its id is that of its job; of its key there is but a digest.

    There is no job of one with a `fault`, which is why it cannot be translated.
    """

    id: str
    key_digest: str
    name: str
    characters: int
    is_taken: bool = False
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents in a store, and their jobs. Each call raises StoreUnavailable."""

    store: ResultStore
    jobs: Jobs

    def accept(self, call: str, item: str, name: str, characters: int) -> tuple[Document, str]:
        """Have a file translated by a call, and give the key to it, which is kept nowhere. Raises QueueUnavailable."""
        submission, key = self.jobs.submission(call), secrets.token_hex(32)
        document = Document(submission.job_id, _digest(key), name, characters)
        submission.add(item)
        self.store.keep(_key(document.id), document)
        self.jobs.begin(submission, call)
        return document, key

    def refuse(self, name: str, fault: str) -> tuple[Document, str]:
        """Keep that a file cannot be translated, for who asks what has come of it; with the key to it."""
        key = secrets.token_hex(32)
        document = Document(secrets.token_hex(16), _digest(key), name, 0, fault=fault)
        self.store.keep(_key(document.id), document)
        return document, key

    def find(self, document_id: str, key: str) -> Document:
        """A document by its id and key. Raises UnknownDocument, whichever of them is wrong."""
        document_id = document_id.lower()
        found = self.store.find(_key(document_id), Document) if is_id(document_id) else None
        if not compare_digest(found.key_digest if found else "", _digest(key.lower())) or found is None:
            raise UnknownDocument("no document is kept under this id with this key")
        return found

    def progress(self, document: Document) -> tuple[Job, Outcome | None]:
        """How far the job of a document is, and what came of it when it has ended. Raises UnknownJob."""
        job = self.jobs.find(document.id)
        is_over = job.state in (State.DONE, State.FAILED)
        return job, next((outcome for _, outcome in self.jobs.outcomes(job)), None) if is_over else None

    def take(self, document: Document) -> None:
        """Forget all of a document but that it was taken. Raises UnknownJob."""
        self.store.amend(_key(document.id), Document, lambda kept: replace(kept or document, is_taken=True))
        self.jobs.cancel(document.id)


def _key(document_id: str) -> str:
    return f"documents/{document_id}"


def _digest(key: str) -> str:
    return sha256(key.encode()).hexdigest()
