"""What every archive promises: a folder, and S3 against a real server."""

import os
import uuid
from io import BytesIO
from pathlib import Path

import pytest

from services.adapters.archives import Archive, File, FolderArchive, NoPlace, S3Archive, archive, is_name
from services.errors import StoreUnavailable
from tests.fakes.faults import faulty_proxy
from tests.fakes.ministack import AWS_ENV, BUCKET

NO_NAMES = [
    "", "/", "/etc/passwd", "../x.txt", "a/../x.txt", "a/..", "./a.txt", "a//b.txt", "a/", ".hidden", "a/.git/b.txt",
    "a\0.txt", "a\n.txt", "a\x1b[2J.txt", "a\\b.txt", "a\u202etxt.txt", "\ud800.txt",
    "a" * 300 + ".txt", "a/" * 600 + "b",
]  # fmt: skip
NAMES = [
    "a.txt",
    "a.html",
    "a b.txt",
    "Ação/não há 100%.txt",
    "a.txt.md",
    "z/y/x.json",
    "a?b&c=d#e.txt",
    "'\"<>.txt",
    "日本.txt",
]


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials for the server of the tests, and for no other."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in AWS_ENV.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["folder", "s3"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> Archive:
    """An empty archive."""
    if request.param == "folder":
        (tmp_path / "archive").mkdir()
        return FolderArchive(tmp_path / "archive")
    return S3Archive(BUCKET, uuid.uuid4().hex, request.getfixturevalue("ministack_url"))


def read(files: Archive, name: str) -> bytes | None:
    into = BytesIO()
    return into.getvalue() if files.read(name, into) else None


def test_an_empty_archive_has_no_files(files: Archive) -> None:
    assert list(files.files()) == []
    assert files.there(["a.txt"]) == set()
    assert read(files, "a.txt") is None


@pytest.mark.parametrize("content", [b"", b"one", bytes(range(256)) * 10_000])
def test_what_is_written_is_read_byte_for_byte(files: Archive, content: bytes) -> None:
    files.write("a/b.txt", BytesIO(content))
    assert read(files, "a/b.txt") == content
    assert list(files.files()) == [File("a/b.txt", len(content))]


def test_the_last_content_of_a_name_stays(files: Archive) -> None:
    for content in (b"first and longer", b"second"):
        files.write("a.txt", BytesIO(content))
    assert read(files, "a.txt") == b"second"


def test_all_names_are_listed_in_the_same_order_each_time_and_found(files: Archive) -> None:
    for name in NAMES:
        files.write(name, BytesIO(name.encode()))
    listed = [file.name for file in files.files()]
    assert sorted(listed) == sorted(NAMES)
    assert [file.name for file in files.files()] == listed
    assert files.there([*NAMES, "b.txt", "a.tx", "zz"]) == set(NAMES)
    assert all(read(files, name) == name.encode() for name in NAMES)


def test_every_name_is_found_by_itself(files: Archive) -> None:
    for name in NAMES:
        files.write(name, BytesIO(b""))
    assert [files.there([name]) for name in NAMES] == [{name} for name in NAMES]


def test_more_than_a_page_of_names_is_listed(files: Archive) -> None:
    names = [f"{n:04}.txt" for n in range(1_050)]
    for name in names:
        files.write(name, BytesIO(b""))
    assert [file.name for file in files.files()] == names
    assert files.there(names) == set(names)


@pytest.mark.parametrize("name", NO_NAMES, ids=ascii)
def test_what_is_no_name_is_neither_written_nor_read_nor_there(files: Archive, name: str) -> None:
    assert not is_name(name)
    assert read(files, name) is None
    assert files.there([name]) == set()
    with pytest.raises(NoPlace):
        files.write(name, BytesIO(b"x"))
    assert list(files.files()) == []


def test_a_content_that_breaks_off_is_not_kept(files: Archive) -> None:
    class Broken(BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise StoreUnavailable("broken")

    files.write("a.txt", BytesIO(b"before"))
    with pytest.raises(StoreUnavailable):
        files.write("a.txt", Broken(b"after"))
    assert read(files, "a.txt") == b"before"
    assert [file.name for file in files.files()] == ["a.txt"]


def test_a_prefix_ends_at_a_slash(ministack_url: str) -> None:
    prefix = uuid.uuid4().hex
    S3Archive(BUCKET, prefix + "er", ministack_url).write("a.txt", BytesIO(b""))
    assert list(archive(f"s3://{BUCKET}/{prefix}", ministack_url).files()) == []
    assert len(list(archive(f"s3://{BUCKET}/{prefix}er/", ministack_url).files())) == 1


@pytest.mark.parametrize("place", ["s3:", "s3://", "s3://B", "s3:/bucket/x", "s3://a_b/"])
def test_what_is_no_place_is_refused(place: str) -> None:
    with pytest.raises(ValueError, match="an S3 place looks like"):
        archive(place)


def test_a_bucket_that_is_not_there_says_so(ministack_url: str) -> None:
    with pytest.raises(StoreUnavailable):
        list(S3Archive("no-such-bucket", "", ministack_url).files())


@pytest.mark.parametrize("content", [b"The vote is on Tuesday.", bytes(range(256)) * 10_000], ids=["small", "large"])
def test_an_object_that_breaks_off_is_not_taken_for_a_whole_one(ministack_url: str, content: bytes) -> None:
    with faulty_proxy(ministack_url) as proxy:
        files = S3Archive(BUCKET, uuid.uuid4().hex, proxy.url)
        files.write("a.txt", BytesIO(content))
        proxy.faults.missing_bytes = len(content) // 2
        with pytest.raises(StoreUnavailable, match="S3 failed to read"):
            read(files, "a.txt")
        proxy.faults.cease()
        assert read(files, "a.txt") == content


def test_s3_is_given_connections_for_many_and_time_for_each(ministack_url: str) -> None:
    config = S3Archive(BUCKET, "", ministack_url)._client().meta.config
    assert (config.max_pool_connections, config.read_timeout, config.retries["total_max_attempts"]) == (64, 60, 5)


def test_links_are_left_alone_and_lead_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("secret")
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "link.txt").symlink_to(outside / "secret.txt")
    (folder / "way").symlink_to(outside)
    files = FolderArchive(folder)
    assert list(files.files()) == []
    assert read(files, "link.txt") is None
    assert read(files, "way/secret.txt") is None
    with pytest.raises(NoPlace):
        files.write("way/new.txt", BytesIO(b"x"))
    assert os.listdir(outside) == ["secret.txt"]


def test_a_file_where_a_folder_is_has_no_place(tmp_path: Path) -> None:
    files = FolderArchive(tmp_path)
    files.write("a.txt.json/b.txt.json", BytesIO(b""))
    with pytest.raises(NoPlace):
        files.write("a.txt.json", BytesIO(b""))
    with pytest.raises(NoPlace):
        files.write("a.txt.json/b.txt.json/c.json", BytesIO(b""))
