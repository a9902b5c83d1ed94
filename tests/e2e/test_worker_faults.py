"""Workers as processes, which die, meet each other, and get messages twice, over a real store and queue."""

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from handler.schemas.v1.requests import TranslationRequest
from handler.settings import Settings
from handler.wiring import Services, build
from services.jobs import Job, State, task_message
from tests.fakes.ministack import AWS_ENV, BUCKET, make_queue, messages_with_reasons, ministack

LEASE_S = 2
# `python -m handler work`, but for a lease that a test can wait for.
WORKER = f"""
from dataclasses import replace
from threading import Event
from handler.settings import Settings
from handler.wiring import build
from services.pump import Pump

run_task = replace(build(Settings()).run_task, lease_s={LEASE_S})
Pump(run_task.queue, run_task, {LEASE_S}).work(Event())
"""
COMMAND = [sys.executable, "-m", "handler", "work"]
SHORT_LEASE = [sys.executable, "-c", WORKER]
POISON = ["no JSON", '{"job": "../x", "task": 0}', task_message("f" * 32, 0)]
GIVE_UP_AFTER_S = 60


def item(n: int) -> str:
    """A text of its own; every tenth is none."""
    text = json.dumps({"text": f"The council met on Monday, and {n} people came."})
    return text if n % 10 else '{"text": 0}'


def expected(services: Services, n: int) -> tuple[int, object]:
    """What a call that is made at once gives."""
    if n % 10 == 0:
        return 422, None
    body = TranslationRequest.model_validate_json(whole(n))
    return 200, comparable(services.operations["translations"].run(body).answer.model_dump(mode="json"))


def whole(n: int) -> str:
    return json.dumps(json.loads(item(n)) | {"source": "en", "target": "pt"})


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without where it came from, and what that took."""
    return {name: value for name, value in answer.items() if name not in ("cache", "decoded")}


def submit(services: Services) -> dict[str, list[int]]:
    """Ten calls and two batches, by the ids of their jobs."""
    numbers = [[n] for n in range(1, 11)] + [list(range(20, 50)), list(range(50, 80))]
    jobs = {}
    for some in numbers:
        submission = services.jobs.submission("translations")
        for n in some:
            submission.add(whole(n))
        job = services.jobs.begin(submission, "translations", is_batch=len(some) > 1)
        jobs[job.id] = some
    return jobs


def send_again_shuffled(services: Services, jobs: Mapping[str, list[int]]) -> None:
    """Every message a second time, and some that are none, in no order."""
    again = [task_message(job_id, task) for job_id, some in jobs.items() for task in range(1 + (len(some) > 25))]
    random.shuffle(again)
    services.run_task.queue.send([*again, *POISON])


def check(services: Services, direct: Services, jobs: Mapping[str, list[int]]) -> None:
    """Every item has what a call gives, once and in its place."""
    for job_id, some in jobs.items():
        job: Job = services.jobs.find(job_id)
        bad = sum(n % 10 == 0 for n in some)
        assert (job.state, job.done, job.failed) == (State.FAILED if some == [10] else State.DONE, len(some), bad)
        found = list(services.jobs.outcomes(job))
        assert [place for place, _ in found] == list(range(len(some)))
        for n, (_, outcome) in zip(some, found, strict=True):
            answer = None if outcome.failed else comparable(json.loads(outcome.body))
            assert (outcome.status, answer) == expected(direct, n)


@contextmanager
def worker(command: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    """A worker that is killed in the end."""
    process = subprocess.Popen(command, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
    try:
        yield
        assert process.poll() is None
    finally:
        process.kill()
        process.wait()


def wait_until_done(services: Services) -> None:
    give_up_at = time.monotonic() + GIVE_UP_AFTER_S
    while is_left(services):
        assert time.monotonic() < give_up_at, services.run_task.queue.depth()
        time.sleep(0.1)


def is_left(services: Services) -> bool:
    depth = services.run_task.queue.depth()
    return depth.waiting + depth.leased > 0


def kill_some(services: Services, environment: Mapping[str, str], kills: int) -> None:
    """Let workers die at random moments, and two live in the end."""
    for _ in range(kills):
        with worker(SHORT_LEASE, environment):
            time.sleep(random.uniform(0.8, 1.8))
    with worker(SHORT_LEASE, environment), worker(SHORT_LEASE, environment):
        wait_until_done(services)


@pytest.fixture
def folder(tmp_path: Path) -> dict[str, str]:
    """Settings of a folder and a queue file."""
    return {"INTERLEDE_RESULTS": str(tmp_path / "results"), "INTERLEDE_QUEUE": str(tmp_path / "queue.sqlite")}


@pytest.fixture
def over_aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Settings of a bucket and two queues on a server of S3 and SQS."""
    for name, value in AWS_ENV.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with ministack(tmp_path) as url:
        yield {
            "INTERLEDE_RESULTS": f"s3://{BUCKET}",
            "INTERLEDE_S3_ENDPOINT_URL": url,
            "INTERLEDE_QUEUE": make_queue(url, "tasks"),
            "INTERLEDE_DEAD_LETTERS": make_queue(url, "dead"),
            "INTERLEDE_SQS_ENDPOINT_URL": url,
        }


@pytest.fixture
def there(environment: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Services:
    """The services of this process over the store and the queue that the workers have."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return build(Settings())


@pytest.fixture
def environment(request: pytest.FixtureRequest) -> dict[str, str]:
    found: dict[str, str] = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("environment", ["folder"], indirect=True)
def test_two_workers_share_what_comes_twice_and_bury_what_is_no_task(
    environment: dict[str, str], there: Services, services: Services
) -> None:
    jobs = submit(there)
    send_again_shuffled(there, jobs)
    with worker(COMMAND, environment), worker(COMMAND, environment):
        wait_until_done(there)
    check(there, services, jobs)
    assert there.run_task.queue.depth().dead == len(POISON)


@pytest.mark.parametrize("environment", ["folder", "over_aws"], indirect=True)
def test_whenever_workers_are_killed_every_job_ends_as_it_should(
    environment: dict[str, str], there: Services, services: Services
) -> None:
    jobs = submit(there)
    send_again_shuffled(there, jobs)
    kill_some(there, environment, kills=3)
    check(there, services, jobs)
    assert there.run_task.queue.depth().dead >= len(POISON)  # SQS may have one in both places when a worker dies
    if "INTERLEDE_SQS_ENDPOINT_URL" in environment:
        dead = messages_with_reasons(environment["INTERLEDE_SQS_ENDPOINT_URL"], environment["INTERLEDE_DEAD_LETTERS"])
        assert {body for body, _ in dead} == set(POISON)
        assert {reason for _, reason in dead} == {"not a task", "no such job"}
