"""Keys from the command line to the door of a real server."""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError

import pytest


@dataclass(frozen=True)
class Served:
    """A server that wants keys: its address, its environment, and where its output goes."""

    url: str
    environment: dict[str, str]
    output: Path

    def created(self, *limits: str) -> str:
        """A key that is made while the server runs."""
        command = [sys.executable, "-m", "infra.keys", "create", "desk", "--json", *limits]
        made = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=True)
        key: str = json.loads(made.stdout)["key"]
        return key

    def asked(self, path: str, key: str, body: object = None) -> tuple[int, dict[str, object]]:
        """What the server answers."""
        headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers), timeout=120) as answer:
                return answer.status, json.load(answer)
        except HTTPError as refused:
            return refused.code, json.load(refused)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A served API."""
    folder = tmp_path_factory.mktemp("keys")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, "INTERLEDE_RESULTS": str(folder / "results"), "INTERLEDE_KEYS": "required"}
    output = folder / "output"
    command = [sys.executable, "-m", "handler", "serve", "--port", str(port)]
    with (
        output.open("w") as errors,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        assert process.stdout
        assert any(line.startswith("Serving on ") for line in process.stdout)
        yield Served(f"http://127.0.0.1:{port}", environment, output)
        process.terminate()


def test_callers_at_the_same_time_use_up_a_quota_exactly_and_what_they_used_is_told(served: Served) -> None:
    key = served.created("--chars-per-month", "115")
    texts = [f"Vote {n:02}." + " " * 12 for n in range(12)]
    assert {len(text) for text in texts} == {20}
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda text: served.asked("/v1/translations", key, {"text": text, "target": "pt"}), texts)
        )
    assert sorted(status for status, _ in answers) == [200] * 5 + [429] * 7
    assert {body["code"] for status, body in answers if status == 429} == {"quota-exceeded"}
    assert served.asked("/v1/usage", key)[1]["characters"] == 100


def test_no_key_comes_into_the_output_of_a_server(served: Served) -> None:
    key = served.created()
    assert served.asked("/v1/languages", key)[0] == 200
    assert served.asked(f"/v1/languages?api_key={key}", key)[0] == 200
    assert served.asked("/v1/languages", key[:-1])[0] == 403
    output = served.output.read_text()
    assert "key refused" in output
    assert output.count('"route":"/v1/languages"') == 3
    assert key[:-1] not in output
