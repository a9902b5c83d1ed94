"""A process of the API, as a user starts one."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """A server: its address, without a slash at its end, its environment, and where its log goes."""

    url: str
    environment: dict[str, str]
    log: Path

    def created(self, *limits: str) -> str:
        """A key that is made while the server runs: `--chars-per-month 10`."""
        command = [sys.executable, "-m", "infra.keys", "create", "desk", "--json", *limits]
        made = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        key: str = json.loads(made.stdout)["key"]
        return key


@contextmanager
def process(folder: Path, **settings: str) -> Iterator[Process]:
    """Serve the API with the embedded models and these settings; what it keeps is in a folder."""
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    own = {"INTERLEDE_RESULTS": str(folder / "results")} | {f"INTERLEDE_{n.upper()}": v for n, v in settings.items()}
    environment, log = {**os.environ, **own}, folder / "log"
    command = [sys.executable, "-m", "handler", "serve", "--port", str(port)]
    with (
        log.open("w") as errors,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True) as server,
    ):
        assert server.stdout
        try:
            assert any(line.startswith("Serving on ") for line in server.stdout), log.read_text()
            yield Process(f"http://127.0.0.1:{port}", environment, log)
        finally:
            server.terminate()
