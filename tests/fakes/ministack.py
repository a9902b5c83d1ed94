"""A real server of S3, SQS and DynamoDB for the tests: MiniStack, as a process of its own."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

BUCKET = "results"
# What boto3 goes by, and nothing from the home of whoever runs the tests.
AWS_ENV = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "NO_PROXY": "127.0.0.1",
}


@contextmanager
def ministack(folder: Path, deadline_s: float = 30) -> Iterator[str]:
    """Start the server with an empty bucket, on a free port of the loopback and with all its files in a folder.

    Gives its URL.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    settings = {
        "BIND_HOST": "127.0.0.1",  # 0.0.0.0, if not told otherwise
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": AWS_ENV["AWS_DEFAULT_REGION"],
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(folder),
        "TMPDIR": str(folder),
    }
    output = folder / "output"
    with output.open("wb") as file:
        command = [sys.executable, "-m", "ministack"]
        server = subprocess.Popen(
            command, env=os.environ | AWS_ENV | settings, stdout=file, stderr=file, cwd=folder, start_new_session=True
        )
    try:
        give_up_at = time.monotonic() + deadline_s
        while not _makes_bucket(port):
            if server.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"MiniStack does not start:\n{output.read_text(errors='replace')}")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


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


def make_access_table(url: str, name: str) -> None:
    """Make the table of keys and usage on a server, as the template has it. Wants AWS_ENV in the environment."""
    import boto3

    names = ("owner", "HASH"), ("period", "RANGE")
    boto3.client("dynamodb", endpoint_url=url).create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": attribute, "AttributeType": "S"} for attribute, _ in names],
        KeySchema=[{"AttributeName": attribute, "KeyType": kind} for attribute, kind in names],
    )


def _sqs(url: str) -> Any:  # noqa: ANN401
    import boto3

    return boto3.client("sqs", endpoint_url=url)


def _makes_bucket(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as server:
        try:
            server.request("PUT", f"/{BUCKET}")
            return server.getresponse().status == 200
        except (OSError, HTTPException):
            return False
