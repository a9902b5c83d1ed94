"""What can go wrong, in our words: a stable code, a title, a sentence, and facts. Never article text, never HTTP."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from services.rendering import Rendering


class ServiceError(Exception):
    """The root of everything that the services raise on purpose.

    `code` is stable and for machines, `title` for people, `detail` for this case; `facts` are JSON values.
    """

    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str, **facts: object) -> None:
        super().__init__(detail)
        self.detail = detail
        self.facts = facts


class InvalidText(ServiceError):
    """The text cannot be what its sender meant: a NUL character, half of a surrogate pair."""

    code, title = "invalid-text", "The text cannot be processed"


class InvalidLanguage(ServiceError):
    """The language tag is not well formed, or source and target are one language."""

    code, title = "invalid-language", "The language is not valid here"


class InvalidOption(ServiceError):
    """An option has a value that it cannot have."""

    code, title = "invalid-option", "An option is not valid"


class InvalidGlossary(ServiceError):
    """A glossary has an entry that is no term, two targets for one source, or too many terms."""

    code, title = "invalid-glossary", "The glossary is not valid"


class UnsupportedLanguagePair(ServiceError):
    """No installed model, and no chain of them, leads from source to target."""

    code, title = "unsupported-language-pair", "No model for this language pair"


class UnsupportedLanguage(ServiceError):
    """No installed model reads or writes the language; the fact `language` is its code."""

    code, title = "unsupported-language", "No model for this language"


class UndeterminedLanguage(ServiceError):
    """The language was to be detected, and the text does not tell."""

    code, title = "undetermined-language", "The language could not be determined"


class TextTooLong(ServiceError):
    """The text is longer than this installation, or this method, takes."""

    code, title = "text-too-long", "The text is too long"


class UnknownArticle(ServiceError):
    """No article is kept under this id."""

    code, title = "unknown-article", "No such article"


class UnknownFile(ServiceError):
    """No file is kept under this name."""

    code, title = "unknown-file", "No such file"


class UnknownGlossary(ServiceError):
    """No glossary is kept under this id."""

    code, title = "unknown-glossary", "No such glossary"


class EngineFailed(ServiceError):
    """A model is broken or its engine failed."""

    code, title = "engine-failed", "The translation engine failed"


class OutOfTime(ServiceError):
    """The time of a request was over before all was done. `finished` are the clauses that were, and is for no log."""

    code, title = "out-of-time", "Not finished in time"

    def __init__(self, detail: str, finished: "Mapping[str, Rendering]", **facts: object) -> None:
        super().__init__(detail, **facts)
        self.finished = finished


class UnknownStory(ServiceError):
    """Nothing is kept for a story of this name."""

    code, title = "unknown-story", "No such story"


class UnknownJob(ServiceError):
    """No job is kept under this id."""

    code, title = "unknown-job", "No such job"


class UnknownDocument(ServiceError):
    """No document is kept under this id, or not with this key."""

    code, title = "unknown-document", "No such document"


class GaveUp(ServiceError):
    """An item of a job was tried several times in vain."""

    code, title = "gave-up", "The item could not be done"


class StoreUnavailable(ServiceError):
    """The result store does not answer, refuses, or is full."""

    code, title = "store-unavailable", "The result store is unavailable"


class WebhookFailed(ServiceError):
    """The owner of a job could not be told that it ended; `retryable` where a later try may go better."""

    code, title = "webhook-failed", "The webhook could not be delivered"

    def __init__(self, detail: str, retryable: bool, **facts: object) -> None:
        super().__init__(detail, **facts)
        self.retryable = retryable


class QueueUnavailable(ServiceError):
    """The queue does not answer, refuses, or is full."""

    code, title = "queue-unavailable", "The queue is unavailable"


class MissingKey(ServiceError):
    """A key is needed, and none was shown."""

    code, title = "missing-key", "An API key is needed"


class InvalidKey(ServiceError):
    """The key is unknown, revoked or expired; which of these, only the log tells."""

    code, title = "invalid-key", "The API key is not valid"


class TooManyRequests(ServiceError):
    """The requests of a minute are used up; the fact `retry_after_s` tells when the next one begins."""

    code, title = "too-many-requests", "Too many requests in a minute"


class QuotaExceeded(ServiceError):
    """The characters of a month are used up; the fact `retry_after_s` tells when the next one begins."""

    code, title = "quota-exceeded", "Too many characters in a month"


class KeysUnavailable(ServiceError):
    """It cannot be told whether a key is valid."""

    code, title = "keys-unavailable", "Keys cannot be checked"


class UsageUnavailable(ServiceError):
    """What was used cannot be counted, or told; `in_doubt` where it may be counted even so."""

    code, title = "usage-unavailable", "Usage cannot be told"

    def __init__(self, detail: str, in_doubt: bool = False, **facts: object) -> None:
        super().__init__(detail, **facts)
        self.in_doubt = in_doubt
