"""Least privilege: each function is run against a server of S3 and SQS, and what it calls is what its role allows."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore import xform_name
from fastapi.testclient import TestClient

from handler.app import create_app
from handler.lambda_worker import work
from handler.settings import Settings
from handler.wiring import Services, build
from tests.fakes.ministack import BUCKET, make_queue
from tests.fakes.rights import Call, Right, given, recorded

pytestmark = pytest.mark.usefixtures("aws")

TEXT = {"text": "The council voted on Tuesday to keep the night ferry.", "target": "pt"}
ARTICLES = [{"id": one, "text": f"{TEXT['text']} It sails from {one}."} for one in ("Faro", "Porto")]
LONG = " ".join(f"The council voted {n} times on Tuesday to keep the night ferry to pier {n}." for n in range(600))
# What Lambda itself does in the role of a function (developer guide: "Execution role", "X-Ray", "Amazon SQS").
LAMBDA_ITSELF = {
    "ApiRole": {
        *(Right(f"logs:{action}", "ApiLogGroup") for action in ("CreateLogStream", "PutLogEvents")),
        *(Right(f"xray:{action}", "*") for action in ("PutTraceSegments", "PutTelemetryRecords")),
    },
    "WorkerRole": {
        *(Right(f"logs:{action}", "WorkerLogGroup") for action in ("CreateLogStream", "PutLogEvents")),
        *(Right(f"xray:{action}", "*") for action in ("PutTraceSegments", "PutTelemetryRecords")),
        *(Right(f"sqs:{one}", "JobQueue") for one in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes")),
    },
}
# A worker that is no Lambda function receives for itself, and the depth of a queue is for the tests.
NOT_ON_LAMBDA = {"receive_message", "get_queue_attributes"}


@pytest.fixture(scope="module")
def settings(ministack_url: str) -> Settings:
    """Those of the functions, but for where the server is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "test")
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        return Settings(
            results=f"s3://{BUCKET}/rights",
            queue=make_queue(ministack_url, "rights"),
            dead_letters=make_queue(ministack_url, "rights-dead"),
            s3_endpoint_url=ministack_url,
            sqs_endpoint_url=ministack_url,
            store_budget_ms=10_000,
        )


@pytest.fixture(scope="module")
def mapping(settings: Settings) -> Any:  # noqa: ANN401
    """A client as an event source mapping has one: it is not the function's."""
    return boto3.client("sqs", "eu-west-1", endpoint_url=settings.sqs_endpoint_url)


@pytest.fixture
def calls(settings: Settings) -> Iterator[set[Call]]:
    names = {BUCKET: "Results/*", str(settings.queue): "JobQueue", str(settings.dead_letters): "DeadLetters"}
    with recorded(names) as calls:
        yield calls


def every_route(client: TestClient) -> set[tuple[str, str]]:
    """Call each once, or more often, and give the methods and paths that were called."""
    called = set[tuple[str, str]]()

    def call(method: str, path: str, /, **ids: str) -> Any:  # noqa: ANN401
        body = {"json": BODIES.get((method, path))} if (method, path) in BODIES else {}
        answer = client.request(method, path.format(**ids), **body)
        assert answer.status_code < 400, (method, path, answer.text)
        called.add((method.lower(), path))
        return answer.json() if answer.content and "json" in answer.headers["content-type"] else None

    for path in ("/v1/translations", "/v1/summaries", "/v1/detections", "/v1/digests"):
        call("POST", path)
    article = call("POST", "/v1/articles")["id"]
    for method in ("GET", "DELETE"):
        call(method, "/v1/articles/{article_id}", article_id=article)
    call("DELETE", "/v1/stories/{story}", story="ferry")
    for method in ("PUT", "GET", "DELETE"):
        call(method, "/v1/glossaries/{glossary_id}", glossary_id="desk")
    job = call("POST", "/v1/jobs")["id"]
    call("GET", "/v1/jobs/{job_id}", job_id=job)
    call("GET", "/v1/jobs/{job_id}/results", job_id=job)
    call("DELETE", "/v1/jobs/{job_id}", job_id=job)
    for path in ("/v1/languages", "/healthz", "/metrics"):
        call("GET", path)
    return called


BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/translations"): TEXT | {"story": "ferry"},
    ("POST", "/v1/summaries"): TEXT,
    ("POST", "/v1/detections"): {"text": TEXT["text"]},
    ("POST", "/v1/digests"): {"articles": ARTICLES, "target": "pt"},
    ("POST", "/v1/articles"): TEXT | {"story": "ferry"},
    ("PUT", "/v1/glossaries/{glossary_id}"): {"terms": {"ferry": "balsa"}, "source": "en", "target": "pt"},
    ("POST", "/v1/jobs"): {"call": "translations", "request": TEXT},
}


def test_the_api_may_do_what_it_does_and_nothing_else(
    settings: Settings, calls: set[Call], templates: dict[str, dict[str, Any]]
) -> None:
    app = create_app(build(settings))
    client = TestClient(app)
    called = every_route(client)
    assert called == {(method, path) for path, methods in app.openapi()["paths"].items() for method in methods}
    deferred = client.post("/v1/translations", json=TEXT, headers={"Prefer": "respond-async"})
    assert deferred.status_code == 202
    assert_needed(templates, "ApiRole", calls)


def test_the_worker_may_do_what_it_does_and_nothing_else(
    settings: Settings,
    mapping: Any,  # noqa: ANN401
    calls: set[Call],
    templates: dict[str, dict[str, Any]],
) -> None:
    every_fate(build(settings), settings, mapping)
    assert_needed(templates, "WorkerRole", calls)
    assert_all_known(calls)


def every_fate(services: Services, settings: Settings, sqs: Any) -> None:  # noqa: ANN401
    """Have a message of each kind done by the worker: done, cancelled, given back, too long for now, poison."""
    sqs.purge_queue(QueueUrl=settings.queue)
    done = _submit(services, TEXT)
    _work(services, settings, sqs, left_s=60)
    assert services.jobs.find(done).state == "done"
    _submit(services, TEXT)
    _work(services, settings, sqs, left_s=3)  # given back
    services.jobs.cancel(_submit(services, TEXT | {"text": "Nobody wants to know."}))
    _work(services, settings, sqs, left_s=60)
    too_long = _submit(services, {"text": LONG, "target": "pt"})
    _work(services, settings, sqs, left_s=6.2)
    assert services.jobs.find(too_long).state == "queued"
    sqs.send_message(QueueUrl=settings.queue, MessageBody="poison")
    _work(services, settings, sqs, left_s=60)


def _submit(services: Services, request: dict[str, str]) -> str:
    submission = services.jobs.submission("translations")
    submission.add(json.dumps(request))
    return services.jobs.begin(submission, "translations").id


def _work(services: Services, settings: Settings, sqs: Any, left_s: float) -> None:  # noqa: ANN401
    """Receive as an event source mapping does, and call the worker."""
    received = sqs.receive_message(
        QueueUrl=settings.queue, MaxNumberOfMessages=10, MessageSystemAttributeNames=["All"], WaitTimeSeconds=1
    )
    records = [
        {
            "messageId": one["MessageId"],
            "body": one["Body"],
            "receiptHandle": one["ReceiptHandle"],
            "attributes": one["Attributes"],
        }
        for one in received["Messages"]
    ]
    context = SimpleNamespace(get_remaining_time_in_millis=lambda: left_s * 1000)
    work(services.work, services.run_task.give_back, {"Records": records}, context)


def assert_needed(templates: dict[str, dict[str, Any]], role: str, calls: set[Call]) -> None:
    """In each stage the role has the rights that the calls want and those that Lambda wants, and no others."""
    wanted = {call.right for call in calls} | LAMBDA_ITSELF[role]
    for template in templates.values():
        assert given(template["Resources"][role]["Properties"]) == wanted


def assert_all_known(calls: set[Call]) -> None:
    """What the adapters can call is called, or known not to be: a new call of theirs is noticed here."""
    called = {xform_name(call.operation) for call in calls}
    assert _operations("s3.py", "sqs.py") - NOT_ON_LAMBDA <= called


def _operations(*adapters: str) -> set[str]:
    """The methods of clients that modules of services.adapters call: `self._client().get_object(…)`."""
    trees = [ast.parse(Path("services/adapters", name).read_text("utf-8")) for name in adapters]
    return {
        node.func.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Call)
        and isinstance(node.func.value.func, ast.Attribute)
        and node.func.value.func.attr.endswith("_client")
    }
