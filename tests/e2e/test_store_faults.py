"""The application with a store in trouble: the answers are those of an application whose store is well."""

import json
import logging
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3
import pytest
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Receive, Scope, Send

from handler.app import create_app
from handler.prometheus import Prometheus
from handler.wiring import Services
from services.adapters.files import FolderStore
from services.adapters.results import JsonResults
from services.adapters.s3 import S3Store
from services.bounded import spending
from services.model import LanguagePair
from services.ports import Count, Hypothesis, ObjectStore
from services.stories import Stories
from tests.fakes.faults import FaultyProxy, faulty_proxy
from tests.fakes.meters import RecordingMeter
from tests.fakes.ministack import BUCKET
from tests.fakes.models import MarkingTranslator
from tests.fakes.services import fake_services

pytestmark = pytest.mark.usefixtures("aws")

ROOT = Path(__file__).parents[2]
TEXT = "A secret plan. Another one."
BUDGET_MS, WORK_S = 600, 2.5
# Translates texts, some at a time for a story, with results in a folder; says what it was answered.
WORKER = """
import json, resource, sys
from pathlib import Path
from fastapi.testclient import TestClient
from handler.app import create_app
from services.adapters.files import FolderStore
from tests.fakes.services import fake_services
folder, max_file_bytes, *bodies = sys.argv[1:]
services = fake_services(objects=FolderStore(Path(folder)))
api = TestClient(create_app(services), raise_server_exceptions=False)
print("ready", flush=True)
sys.stdin.readline()
if int(max_file_bytes):
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(max_file_bytes), resource.RLIM_INFINITY))
answers = [api.post("/v1/translations", json=json.loads(body)) for body in bodies]
print(json.dumps([[one.status_code, one.headers["x-cache"], one.json()["translations"]] for one in answers]))
"""


class Budgeted:
    """ASGI middleware: gives each request its budget for the store."""

    def __init__(self, app: ASGIApp, budget_s: float) -> None:
        self.app = app
        self.budget_s = budget_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with spending(self.budget_s):
            await self.app(scope, receive, send)


class Newsroom:
    """An application over a store, and what it answers."""

    def __init__(self, objects: ObjectStore, translator: MarkingTranslator | None = None) -> None:
        self.services: Services = fake_services(translator, objects=objects, store_budget_ms=BUDGET_MS)
        app = Budgeted(create_app(self.services), self.services.limits.store_budget_s)
        self.api = TestClient(app, raise_server_exceptions=False)

    def send(self, text: str = TEXT, **options: object) -> str:
        """Translate a text, see that the translation is the right one, and give X-Cache."""
        answer = self.api.post("/v1/translations", json=body(text, **options))
        assert (answer.status_code, answer.json()["translations"]) == (200, right(text))
        return answer.headers["x-cache"]

    def count(self, event: Count) -> int:
        assert isinstance(self.services.telemetry, Prometheus)
        lines = self.services.telemetry.exposition().decode().splitlines()
        samples = dict(line.rsplit(" ", 1) for line in lines if line[0] != "#")
        return int(float(samples[f"interlede_{event}_total"]))


def body(text: str, **options: object) -> dict[str, object]:
    return {"text": text, "source": "en", "target": "pt", **options}


@cache
def well() -> TestClient:
    """An application whose store is well."""
    return TestClient(create_app(fake_services()))


def right(text: str) -> Any:  # noqa: ANN401
    """The translations where nothing goes wrong."""
    return well().post("/v1/translations", json=body(text)).json()["translations"]


@contextmanager
def takes_at_most(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began <= seconds


def soon(condition: Callable[[], bool], within_s: float = 10) -> bool:
    """Whether something comes true in a while: a store that failed is left alone for a moment."""
    give_up_at = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.05)
    return True


class Bucket:
    """A prefix of a bucket, behind a proxy and as it is."""

    def __init__(self, url: str, proxy: FaultyProxy) -> None:
        self.proxy = proxy
        self.faults = proxy.faults
        self.prefix = uuid.uuid4().hex
        self._s3 = boto3.client("s3", endpoint_url=url)

    def store(self) -> S3Store:
        """The prefix through the proxy, by a store that is connected."""
        store = S3Store(BUCKET, self.prefix, self.proxy.url)
        store.get("translations/none")
        return store

    def keys(self) -> list[str]:
        return [one["Key"] for one in self._s3.list_objects_v2(Bucket=BUCKET, Prefix=self.prefix).get("Contents", [])]

    def read(self) -> bytes:
        """The only object."""
        [key] = self.keys()
        value: bytes = self._s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return value

    def write(self, value: bytes) -> None:
        """Replace the only object."""
        [key] = self.keys()
        self._s3.put_object(Bucket=BUCKET, Key=key, Body=value)


@pytest.fixture
def bucket(ministack_url: str) -> Iterator[Bucket]:
    with faulty_proxy(ministack_url) as proxy:
        yield Bucket(ministack_url, proxy)


def test_without_faults_a_result_is_kept_once(bucket: Bucket) -> None:
    newsroom = Newsroom(bucket.store())
    assert [newsroom.send() for _ in range(3)] == ["miss", "hit", "hit"]
    assert len(bucket.keys()) == 1


@pytest.mark.parametrize(
    "fault", ["refuses connections", "resets connections", "is forbidden", "slows down", "is slow", "hangs"]
)
def test_a_store_in_trouble_costs_no_answer_and_little_time(
    bucket: Bucket, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    newsroom = Newsroom(bucket.store())
    match fault:
        case "refuses connections":
            bucket.proxy.refuse()
        case "resets connections":
            bucket.faults.resets = True
        case "is forbidden":
            bucket.faults.refusal = 403, "AccessDenied"
        case "slows down":
            bucket.faults.refusal = 503, "SlowDown"
        case "is slow":
            bucket.faults.latency_s = 2
        case _:
            bucket.faults.latency_s = 3_600
    for _ in range(5):
        with takes_at_most(BUDGET_MS / 1000 + WORK_S):
            assert newsroom.send() == "bypass"
    assert newsroom.count(Count.STORE_BYPASSED) == 5
    assert newsroom.count(Count.STORE_FAILED) >= 3
    if fault != "is forbidden":  # to write; what may not be read is missing
        assert newsroom.count(Count.STORE_SHUNNED) >= 1
    assert {record.levelno for record in caplog.records if record.levelno > logging.INFO} == {logging.WARNING}
    assert "secret" not in str([vars(record) for record in caplog.records])
    assert bucket.keys() == []
    bucket.faults.cease()
    bucket.proxy.listen()
    assert soon(lambda: newsroom.send() == "hit")
    assert len(bucket.keys()) == 1


def test_a_store_that_is_down_at_the_start_is_used_once_it_is_up(bucket: Bucket) -> None:
    bucket.proxy.refuse()
    newsroom = Newsroom(S3Store(BUCKET, bucket.prefix, bucket.proxy.url))
    assert newsroom.send() == "bypass"
    bucket.proxy.listen()
    assert soon(lambda: newsroom.send() == "hit")
    assert len(bucket.keys()) == 1


def test_a_store_that_goes_down_in_the_middle_of_a_request_is_used_once_it_is_up(bucket: Bucket) -> None:
    class Interrupting(MarkingTranslator):
        def translate(
            self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
        ) -> list[list[Hypothesis]]:
            bucket.proxy.refuse()
            return super().translate(texts, pair, hypotheses, detailed)

    newsroom = Newsroom(bucket.store(), Interrupting())
    assert newsroom.send() == "bypass"
    assert bucket.keys() == []
    bucket.proxy.listen()
    assert soon(lambda: newsroom.send() == "hit")
    assert len(bucket.keys()) == 1


def test_a_store_that_throttles_a_third_loses_nothing(bucket: Bucket) -> None:
    newsroom = Newsroom(bucket.store())
    bucket.faults.refusal, bucket.faults.refused_share = (503, "SlowDown"), 0.3
    texts = [f"Report {n}. And so on." for n in range(20)]
    states = [newsroom.send(text) for text in texts for _ in range(2)]
    assert states.count("hit") >= len(texts) / 3
    bucket.faults.cease()
    assert soon(lambda: {newsroom.send(text) for text in texts} == {"hit"})
    assert len(bucket.keys()) == len(texts)


def flipped(value: bytes) -> bytes:
    return value[:-10] + bytes([value[-10] ^ 4]) + value[-9:]


def halved(value: bytes) -> bytes:
    return value[: len(value) // 2]


@pytest.mark.parametrize("alters", [flipped, halved])
def test_a_value_that_is_altered_on_its_way_is_not_read(bucket: Bucket, alters: Callable[[bytes], bytes]) -> None:
    newsroom = Newsroom(bucket.store())
    newsroom.send()
    before = bucket.read()
    bucket.faults.alters = alters
    assert newsroom.send() == "partial"
    assert newsroom.count(Count.RESULT_UNREADABLE) == 2  # it was read before it was translated, and before it was kept
    bucket.faults.cease()
    assert (newsroom.send(), bucket.read()) == ("hit", before)


@pytest.mark.parametrize("alters", [flipped, halved])
def test_a_value_that_is_altered_in_its_place_is_replaced(bucket: Bucket, alters: Callable[[bytes], bytes]) -> None:
    newsroom = Newsroom(bucket.store())
    newsroom.send()
    before = bucket.read()
    bucket.write(alters(before))
    assert [newsroom.send(), newsroom.send()] == ["partial", "hit"]
    assert newsroom.count(Count.RESULT_UNREADABLE) == 2
    assert bucket.read() == before


@pytest.mark.parametrize("is_hung", [False, True], ids=["cut off", "dripping"])
def test_a_value_that_does_not_come_whole_in_time_is_not_waited_for(bucket: Bucket, is_hung: bool) -> None:
    newsroom = Newsroom(bucket.store())
    newsroom.send()
    bucket.faults.missing_bytes, bucket.faults.drips = (0, True) if is_hung else (7, False)
    with takes_at_most(BUDGET_MS / 1000 + WORK_S):
        assert newsroom.send() == "bypass"
    bucket.faults.cease()
    assert soon(lambda: newsroom.send() == "hit")
    assert len(bucket.keys()) == 1


def test_a_story_survives_a_store_in_trouble(bucket: Bucket) -> None:
    newsroom = Newsroom(bucket.store())
    newsroom.send("One. Two.", story="storm")
    bucket.faults.refusal = 503, "SlowDown"
    newsroom.send("One. Two. Three.", story="storm")
    bucket.faults.cease()
    assert soon(lambda: newsroom.send("One. Two. Four.", story="storm") == "hit")
    known = stories(bucket.store()).recall("storm", "marking-en-pt")
    assert {"One.", "Two.", "Four."} <= known.keys()


def stories(objects: ObjectStore) -> Stories:
    return Stories(JsonResults(objects, RecordingMeter()))


def workers(
    folder: Path, bodies: Sequence[Sequence[dict[str, object]]], max_file_bytes: int = 0
) -> list[list[list[Any]]]:
    """What processes are answered that begin at the same moment."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(folder), str(max_file_bytes), *map(json.dumps, one)],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for one in bodies
    ]  # fmt: skip
    for worker in running:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
    outputs = [worker.communicate("go\n", timeout=60) for worker in running]
    return [json.loads(output) for output, _ in outputs]


def test_two_processes_on_one_folder_answer_alike_and_lose_nothing(tmp_path: Path) -> None:
    texts = [f"Report {n}. And so on." for n in range(20)]
    own = [[f"{texts[-1]} {name} {n}." for n in range(10)] for name in ("Anna", "Bruno")]
    bodies = [[body(text) for text in texts] + [body(text, story="storm") for text in mine] for mine in own]
    answers = workers(tmp_path, bodies)
    for sent, got in zip(bodies, answers, strict=True):
        assert [one[::2] for one in got] == [[200, right(str(one["text"]))] for one in sent]
        assert {one[1] for one in got} <= {"miss", "partial", "hit"}
    assert len(list((tmp_path / "translations").glob("[!.]*"))) == len(texts) + 20
    known = stories(FolderStore(tmp_path)).recall("storm", "marking-en-pt")
    assert {text.removeprefix(f"{texts[-1]} ") for mine in own for text in mine} <= known.keys()
    assert not list(tmp_path.glob("*/.draft-*"))


def test_a_full_disk_costs_no_answer(tmp_path: Path) -> None:
    bodies = [body(TEXT), body(TEXT, story="storm"), body(TEXT)]
    [answers] = workers(tmp_path, [bodies], max_file_bytes=1)
    assert [one[::2] for one in answers] == [[200, right(str(one["text"]))] for one in bodies]
    assert {one[1] for one in answers} == {"bypass"}
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    newsroom = Newsroom(FolderStore(tmp_path))
    assert [newsroom.send(), newsroom.send()] == ["miss", "hit"]
