"""Results in S3, or in anything that speaks its protocol."""

from collections.abc import Collection
from contextlib import AbstractContextManager

from services.adapters.aws import Connection, translated
from services.errors import StoreUnavailable
from services.keys import check_key

# Reading without the right to list the bucket, a missing key is answered with 403 rather than 404.
_MISSING = frozenset({"NoSuchKey", "404", "AccessDenied", "403"})
# Somebody else wrote the key first, or is writing it now: S3 user guide, "Conditional writes".
_KEPT_ALREADY = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})


class S3Store:
    """One object per key below a prefix."""

    def __init__(self, bucket: str, prefix: str = "", endpoint_url: str | None = None) -> None:
        self._bucket = bucket
        self._prefix = prefix.strip("/") + "/" if prefix.strip("/") else ""
        self._client = Connection("s3", endpoint_url)

    def get(self, key: str) -> bytes | None:
        """The value kept under the key, None if there is none. Raises StoreUnavailable."""
        check_key(key)
        with _translated("read", but_for=_MISSING):
            body: bytes = self._client().get_object(Bucket=self._bucket, Key=self._prefix + key)["Body"].read()
            return body
        return None

    def put(self, key: str, value: bytes, replace: bool = False) -> bool:
        """Keep a value; without `replace` the first one under a key stays. Raises StoreUnavailable."""
        check_key(key)
        with _translated("write", but_for=_KEPT_ALREADY):
            unless_there = {} if replace else {"IfNoneMatch": "*"}
            self._client().put_object(Bucket=self._bucket, Key=self._prefix + key, Body=value, **unless_there)
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
