"""The estimate counts what the code does: here it is counted."""

import json
from collections import Counter

import pytest

from infra.bulk.costs import Requests, of_worker
from infra.bulk.survey import Survey, described, duration
from infra.prices import CORE_MB, PRICES, compute_cost
from services.deadline import within
from services.ports import NOTHING, Stored
from tests.fakes.queues import MemoryQueue
from tests.fakes.services import fake_services
from tests.fakes.stores import MemoryStore


class CountingStore(MemoryStore):
    """Counts its calls."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = Counter[str]()

    def get(self, key: str) -> Stored | None:
        """Count one more."""
        self.calls["get"] += 1
        return super().get(key)

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        """Count one more."""
        self.calls["put"] += 1
        return super().put(key, value, over)


@pytest.mark.parametrize("items", [1, 5, 25])
def test_a_task_asks_of_the_store_what_the_estimate_says(items: int) -> None:
    store, queue = CountingStore(), MemoryQueue()
    services = fake_services(objects=store, queue=queue)
    submission = services.jobs.submission("translations")
    for n in range(items):
        submission.add(json.dumps({"text": f"Text {n}.", "source": "en", "target": "pt"}))
    job = services.jobs.begin(submission, "translations", is_batch=True)
    (message,) = queue.receive(1, 0, 60)
    store.calls.clear()
    with within(60):  # as on Lambda, where what is finished is kept when time is over
        assert services.run_task(message)
    assert services.jobs.find(job.id).ended_at
    store.calls["get"] -= 1  # ours
    assert store.calls == {"get": of_worker(items).s3_get, "put": of_worker(items).s3_put}


def test_requests_cost_what_their_prices_say() -> None:
    assert Requests(s3_put=1_000_000).cost() == pytest.approx(5)
    assert (Requests(s3_get=1) + Requests(sqs=2)) * 2 == Requests(s3_get=2, sqs=4)
    assert compute_cost(3600, CORE_MB) == pytest.approx(3600 * CORE_MB / 1024 * PRICES.lambda_x86_gb_s)
    assert compute_cost(1, arm=True) < compute_cost(1)


def test_an_estimate_names_its_prices_and_their_date() -> None:
    survey = Survey(files=1_000_000, size_bytes=3_500_000_000)
    told = described(survey, 100, CORE_MB, 2, is_local=True)
    assert "1,000,000 files to do, about 3,500,000,000 characters" in told
    assert "check them" in told
    assert str(PRICES.written_down) in told
    assert 20 < survey.estimate(100, CORE_MB).cost() < 100


def test_twice_the_functions_halve_the_time_until_the_feeder_is_the_slower_one() -> None:
    survey = Survey(files=10_000, size_bytes=35_000_000)
    ten, twenty, many = (survey.estimate(n, CORE_MB).elapsed_s for n in (10, 20, 100_000))
    assert ten == pytest.approx(2 * twenty)
    assert many == survey.estimate(200_000, CORE_MB).elapsed_s > 0


@pytest.mark.parametrize(("seconds", "told"), [(3, "3 s"), (150, "2 min"), (7_300, "2 h"), (400_000, "5 d")])
def test_durations_are_round(seconds: float, told: str) -> None:
    assert duration(seconds) == told
