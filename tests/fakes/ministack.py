"""A real server of S3 and SQS for the tests: MiniStack, as a process of its own."""

from typing import Any

from infra.emulator.ministack import ministack
from infra.emulator.servers import AWS_ENV, BUCKET

__all__ = ["AWS_ENV", "BUCKET", "make_queue", "messages_with_reasons", "ministack"]


def make_queue(url: str, name: str) -> str:
    """Make an empty queue on a server, and give its URL. Wants AWS_ENV in the environment."""
    queue_url: str = _sqs(url).create_queue(QueueName=name)["QueueUrl"]
    return queue_url


def messages_with_reasons(url: str, queue_url: str) -> list[tuple[str, str]]:
    """Up to ten messages of a queue, and what their attribute `reason` says. Wants AWS_ENV in the environment."""
    answer = _sqs(url).receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, MessageAttributeNames=["reason"])
    return [
        (message["Body"], message["MessageAttributes"]["reason"]["StringValue"])
        for message in answer.get("Messages", ())
    ]


def _sqs(url: str) -> Any:  # noqa: ANN401
    import boto3

    return boto3.client("sqs", endpoint_url=url)
