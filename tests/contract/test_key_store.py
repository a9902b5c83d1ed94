"""What every key store promises: the fake of the tests, the file, and DynamoDB against a real server."""

import json
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.api_keys import ApiKey, KeyLimits, digest_of, issue
from services.errors import KeysUnavailable
from services.ports import KeyStore
from tests.contract.conftest import AccessStore

pytestmark = pytest.mark.usefixtures("aws")

NOW = datetime(2026, 11, 28, 10, 30, 15, 123456, tzinfo=UTC)
LIMITS = KeyLimits(chars_per_request=5_000, requests_per_minute=60, chars_per_month=10**12)


@pytest.fixture
def store(access_store: AccessStore) -> KeyStore:
    """An empty store."""
    return access_store


def test_an_unknown_key_is_none(store: KeyStore) -> None:
    assert store.find(digest_of("no key")) is None
    assert store.all() == []


@pytest.mark.parametrize(
    "kept",
    [
        issue("desk", NOW)[1],
        issue("Redação – 体育", NOW, LIMITS, NOW.replace(year=2027), "0123456789abcdef")[1],
        issue("gone", NOW)[1].revoked(NOW.replace(minute=59)),
    ],
    ids=["plain", "with all", "revoked"],
)
def test_a_key_comes_back_as_it_was_kept(store: KeyStore, kept: ApiKey) -> None:
    store.keep(kept)
    assert store.find(kept.digest) == kept
    assert store.all() == [kept]


def test_keys_are_found_apart_and_listed_together(store: KeyStore) -> None:
    keys = [issue("the same name", NOW)[1] for _ in range(5)]
    for key in keys:
        store.keep(key)
    assert [store.find(key.digest) for key in keys] == keys
    assert sorted(store.all(), key=lambda key: key.digest) == sorted(keys, key=lambda key: key.digest)


def test_a_key_is_kept_in_the_place_of_itself(store: KeyStore) -> None:
    kept = issue("desk", NOW)[1]
    store.keep(kept)
    store.keep(kept.revoked(NOW))
    assert store.all() == [kept.revoked(NOW)]
    assert store.find(kept.digest) == kept.revoked(NOW)


def test_what_is_counted_is_no_key(access_store: AccessStore) -> None:
    from services.usage import month_of

    kept = issue("desk", NOW)[1]
    access_store.keep(kept)
    access_store.add(month_of(kept.owner, NOW), 7, uuid.uuid4().hex[:16])
    assert access_store.all() == [kept]


def test_a_store_that_is_down_says_so_and_names_no_key(down_access_store: AccessStore) -> None:
    kept = issue("desk", NOW)[1]
    for operation, call in {
        "read": lambda: down_access_store.find(kept.digest),
        "write": lambda: down_access_store.keep(kept),
        "list": lambda: down_access_store.all(),
    }.items():
        with pytest.raises(KeysUnavailable) as raised:
            call()
        assert raised.value.facts == {"operation": operation}
        assert kept.digest not in repr(raised.value)


def test_no_file_holds_a_key(tmp_path: Path) -> None:
    from services.adapters.sqlite_access import SqliteAccess

    key, kept = issue("desk", NOW, LIMITS)
    SqliteAccess(tmp_path / "access.sqlite").keep(kept)
    files = list(tmp_path.iterdir())
    assert files
    assert not [file for file in files if key.encode() in file.read_bytes()]
    assert key not in json.dumps(kept.record())
