import json
import time
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from infra.emulator.function import Outcome, Throttled, TooLarge
from infra.emulator.gateway import MAX_BODY_BYTES, Throttle, http_api
from infra.emulator.sandbox import Answered, Failed


def client_of(
    invoke: Callable[[bytes, str | None], Outcome], throttle: Throttle | None = None, max_wait_s: float = 5
) -> TestClient:
    return TestClient(http_api(invoke, throttle, max_wait_s))


def echo(event: bytes, trace: str | None) -> Outcome:
    """The event itself, as the body."""
    assert trace is not None
    return Answered(json.dumps({"statusCode": 201, "headers": {"x-trace": trace}, "body": event.decode()}).encode())


@pytest.fixture
def client() -> TestClient:
    return client_of(echo)


def test_a_request_reaches_the_function_and_its_answer_the_caller(client: TestClient) -> None:
    answer = client.post("/a%20b?x=%C3%A9", content="é".encode(), headers={"content-type": "text/plain"})
    event = answer.json()
    assert answer.status_code == 201
    assert (event["rawPath"], event["rawQueryString"], event["body"]) == ("/a b", "x=%C3%A9", "é")
    assert answer.headers["x-trace"].startswith(event["headers"]["x-amzn-trace-id"] + ";Parent=")


def test_ids_are_new_each_time(client: TestClient) -> None:
    first, second = (client.get("/").json() for _ in range(2))
    assert first["requestContext"]["requestId"] != second["requestContext"]["requestId"]
    assert first["headers"]["x-amzn-trace-id"] != second["headers"]["x-amzn-trace-id"]


def test_a_body_over_ten_megabytes_is_refused(client: TestClient) -> None:
    answer = client.post("/", content=b"x" * (MAX_BODY_BYTES + 1))
    assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


@pytest.mark.parametrize(
    ("outcome", "status", "message"),
    [
        (Failed("ValueError", "as asked"), 500, "Internal Server Error"),
        (Answered(b'{"statusCode": "fine"}'), 500, "Internal Server Error"),
        (Throttled(), 503, "Service Unavailable"),
        (TooLarge(), 413, "Request Entity Too Large"),
    ],
)
def test_what_the_function_does_not_answer_the_gateway_does(outcome: Outcome, status: int, message: str) -> None:
    answer = client_of(lambda event, trace: outcome).get("/")
    assert (answer.status_code, answer.json()) == (status, {"message": message})


def test_a_function_that_takes_too_long_is_not_waited_for() -> None:
    def slow(event: bytes, trace: str | None) -> Outcome:
        time.sleep(3)
        return Answered(b"null")

    began = time.monotonic()
    answer = client_of(slow, max_wait_s=0.05).get("/")
    assert (answer.status_code, answer.json()) == (503, {"message": "Service Unavailable"})
    assert time.monotonic() - began < 2


def test_too_many_requests_are_turned_away_until_time_has_passed() -> None:
    now_s = 0.0
    client = client_of(echo, Throttle(rate_per_s=2, burst=3, clock=lambda: now_s))
    assert [client.get("/").status_code for _ in range(4)] == [201, 201, 201, 429]
    now_s = 0.5
    assert [client.get("/").status_code for _ in range(2)] == [201, 429]
