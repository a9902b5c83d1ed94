"""SqliteQueue in trouble; what it promises as every queue does, see tests/contract."""

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import IO

import pytest

from services.adapters.sqlite import DeadLetter, SqliteQueue
from services.errors import QueueUnavailable
from services.ports import Depth
from tests.fakes.disk import room_for
from tests.fakes.queues import Clock

ROOT = Path(__file__).parents[4]
DAY_S = 24 * 60 * 60
# Each is a process of its own with a queue, told what to do by its arguments.
QUEUE = """
import itertools, sys, time
from pathlib import Path
from services.adapters.sqlite import SqliteQueue
queue, arguments = SqliteQueue(Path(sys.argv[1])), sys.argv[2:]
"""
# Holds all messages for half a second, and then forever.
HOLDER = (
    QUEUE
    + """
print(len(queue.receive(10, 0, 0.5)), flush=True)
time.sleep(600)
"""
)
# Sends pairs, tells which, receives now and then, tells what, and deletes that.
BUSY = (
    QUEUE
    + """
for n in itertools.count():
    queue.send([f"{arguments[0]} {n} {half}" for half in "ab"])
    print("sent", arguments[0], n, flush=True)
    for message in queue.receive(1, 0, 0.2):
        print("done", message.body, flush=True)
        queue.delete(message.receipt)
"""
)
# Sends 25 messages as soon as it is told to, and receives until all is empty.
RACER = (
    QUEUE
    + """
print("ready", flush=True)
sys.stdin.readline()
queue.send([f"{arguments[0]} {n}" for n in range(25)])
while messages := queue.receive(3, 0.5, 60):
    for message in messages:
        print(message.body)
"""
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file is made."""
    return tmp_path / "jobs" / "queue.db"


def process(script: str, path: Path, *arguments: str, output: int | IO[str] = subprocess.PIPE) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", script, str(path), *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=output, text=True)


def received(queue: SqliteQueue, wait_s: float = 0) -> dict[str, int]:
    """The bodies of all messages, which are leased for long, and how often each was received."""
    found = {}
    while messages := queue.receive(10, wait_s, 600):
        found |= {message.body: message.receives for message in messages}
    return found


def raw(path: Path, *statements: str) -> list[object]:
    """What SQLite answers to the last statement."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        return [[row[0] for row in db.execute(statement)] for statement in statements][-1]


def test_the_file_is_made_with_its_folder_when_it_is_needed_and_what_it_keeps_another_queue_finds(path: Path) -> None:
    queue = SqliteQueue(path)
    assert not path.parent.exists()
    queue.send(["first"])
    assert received(SqliteQueue(path)) == {"first": 1}


def test_the_longest_waiting_comes_first(path: Path) -> None:
    clock = Clock()
    queue = SqliteQueue(path, clock=clock)
    queue.send(["delayed"], delay_s=2)
    queue.send(["first", "second"])
    clock.sleep(2)
    queue.send(["last"])
    assert [message.body for message in queue.receive(10, 0, 1)] == ["first", "second", "delayed", "last"]


def test_four_processes_make_one_file_at_once_and_no_message_is_held_by_two(path: Path) -> None:
    racers = [process(RACER, path, name) for name in "abcd"]
    for racer in racers:
        assert racer.stdout
        assert racer.stdout.readline() == "ready\n"
    for racer in racers:
        assert racer.stdin
        racer.stdin.write("go\n")
        racer.stdin.flush()
    held = [line for racer in racers for line in racer.communicate(timeout=60)[0].splitlines()]
    assert [racer.returncode for racer in racers] == [0, 0, 0, 0]
    assert sorted(held) == sorted(f"{name} {n}" for name in "abcd" for n in range(25))


def test_what_a_killed_process_held_comes_back(path: Path) -> None:
    queue = SqliteQueue(path)
    queue.send(["one", "two"])
    holder = process(HOLDER, path)
    assert holder.stdout
    assert holder.stdout.readline() == "2\n"
    holder.kill()
    holder.communicate(timeout=30)
    assert received(queue, wait_s=0.6) == {"one": 2, "two": 2}


@pytest.mark.parametrize("after_s", [0, 0.05, 0.1])
def test_processes_killed_at_any_point_lose_nothing_that_was_sent(path: Path, tmp_path: Path, after_s: float) -> None:
    told = tmp_path / "told"
    with told.open("a") as output:
        workers = [process(BUSY, path, name, output=output) for name in "xy"]
        give_up_at = time.monotonic() + 30
        while not told.stat().st_size and time.monotonic() < give_up_at:
            time.sleep(0.01)
        time.sleep(after_s)
        for worker in workers:
            worker.kill()
            worker.communicate(timeout=30)
    lines = [line.split() for line in told.read_text().splitlines()]
    sent = {" ".join(what) for verb, *what in lines if verb == "sent"}
    done = {" ".join(what) for verb, *what in lines if verb == "done"}
    assert raw(path, "PRAGMA integrity_check") == ["ok"]
    known = done | received(SqliteQueue(path), wait_s=0.3).keys()
    assert sent
    assert {f"{pair} {half}" for pair in sent for half in "ab"} <= known
    assert {body[:-1] + half for body in known for half in "ab"} == known


@pytest.mark.parametrize("back_s", [0.001, 3600, 400 * DAY_S])
def test_a_clock_set_back_neither_ends_leases_and_delays_nor_makes_them_longer(path: Path, back_s: float) -> None:
    clock = Clock()
    queue = SqliteQueue(path, clock=clock)
    queue.send(["leased"])
    [message] = queue.receive(1, 0, 100)
    queue.send(["delayed"], delay_s=100)
    queue.send(["sent"])
    clock.sleep(-back_s)
    assert received(queue) == {"sent": 1}
    queue.extend(message.receipt, 50)
    clock.sleep(49)
    assert received(queue) == {}
    clock.sleep(1)
    assert received(queue) == {"leased": 2}
    clock.sleep(50)
    assert received(queue) == {"delayed": 1}


def test_a_message_that_was_given_back_is_not_hidden_again(path: Path) -> None:
    queue = SqliteQueue(path)
    queue.send(["message"])
    [message] = queue.receive(1, 0, 100)
    for lease_s in (0, 100):
        queue.extend(message.receipt, lease_s)
    assert received(queue) == {"message": 2}


def test_the_dead_are_listed_in_order_and_sent_once_more(path: Path) -> None:
    clock = Clock()
    queue = SqliteQueue(path, clock=clock)
    queue.send(["one", "two"])
    for message in queue.receive(2, 0, 100):
        queue.bury(message, f"no {message.body}")
        clock.sleep(1)
    assert queue.dead_letters() == [
        DeadLetter("one", "no one", 1, clock.now - 2),
        DeadLetter("two", "no two", 1, clock.now - 1),
    ]
    assert (queue.redrive(), queue.redrive()) == (2, 0)
    assert queue.depth() == Depth(waiting=2, leased=0, dead=0)
    assert received(queue) == {"one": 1, "two": 1}


def test_a_message_is_not_buried_by_who_came_too_late(path: Path) -> None:
    clock = Clock()
    queue = SqliteQueue(path, clock=clock)
    queue.send(["message"])
    [late] = queue.receive(1, 0, 10)
    clock.sleep(10)
    assert received(queue) == {"message": 2}
    queue.bury(late, "too late")
    assert queue.depth() == Depth(waiting=0, leased=1, dead=0)


def test_of_the_dead_the_last_are_kept_and_for_14_days(path: Path) -> None:
    clock = Clock()
    queue = SqliteQueue(path, max_dead=3, clock=clock)
    queue.send([f"{n}" for n in range(6)])
    messages = queue.receive(6, 0, 43_200)
    for message in messages[:5]:
        queue.bury(message, "reason")
    assert [letter.body for letter in queue.dead_letters()] == ["2", "3", "4"]
    clock.sleep(14 * DAY_S)
    queue.bury(messages[5], "reason")
    assert [letter.body for letter in queue.dead_letters()] == ["5"]


def test_a_full_disk_keeps_all_that_was_sent_before_and_nothing_of_what_was_not(path: Path) -> None:
    queue = SqliteQueue(path)
    queue.send(["first"])
    with room_for(40_000), pytest.raises(QueueUnavailable, match="the queue file failed to send"):
        queue.send(["second", "x" * 100_000])
    assert received(queue) == {"first": 1}
    queue.send(["second"])
    assert received(queue) == {"second": 1}


def test_a_locked_file_is_waited_for_and_then_unavailable_until_it_is_let_go(path: Path) -> None:
    queue = SqliteQueue(path, patience_s=0.1)
    queue.send(["first"])
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(QueueUnavailable, match="the queue file failed to send"):
            queue.send(["second"])
        with pytest.raises(QueueUnavailable, match="the queue file failed to receive"):
            queue.receive(1, 0, 1)
        assert queue.depth() == Depth(waiting=1, leased=0, dead=0)
    assert received(queue) == {"first": 1}


def no_database(content: bytes) -> bytes:
    return b"no database" * len(content)


def first_page_only(content: bytes) -> bytes:
    return content[:4096] + b"\xff" * (len(content) - 4096)


def cut_off(content: bytes) -> bytes:
    return content[:5000]


@pytest.mark.parametrize("broken", [no_database, first_page_only, cut_off])
def test_a_broken_file_is_unavailable(path: Path, broken: Callable[[bytes], bytes]) -> None:
    queue = SqliteQueue(path)
    queue.send([f"{n}" for n in range(500)])
    path.write_bytes(broken(path.read_bytes()))
    with pytest.raises(QueueUnavailable, match="the queue file failed to receive"):
        queue.receive(1, 0, 1)
    with pytest.raises(QueueUnavailable, match="the queue file failed to send"):
        queue.send(["message"])


def test_a_file_laid_out_by_a_later_version_is_left_alone(path: Path) -> None:
    SqliteQueue(path).send(["message"])
    raw(path, "PRAGMA journal_mode = DELETE", "PRAGMA user_version = 99")
    content = path.read_bytes()
    with pytest.raises(QueueUnavailable, match="the queue file failed to send"):
        SqliteQueue(path).send(["message"])
    assert path.read_bytes() == content
