"""Schemathesis against a server of ours: `make fuzz`, or `python -m bench.fuzz [--examples N] [--seed N]`.

It sends what the OpenAPI document allows and what it does not, on all surfaces. It ends with 1 where an answer is a
5xx, or has a status, a media type, a header or a body that the document does not tell of.
"""

import argparse
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.tools.kit import BIN, FUZZ, missing

HOST = "127.0.0.1"
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# What is refused at a door is no fault: a job's id is not guessed, and the store is the folder of this run.
SMALL = {"INTERLEDE_MAX_TEXT_CHARS": "2000", "INTERLEDE_MAX_TEXTS": "20", "INTERLEDE_LOG_LEVEL": "WARNING"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status is Schemathesis's."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--examples", type=int, default=60, help="for each call")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    if reason := missing([FUZZ]):
        sys.exit(reason)
    with TemporaryDirectory() as folder, server(Path(folder)) as url:
        command = [str(BIN / "schemathesis"), "run", f"{url}/openapi.json", "--checks", ",".join(CHECKS)]
        command += ["--max-examples", str(given.examples), "--seed", str(given.seed), "--phases", "coverage,fuzzing"]
        command += ["--no-color", "--continue-on-failure", "--request-timeout", "60"]
        return subprocess.run(command, cwd=folder, check=False).returncode


@contextmanager
def server(folder: Path) -> Iterator[str]:
    """Our server with the embedded models and small limits. Gives its URL."""
    with socket.create_server((HOST, 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "handler", "serve", "--host", HOST, "--port", str(port)]
    environment = os.environ | SMALL | {"INTERLEDE_RESULTS": str(folder / "results")}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            if not any(line.startswith("Serving on ") for line in process.stdout):
                raise RuntimeError("the server does not start")
            yield f"http://{HOST}:{port}"
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
