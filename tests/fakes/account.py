"""An AWS account for the tests: MiniStack over TLS, which enforces the policies of roles, buckets and queues."""

import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any

from infra.tools.kit import BIN, MINISTACK, MINISTACK_PYTHON, NODE, NPM, ROOT, missing
from tests.fakes.locks import osls_alone
from tests.fakes.ministack import AWS_ENV

REGION = AWS_ENV["AWS_DEFAULT_REGION"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an API answered; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Account:
    """The account's address, and the certificate that it shows."""

    port: int
    certificate: Path

    @property
    def url(self) -> str:
        """Where all services are."""
        return f"https://127.0.0.1:{self.port}"

    def client(self, service: str, **keys: str) -> Any:  # noqa: ANN401
        """A client of boto3, with all rights unless other keys are given."""
        import boto3

        root = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, REGION, endpoint_url=self.url, verify=str(self.certificate), **(root | keys))

    def osls(self, *arguments: str) -> str:
        """Run osls as somebody with all rights, and give what it says. Raises AssertionError where it fails."""
        home = self.certificate.parent
        env = AWS_ENV | {"AWS_REGION": REGION, "AWS_ENDPOINT_URL": self.url, "HOME": str(home), "PATH": os.defpath}
        env["NODE_EXTRA_CA_CERTS"] = str(self.certificate)
        command = [str(BIN / "osls"), *arguments]
        with osls_alone():
            ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=300)
        assert ran.returncode == 0, f"osls {' '.join(arguments)}:\n{ran.stdout}{ran.stderr}"
        return ran.stdout + ran.stderr

    def created(self, table: str, *limits: str) -> str:
        """A key to the API, made as its operator makes one."""
        env = AWS_ENV | {"AWS_REGION": REGION, "AWS_ENDPOINT_URL": self.url, "AWS_CA_BUNDLE": str(self.certificate)}
        env |= {"PATH": os.defpath, "HOME": str(self.certificate.parent), "INTERLEDE_USAGE_TABLE": table}
        command = [sys.executable, "-m", "infra.keys", "create", "desk", "--json", *limits]
        ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=60)
        assert ran.returncode == 0, ran.stderr
        key: str = json.loads(ran.stdout)["key"]
        return key

    def call(self, api: str, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Call an HTTP API by its id, as if from outside; `_` in the names of headers is `-`."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        server = HTTPSConnection("127.0.0.1", self.port, timeout=60, context=context)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            server.request(method, path, body, {"Host": f"{api}.execute-api.localhost", **named})
            answer = server.getresponse()
            return Answer(answer.status, {n.lower(): v for n, v in answer.getheaders()}, answer.read())
        finally:
            server.close()


def no_account() -> str | None:
    """Why there can be none, in one sentence; None where there can."""
    if not shutil.which("openssl"):
        return "MiniStack makes its certificate with openssl, which is not there"
    return missing([NODE, NPM, MINISTACK])


@contextmanager
def account(folder: Path, deadline_s: float = 30) -> Iterator[Account]:
    """Start the account's server on a free port of the loopback, with all its files in a folder.

    It takes port 443 of the loopback as well, where that is free and it may.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    settings = {
        "AUTH": "true",
        "USE_SSL": "1",  # or the policies that deny what is not over TLS would deny everything
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": REGION,
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(folder),
        "TMPDIR": str(folder),
        "HOME": str(folder),
        "PATH": os.environ["PATH"],
    }
    output = folder / "output"
    with output.open("wb") as file:
        server = subprocess.Popen(
            [MINISTACK_PYTHON, "-m", "ministack"],
            env=AWS_ENV | settings,
            stdout=file,
            stderr=file,
            cwd=folder,
            start_new_session=True,
        )
    made = Account(port, folder / "ministack-tls" / "server.crt")
    try:
        give_up_at = time.monotonic() + deadline_s
        while not _answers(made):
            if server.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"MiniStack does not start:\n{output.read_text(errors='replace')}")
            time.sleep(0.1)
        yield made
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def _answers(account: Account) -> bool:
    try:
        return account.call("any", "GET", "/_ministack/health").status < 500
    except (OSError, HTTPException):
        return False
