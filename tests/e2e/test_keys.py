"""Keys from the command line to the door of a real server."""

import json
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError

import pytest

from tests.fakes.processes import Process, process


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A served API that wants keys."""
    with process(tmp_path_factory.mktemp("keys"), keys="required") as served:
        yield served


def asked(served: Process, path: str, key: str, body: object = None) -> tuple[int, dict[str, object]]:
    """What the server answers."""
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(served.url + path, data, headers), timeout=120) as answer:
            return answer.status, json.load(answer)
    except HTTPError as refused:
        return refused.code, json.load(refused)


def test_callers_at_the_same_time_use_up_a_quota_exactly_and_what_they_used_is_told(served: Process) -> None:
    key = served.created("--chars-per-month", "115")
    texts = [f"Vote {n:02}." + " " * 12 for n in range(12)]
    assert {len(text) for text in texts} == {20}
    with ThreadPoolExecutor(6) as pool:
        answers = list(
            pool.map(lambda text: asked(served, "/v1/translations", key, {"text": text, "target": "pt"}), texts)
        )
    assert sorted(status for status, _ in answers) == [200] * 5 + [429] * 7
    assert {body["code"] for status, body in answers if status == 429} == {"quota-exceeded"}
    assert asked(served, "/v1/usage", key)[1]["characters"] == 100


def test_no_key_comes_into_the_output_of_a_server(served: Process) -> None:
    key = served.created()
    assert asked(served, "/v1/languages", key)[0] == 200
    assert asked(served, f"/v1/languages?api_key={key}", key)[0] == 200
    assert asked(served, "/v1/languages", key[:-1])[0] == 403
    output = served.log.read_text()
    assert "key refused" in output
    assert output.count('"route":"/v1/languages"') == 3
    assert key[:-1] not in output
