"""A server of S3 and SQS: MiniStack."""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPException
from importlib.util import find_spec
from pathlib import Path

from infra.emulator.servers import AWS_ENV, BUCKET, free_ports, serving


def has_ministack() -> bool:
    """Whether the package is there."""
    return find_spec("ministack") is not None


@contextmanager
def ministack(folder: Path, deadline_s: float = 30) -> Iterator[str]:
    """Start the server with an empty bucket. Gives its URL."""
    (port,) = free_ports(1)
    settings = {
        "BIND_HOST": "127.0.0.1",  # 0.0.0.0, if not told otherwise
        "GATEWAY_PORT": str(port),
        "MINISTACK_REGION": AWS_ENV["AWS_DEFAULT_REGION"],
        "SFTP_ENABLED": "0",
        "STATE_DIR": str(folder),
        "TMPDIR": str(folder),
    }
    command = [sys.executable, "-m", "ministack"]
    with serving("MiniStack", command, folder, partial(_makes_bucket, port), deadline_s, settings):
        yield f"http://127.0.0.1:{port}"


def _makes_bucket(port: int) -> bool:
    with closing(HTTPConnection("127.0.0.1", port, timeout=5)) as server:
        try:
            server.request("PUT", f"/{BUCKET}")
            return server.getresponse().status == 200
        except (OSError, HTTPException):
            return False
