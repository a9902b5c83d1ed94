import subprocess
import sys
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


def test_the_folder_is_made_by_the_first_value_and_holds_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    store = FolderStore(folder)
    assert store.get("articles/1") is None
    assert not folder.exists()
    store.put("articles/1", b"first")
    store.put("articles/1", b"second")
    assert files_below(tmp_path) == {"results/articles/1"}


def test_what_one_store_keeps_another_one_finds(tmp_path: Path) -> None:
    FolderStore(tmp_path).put("articles/1", b"value")
    assert FolderStore(tmp_path).get("articles/1") == b"value"


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
    assert {FolderStore(tmp_path).get(key) for key in KEYS} <= {b"a" * 50_000, b"b" * 50_000}
    assert files_below(tmp_path) == set(KEYS)


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    with room_for(1000), pytest.raises(StoreUnavailable, match="the result folder failed to write"):
        store.put("articles/1", b"x" * 1_000_000)
    assert files_below(tmp_path) == set()
    store.put("articles/1", b"value")
    assert store.get("articles/1") == b"value"


def test_a_folder_where_a_value_should_be_is_no_missing_value(tmp_path: Path) -> None:
    (tmp_path / "articles" / "1").mkdir(parents=True)
    with pytest.raises(StoreUnavailable, match="the result folder failed to read"):
        FolderStore(tmp_path).get("articles/1")
