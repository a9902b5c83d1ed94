"""Keys of the API: what is kept of one, which is never the key itself."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from services.errors import InvalidOption

_PREFIX = "interlede_"  # so that scanners of repositories and logs can find one that leaked
_KEY_BYTES = 32
_OWNER_BYTES = 8
_ID_CHARS = 16
_MAX_NAME_CHARS = 100


@dataclass(frozen=True, slots=True)
class KeyLimits:
    """What a key may ask for, in code points and requests; None is as much as the installation takes."""

    chars_per_request: int | None = None
    requests_per_minute: int | None = None
    chars_per_month: int | None = None

    def __post_init__(self) -> None:
        for name, limit in asdict(self).items():
            if limit is not None and limit < 1:
                raise InvalidOption(f"{name.replace('_', ' ')}: give a whole number from 1 on", option=name)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is kept of a key: `digest` is its SHA-256 in hexadecimal; all times are in UTC.

    Usage is counted for the `owner`, who also has the glossaries and stories that were named with the key. A key that
    takes another one's place has the same owner.
    """

    digest: str
    owner: str
    name: str
    created_at: datetime
    limits: KeyLimits = field(default=KeyLimits())
    valid_until: datetime | None = None
    revoked_at: datetime | None = None

    def __post_init__(self) -> None:
        if not 1 <= len(self.name) <= _MAX_NAME_CHARS or not self.name.isprintable():
            raise InvalidOption(f"a name has 1 to {_MAX_NAME_CHARS} printable characters", option="name")

    @property
    def id(self) -> str:
        """Names the key where it is listed, logged and revoked."""
        return self.digest[:_ID_CHARS]

    def is_of(self, digest: str) -> bool:
        """Whether a digest is that of this key, in a time that tells nothing."""
        return hmac.compare_digest(self.digest, digest)

    def fault(self, now: datetime) -> str | None:
        """Why the key is not valid any more: `revoked` or `expired`."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.valid_until is not None and now >= self.valid_until else None

    def revoked(self, now: datetime) -> "ApiKey":
        """The key from when it is not valid any more."""
        return replace(self, revoked_at=self.revoked_at or now)

    def record(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return asdict(self) | {name: _written(getattr(self, name)) for name in _TIMES}

    @classmethod
    def of_record(cls, record: Mapping[str, Any]) -> "ApiKey":
        """The key of a record; members that later code has added are passed over."""
        times = {name: datetime.fromisoformat(record[name]) if record.get(name) else None for name in _TIMES}
        limits = KeyLimits(**{name: record["limits"].get(name) for name in asdict(KeyLimits())})
        return cls(record["digest"], record["owner"], record["name"], limits=limits, **times)  # type: ignore[arg-type]


NO_RECORD = (ValueError, KeyError, TypeError, InvalidOption)
"""What is raised where a key is read from a record, or from JSON, that is none."""

_TIMES = ("created_at", "valid_until", "revoked_at")


def issue(
    name: str,
    now: datetime,
    limits: KeyLimits = KeyLimits(),
    valid_until: datetime | None = None,
    owner: str | None = None,
) -> tuple[str, ApiKey]:
    """A new key, which is to be shown once, and what is kept of it; of a new owner, unless one is named.

    Raises InvalidOption.
    """
    key = _PREFIX + secrets.token_urlsafe(_KEY_BYTES)
    owner = owner or secrets.token_hex(_OWNER_BYTES)
    return key, ApiKey(digest_of(key), owner, name, now.astimezone(UTC), limits, valid_until)


def digest_of(key: str) -> str:
    """The SHA-256 of a key; for 256 random bits nothing slower is needed."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _written(time: datetime | None) -> str | None:
    return time.isoformat() if time else None
