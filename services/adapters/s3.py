"""Results in S3, or in anything that speaks its protocol."""

from collections.abc import Collection
from contextlib import AbstractContextManager

from services.adapters.aws import Connection, folder, translated
from services.errors import StoreUnavailable
from services.keys import check_key
from services.ports import ANYTHING, NOTHING, Stored

# Reading without the right to list the bucket, a missing key is answered with 403 rather than 404.
_MISSING = frozenset({"NoSuchKey", "404", "AccessDenied", "403"})
# Somebody else wrote the key, or is doing so now, or deleted the version: S3 user guide, "Conditional writes".
_OTHERS_WERE_QUICKER = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
_GONE = frozenset({"NoSuchKey"})
_MAX_CONNECTIONS = 32


class S3Store:
    """One object per key below a prefix.

    `encryption` is what S3 is asked for (AES256, aws:kms); None leaves it to the bucket.
    """

    def __init__(
        self, bucket: str, prefix: str = "", endpoint_url: str | None = None, encryption: str | None = "AES256"
    ) -> None:
        self._bucket = bucket
        self._encrypted = {"ServerSideEncryption": encryption} if encryption else {}
        self._prefix = folder(prefix)
        self._client = Connection("s3", endpoint_url=endpoint_url, max_attempts=1, max_connections=_MAX_CONNECTIONS)

    def prepare(self) -> None:
        """Do what the first call would have to, short of calling."""
        self._client()

    def get(self, key: str) -> Stored | None:
        """The value kept under the key, None if there is none. Raises StoreUnavailable."""
        check_key(key)
        with _translated("read", but_for=_MISSING):
            answer = self._client().get_object(Bucket=self._bucket, Key=self._prefix + key)
            return Stored(answer["Body"].read(), answer["ETag"])
        return None

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        """Keep a value, encrypted, and say whether it is kept now. Raises StoreUnavailable."""
        check_key(key)
        condition = {NOTHING: {"IfNoneMatch": "*"}, ANYTHING: {}}.get(over, {"IfMatch": over})
        with _translated("write", but_for=_OTHERS_WERE_QUICKER | (_GONE if "IfMatch" in condition else frozenset())):
            self._client().put_object(
                Bucket=self._bucket,
                Key=self._prefix + key,
                Body=value,
                **self._encrypted,
                **condition,
            )
            return True
        return False

    def delete(self, key: str) -> None:
        """Keep nothing under the key, whether something was there or not. Raises StoreUnavailable."""
        check_key(key)
        with _translated("delete", but_for=()):
            self._client().delete_object(Bucket=self._bucket, Key=self._prefix + key)


def _translated(operation: str, but_for: Collection[str]) -> AbstractContextManager[None]:
    """Foreign errors as StoreUnavailable; S3's error codes in `but_for` are no errors."""
    return translated(StoreUnavailable, "S3", operation, but_for)
