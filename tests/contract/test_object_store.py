"""What every object store promises: the fake of the tests, the folder, and S3 against real servers."""

import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import boto3
import pytest

from services.adapters.files import FolderStore
from services.adapters.s3 import S3Store
from services.errors import StoreUnavailable
from services.keys import result_key
from services.ports import ANYTHING, NOTHING, ObjectStore
from tests.fakes.ministack import BUCKET
from tests.fakes.stores import DownStore, MemoryStore

pytestmark = pytest.mark.usefixtures("aws")

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
# Puts its letter over a version of the key, as soon as it is told to, and says whether it is kept.
WRITER = """
import sys
from pathlib import Path
from services.adapters.files import FolderStore
folder, key, version, letter = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
print(FolderStore(Path(folder)).put(key, letter.encode() * 50_000, version))
"""


@pytest.fixture(params=["memory", "folder", "ministack", "seaweed"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """An empty store."""
    match request.param:
        case "memory":
            return MemoryStore()
        case "folder":
            return FolderStore(tmp_path / "not" / "yet" / "there")
        case _:
            return S3Store(BUCKET, uuid.uuid4().hex, request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["memory", "folder", "s3: nobody listens", "s3: no such bucket", "s3: a wrong secret"])
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
        case "s3: no such bucket":
            yield S3Store("no-such-bucket", endpoint_url=request.getfixturevalue("ministack_url"))
        case _:
            url = request.getfixturevalue("seaweed_url")
            request.getfixturevalue("monkeypatch").setenv("AWS_SECRET_ACCESS_KEY", "wrong")
            yield S3Store(BUCKET, endpoint_url=url)


def value(store: ObjectStore, key: str = KEY) -> bytes | None:
    stored = store.get(key)
    return stored and stored.value


def version(store: ObjectStore, key: str = KEY) -> str:
    stored = store.get(key)
    assert stored
    return stored.version


def put_at_once(store: ObjectStore, values: list[bytes], over: str | None) -> list[bool | None]:
    """Whether each value is kept; None where that is not known, as SeaweedFS makes crowds wait longer than we do."""
    start = Barrier(len(values), timeout=30)

    def put(one: bytes) -> bool | None:
        start.wait()
        try:
            return store.put(KEY, one, over)
        except StoreUnavailable:
            return None

    with ThreadPoolExecutor(len(values)) as pool:
        return list(pool.map(put, values))


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
    assert (value(store), value(store, KEY.replace("articles", "summaries"))) == (None, b"other")
    assert store.put(KEY, b"second")
    assert value(store) == b"second"


@pytest.mark.parametrize("one", VALUES.values(), ids=VALUES)
def test_what_is_put_is_got_byte_for_byte(store: ObjectStore, one: bytes) -> None:
    store.put(KEY, one)
    assert value(store) == one


@pytest.mark.parametrize("first", [b"first", b""])
def test_the_first_value_under_a_key_stays(store: ObjectStore, first: bytes) -> None:
    store.put(KEY, first)
    store.put(KEY, b"second")
    assert value(store) == first


def test_a_put_says_whether_its_value_is_the_one_that_is_kept(store: ObjectStore) -> None:
    assert [store.put(KEY, value) for value in (b"first", b"second")] == [True, False]


def test_over_anything_a_value_is_put_whatever_is_there(store: ObjectStore) -> None:
    assert [store.put(KEY, one, ANYTHING) for one in (b"first", b"second")] == [True, True]
    assert value(store) == b"second"


def test_over_a_version_a_value_is_put_once(store: ObjectStore) -> None:
    store.put(KEY, b"first")
    first = version(store)
    assert [store.put(KEY, one, first) for one in (b"second", b"third")] == [True, False]
    assert value(store) == b"second"
    assert store.put(KEY, b"third", version(store))
    assert value(store) == b"third"


def test_over_the_version_of_what_is_gone_nothing_is_put(store: ObjectStore) -> None:
    store.put(KEY, b"first")
    first = version(store)
    store.delete(KEY)
    assert not store.put(KEY, b"second", first)
    assert store.get(KEY) is None


def test_a_version_changes_with_the_value_and_with_nothing_else(store: ObjectStore) -> None:
    versions = []
    for one in (b"first", b"second", b""):
        store.put(KEY, one, ANYTHING)
        versions += [version(store), version(store)]
    assert versions[::2] == versions[1::2]
    assert len(set(versions)) == 3


def test_one_of_two_processes_over_the_same_version_of_a_file_succeeds(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    keys = [result_key("race", n=n) for n in range(3)]
    for key in keys:
        store.put(key, b"first")
    outcomes = []
    for key in keys:
        command = [sys.executable, "-c", WRITER, str(tmp_path), key, version(store, key)]
        writers = [
            subprocess.Popen([*command, letter], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for letter in "ab"
        ]
        for writer in writers:
            assert writer.stdout
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            assert writer.stdin
            writer.stdin.write("go\n")
            writer.stdin.flush()
        kept = [writer.communicate(timeout=30)[0].strip() for writer in writers]
        outcomes.append(sorted(kept))
        assert value(store, key) == (b"a" if kept[0] == "True" else b"b") * 50_000
    assert outcomes == [["False", "True"]] * len(keys)


@pytest.mark.parametrize("is_there", [False, True], ids=["nothing", "a version"])
def test_one_of_eight_writers_over_the_same_succeeds(store: ObjectStore, is_there: bool) -> None:
    if is_there:
        store.put(KEY, b"first")
    values = [bytes([n]) * 100_000 for n in range(8)]
    kept = put_at_once(store, values, version(store) if is_there else NOTHING)
    assert value(store) in [one for one, is_kept in zip(values, kept, strict=True) if is_kept is not False]
    assert kept.count(True) == 1 or (True not in kept and None in kept)


@pytest.mark.parametrize("key", NO_KEYS)
def test_what_is_no_key_is_refused(store: ObjectStore, key: str) -> None:
    with pytest.raises(ValueError, match="a key looks like"):
        store.get(key)
    with pytest.raises(ValueError, match="a key looks like"):
        store.put(key, b"value")
    with pytest.raises(ValueError, match="a key looks like"):
        store.delete(key)


def test_a_store_that_is_down_says_so_and_names_no_key(down: ObjectStore) -> None:
    with pytest.raises(StoreUnavailable) as read:
        down.get(KEY)
    with pytest.raises(StoreUnavailable) as write:
        down.put(KEY, b"value")
    with pytest.raises(StoreUnavailable) as rewrite:
        down.put(KEY, b"value", "version")
    assert [one.value.facts["operation"] for one in (read, write, rewrite)] == ["read", "write", "write"]
    told = f"{read.value!r} {write.value!r} {rewrite.value!r}"
    assert not [secret for secret in (*KEY.split("/"), "127.0.0.1", "bucket", "test") if secret in told]


@pytest.mark.parametrize("server", ["ministack", "seaweed"])
def test_an_object_is_encrypted(request: pytest.FixtureRequest, server: str) -> None:
    url = request.getfixturevalue(f"{server}_url")
    S3Store(BUCKET, "encrypted", url).put(KEY, b"value")
    head = boto3.client("s3", endpoint_url=url).head_object(Bucket=BUCKET, Key=f"encrypted/{KEY}")
    assert head["ServerSideEncryption"] == "AES256"
