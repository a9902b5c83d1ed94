"""Schemathesis against a server of ours: `make fuzz`, or `python -m bench.fuzz [--examples N] [--seed N]`.

It sends what the OpenAPI document allows and what it does not, on all surfaces. It ends with 1 where an answer is a
5xx, or has a status, a media type, a header or a body that the document does not tell of.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from tempfile import TemporaryDirectory

from bench.contestants import HOST, INTERLEDE, Cores, serving
from infra.tools.kit import BIN, FUZZ, missing

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
    small = replace(INTERLEDE, environment=SMALL)
    with TemporaryDirectory() as folder, serving(small, Cores.first(2)) as server:
        url = f"http://{HOST}:{server.port}"
        command = [str(BIN / "schemathesis"), "run", f"{url}/openapi.json", "--checks", ",".join(CHECKS)]
        command += ["--max-examples", str(given.examples), "--seed", str(given.seed), "--phases", "coverage,fuzzing"]
        command += ["--no-color", "--continue-on-failure", "--request-timeout", "60"]
        return subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
