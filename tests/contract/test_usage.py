"""What every counter of usage promises: the fake of the tests, the file, and DynamoDB against a real server."""

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from services.adapters.dynamodb import DynamoAccess
from services.adapters.sqlite_access import SqliteAccess
from services.errors import UsageUnavailable
from services.ports import RECEIPT_S, Slot, UsageCounter
from tests.contract.conftest import AccessStore
from tests.fakes.ministack import make_access_table
from tests.fakes.queues import Clock

pytestmark = pytest.mark.usefixtures("aws")

ROOT = Path(__file__).parents[2]
LATER = int(time.time()) + 3_600
MONTH, NEXT, OTHER = Slot("a", "2026-11", LATER), Slot("a", "2026-12", LATER), Slot("b", "2026-11", LATER)
# Counts one so often as it is told to, when it is told to.
PROCESS = """
import sys, uuid
from pathlib import Path
from services.adapters.dynamodb import DynamoAccess
from services.adapters.sqlite_access import SqliteAccess
from services.ports import Slot
kind, place, url, times, expires = sys.argv[1:]
store = SqliteAccess(Path(place), patience_s=60) if kind == "sqlite" else DynamoAccess(place, url)
print("ready", flush=True)
sys.stdin.readline()
print(sum(store.add(Slot("a", "2026-11", int(expires)), 1, uuid.uuid4().hex[:16], 42) for _ in range(int(times))))
"""


@pytest.fixture
def counter(access_store: AccessStore) -> UsageCounter:
    """A counter that has counted nothing."""
    return access_store


def receipt() -> str:
    return uuid.uuid4().hex[:16]


def test_nothing_is_counted_at_first(counter: UsageCounter) -> None:
    assert counter.total(MONTH) == 0


def test_amounts_add_up_by_owner_and_period(counter: UsageCounter) -> None:
    for slot, amount in ((MONTH, 5), (MONTH, 10**12), (NEXT, 3), (OTHER, 1)):
        assert counter.add(slot, amount, receipt())
    assert [counter.total(slot) for slot in (MONTH, NEXT, OTHER)] == [10**12 + 5, 3, 1]


def test_the_limit_is_reached_and_not_passed(counter: UsageCounter) -> None:
    assert not counter.add(MONTH, 11, receipt(), 10)
    assert counter.add(MONTH, 4, receipt(), 10)
    assert not counter.add(MONTH, 7, receipt(), 10)
    assert counter.add(MONTH, 6, receipt(), 10)
    assert not counter.add(MONTH, 1, receipt(), 10)
    assert counter.add(OTHER, 1, receipt(), 10)
    assert counter.total(MONTH) == 10


def test_a_limit_that_was_lowered_lets_nothing_through_and_a_raised_one_does(counter: UsageCounter) -> None:
    assert counter.add(MONTH, 10, receipt(), 10)
    assert not counter.add(MONTH, 1, receipt(), 5)
    assert counter.add(MONTH, 1, receipt(), 11)
    assert counter.add(MONTH, 1, receipt())
    assert counter.total(MONTH) == 12


def test_an_amount_is_counted_once_under_its_receipt_also_at_the_limit(counter: UsageCounter) -> None:
    first, second = receipt(), receipt()
    for _ in range(3):
        assert counter.add(MONTH, 6, first, 10)
    assert counter.add(MONTH, 4, second, 10)
    assert counter.add(MONTH, 6, first, 10)
    assert counter.add(MONTH, 4, second, 10)
    assert counter.total(MONTH) == 10


def test_what_is_refused_may_be_counted_later_under_its_receipt(counter: UsageCounter) -> None:
    refused = receipt()
    assert not counter.add(MONTH, 6, refused, 5)
    assert counter.total(MONTH) == 0
    assert counter.add(MONTH, 6, refused, 6)
    assert counter.total(MONTH) == 6


def test_nothing_is_lost_or_doubled_between_threads_that_try_twice(open_access: Callable[[], AccessStore]) -> None:
    start = Barrier(8, timeout=60)

    def count(_: int) -> None:
        counter = open_access()
        start.wait()
        for _ in range(10):
            one = receipt()
            for _ in range(2):
                assert counter.add(MONTH, 3, one)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(8)))
    assert open_access().total(MONTH) == 8 * 10 * 3


def test_many_threads_reach_a_limit_exactly(counter: UsageCounter) -> None:
    start = Barrier(8, timeout=60)

    def count(_: int) -> int:
        start.wait()
        return sum(counter.add(MONTH, 2, receipt(), 25) for _ in range(5))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(count, range(8))) == 12
    assert counter.total(MONTH) == 24


@pytest.mark.parametrize("kind", ["sqlite", "dynamodb"])
def test_many_processes_reach_a_limit_exactly(request: pytest.FixtureRequest, tmp_path: Path, kind: str) -> None:
    place, url = str(tmp_path / "access.sqlite"), "-"
    if kind == "dynamodb":
        place, url = f"access-{uuid.uuid4().hex}", request.getfixturevalue("ministack_url")
        make_access_table(url, place)
    command = [sys.executable, "-c", PROCESS, kind, place, url, "12", str(LATER)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    counted = sum(int(told) for told in _told(processes))
    store: UsageCounter = SqliteAccess(Path(place)) if kind == "sqlite" else DynamoAccess(place, url)
    assert (counted, store.total(MONTH)) == (42, 42)


def _told(processes: Sequence[subprocess.Popen[str]]) -> list[str]:
    for process in processes:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin
        process.stdin.write("\n")
        process.stdin.flush()
    return [process.communicate(timeout=120)[0] for process in processes]


@pytest.mark.parametrize("kind", ["sqlite", "dynamodb"])
def test_a_receipt_holds_while_time_passes_and_others_count(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    clock = Clock()
    store: UsageCounter = SqliteAccess(tmp_path / "access.sqlite", clock=clock)
    if kind == "dynamodb":
        table, url = f"access-{uuid.uuid4().hex}", request.getfixturevalue("ministack_url")
        make_access_table(url, table)
        store = DynamoAccess(table, url, clock)
    slot, counted = Slot("a", "2033", int(clock.now) + 10**6), 0
    for _ in range(8):
        one = receipt()
        for _ in range(4):
            assert store.add(slot, 1, one)
            assert store.add(slot, 1, receipt())
            clock.sleep(RECEIPT_S / 4 + 0.1)
        counted += 5
        assert store.total(slot) == counted


def test_receipts_hold_between_clocks_that_differ(ministack_url: str) -> None:
    table, clock = f"access-{uuid.uuid4().hex}", Clock()
    make_access_table(ministack_url, table)
    early, right, late = (
        DynamoAccess(table, ministack_url, lambda ahead_s=ahead_s: clock.now + ahead_s) for ahead_s in (9, 0, -9)
    )
    counted = 0
    for _ in range(12):
        one = receipt()
        for who in (right, early, late, right, late, early):
            assert who.add(MONTH, 1, one)
            assert who.add(MONTH, 1, receipt())
            clock.sleep(3)
        counted += 7
        assert right.total(MONTH) == counted


def test_receipts_of_dynamodb_do_not_pile_up(ministack_url: str) -> None:
    import boto3

    table, clock = f"access-{uuid.uuid4().hex}", Clock()
    make_access_table(ministack_url, table)
    store = DynamoAccess(table, ministack_url, clock)
    for _ in range(30):
        assert store.add(MONTH, 1, receipt())
        clock.sleep(RECEIPT_S / 2)
    key = {"owner": {"S": MONTH.owner}, "period": {"S": MONTH.period}}
    item = boto3.client("dynamodb", endpoint_url=ministack_url).get_item(TableName=table, Key=key)["Item"]
    assert item["amount"] == {"N": "30"}
    assert item["expires_at"] == {"N": str(LATER)}
    assert sum(len(one["BS"]) for name, one in item.items() if name.startswith("receipts")) <= 9


def test_what_has_expired_goes_from_the_file(tmp_path: Path) -> None:
    clock = Clock()
    store, old = SqliteAccess(tmp_path / "access.sqlite", clock=clock), Slot("a", "old", 1_900_000_060)
    assert store.add(old, 5, receipt())
    clock.sleep(61)
    assert store.add(Slot("a", "new", 1_900_000_999), 1, receipt())
    assert store.total(old) == 0


def test_a_counter_that_is_down_says_so_and_that_nothing_is_counted(down_access_store: AccessStore) -> None:
    for operation, call in {
        "count": lambda: down_access_store.add(MONTH, 1, receipt(), 5),
        "read": lambda: down_access_store.total(MONTH),
    }.items():
        with pytest.raises(UsageUnavailable) as raised:
            call()
        assert raised.value.facts == {"operation": operation}
        assert not raised.value.in_doubt
