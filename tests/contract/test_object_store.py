"""What every object store promises: the fake of the tests, the folder, and S3 against a real server."""

import socket
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from services.adapters.files import FolderStore
from services.adapters.s3 import S3Store
from services.errors import StoreUnavailable
from services.keys import result_key
from services.ports import ObjectStore
from tests.fakes.ministack import BUCKET
from tests.fakes.stores import DownStore, MemoryStore

KEY = result_key("articles", text="Olá")
VALUES = {
    "nothing": b"",
    "one byte": b"\0",
    "every byte": bytes(range(256)),
    "line ends": b"\r\n\n\r",
    "1 MB": bytes(range(256)) * 4096,
}
NO_KEYS = [
    "", "a", "/", "a/", "/b", "//", "a//b", "a/b/c", "a/b/", "/a/b", "/etc/passwd", "../x", "a/..", "./b", "a/../b",
    "A/b", "a/B", "a/b.json", "a/b c", "a/b\n", "a/b\0", "a/é", "a/１", "a\\b", "a/b?c", "a/%2e",
]  # fmt: skip


@pytest.fixture(params=["memory", "folder", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty store."""
    match request.param:
        case "memory":
            return MemoryStore()
        case "folder":
            return FolderStore(tmp_path / "not" / "yet" / "there")
        case _:
            return S3Store(BUCKET, uuid.uuid4().hex, request.getfixturevalue("aws_url"))


@pytest.fixture(params=["memory", "folder", "s3: nobody listens", "s3: no such bucket"])
def down(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ObjectStore]:
    """A store that cannot be reached."""
    match request.param:
        case "memory":
            yield DownStore()
        case "folder":
            (tmp_path / "file").touch()
            yield FolderStore(tmp_path / "file")
        case "s3: nobody listens":
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                yield S3Store(BUCKET, endpoint_url=f"http://127.0.0.1:{taken.getsockname()[1]}")
        case _:
            yield S3Store("no-such-bucket", endpoint_url=request.getfixturevalue("aws_url"))


def test_a_missing_key_has_no_value(store: ObjectStore) -> None:
    assert store.get(KEY) is None
    store.put(KEY, b"value")
    assert store.get(result_key("articles", text="Ola")) is None
    assert store.get(KEY.replace("articles", "summaries")) is None


def test_what_is_deleted_is_gone_and_may_be_put_again(store: ObjectStore) -> None:
    store.delete(KEY)
    store.put(KEY, b"first")
    store.put(KEY.replace("articles", "summaries"), b"other")
    store.delete(KEY)
    assert (store.get(KEY), store.get(KEY.replace("articles", "summaries"))) == (None, b"other")
    assert store.put(KEY, b"second")
    assert store.get(KEY) == b"second"


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
def test_what_is_put_is_got_byte_for_byte(store: ObjectStore, value: bytes) -> None:
    store.put(KEY, value)
    assert store.get(KEY) == value


@pytest.mark.parametrize("first", [b"first", b""])
def test_the_first_value_under_a_key_stays(store: ObjectStore, first: bytes) -> None:
    store.put(KEY, first)
    store.put(KEY, b"second")
    assert store.get(KEY) == first


def test_a_put_says_whether_its_value_is_the_one_that_is_kept(store: ObjectStore) -> None:
    assert [store.put(KEY, value) for value in (b"first", b"second")] == [True, False]


def test_a_value_is_replaced_where_that_is_asked_for(store: ObjectStore) -> None:
    store.put(KEY, b"first")
    assert store.put(KEY, b"second", replace=True)
    assert store.get(KEY) == b"second"


def test_one_whole_value_stays_of_eight_put_at_once(store: ObjectStore) -> None:
    values = [bytes([n]) * 100_000 for n in range(8)]
    start = Barrier(len(values), timeout=30)

    def put(value: bytes) -> bytes | None:
        start.wait()
        store.put(KEY, value)
        return store.get(KEY)

    with ThreadPoolExecutor(len(values)) as pool:
        seen = set(pool.map(put, values))
    assert len(seen) == 1
    assert seen < set(values)


@pytest.mark.parametrize("key", NO_KEYS)
def test_what_is_no_key_is_refused(store: ObjectStore, key: str) -> None:
    with pytest.raises(ValueError, match="a key looks like"):
        store.get(key)
    with pytest.raises(ValueError, match="a key looks like"):
        store.put(key, b"value")


def test_a_store_that_is_down_says_so_and_names_no_key(down: ObjectStore) -> None:
    with pytest.raises(StoreUnavailable) as read:
        down.get(KEY)
    with pytest.raises(StoreUnavailable) as write:
        down.put(KEY, b"value")
    assert (read.value.facts, write.value.facts) == ({"operation": "read"}, {"operation": "write"})
    told = f"{read.value!r} {write.value!r}"
    assert not [secret for secret in (*KEY.split("/"), "127.0.0.1", "bucket", "test") if secret in told]
