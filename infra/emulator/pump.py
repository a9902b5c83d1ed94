"""Lambda's event source mapping of a queue: batches to a function, and what it did not fail at deleted."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any

from infra.emulator.configuration import REGION
from infra.emulator.function import Outcome
from infra.emulator.sandbox import Answered

log = logging.getLogger(__name__)

_PAUSE_S = 1.0

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventSource:
    """A queue, and the function that its messages go to; ReportBatchItemFailures is on.

    CLIENT is boto3's of SQS; INVOKE takes an event in JSON.
    """

    client: Any
    queue_url: str
    invoke: Callable[[bytes], Outcome]
    batch_size: int = 10
    wait_s: int = 1

    @contextmanager
    def polling(self, pollers: int = 2) -> Iterator[None]:
        """Deliver messages meanwhile."""
        stop = Event()
        threads = [Thread(target=self._poll_until, args=(stop,), daemon=True) for _ in range(pollers)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()

    def poll(self) -> int:
        """Deliver one batch; gives its size. What is not deleted comes again when the queue thinks fit."""
        answer = self.client.receive_message(
            QueueUrl=self.queue_url,
            MaxNumberOfMessages=self.batch_size,
            WaitTimeSeconds=self.wait_s,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
        )
        messages = answer.get("Messages", [])
        if messages:
            records = [record_of(message, self.queue_url) for message in messages]
            outcome = self.invoke(json.dumps({"Records": records}, ensure_ascii=False).encode())
            self._delete(done_with(records, outcome))
        return len(messages)

    def _delete(self, records: Sequence[Record]) -> None:
        entries = [{"Id": str(n), "ReceiptHandle": record["receiptHandle"]} for n, record in enumerate(records)]
        if entries:
            self.client.delete_message_batch(QueueUrl=self.queue_url, Entries=entries)

    def _poll_until(self, stop: Event) -> None:
        while not stop.is_set():
            try:
                self.poll()
            except Exception as exc:  # the queue may be down for a while
                log.warning("the queue cannot be polled: %r", exc)
                stop.wait(_PAUSE_S)


def record_of(message: Mapping[str, Any], queue_url: str) -> Record:
    """A record of the event for a message as SQS gives it ("Using Lambda with Amazon SQS")."""
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message.get("Attributes", {}),
        "messageAttributes": {
            name: {key[0].lower() + key[1:]: value for key, value in attribute.items()}
            for name, attribute in message.get("MessageAttributes", {}).items()
        },
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:{REGION}:{':'.join(queue_url.rsplit('/', 2)[-2:])}",
        "awsRegion": REGION,
    }


def done_with(records: Sequence[Record], outcome: Outcome) -> list[Record]:
    """The records that are to be deleted: all but the failed ones, and none of a batch that failed as a whole.

    That is what a function error, throttling, an answer of another shape and a failure of no known record come to
    ("Handling errors for an SQS event source in Lambda").
    """
    if not isinstance(outcome, Answered):
        return []
    answer = json.loads(outcome.payload)
    try:
        failed = {failure["itemIdentifier"] for failure in (answer or {}).get("batchItemFailures") or ()}
    except (AttributeError, KeyError, TypeError):
        return []
    if not failed <= {record["messageId"] for record in records}:
        return []
    return [record for record in records if record["messageId"] not in failed]
