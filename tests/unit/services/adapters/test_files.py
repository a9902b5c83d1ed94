import fcntl
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from services.adapters.files import FolderStore
from services.errors import StoreUnavailable
from tests.fakes.disk import room_for

ROOT = Path(__file__).parents[4]
KEYS = [f"race/{n}" for n in range(100)]
# Puts one letter, many times, under every key, as soon as it is told to.
WRITER = """
import sys
from pathlib import Path
from services.adapters.files import FolderStore
folder, letter, *keys = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
for key in keys:
    FolderStore(Path(folder)).put(key, letter.encode() * 50_000)
"""


def files_below(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def value(store: FolderStore, key: str) -> bytes | None:
    stored = store.get(key)
    return stored and stored.value


def test_the_folder_is_made_by_the_first_value_and_holds_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    store = FolderStore(folder)
    assert store.get("articles/1") is None
    assert not folder.exists()
    store.put("articles/1", b"first")
    store.put("articles/1", b"second")
    store.delete("articles/2")
    assert files_below(tmp_path) == {"results/articles/1"}


def test_what_one_store_keeps_another_one_finds(tmp_path: Path) -> None:
    FolderStore(tmp_path).put("articles/1", b"value")
    assert value(FolderStore(tmp_path), "articles/1") == b"value"


def test_one_whole_value_stays_of_two_processes(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [
        subprocess.Popen([*command, letter, *KEYS], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for letter in "ab"
    ]
    for writer in writers:
        assert writer.stdout
        assert writer.stdout.readline() == b"ready\n"
    for writer in writers:
        assert writer.stdin
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=30)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert {value(FolderStore(tmp_path), key) for key in KEYS} <= {b"a" * 50_000, b"b" * 50_000}
    assert files_below(tmp_path) == set(KEYS)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with room_for(1000), pytest.raises(StoreUnavailable, match="the result folder failed to write"):
        store.put("articles/1", b"x" * 1_000_000)
    assert files_below(tmp_path) == set()
    store.put("articles/1", b"value")
    assert value(store, "articles/1") == b"value"


def test_a_folder_where_a_value_should_be_is_no_missing_value(tmp_path: Path) -> None:
    (tmp_path / "articles" / "1").mkdir(parents=True)
    with pytest.raises(StoreUnavailable, match="the result folder failed to read"):
        FolderStore(tmp_path).get("articles/1")


DAYS = {"articles": timedelta(days=1), "progress": timedelta(days=2)}
DRAFT = ".draft-0123456789abcdef0123456789abcdef"


def aged(folder: Path, **hours_by_name: float) -> FolderStore:
    """A store of files that were written so many hours ago."""
    for name, hours in hours_by_name.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"value")
        os.utime(path, (0, time.time() - 3600 * hours))
    return FolderStore(folder, DAYS)


def test_a_sweep_takes_what_is_older_than_its_kind_is_kept(tmp_path: Path) -> None:
    store = aged(tmp_path, **{"articles/old": 25, "articles/new": 23, "progress/old": 49, "progress/new": 47})
    assert store.sweep() == 2
    assert files_below(tmp_path) == {"articles/new", "progress/new"}
    assert store.sweep() == 0


def test_a_sweep_leaves_what_is_kept_for_good(tmp_path: Path) -> None:
    assert aged(tmp_path, **{"glossaries/old": 100_000}).sweep() == 0
    assert files_below(tmp_path) == {"glossaries/old"}


def test_a_sweep_takes_the_drafts_of_the_dead_and_not_those_of_the_living(tmp_path: Path) -> None:
    store = aged(tmp_path, **{f"articles/{DRAFT}": 2, f"glossaries/{DRAFT}": 2, f"progress/{DRAFT}": 0.5})
    assert store.sweep() == 2
    assert files_below(tmp_path) == {f"progress/{DRAFT}"}


def test_a_sweep_leaves_what_no_store_has_written(tmp_path: Path) -> None:
    foreign = ["notes", "articles/.lock", "articles/notes.txt", "articles/.draft-notes", "articles/folder/old"]
    assert aged(tmp_path, **dict.fromkeys(foreign, 100_000)).sweep() == 0
    assert files_below(tmp_path) == set(foreign)


def test_a_clock_that_was_set_back_makes_nothing_old(tmp_path: Path) -> None:
    store = aged(tmp_path, **{"articles/future": -100_000, f"articles/{DRAFT}": -100_000})
    assert store.sweep() == 0


def test_there_is_nothing_to_sweep_before_the_first_value(tmp_path: Path) -> None:
    assert FolderStore(tmp_path / "not yet", DAYS).sweep() == 0


def test_a_draft_is_not_left_by_a_writer_that_came_too_late(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("articles/1", b"first")
    assert not store.put("articles/1", b"second", "another version")
    assert files_below(tmp_path) == {"articles/1", "articles/.lock"}


def test_a_folder_is_no_value_that_grows_old(tmp_path: Path) -> None:
    store = aged(tmp_path, **{"articles/folder/old": 100_000})
    os.utime(tmp_path / "articles" / "folder", (0, 0))
    assert store.sweep() == 0


def test_nothing_is_deleted_while_somebody_replaces_it(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    store.put("articles/1", b"value")
    with ThreadPoolExecutor(1) as pool, (tmp_path / "articles" / ".lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        deleting = pool.submit(store.delete, "articles/1")
        time.sleep(0.05)
        assert value(store, "articles/1") == b"value"
        fcntl.flock(lock, fcntl.LOCK_UN)
        deleting.result(timeout=30)
    assert value(store, "articles/1") is None
