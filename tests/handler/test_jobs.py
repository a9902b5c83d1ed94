import gzip
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from mangum import Mangum

from handler import wiring
from handler.app import create_app
from handler.lambda_api import TEXT_TYPES
from handler.wiring import Services
from services.jobs import MAX_ITEMS
from services.model import LanguagePair
from services.ports import Hypothesis
from services.tasks import LEASE_S
from tests.fakes.models import BrokenTranslator, MarkingTranslator
from tests.fakes.queues import Clock, DownQueue, MemoryQueue
from tests.fakes.services import fake_services
from tests.fakes.stores import DownStore, MemoryStore
from tests.handler.conftest import Serve
from tests.handler.test_lambda_api import CONTEXT, KINDS, event, headers_of

HELLO = {"text": "Hello.", "source": "en", "target": "pt"}
JOB = {"call": "translations", "request": HELLO}
BATCH = "/v1/jobs?call=translations&source=en&target=pt"
TEXT_LINE = '{"text": "Hello."}'


class SlowTranslator(MarkingTranslator):
    """Takes 20 ms for each text."""

    def translate(
        self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Hypothesis]]:
        """As it always does."""
        time.sleep(0.02 * len(texts))
        return super().translate(texts, pair, hypotheses, detailed)


def work(services: Services) -> None:
    """Do all that waits."""
    while messages := services.run_task.queue.receive(10, 0, LEASE_S):
        assert [services.run_task(message) for message in messages] == [True] * len(messages)


def batch(api: TestClient, lines: str | bytes | Iterator[bytes], url: str = BATCH, **headers: str) -> Response:
    answer: Response = api.post(url, content=lines, headers={"content-type": "application/x-ndjson", **headers})
    return answer


def results(api: TestClient, job: Mapping[str, Any], query: str = "") -> list[dict[str, Any]]:
    answer = api.get(f"{job['results']}{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/x-ndjson")
    return [json.loads(line) for line in answer.text.splitlines()]


def refusal(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


@pytest.fixture
def services() -> Services:
    return fake_services()


@pytest.fixture
def api(serve: Serve, services: Services) -> TestClient:
    """The API over the services whose tasks the tests do themselves."""
    return serve(services)


def test_a_call_is_accepted_and_its_answer_is_in_the_job(api: TestClient, services: Services) -> None:
    accepted = api.post("/v1/jobs", json=JOB)
    job = accepted.json()
    assert (accepted.status_code, accepted.headers["location"]) == (202, f"/v1/jobs/{job['id']}")
    assert accepted.headers["retry-after"] == "1"
    assert (job["state"], job["call"], job["items"], job["done"], job["answer"]) == (
        "queued",
        "translations",
        1,
        0,
        None,
    )
    waiting = api.get(accepted.headers["location"])
    assert (waiting.status_code, waiting.headers["retry-after"], waiting.json()) == (200, "1", job)
    work(services)
    done = api.get(accepted.headers["location"])
    assert (done.json()["state"], done.json()["done"], done.json()["problem"]) == ("done", 1, None)
    assert "retry-after" not in done.headers
    assert done.json()["answer"]["translations"][0]["text"] == "[en>pt Hello.]"
    assert results(api, job) == [{"index": 0, "status": 200, "answer": done.json()["answer"]}]


REQUESTS: list[tuple[str, dict[str, object]]] = [
    ("translations", {"texts": ["One.", "Two. Três."], "target": ["pt", "es"], "segments": True}),
    ("translations", {"html": "<p>A <b>tram</b>.</p>", "target": "pt,es", "glossary": {"tram": "elétrico"}}),
    ("translations", {"markdown": "# T\n\nA *b*.", "target": "pt", "offsets": "utf-16", "alternatives": 2}),
    (
        "summaries",
        {"text": "One. Two. Three. Four.", "ratio": 0.5, "sort": "rank", "avoid": ["quotes"], "target": "pt"},
    ),
    ("articles", {"title": "T", "text": "One. Two.", "target": "pt", "sentences": 1, "keywords": 2, "story": "s"}),
    ("digests", {"articles": [{"text": "One. Two."}, {"text": "Three."}], "target": "pt"}),
]


@pytest.mark.parametrize(("call", "request_"), REQUESTS)
def test_a_job_answers_what_the_call_answers(serve: Serve, call: str, request_: dict[str, object]) -> None:
    services = fake_services(MarkingTranslator("en>pt", "en>es"))
    api = serve(services)
    job = api.post("/v1/jobs", json={"call": call, "request": request_}).json()
    line = batch(api, json.dumps(request_), f"/v1/jobs?call={call}").json()
    deferred = api.post(f"/v1/{call}", json=request_, headers={"prefer": "respond-async"})
    work(services)
    at_once = api.post(f"/v1/{call}", json=request_)
    assert at_once.status_code == 200
    answers = [api.get(f"/v1/jobs/{one['id']}").json()["answer"] for one in (job, deferred.json())]
    answers += [only["answer"] for only in results(api, line)]
    assert [without_effort(answer) for answer in answers] == [without_effort(at_once.json())] * 3


def without_effort(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer without where it came from, and what that took."""
    return {name: value for name, value in answer.items() if name not in ("cache", "decoded")}


def test_a_call_that_fails_tells_its_problem(api: TestClient, services: Services) -> None:
    job = api.post("/v1/jobs", json={"call": "translations", "request": HELLO | {"target": "ja"}}).json()
    work(services)
    found = api.get(f"/v1/jobs/{job['id']}").json()
    assert (found["state"], found["failed"], found["answer"]) == ("failed", 1, None)
    assert (found["problem"]["code"], found["problem"]["status"]) == ("unsupported-language-pair", 404)


def test_an_engine_that_stays_broken_is_the_reason_in_the_job_and_in_the_dead_letter(serve: Serve) -> None:
    clock = Clock()
    queue = MemoryQueue(clock, clock.sleep)
    services = fake_services(BrokenTranslator(), queue=queue)
    api = serve(services)
    job = api.post("/v1/jobs", json=JOB).json()
    settled = []
    while messages := queue.receive(1, 20, LEASE_S):
        settled += [services.run_task(message) for message in messages]
    found = api.get(f"/v1/jobs/{job['id']}").json()
    assert (settled, found["state"], found["problem"]["code"]) == ([False, False, True], "failed", "engine-failed")
    assert [reason for _, reason in queue.buried] == ["gave up an item; see the job"]


def test_a_batch_has_options_for_all_and_its_lines_may_say_otherwise(api: TestClient, services: Services) -> None:
    lines = [
        '{"text": "One."}',
        "",
        '{"text": "Olá.", "source": "pt", "target": "en"}\r',
        "  ",
        '{"text": "Três", "segments": true}',
    ]
    job = batch(api, "\ufeff" + "\n".join(lines)).json()
    assert job["items"] == 3
    work(services)
    texts = [line["answer"]["translations"][0]["text"] for line in results(api, job)]
    assert texts == ["[en>pt One.]", "[pt>en Olá.]", "[en>pt Três]"]
    assert api.get(f"/v1/jobs/{job['id']}").json()["answer"] is None


BAD_LINES = {
    "not JSON": (b"x", 400),
    "broken off": (b'{"text": "One."', 400),
    "a list": (b"[1]", 422),
    "null": (b"null", 422),
    "not UTF-8": (b'{"text": "Ol\xe1"}', 400),
    "half of a surrogate pair": (b'{"text": "\\ud800"}', 400),
    "deep": (b"[" * 100_000, 400),
    "a huge number": (b'{"text": ' + b"9" * 5_000 + b"}", 400),
    "an unknown member": (b'{"text": "One.", "secret": 1}', 422),
    "no text": (b"{}", 422),
    "no such pair": (b'{"text": "One.", "target": "ja"}', 404),
    "half an option": (b'{"text": "One.", "target": null}', 422),
}


@pytest.mark.parametrize("url", [BATCH, "/v1/jobs?call=translations"])
def test_a_bad_line_is_a_problem_in_its_place(api: TestClient, services: Services, url: str) -> None:
    good = json.dumps(HELLO).encode()
    job = batch(api, b"\n".join([good, *(line for line, _ in BAD_LINES.values()), good]), url).json()
    work(services)
    found = results(api, job)
    assert [line["index"] for line in found] == list(range(len(BAD_LINES) + 2))
    assert [line["status"] for line in found] == [200, *(status for _, status in BAD_LINES.values()), 200]
    tally = api.get(f"/v1/jobs/{job['id']}").json()
    assert (tally["state"], tally["done"], tally["failed"]) == ("done", len(BAD_LINES) + 2, len(BAD_LINES))


def test_ten_thousand_lines_are_accepted_and_no_more(api: TestClient, services: Services) -> None:
    accepted = batch(api, f"{TEXT_LINE}\n" * MAX_ITEMS)
    assert (accepted.status_code, accepted.json()["items"]) == (202, MAX_ITEMS)
    assert services.run_task.queue.depth().waiting == MAX_ITEMS / 25
    assert refusal(batch(api, f"{TEXT_LINE}\n" * (MAX_ITEMS + 1))) == (413, "text-too-long")
    assert services.run_task.queue.depth().waiting == MAX_ITEMS / 25


@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_a_batch_comes_in_blocks_of_any_size(api: TestClient, services: Services, size: int) -> None:
    body = "\n".join(json.dumps({"text": f"Nº {n}"}, ensure_ascii=False) for n in range(60)).encode()
    job = batch(api, (body[start : start + size] for start in range(0, len(body), size))).json()
    work(services)
    texts = [line["answer"]["translations"][0]["text"] for line in results(api, job)]
    assert texts == [f"[en>pt Nº {n}]" for n in range(60)]


@pytest.mark.parametrize(
    ("body", "settings"),
    [
        (f'{TEXT_LINE}\n{{"text": "{"x" * 1_000}"}}', {"max_body_bytes": 1_000}),
        (f"{TEXT_LINE}\n" * 100, {"max_batch_bytes": 1_000}),
    ],
)
def test_a_long_line_and_a_long_batch_are_refused(serve: Serve, body: str, settings: dict[str, Any]) -> None:
    services = fake_services(**settings)
    assert refusal(batch(serve(services), body)) == (413, "body-too-large")
    assert services.run_task.queue.depth().waiting == 0


def test_what_is_no_job_is_refused(api: TestClient, services: Services) -> None:
    for body in ("", "\n \n"):
        assert refusal(batch(api, body)) == (422, "invalid-option")
    for query in ("", "?call=detections", "?target=pt", "?call=translations&x=1", "?call=translations&alternatives=9",
                  "?call=translations&call=summaries", "?call=translations&segments=perhaps"):  # fmt: skip
        assert refusal(batch(api, TEXT_LINE, f"/v1/jobs{query}")) == (422, "invalid-request"), query
    for job in (
        {},
        JOB | {"call": "detections"},
        JOB | {"request": {}},
        JOB | {"x": 1},
        JOB | {"request": HELLO | {"x": 1}},
    ):
        assert refusal(api.post("/v1/jobs", json=job)) == (422, "invalid-request"), job
    assert refusal(api.post("/v1/jobs", json=JOB, params={"call": "translations"})) == (422, "invalid-request")
    assert refusal(api.post("/v1/jobs", content="{", headers={"content-type": "application/json"}))[0] == 400
    assert api.post("/v1/jobs", content="x", headers={"content-type": "text/plain"}).status_code == 415
    assert refusal(batch(api, gzip.compress(TEXT_LINE.encode()), **{"content-encoding": "gzip"}))[0] == 415
    assert services.run_task.queue.depth().waiting == 0


def test_a_webhook_is_refused_where_none_may_be_called(serve: Serve) -> None:
    secret = "whsec_" + "A" * 32
    listed = serve(fake_services(webhook_secret=secret, webhook_hosts="desk.example"))
    there, elsewhere = "https://desk.example/told", "https://elsewhere.example/"
    for api, webhook, status in ((serve(fake_services()), there, 422), (listed, elsewhere, 422), (listed, there, 202)):
        assert api.post("/v1/jobs", json=JOB | {"webhook": webhook}).status_code == status
        assert batch(api, TEXT_LINE, f"{BATCH}&webhook={webhook}").status_code == status


def test_results_are_paged_and_there_in_part_while_a_job_runs(api: TestClient, services: Services) -> None:
    job = batch(api, "\n".join(json.dumps({"text": str(n)}) for n in range(60))).json()
    assert results(api, job) == []
    _, second, _ = services.run_task.queue.receive(3, 0, LEASE_S)
    services.run_task(second)
    half = api.get(f"/v1/jobs/{job['id']}").json()
    assert (half["state"], half["done"], half["ended_at"]) == ("running", 25, None)
    assert [line["index"] for line in results(api, job)] == list(range(25, 50))
    assert [line["index"] for line in results(api, job, "?first=48&limit=10")] == [48, 49]
    for query in ("?first=-1", "?limit=0", "?first=10000", "?first=x"):
        assert refusal(api.get(f"{job['results']}{query}")) == (422, "invalid-request")


def test_a_job_is_cancelled_with_all_that_belongs_to_it(serve: Serve) -> None:
    objects = MemoryStore()
    services = fake_services(objects=objects)
    api = serve(services)
    job = batch(api, f"{TEXT_LINE}\n" * 30).json()
    services.run_task(services.run_task.queue.receive(1, 0, LEASE_S)[0])
    for _ in range(2):
        cancelled = api.delete(f"/v1/jobs/{job['id']}")
        assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
        assert "retry-after" not in cancelled.headers
    work(services)
    assert api.get(f"/v1/jobs/{job['id']}").json()["state"] == "cancelled"
    assert refusal(api.get(f"/v1/jobs/{job['id']}/results")) == (404, "unknown-job")
    assert {key.partition("/")[0] for key in objects.values} <= {"jobs", "translations"}


@pytest.mark.parametrize("job_id", ["a" * 32, "x", "..%2f..%2fetc%2fpasswd", "a" * 31 + "%2f"])
def test_an_unknown_job_is_not_found(api: TestClient, job_id: str) -> None:
    answers = [api.get(f"/v1/jobs/{job_id}"), api.get(f"/v1/jobs/{job_id}/results"), api.delete(f"/v1/jobs/{job_id}")]
    assert {answer.status_code for answer in answers} == {404}
    if "%" not in job_id:
        assert {answer.json()["code"] for answer in answers} == {"unknown-job"}


def test_head_is_get_without_the_body(api: TestClient) -> None:
    location = api.post("/v1/jobs", json=JOB).headers["location"]
    for path in (location, f"{location}/results"):
        head, get = api.head(path), api.get(path)
        assert (head.status_code, head.content, head.headers["retry-after"]) == (200, b"", "1")
        assert head.headers["content-type"] == get.headers["content-type"]


def test_the_same_key_is_the_same_job_and_never_another_one(api: TestClient) -> None:
    key = {"idempotency-key": "k-1"}
    ids = {api.post("/v1/jobs", json=JOB, headers=key).json()["id"] for _ in range(2)}
    assert len(ids) == 1
    assert api.post("/v1/jobs", json=JOB).json()["id"] not in ids
    other = JOB | {"request": HELLO | {"text": "Other."}}
    assert refusal(api.post("/v1/jobs", json=other, headers=key)) == (422, "invalid-option")
    batches = {batch(api, TEXT_LINE, **{"idempotency-key": "k-2"}).json()["id"] for _ in range(2)}
    assert len(batches) == 1
    assert refusal(batch(api, f"{TEXT_LINE}\n{TEXT_LINE}", **{"idempotency-key": "k-2"})) == (422, "invalid-option")


@pytest.mark.parametrize(
    ("prefer", "status", "applied"),
    [
        (None, 200, None),
        ("respond-async", 202, "respond-async"),
        ("Respond-Async", 202, "respond-async"),
        ("return=minimal, respond-async", 202, "respond-async"),
        ("respond-async; x=1", 202, "respond-async"),
        ("wait=10", 200, None),
        ("respond-async, wait=10", 200, None),  # RFC 7240, section 4.3: only where it takes longer
        ("wait=0", 200, None),  # a sentence that has begun is finished
        ("respond-asynchronously", 200, None),
        ("wait=-1", 200, None),
        ("wait=soon", 200, None),
        ('x="respond-async"', 200, None),
        ("", 200, None),
    ],
)
def test_a_caller_may_prefer_a_job(serve: Serve, prefer: str | None, status: int, applied: str | None) -> None:
    answer = serve(fake_services(SlowTranslator())).post(
        "/v1/translations", json=HELLO, headers={} if prefer is None else {"prefer": prefer}
    )
    assert (answer.status_code, answer.headers.get("preference-applied")) == (status, applied)
    assert ("location" in answer.headers) == (status == 202)


LONG = HELLO | {"text": " ".join(f"Sentence number {n}." for n in range(40))}


@pytest.mark.parametrize(("prefer", "applied"), [("wait=0", None), ('respond-async, wait="0"', "respond-async")])
def test_a_long_call_that_may_not_take_long_becomes_a_job(serve: Serve, prefer: str, applied: str | None) -> None:
    answer = serve(fake_services(SlowTranslator())).post("/v1/translations", json=LONG, headers={"prefer": prefer})
    assert (answer.status_code, answer.headers.get("preference-applied")) == (202, applied)


def test_a_call_that_would_be_late_becomes_a_job_and_who_repeats_has_the_same(serve: Serve) -> None:
    services = fake_services(SlowTranslator(), deadline_ms=100)
    api = serve(services)
    accepted = [api.post("/v1/translations", json=LONG) for _ in range(2)]
    assert [answer.status_code for answer in accepted] == [202, 202]
    assert len({answer.headers["location"] for answer in accepted}) == 1
    assert services.run_task.queue.depth().waiting == 1
    work(services)
    done = api.get(accepted[0].headers["location"]).json()
    assert done["state"] == "done"
    at_once = api.post("/v1/translations", json=LONG)
    assert (at_once.status_code, at_once.headers["x-cache"]) == (200, "hit")
    assert without_effort(at_once.json()) == without_effort(done["answer"])


@pytest.mark.parametrize("down", [DownQueue("send"), DownStore("write")])
def test_a_call_that_would_be_late_is_a_503_where_no_job_can_be_made(serve: Serve, down: DownQueue | DownStore) -> None:
    over = {"queue": down} if isinstance(down, DownQueue) else {"objects": down}
    answer = serve(fake_services(SlowTranslator(), deadline_ms=100, **over)).post("/v1/translations", json=LONG)
    assert (refusal(answer), answer.headers["retry-after"]) == ((503, "out-of-time"), "1")


@pytest.mark.parametrize(("over", "code"), [("queue", "queue-unavailable"), ("objects", "store-unavailable")])
def test_a_job_that_cannot_be_accepted_is_a_503(serve: Serve, over: str, code: str) -> None:
    down: dict[str, Any] = {"queue": DownQueue()} if over == "queue" else {"objects": DownStore()}
    api = serve(fake_services(**down))
    for answer in (api.post("/v1/jobs", json=JOB), batch(api, TEXT_LINE)):
        assert (refusal(answer), answer.headers["retry-after"]) == ((503, code), "1")
    assert refusal(api.get(f"/v1/jobs/{'a' * 32}"))[0] == (404 if over == "queue" else 503)


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_goes_through_lambda(services: Services, kind: str) -> None:
    handler = Mangum(create_app(services), lifespan="off", text_mime_types=TEXT_TYPES)
    body, ndjson = json.dumps(JOB).encode(), (TEXT_LINE + "\n").encode() * 30
    one = handler(event(kind, "POST", "/v1/jobs", body, content_type="application/json"), CONTEXT)
    query = "call=translations&source=en&target=pt"
    many = handler(event(kind, "POST", "/v1/jobs", ndjson, query, content_type="application/x-ndjson"), CONTEXT)
    assert [one["statusCode"], many["statusCode"]] == [202, 202]
    work(services)
    done = handler(event(kind, "GET", headers_of(one)["location"]), CONTEXT)
    assert json.loads(done["body"])["answer"]["translations"][0]["text"] == "[en>pt Hello.]"
    lines = handler(event(kind, "GET", f"{headers_of(many)['location']}/results"), CONTEXT)
    assert (lines["isBase64Encoded"], len(lines["body"].splitlines())) == (False, 30)


def test_the_routes_are_described(api: TestClient) -> None:
    paths = api.get("/openapi.json").json()["paths"]
    submit = paths["/v1/jobs"]["post"]
    assert set(submit["requestBody"]["content"]) == {"application/json", "application/x-ndjson"}
    assert set(submit["responses"]["202"]["headers"]) == {"Location", "Retry-After", "Preference-Applied"}
    assert {one["name"] for one in submit["parameters"]} == {"idempotency-key", "call", "webhook"}
    assert set(paths["/v1/jobs/{job_id}"]) == {"get", "delete"}
    assert set(paths["/v1/jobs/{job_id}/results"]["get"]["responses"]["200"]["content"]) == {"application/x-ndjson"}
    assert {"202", "200", "default"} <= set(paths["/v1/translations"]["post"]["responses"])


def test_a_preference_of_any_length_is_read_quickly(api: TestClient) -> None:
    began = time.monotonic()
    for prefer in ("wait" + " " * 30_000 + "x", "wait=" * 6_000, "," * 30_000, ";" * 30_000):
        assert api.post("/v1/translations", json=HELLO, headers={"prefer": prefer}).status_code == 200
    assert time.monotonic() - began < 10


def test_a_batch_that_is_refused_leaves_nothing(serve: Serve) -> None:
    store = MemoryStore()
    api = serve(fake_services(objects=store, max_body_bytes=1_000))
    lines = "\n".join([TEXT_LINE] * 60 + ["x" * 2_000])
    assert batch(api, lines).status_code == 413
    assert store.values == {}
    assert batch(api, "\n" * 200_000).status_code == 413


def test_a_job_whose_key_was_cancelled_is_refused_and_leaves_nothing(serve: Serve) -> None:
    store, key = MemoryStore(), {"idempotency-key": "k"}
    api = serve(fake_services(objects=store))
    place = batch(api, TEXT_LINE, **key).headers["location"]
    assert api.delete(place).json()["state"] == "cancelled"
    assert refusal(batch(api, TEXT_LINE, **key)) == (422, "invalid-option")
    assert {name.partition("/")[0] for name in store.values} == {"jobs", "job-names"}


def test_on_lambda_results_come_in_pages(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "_LAMBDA_ANSWER_BYTES", 2_000)
    services = fake_services(AWS_LAMBDA_FUNCTION_MEMORY_SIZE=1_769)
    api = serve(services)
    place = batch(api, "\n".join([TEXT_LINE] * 30)).headers["location"] + "/results"
    work(services)
    indices, pages = list[int](), 0
    while place:
        answer = api.get(place)
        assert len(answer.content) <= 2_000
        indices += [json.loads(line)["index"] for line in answer.text.splitlines()]
        place, pages = answer.links["next"]["url"] if "next" in answer.links else "", pages + 1
    assert indices == list(range(30))
    assert pages > 3


@pytest.mark.parametrize("is_done", [True, False])
@pytest.mark.parametrize("is_deferred", [True, False])
def test_a_story_is_withdrawn_with_its_jobs(serve: Serve, is_done: bool, is_deferred: bool) -> None:
    objects = MemoryStore()
    services = fake_services(objects=objects)
    api, body = serve(services), HELLO | {"story": "storm"}
    if is_deferred:
        answer = api.post("/v1/translations", json=body, headers={"prefer": "respond-async"})
    else:
        answer = api.post("/v1/jobs", json={"call": "translations", "request": body})
    if is_done:
        work(services)
    assert api.delete("/v1/stories/storm").status_code == 204
    work(services)
    assert api.get(answer.headers["location"]).json()["state"] == "cancelled"
    assert {key.partition("/")[0] for key in objects.values} == {"jobs", "story-files"} | (
        {"job-names"} if is_deferred else set()
    )


def test_a_caller_of_plain_text_is_told_of_a_job_in_a_line(api: TestClient) -> None:
    headers = {"content-type": "text/plain", "prefer": "respond-async"}
    answer = api.post("/v1/translations?target=pt&source=en", content="Hello.", headers=headers)
    assert (answer.status_code, answer.text) == (202, f"accepted: see {answer.headers['location']}\n")
