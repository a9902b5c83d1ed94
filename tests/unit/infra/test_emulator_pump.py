import json
from pathlib import Path
from typing import Any

import pytest

from infra.emulator.function import Outcome, Throttled
from infra.emulator.pump import EventSource, done_with, record_of
from infra.emulator.sandbox import Answered, Failed

RECORDED = json.loads((Path(__file__).parents[2] / "handler/events/sqs.json").read_text())["Records"][0]
QUEUE_URL = "http://127.0.0.1:1/123456789012/my-queue"
RECORDS: list[dict[str, Any]] = [{"messageId": name, "receiptHandle": name.upper()} for name in "abc"]


def message(name: str) -> dict[str, Any]:
    """A message as boto3 gives it."""
    return {
        "MessageId": name,
        "ReceiptHandle": name.upper(),
        "Body": "Test message.",
        "MD5OfBody": RECORDED["md5OfBody"],
        "Attributes": RECORDED["attributes"],
    }


class FakeSqs:
    """A queue with some messages, none of which comes twice."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.messages, self.deleted = messages, list[str]()

    def receive_message(self, MaxNumberOfMessages: int, **_: object) -> dict[str, Any]:
        received, self.messages = self.messages[:MaxNumberOfMessages], self.messages[MaxNumberOfMessages:]
        return {"Messages": received} if received else {}

    def delete_message_batch(self, Entries: list[dict[str, str]], **_: object) -> None:
        self.deleted += [entry["ReceiptHandle"] for entry in Entries]


def test_a_message_becomes_the_record_that_was_recorded() -> None:
    received = message(RECORDED["messageId"]) | {"ReceiptHandle": RECORDED["receiptHandle"]}
    record = record_of(received, QUEUE_URL)
    here = {"eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:my-queue", "awsRegion": "eu-west-1"}
    assert record == RECORDED | here


def test_attributes_are_named_as_lambda_names_them() -> None:
    attribute = {"reason": {"DataType": "String", "StringValue": "not a task"}}
    record = record_of(message("a") | {"MessageAttributes": attribute}, QUEUE_URL)
    assert record["messageAttributes"] == {"reason": {"dataType": "String", "stringValue": "not a task"}}


@pytest.mark.parametrize(
    ("answer", "deleted"),
    [
        (None, "abc"),
        ({}, "abc"),
        ({"batchItemFailures": None}, "abc"),
        ({"batchItemFailures": []}, "abc"),
        ({"batchItemFailures": [{"itemIdentifier": "b"}]}, "ac"),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, ""),
        ({"batchItemFailures": [{"itemIdentifier": "other"}]}, ""),
        ({"batchItemFailures": [{"id": "b"}]}, ""),
        ({"batchItemFailures": "b"}, ""),
        ("fine", ""),
    ],
)
def test_what_is_deleted_is_what_did_not_fail(answer: object, deleted: str) -> None:
    outcome = Answered(json.dumps(answer).encode())
    assert "".join(record["messageId"] for record in done_with(RECORDS, outcome)) == deleted


@pytest.mark.parametrize("outcome", [Failed("ValueError", "as asked"), Throttled()])
def test_of_a_batch_that_fails_as_a_whole_nothing_is_deleted(outcome: Outcome) -> None:
    assert done_with(RECORDS, outcome) == []


def test_batches_go_to_the_function_and_leave_the_queue() -> None:
    sizes = list[int]()

    def invoke(event: bytes) -> Outcome:
        records = json.loads(event)["Records"]
        sizes.append(len(records))
        return Answered(json.dumps({"batchItemFailures": [{"itemIdentifier": records[0]["messageId"]}]}).encode())

    sqs = FakeSqs([message(name) for name in "abcde"])
    source = EventSource(sqs, QUEUE_URL, invoke, batch_size=3)
    assert [source.poll() for _ in range(3)] == [3, 2, 0]
    assert (sizes, sqs.deleted) == ([3, 2], ["B", "C", "E"])
