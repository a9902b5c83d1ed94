"""The Lambda entry for SQS: each message a task of a job, answered record by record (ReportBatchItemFailures)."""

from collections.abc import Callable
from functools import partial
from typing import Any

from handler.start import start
from services.deadline import within
from services.ports import Message

_MARGIN_S = 5.0  # for keeping what is finished, and for the answer
_MIN_S = 1.0


def work(
    run: Callable[[Message], bool],
    give_back: Callable[[Message], None],
    event: dict[str, Any],
    context: Any,  # noqa: ANN401
) -> dict[str, list[dict[str, str]]]:
    """Do the tasks; those that are not settled, or that time is too short for, are to come again."""
    unsettled = []
    for record in event["Records"]:
        message = Message(record["body"], record["receiptHandle"], int(record["attributes"]["ApproximateReceiveCount"]))
        left_s = context.get_remaining_time_in_millis() / 1000 - _MARGIN_S
        if left_s < _MIN_S:
            give_back(message)
            unsettled.append(record["messageId"])
            continue
        with within(left_s):
            if not run(message):
                unsettled.append(record["messageId"])
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in unsettled]}


_services = start()
handler = partial(work, _services.work, _services.run_task.give_back)
