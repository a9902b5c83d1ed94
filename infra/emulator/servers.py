"""Servers as processes of their own, on free ports of the loopback and with all their files in a folder."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

BUCKET = "results"
# What boto3 goes by, and nothing from the home of whoever runs this.
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
def serving(
    name: str,
    command: Sequence[str],
    folder: Path,
    is_up: Callable[[], bool],
    deadline_s: float,
    settings: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """Run a server until the end of the block, which begins when it is up. Raises RuntimeError."""
    output = folder / "output"
    with output.open("wb") as file:
        server = subprocess.Popen(
            command,
            env={**os.environ, **AWS_ENV, **(settings or {})},
            stdout=file,
            stderr=file,
            cwd=folder,
            start_new_session=True,
        )
    try:
        give_up_at = time.monotonic() + deadline_s
        while not is_up():
            if server.poll() is not None or time.monotonic() > give_up_at:
                raise RuntimeError(f"{name} does not start:\n{output.read_text(errors='replace')}")
            time.sleep(0.05)
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)  # some take their time over any other
        server.wait()


def free_ports(count: int) -> list[int]:
    """Ports that are free at the moment."""
    with ExitStack() as stack:  # all at once, or one could be given twice
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [one.getsockname()[1] for one in sockets]
