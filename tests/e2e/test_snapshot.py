"""What a snapshot of a Lambda function would hold: the process is looked at after its entry was imported."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.fakes.ministack import AWS_ENV, BUCKET, make_queue

# Imports the entry, tells what it finds, and then answers a headline as an instance that was restored.
LOOK = """
import json, os, random, socket, sys, time
sys.path.insert(0, os.getcwd())
from handler.lambda_api import handler
import snapshot_restore_py as hooks

def sockets():
    # The pair by which asyncio wakes up its loop is a UNIX one, and leads nowhere.
    links = [fd for fd in os.listdir("/proc/self/fd") if os.path.lexists(f"/proc/self/fd/{fd}")]
    open_ones = [int(fd) for fd in links if os.readlink(f"/proc/self/fd/{fd}").startswith("socket:")]
    return sum(socket.socket(fileno=os.dup(fd)).family != socket.AF_UNIX for fd in open_ones)

found = {"sockets": sockets(), "modules": sorted({name.partition(".")[0] for name in sys.modules})}
for hook, arguments, options in hooks.get_before_snapshot():
    hook(*arguments, **options)
random.seed(5)
state = random.getstate()
for hook, arguments, options in hooks.get_after_restore():
    hook(*arguments, **options)
found["is_random"] = random.getstate() != state
event = json.loads(sys.argv[1])
began = time.perf_counter()
found["answer"] = handler(event, None)
found["first_s"] = time.perf_counter() - began
found["sockets_in_use"] = sockets()
print(json.dumps(found))
"""
EVENT = json.loads((Path(__file__).parents[1] / "handler" / "events" / "api_gateway_v2.json").read_text())


@contextmanager
def credentials_server() -> Iterator[tuple[str, list[str]]]:
    """The endpoint from which a restored instance has its credentials; gives its URL, and what was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            credentials = {
                "AccessKeyId": AWS_ENV["AWS_ACCESS_KEY_ID"],
                "SecretAccessKey": AWS_ENV["AWS_SECRET_ACCESS_KEY"],
                "Token": "token",
                "Expiration": (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            body = json.dumps(credentials).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/credentials", asked
        server.shutdown()


@pytest.mark.usefixtures("aws")
def test_a_snapshot_holds_models_and_no_socket_credentials_or_randomness(ministack_url: str, tmp_path: Path) -> None:
    queue, dead = make_queue(ministack_url, "snapshot"), make_queue(ministack_url, "snapshot-dead")
    with credentials_server() as (credentials_url, asked):
        settings = {
            "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": credentials_url,
            "INTERLEDE_RESULTS": f"s3://{BUCKET}/snapshot",
            "INTERLEDE_S3_ENDPOINT_URL": ministack_url,
            "INTERLEDE_QUEUE": queue,
            "INTERLEDE_DEAD_LETTERS": dead,
            "INTERLEDE_SQS_ENDPOINT_URL": ministack_url,
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_") or name in _SAFE}
        before = [
            sys.executable,
            "-c",
            LOOK,
            json.dumps(translation("The council voted on Tuesday to keep the night ferry.")),
        ]
        completed = subprocess.run(before, env=kept | settings, capture_output=True, text=True, check=False)
    assert completed.returncode == 0, completed.stderr
    *lines, last = completed.stdout.splitlines()
    found = json.loads(last)
    assert found["sockets"] == 0
    assert {"ctranslate2", "sentencepiece", "fasttext", "boto3"} <= set(found["modules"])
    assert found["is_random"]
    assert (
        json.loads(found["answer"]["body"])["translations"][0]["text"]
        == "O conselho votou na terça-feira para manter o ferry noturno."
    )
    assert found["answer"]["headers"]["x-cache"] == "miss"
    assert found["sockets_in_use"] > 0
    assert asked == ["/credentials"]
    (metrics,) = map(json.loads, lines)
    assert metrics["ModelsLoaded"] == [1, 1]  # before the headline came
    assert metrics["Characters"] == [len("The council voted on Tuesday to keep the night ferry.")]


_SAFE = {"AWS_DEFAULT_REGION", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE", "AWS_EC2_METADATA_DISABLED"}


def translation(text: str) -> dict[str, Any]:
    """The event of a translation into Portuguese."""
    context = EVENT["requestContext"] | {"http": EVENT["requestContext"]["http"] | {"method": "POST"}}
    context["http"]["path"] = "/v1/translations"
    headers = EVENT["headers"] | {"content-type": "application/json"}
    body = json.dumps({"text": text, "target": "pt"})
    return EVENT | {
        "rawPath": "/v1/translations",
        "rawQueryString": "",
        "requestContext": context,
        "headers": headers,
        "body": body,
        "isBase64Encoded": False,
    }
