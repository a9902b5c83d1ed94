"""SqsQueue against a server that answers what it is told to; against a real one, see tests/contract."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from services.adapters.sqs import SqsQueue
from services.errors import QueueUnavailable
from services.ports import Message
from tests.fakes.ministack import AWS_ENV

URL, DEAD_URL = "http://127.0.0.1/0/jobs", "http://127.0.0.1/0/dead"


class Server(ThreadingHTTPServer):
    """Keeps every message of a batch, unless told otherwise, and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.forget()

    def forget(self) -> None:
        """Answer with success from now on."""
        self.refuses: list[set[str]] = []  # the bodies that the next batches, one after the other, do not keep
        self.says: tuple[int, dict[str, str]] = (200, {})
        self.error = ""  # the code that botocore goes by, in a header
        self.asked: list[tuple[str, dict[str, Any]]] = []


class Handler(BaseHTTPRequestHandler):
    """Receives one request and gives the answer."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        """Answer an operation."""
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        operation = self.headers["X-Amz-Target"].removeprefix("AmazonSQS.")
        self.server.asked.append((operation, request))
        status, answer = self.server.says
        content = json.dumps(self._batch(request) if operation == "SendMessageBatch" else answer).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        if self.server.error:
            self.send_header("x-amzn-query-error", f"{self.server.error};Sender")
        self.end_headers()
        self.wfile.write(content)

    def _batch(self, request: dict[str, Any]) -> dict[str, Any]:
        refused = self.server.refuses.pop(0) if self.server.refuses else set()
        answer: dict[str, Any] = {"Successful": [], "Failed": []}
        for entry in request["Entries"]:
            if entry["MessageBody"] in refused:
                answer["Failed"].append({"Id": entry["Id"], "Code": "InternalError", "SenderFault": False})
            else:
                answer["Successful"].append({"Id": entry["Id"], "MessageId": "id", "MD5OfMessageBody": "md5"})
        return answer

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials, and nothing else to be found."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in AWS_ENV.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="module")
def listening() -> Iterator[Server]:
    """A server."""
    with Server() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture
def server(listening: Server) -> Server:
    """The server, to be told what to answer."""
    listening.forget()
    return listening


@pytest.fixture(scope="module")
def queue(listening: Server) -> SqsQueue:
    """A queue on the server; one for all tests, since boto3 takes its time to make a client."""
    return SqsQueue(URL, DEAD_URL, f"http://127.0.0.1:{listening.server_port}")


def batches(server: Server) -> list[list[str]]:
    """The bodies of every batch that was sent."""
    return [[entry["MessageBody"] for entry in request["Entries"]] for _, request in server.asked]


@pytest.mark.parametrize(
    ("sizes_bytes", "lengths"),
    [
        ([1] * 10, [10]),
        ([1] * 23, [10, 10, 3]),
        ([262_144] * 4, [4]),
        ([262_144] * 9, [4, 4, 1]),
        ([262_143] * 4 + [4, 1], [5, 1]),
        ([2] + [262_144] * 4 + [1] * 12, [4, 10, 3]),
    ],
)
def test_messages_are_sent_in_tens_and_by_the_mebibyte(
    server: Server, queue: SqsQueue, sizes_bytes: list[int], lengths: list[int]
) -> None:
    bodies = ["é" * (size // 2) + "x" * (size % 2) for size in sizes_bytes]
    queue.send(bodies)
    sent = batches(server)
    assert [len(batch) for batch in sent] == lengths
    assert [body for batch in sent for body in batch] == bodies


def test_what_a_batch_did_not_keep_is_sent_again(server: Server, queue: SqsQueue) -> None:
    server.refuses = [{"b", "c"}, {"c"}]
    queue.send(["a", "b", "c"])
    assert batches(server) == [["a", "b", "c"], ["b", "c"], ["c"]]


def test_what_three_batches_did_not_keep_is_not_sent(server: Server, queue: SqsQueue) -> None:
    server.refuses = [{"b"}] * 3
    with pytest.raises(QueueUnavailable, match="SQS failed to send"):
        queue.send(["a", "b"])
    assert batches(server) == [["a", "b"], ["b"], ["b"]]


def test_times_are_rounded_up_to_seconds(server: Server, queue: SqsQueue) -> None:
    queue.send(["a"], delay_s=0.1)
    queue.receive(3, 0.1, 1.1)
    queue.extend("receipt", 2.5)
    queue.extend("receipt", 0)
    send, receive, *extend = (request for _, request in server.asked)
    assert send["Entries"][0]["DelaySeconds"] == 1
    assert [receive[name] for name in ("MaxNumberOfMessages", "WaitTimeSeconds", "VisibilityTimeout")] == [3, 1, 2]
    assert [request["VisibilityTimeout"] for request in extend] == [3, 0]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("MessageNotInflight", "AWS.SimpleQueueService.MessageNotInflight"),
        ("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid"),
        ("InvalidParameterValue", "InvalidParameterValue"),
        ("MessageNotInflight", ""),
    ],
)
def test_a_lapsed_receipt_is_no_error(server: Server, queue: SqsQueue, kind: str, code: str) -> None:
    server.says, server.error = (400, {"__type": f"com.amazonaws.sqs#{kind}"}), code
    queue.extend("receipt", 1)
    queue.delete("receipt")
    assert [operation for operation, _ in server.asked] == ["ChangeMessageVisibility", "DeleteMessage"]


def test_a_message_that_cannot_be_buried_is_not_deleted(server: Server, queue: SqsQueue) -> None:
    server.says = (400, {"__type": "com.amazonaws.sqs#InvalidParameterValue"})
    with pytest.raises(QueueUnavailable, match="SQS failed to bury"):
        queue.bury(Message("body", "receipt", 3), "reason")
    assert [(operation, request["QueueUrl"]) for operation, request in server.asked] == [("SendMessage", DEAD_URL)]


@pytest.mark.parametrize("kind", ["QueueDoesNotExist", "AccessDenied", "KmsDisabled"])
def test_a_refusal_is_unavailable(server: Server, queue: SqsQueue, kind: str) -> None:
    server.says = (400, {"__type": f"com.amazonaws.sqs#{kind}"})
    with pytest.raises(QueueUnavailable, match="SQS failed to delete"):
        queue.delete("receipt")
    with pytest.raises(QueueUnavailable, match="SQS failed to receive"):
        queue.receive(1, 0, 1)
