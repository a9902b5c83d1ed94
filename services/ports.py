"""What the core asks of the world: small protocols, each kept by an adapter and by a fake in the tests."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, TypeVar

from services.api_keys import ApiKey
from services.model import Language, LanguagePair
from services.reasons import Reasons
from services.text.links import Link

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What a model makes of a text; in detail, its mean log-probability by piece, and which piece came from which."""

    text: str
    score: float | None = None
    links: tuple[Link, ...] | None = None


class Translator(Protocol):
    """Installed models, each of which translates one language pair."""

    def languages(self) -> Mapping[Language, str]:
        """Every language that some model reads or writes, with its English name."""
        ...

    def pairs(self) -> Collection[LanguagePair]:
        """The pairs that have a model of their own."""
        ...

    def model_id(self, pair: LanguagePair) -> str:
        """Names the model of an installed pair; it changes whenever an answer could. Raises EngineFailed."""
        ...

    def unknown(self, characters: Collection[str], pair: LanguagePair) -> frozenset[str]:
        """Those of the characters that the model of an installed pair cannot read. Raises EngineFailed."""
        ...

    def rarity(self, word: str, pair: LanguagePair) -> float:
        """How unlikely a word is in the vocabulary of an installed pair's model, 0 if that cannot tell.

        Raises EngineFailed.
        """
        ...

    def batches(self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1) -> list[list[int]]:
        """The positions of the texts, those together that are translated faster so; the longest texts come first.

        Raises EngineFailed.
        """
        ...

    def translate(
        self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Hypothesis]]:
        """Translate each text by itself with the model of an installed pair: same length, same order.

        It is done in the caller's thread, and may be in several at a time. One hypothesis is the greedy one; of more,
        at least one and at most so many, the best comes first. An answer depends on its own text alone; without details
        it is the same, and a little faster. Raises EngineFailed.
        """
        ...


@dataclass(frozen=True, slots=True)
class LanguageScore:
    """A language and the probability, 0 to 1, that a text is written in it."""

    language: Language
    probability: float


class LanguageIdentifier(Protocol):
    """Tells which language a text is written in."""

    def identify(self, text: str) -> list[LanguageScore]:
        """The likely languages, the most probable first; none when it holds nothing to go by. Raises EngineFailed."""
        ...


@dataclass(frozen=True, slots=True)
class Pick:
    """A sentence chosen for a summary: its place among the sentences, its score from 0 to 1, and why, if known."""

    position: int
    score: float
    reasons: Reasons | None = None


class SentenceRanker(Protocol):
    """Chooses the sentences that tell most of what an article says."""

    def top(
        self,
        sentences: Sequence[str],
        count: int,
        language: Language | None,
        title: str | None,
        query: str | None = None,
        last: Collection[int] = (),
    ) -> list[Pick]:
        """The best sentences, best first: min(count, len(sentences)) different positions.

        Those at the positions of `last` have their say and come after all others. The same input gives the same picks
        in every process. Raises TextTooLong where the method cannot bear so many sentences, InvalidOption where it
        lacks what it needs for the language, or cannot look for a query.
        """
        ...


NOTHING, ANYTHING = None, "*"


@dataclass(frozen=True, slots=True)
class Stored:
    """A value as it is kept, and a version that changes whenever another value is kept under its key."""

    value: bytes
    version: str


class ObjectStore(Protocol):
    """Keeps bytes by key, `kind/digest`; a key that is none raises ValueError (services.keys.check_key)."""

    def get(self, key: str) -> Stored | None:
        """The value kept under the key, None if there is none. Raises StoreUnavailable."""
        ...

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        """Keep a value over nothing, over a certain version, or over anything, and say whether it is kept now.

        Of several writers over nothing, or over one version, one succeeds. Raises StoreUnavailable.
        """
        ...

    def delete(self, key: str) -> None:
        """Keep nothing under the key, whether something was there or not. Raises StoreUnavailable."""
        ...


class ResultStore(Protocol):
    """Keeps finished results, which are values of the core, by key."""

    def find(self, key: str, kind: type[Result]) -> Result | None:
        """The result kept under the key; None if there is none that can be read. Raises StoreUnavailable."""
        ...

    def keep(self, key: str, result: Result) -> Result:
        """Keep a result unless one that can be read is there, and give the kept one. Raises StoreUnavailable."""
        ...

    def amend(self, key: str, kind: type[Result], change: Callable[[Result | None], Result]) -> Result:
        """Keep what a change makes of the result under the key, or of None, and give it.

        The change is made again where somebody else was quicker, so that nothing of theirs is lost; a result that
        comes back as it was is not written. Raises StoreUnavailable.
        """
        ...

    def drop(self, key: str) -> None:
        """Keep nothing under the key. Raises StoreUnavailable."""
        ...


class Webhooks(Protocol):
    """Tells the owners of jobs that these ended, by a request to a URL that they gave."""

    def check(self, url: str) -> None:
        """Raises InvalidOption, which quotes nothing of the URL, when it may not be called."""
        ...

    def deliver(self, url: str, event_id: str, body: bytes) -> None:
        """Send a small JSON body, once; the id is the same for every try to tell of one event, and has no full stop.

        Raises WebhookFailed, whose facts are the answer's `status` or the `cause` for which there was none.
        """
        ...


class Count(StrEnum):
    """What operators count."""

    CHARACTERS = "characters"  # of the sentences that translations were made of
    SENTENCES_DECODED = "sentences_decoded"  # those of which a model had to read something
    SENTENCES_RETRIED = "sentences_retried"  # clauses, to be exact: those whose first translation was doubtful
    SENTENCES_FLAGGED = "sentences_flagged"  # and those that still were doubtful in the end
    MODELS_LOADED = "models_loaded"

    STORE_BYPASSED = "store_bypassed"  # a result was not looked up, or not kept
    STORE_FAILED = "store_failed"  # one call of the store
    STORE_SHUNNED = "store_shunned"  # a call that was not made, since those before it failed
    RESULT_UNREADABLE = "result_unreadable"  # corrupt, truncated or foreign, and taken for missing

    REFUSED_WITHOUT_KEY = "refused_without_key"
    REFUSED_KEY = "refused_key"  # unknown, revoked or expired
    REFUSED_LENGTH = "refused_length"  # longer than the key may send
    REFUSED_RATE = "refused_rate"
    REFUSED_QUOTA = "refused_quota"
    KEYS_FAILED = "keys_failed"  # one call of the key store
    USAGE_FAILED = "usage_failed"  # one call of the counter
    USAGE_DEFERRED = "usage_deferred"  # an answer that is to be counted later
    USAGE_LOST = "usage_lost"  # one that is not counted, as it may be already


class Meter(Protocol):
    """Counts events for operators."""

    def count(self, event: Count, times: int = 1) -> None:
        """Count so many more."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was received: its handle, which is another one each time, and how often that was until now."""

    body: str
    receipt: str
    receives: int


@dataclass(frozen=True, slots=True)
class Depth:
    """About how many messages wait to be received, are leased to a receiver, and were buried."""

    waiting: int
    leased: int
    dead: int


class Queue(Protocol):
    """Hands each message to one receiver at a time, at least once, in no promised order.

    What is out of the limits of services.messages raises ValueError. A receipt ends when its lease has lapsed and the
    message is received again: from then on it does nothing, and that is no error.
    """

    def send(self, bodies: Sequence[str], delay_s: float = 0) -> None:
        """Keep all messages, each hidden for the delay. Raises QueueUnavailable, and some may be kept then."""
        ...

    def receive(self, count: int, wait_s: float, lease_s: float) -> list[Message]:
        """Up to `count` messages, hidden from others for `lease_s`; waits up to `wait_s` for the first.

        Raises QueueUnavailable.
        """
        ...

    def extend(self, receipt: str, lease_s: float) -> None:
        """Hide a message, while its lease runs, for so long from now on; 0 gives it back. Raises QueueUnavailable."""
        ...

    def delete(self, receipt: str) -> None:
        """Be done with a message, whether it is still there or not. Raises QueueUnavailable."""
        ...

    def bury(self, message: Message, reason: str) -> None:
        """Move a leased message to the dead letters, with the reason: a code or a short sentence.

        Raises QueueUnavailable, and it may be in both places then.
        """
        ...

    def depth(self) -> Depth:
        """How many messages there are. Raises QueueUnavailable."""
        ...


class KeyStore(Protocol):
    """Keeps the records of keys by their digests."""

    def find(self, digest: str) -> ApiKey | None:
        """The key of a digest, revoked and expired ones too. Raises KeysUnavailable."""
        ...

    def keep(self, key: ApiKey) -> None:
        """Keep a key in the place of any of this digest. Raises KeysUnavailable."""
        ...

    def all(self) -> list[ApiKey]:
        """All keys, in no promised order. Raises KeysUnavailable."""
        ...


RECEIPT_S = 20.0
"""For how long an amount is not counted again under its receipt, at least."""


@dataclass(frozen=True, slots=True)
class Slot:
    """What is counted together: an owner's amounts of a period. It is forgotten at a time, in seconds since 1970."""

    owner: str
    period: str
    expires_at: int


class UsageCounter(Protocol):
    """Counts amounts in slots; nothing is lost or doubled between threads and processes."""

    def add(self, slot: Slot, amount: int, receipt: str, limit: int | None = None) -> bool:
        """Count an amount unless that leads beyond a limit, and say whether it is counted.

        It is counted once, whoever says how often that it shall be, for RECEIPT_S after the first time; a receipt is 16
        hexadecimal digits. Raises UsageUnavailable.
        """
        ...

    def total(self, slot: Slot) -> int:
        """What is counted in a slot, all of it that was counted before. Raises UsageUnavailable."""
        ...
