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
from handler.wiring import Services, access_store, build
from services.api_keys import KeyLimits, issue
from services.clock import utc_now
from tests.fakes.ministack import AWS_ENV, BUCKET, make_access_table, make_queue
from tests.fakes.rights import Call, Right, given, recorded
from tests.fakes.surfaces import Asked, deepl, libretranslate

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
# A worker that is no Lambda function receives for itself, the depth of a queue is for the tests, and keys are made and
# listed by people.
NOT_ON_LAMBDA = {"receive_message", "get_queue_attributes", "put_item", "get_paginator"}


@pytest.fixture(scope="module")
def settings(ministack_url: str) -> Settings:
    """Those of the functions, but for where the server is."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in AWS_ENV.items():
            patch.setenv(name, value)
        make_access_table(ministack_url, "rights")
        return Settings(
            results=f"s3://{BUCKET}/rights",
            keys="required",
            usage_table="rights",
            dynamodb_endpoint_url=ministack_url,
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


@pytest.fixture(scope="module")
def key(settings: Settings) -> str:
    """A key with limits, as `python -m infra.keys` makes it."""
    key, kept = issue("desk", utc_now(), KeyLimits(requests_per_minute=1_000, chars_per_month=1_000_000))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in AWS_ENV.items():
            patch.setenv(name, value)
        access_store(settings).keep(kept)
    return key


@pytest.fixture
def calls(settings: Settings) -> Iterator[set[Call]]:
    queues = {str(settings.queue): "JobQueue", str(settings.dead_letters): "DeadLetters"}
    names = {BUCKET: "Results/*", str(settings.usage_table): "Usage"} | queues
    with recorded(names) as calls:
        yield calls


def every_route(client: TestClient) -> set[tuple[str, str]]:
    """Call each once, or more often, and give the methods and paths that were called."""
    called = set[tuple[str, str]]()

    def ask(asked: Asked) -> Any:  # noqa: ANN401
        headers = {"Content-Type": asked.content_type}
        answer = client.request(asked.method, asked.path, content=asked.body, headers=headers)
        assert answer.status_code < 400 or asked.pattern in REFUSED, (asked, answer.text)
        called.add((asked.method.lower(), asked.pattern))
        return answer.json() if answer.content and "json" in answer.headers["content-type"] else None

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
    for path in ("/v1/languages", "/v1/usage", "/healthz", "/metrics"):
        call("GET", path)
    libretranslate(ask)
    deepl(ask)
    return called


# There is nobody who would read a suggestion, and a document is not there yet.
REFUSED = {"/suggest", "/v2/document/{document_id}/result"}
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
    settings: Settings, key: str, calls: set[Call], templates: dict[str, dict[str, Any]]
) -> None:
    app = create_app(build(settings))
    client = TestClient(app, headers={"Authorization": f"Bearer {key}"})
    called = every_route(client)
    assert called == {(method, path) for path, methods in app.openapi()["paths"].items() for method in methods}
    deferred = client.post("/v1/translations", json=TEXT, headers={"Prefer": "respond-async"})
    assert deferred.status_code == 202
    assert_needed(templates, "ApiRole", calls)
    assert_all_known(calls, "dynamodb.py")


def test_the_worker_may_do_what_it_does_and_nothing_else(
    settings: Settings,
    mapping: Any,  # noqa: ANN401
    calls: set[Call],
    templates: dict[str, dict[str, Any]],
) -> None:
    every_fate(build(settings), settings, mapping)
    assert_needed(templates, "WorkerRole", calls)
    assert_all_known(calls, "s3.py", "sqs.py")


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


def assert_all_known(calls: set[Call], *adapters: str) -> None:
    """What the adapters can call is called, or known not to be: a new call of theirs is noticed here."""
    called = {xform_name(call.operation) for call in calls}
    assert _operations(*adapters) - NOT_ON_LAMBDA <= called


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
