"""The whole of it: the API behind a gateway, the worker behind a queue, and a bucket that both keep results in."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from json import dumps
from pathlib import Path

from infra.emulator.configuration import FULL_CORE_MB, Configuration
from infra.emulator.function import Function
from infra.emulator.gateway import MAX_WAIT_S, Throttle, http_api, serving_app
from infra.emulator.pump import EventSource
from infra.emulator.rie import Log
from infra.emulator.servers import AWS_ENV, BUCKET
from infra.emulator.tools import Tools
from services.adapters.aws import Connection

ROLE = {
    "AWS_ACCESS_KEY_ID": AWS_ENV["AWS_ACCESS_KEY_ID"],
    "AWS_SECRET_ACCESS_KEY": AWS_ENV["AWS_SECRET_ACCESS_KEY"],
    "AWS_SESSION_TOKEN": "",  # SeaweedFS knows no sessions, and MiniStack needs none
}


@dataclass(frozen=True, slots=True)
class Stack:
    """What is to be run: the bundle, the size of its functions, and the servers that they use."""

    bundle: Path
    s3_url: str
    sqs_url: str | None
    memory_mb: int = FULL_CORE_MB
    timeout_s: int = 30
    concurrency: int = 4
    snapstart: bool = False
    cpu_by_memory: bool = False
    batch_size: int = 10
    max_receives: int = 3
    visibility_s: int = 180  # six times the function's timeout, as AWS recommends
    throttle: Throttle = field(default_factory=Throttle)
    max_wait_s: float = MAX_WAIT_S
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Queues:
    """A queue and its dead-letter queue, by their URLs."""

    jobs: str
    dead_letters: str


@dataclass(frozen=True, slots=True)
class Running:
    """The stack at work: where its API is, and its parts. There is no worker where there is no queue."""

    url: str
    sqs_url: str | None
    api: Function
    worker: Function | None
    queues: Queues | None


@contextmanager
def running(stack: Stack, tools: Tools, log: Log, host: str = "127.0.0.1", port: int = 0) -> Iterator[Running]:
    """Run the stack until the end of the block. Wants AWS_ENV in the environment. Raises RieFailed, OSError."""
    queues = make_queues(stack) if stack.sqs_url else None
    with ExitStack() as resources:
        api, worker = (
            resources.enter_context(Function(configuration, tools, ROLE, log))
            for configuration in (_function(stack, queues, "api"), _function(stack, queues, "worker"))
        )
        if queues and stack.sqs_url:
            client = Connection("sqs", endpoint_url=stack.sqs_url, read_timeout_s=25)()
            source = EventSource(client, queues.jobs, worker.invoke, stack.batch_size)
            resources.enter_context(source.polling())
        app = http_api(api.invoke, stack.throttle, stack.max_wait_s)
        url = resources.enter_context(serving_app(app, host, port))
        yield Running(url, stack.sqs_url, api, worker if queues else None, queues)


def make_queues(stack: Stack) -> Queues:
    """Make the queues if they are not there: what is received too often becomes a dead letter."""
    sqs = Connection("sqs", endpoint_url=stack.sqs_url)()
    dead_letters: str = sqs.create_queue(QueueName="dead-letters")["QueueUrl"]
    attributes = sqs.get_queue_attributes(QueueUrl=dead_letters, AttributeNames=["QueueArn"])["Attributes"]
    redrive = {"deadLetterTargetArn": attributes["QueueArn"], "maxReceiveCount": str(stack.max_receives)}
    settings = {"VisibilityTimeout": str(stack.visibility_s), "RedrivePolicy": dumps(redrive)}
    jobs: str = sqs.create_queue(QueueName="jobs", Attributes=settings)["QueueUrl"]
    return Queues(jobs, dead_letters)


def _function(stack: Stack, queues: Queues | None, name: str) -> Configuration:
    queue = (
        {
            "INTERLEDE_QUEUE": queues.jobs,
            "INTERLEDE_DEAD_LETTERS": queues.dead_letters,
            "INTERLEDE_SQS_ENDPOINT_URL": stack.sqs_url or "",
        }
        if queues
        else {"INTERLEDE_QUEUE": "/tmp/queue.sqlite"}
    )
    return Configuration(
        name=name,
        handler=f"handler.lambda_{name}.handler",
        bundle=stack.bundle,
        memory_mb=stack.memory_mb,
        timeout_s=stack.timeout_s,
        concurrency=stack.concurrency,
        snapstart=stack.snapstart and name == "api",
        cpu_by_memory=stack.cpu_by_memory,
        environment={
            "INTERLEDE_RESULTS": f"s3://{BUCKET}",
            "INTERLEDE_S3_ENDPOINT_URL": stack.s3_url,
            **queue,
            **stack.environment,
        },
    )
