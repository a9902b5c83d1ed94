"""Messages in SQS, or in anything that speaks its protocol."""

import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from math import ceil

from services.adapters.aws import Connection, translated
from services.errors import QueueUnavailable
from services.messages import MAX_COUNT, MAX_WAIT_S, check_body, check_delay, check_lease, check_reason, check_receive
from services.ports import Depth, Message

_BATCH_BYTES = 1024 * 1024
_TRIES = 3
# The receipt is not the last one, or no lease runs under it any more; botocore gives the long codes of old, too.
_LAPSED = frozenset(
    prefix + code
    for prefix in ("", "AWS.SimpleQueueService.")
    for code in ("InvalidParameterValue", "MessageNotInflight", "ReceiptHandleIsInvalid")
)
_WAITING = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed")
_LEASED = "ApproximateNumberOfMessagesNotVisible"


class SqsQueue:
    """A standard queue and its dead-letter queue. Times are rounded up to whole seconds."""

    def __init__(self, url: str, dead_letter_url: str, endpoint_url: str | None = None) -> None:
        self._url = url
        self._dead_letter_url = dead_letter_url
        self._client = Connection("sqs", endpoint_url=endpoint_url)
        self._receiving_client = Connection("sqs", endpoint_url=endpoint_url, read_timeout_s=MAX_WAIT_S + 5)

    def prepare(self) -> None:
        """Do what the first message would have to, short of sending it."""
        self._client()

    def send(self, bodies: Sequence[str], delay_s: float = 0) -> None:
        """Keep all messages, each hidden for a delay of 0 to 900 seconds. Raises QueueUnavailable."""
        check_delay(delay_s)
        for body in bodies:
            check_body(body)
        for batch in _batches(bodies):
            self._send(batch, ceil(delay_s))

    def receive(self, count: int, wait_s: float, lease_s: float) -> list[Message]:
        """Up to `count` messages, hidden from others for `lease_s`. Raises QueueUnavailable."""
        check_receive(count, wait_s, lease_s)
        with _translated("receive"):
            answer = self._receiving_client().receive_message(
                QueueUrl=self._url,
                MaxNumberOfMessages=count,
                WaitTimeSeconds=ceil(wait_s),
                VisibilityTimeout=ceil(lease_s),
                MessageSystemAttributeNames=["ApproximateReceiveCount"],
            )
        return [
            Message(one["Body"], one["ReceiptHandle"], int(one["Attributes"]["ApproximateReceiveCount"]))
            for one in answer.get("Messages", ())
        ]

    def extend(self, receipt: str, lease_s: float) -> None:
        """Hide a message for so long from now on, 12 hours after it was received at most. Raises QueueUnavailable."""
        check_lease(lease_s)
        with _translated("extend", lapsing=True):
            self._client().change_message_visibility(
                QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=ceil(lease_s)
            )

    def delete(self, receipt: str) -> None:
        """Be done with a message. Raises QueueUnavailable."""
        with _translated("delete", lapsing=True):
            self._client().delete_message(QueueUrl=self._url, ReceiptHandle=receipt)

    def bury(self, message: Message, reason: str) -> None:
        """Move a message to the dead-letter queue, `reason` being an attribute. Raises QueueUnavailable."""
        check_reason(reason)
        with _translated("bury"):
            self._client().send_message(
                QueueUrl=self._dead_letter_url,
                MessageBody=message.body,
                MessageAttributes={"reason": {"DataType": "String", "StringValue": reason}},
            )
        with _translated("bury", lapsing=True):
            self._client().delete_message(QueueUrl=self._url, ReceiptHandle=message.receipt)

    def depth(self) -> Depth:
        """How many messages there are, more or less. Raises QueueUnavailable."""
        with _translated("count"):
            alive, dead = (
                self._client().get_queue_attributes(QueueUrl=url, AttributeNames=[*_WAITING, _LEASED])["Attributes"]
                for url in (self._url, self._dead_letter_url)
            )
        return Depth(
            waiting=sum(int(alive[name]) for name in _WAITING),
            leased=int(alive[_LEASED]),
            dead=sum(int(dead[name]) for name in (*_WAITING, _LEASED)),
        )

    def _send(self, bodies: Sequence[str], delay_s: int) -> None:
        left = [{"Id": str(n), "MessageBody": body, "DelaySeconds": delay_s} for n, body in enumerate(bodies)]
        for tried in range(_TRIES):
            time.sleep(tried * 0.1)
            with _translated("send"):
                answer = self._client().send_message_batch(QueueUrl=self._url, Entries=left)
            kept = {one["Id"] for one in answer.get("Successful", ())}
            left = [entry for entry in left if entry["Id"] not in kept]
            if not left:
                return
        raise QueueUnavailable("SQS failed to send", operation="send")


def _batches(bodies: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many of them at a time as SQS takes."""
    start = size = 0
    for end, body in enumerate(bodies):
        more = len(body.encode())
        if end - start == MAX_COUNT or size + more > _BATCH_BYTES:
            yield bodies[start:end]
            start, size = end, 0
        size += more
    if bodies:
        yield bodies[start:]


def _translated(operation: str, lapsing: bool = False) -> AbstractContextManager[None]:
    """Foreign errors as QueueUnavailable; where receipts may have lapsed, that is no error."""
    return translated(QueueUnavailable, "SQS", operation, but_for=_LAPSED if lapsing else ())
