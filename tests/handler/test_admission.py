"""Over a real server on loopback: what is refused when all threads are taken, and when a body does not come."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import ExitStack, contextmanager
from itertools import islice

import httpx2 as httpx
import pytest

from services.ports import Hypothesis
from tests.fakes.models import MarkingTranslator
from tests.fakes.servers import served
from tests.fakes.services import fake_services

BODY = {"source": "en", "target": "pt"}


class Gated(MarkingTranslator):
    """Translates nothing until the gate opens."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    def translate(self, *arguments: object, **options: object) -> list[list[Hypothesis]]:
        """Wait, and translate."""
        assert self.gate.wait(20)
        return super().translate(*arguments, **options)  # type: ignore[arg-type]


def test_what_is_too_much_is_refused_at_once_and_all_else_is_answered() -> None:
    translator, asked, places = Gated(), 60, 45
    with served(fake_services(translator, max_requests=places)) as url, ThreadPoolExecutor(asked) as callers:

        def ask(number: int) -> httpx.Response:
            return httpx.post(f"{url}/v1/translations", json=BODY | {"text": f"Story {number}."}, timeout=60)

        answers = [callers.submit(ask, number) for number in range(asked)]
        refused = [one.result() for one in islice(as_completed(answers, timeout=30), asked - places)]
        for path in ("healthz", "metrics"):  # while no thread is free
            assert httpx.get(f"{url}/{path}", timeout=10).status_code == 200
        translator.gate.set()
        statuses = [answer.result().status_code for answer in answers]
        assert [answer.json()["code"] for answer in refused] == ["overloaded"] * len(refused)
        assert all(int(answer.headers["retry-after"]) > 0 for answer in refused)
        assert (statuses.count(200), statuses.count(503)) == (places, asked - places)
        assert ask(asked).status_code == 200


def test_a_body_that_does_not_come_is_answered_and_takes_no_thread() -> None:
    with served(fake_services(body_pause_ms=200)) as url, slow_request(url, b'{"text": ') as caller:
        answer = caller.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 408 ")
    assert json.loads(answer.partition("\r\n\r\n")[2])["code"] == "body-too-slow"


def test_a_body_that_comes_slowly_but_comes_is_read() -> None:
    body = json.dumps(BODY | {"text": "Hello."}).encode()
    with served(fake_services(body_pause_ms=2_000)) as url, slow_request(url, body[:9], len(body)) as caller:
        for at in range(9, len(body), 20):
            time.sleep(0.1)
            caller.sendall(body[at : at + 20])
        assert caller.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize(("method", "path"), [("GET", "/v2/usage"), ("DELETE", "/v2/glossaries/0")])
def test_a_body_that_does_not_come_with_a_method_that_seldom_has_one_takes_no_place(method: str, path: str) -> None:
    with served(fake_services(body_pause_ms=1_000, max_requests=1)) as url, ExitStack() as slow:
        callers = [slow.enter_context(slow_request(url, b"", method=method, path=path)) for _ in range(3)]
        assert httpx.get(f"{url}/v2/usage", timeout=10).status_code == 200
        answers = [caller.makefile("rb").read() for caller in callers]
    assert {answer[:12] for answer in answers} == {b"HTTP/1.1 408"}


@contextmanager
def slow_request(
    url: str, begun: bytes, length: int = 100, method: str = "POST", path: str = "/v1/translations"
) -> Iterator[socket.socket]:
    """A connection with a request whose body has only begun."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as caller:
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {length}"
        caller.sendall(head.encode() + b"\r\nConnection: close\r\n\r\n" + begun)
        yield caller
