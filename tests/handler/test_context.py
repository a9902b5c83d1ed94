import json
import logging
import time
from http.client import HTTPConnection

import pytest
from fastapi.testclient import TestClient
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from handler import problems
from handler.context import RequestContext
from handler.telemetry import configure_logging
from services.deadline import current
from services.errors import ServiceError
from tests.fakes.models import BrokenTranslator, ShortTranslator
from tests.fakes.servers import running
from tests.fakes.services import fake_services
from tests.handler.conftest import Serve

BODY = {"text": "A secret sentence.", "source": "en", "target": "pt"}


def test_every_service_error_has_a_status() -> None:
    assert set(problems.STATUS) == set(ServiceError.__subclasses__())


def test_every_code_is_one_of_a_kind() -> None:
    codes = [error.code for error in problems.STATUS]
    assert len(set(codes)) == len(codes)


def test_a_broken_engine_is_a_500_with_its_code_and_is_logged(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    answer = serve(fake_services(BrokenTranslator())).post("/v1/translations", json=BODY)
    assert [record.code for record in caplog.records if record.levelno == logging.ERROR] == ["engine-failed"]  # type: ignore[attr-defined]
    assert "secret" not in caplog.text
    assert (answer.status_code, answer.json()["code"], answer.json()["pair"]) == (500, "engine-failed", "en-pt")


def test_what_nobody_foresaw_is_a_500_and_neither_answer_nor_log_hold_the_text(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    class Blabbing(ShortTranslator):
        def translate(self, texts, pair, hypotheses=1, detailed=True):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
            raise RuntimeError(f"cannot translate {texts}")

    with caplog.at_level(logging.DEBUG):
        answer = serve(fake_services(Blabbing())).post("/v1/translations", json=BODY, headers={"x-request-id": "r-1"})
    assert (answer.status_code, answer.json()["code"], answer.headers["x-request-id"]) == (500, "internal-error", "r-1")
    assert "secret" not in answer.text + caplog.text
    record = next(record for record in caplog.records if record.levelno == logging.ERROR)
    assert "RuntimeError" in record.getMessage()
    assert "test_context.py" in record.place  # type: ignore[attr-defined]


def test_a_log_line_is_json_and_carries_the_request_id(serve: Serve, capfd: pytest.CaptureFixture[str]) -> None:
    before = logging.root.handlers[:]
    try:
        configure_logging("INFO", "interlede-test")
        api = serve(fake_services(BrokenTranslator()))
        api.post("/v1/translations", json=BODY, headers={"x-request-id": "r-2"})
    finally:
        logging.root.handlers[:] = before
    written = capfd.readouterr().err
    lines = {line["message"]: line for line in map(json.loads, written.splitlines())}
    failed, ended = lines["request failed"], lines["request ended"]
    told = {"level": "ERROR", "logger": "handler.app", "request_id": "r-2", "service": "interlede-test"}
    assert failed.items() >= told.items()
    assert (failed["code"], failed["facts"]) == ("engine-failed", {"pair": "en-pt"})
    assert ended.items() >= {"request_id": "r-2", "route": "/v1/translations", "status": 500}.items()
    assert "secret" not in written


def test_a_client_that_hangs_up_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    async def hung_up(scope: Scope, receive: Receive, send: Send) -> None:
        raise ClientDisconnect

    TestClient(RequestContext(hung_up, 1, 1), raise_server_exceptions=False).get("/")
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_every_answer_has_a_request_id_and_a_time(api: TestClient) -> None:
    answers = [api.get("/healthz"), api.get("/nothing"), api.post("/v1/translations", json=BODY)]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3
    steps = [[step.partition(";")[0] for step in answer.headers["server-timing"].split(", ")] for answer in answers]
    assert steps == [["total"], ["total"], ["decode", "store", "total"]]


def test_no_answer_is_run_framed_or_guessed_by_a_browser_and_https_stays_https(api: TestClient) -> None:
    answers = [api.get("/healthz"), api.get("/nothing"), api.post("/v1/translations", json=BODY)]
    for answer in answers:
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "strict-transport-security" not in answer.headers
    secure = TestClient(api.app, base_url="https://testserver").get("/healthz")
    assert secure.headers["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("given", ["a b", "x" * 129, "é", "a,b"])
def test_a_strange_request_id_is_replaced(api: TestClient, given: str) -> None:
    answer = api.get("/healthz", headers={"x-request-id": given.encode()})
    assert answer.headers["x-request-id"] != given


@pytest.mark.parametrize("path", ["/healthz", "/v1/languages", "/openapi.json"])
def test_head_is_get_without_the_body(api: TestClient, path: str) -> None:
    head, get = api.head(path), api.get(path)
    assert (head.status_code, head.content) == (200, b"")
    assert get.content
    assert {"content-length", "content-type"} <= head.headers.keys()
    assert all(head.headers[name] == get.headers[name] for name in ("content-length", "content-type"))


def test_head_of_what_only_takes_post_is_refused_and_says_what_is_allowed(api: TestClient) -> None:
    answer = api.head("/v1/translations")
    assert (answer.status_code, answer.content, answer.headers["allow"]) == (405, b"", "POST")


def test_what_is_about_a_text_is_kept_by_nobody(api: TestClient) -> None:
    answers = [api.post("/v1/translations", json=BODY), api.post("/v1/translations", json={}), api.get("/v1/jobs/x")]
    assert [answer.headers["cache-control"] for answer in answers] == ["no-store"] * 3


@pytest.mark.parametrize(("public", "who"), [(False, "private"), (True, "public")])
def test_an_article_never_changes_and_is_kept_by_whom_the_installation_allows(
    serve: Serve, public: bool, who: str
) -> None:
    api = serve(fake_services(public_cache=public))
    place = api.post("/v1/articles", json=BODY).headers["content-location"]
    got = api.get(place)
    assert got.headers["cache-control"] == f"{who}, max-age=31536000, immutable"
    again = api.head(place, headers={"if-none-match": got.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", got.headers["etag"])


class Function:
    """The context that Lambda gives, with so many milliseconds to go."""

    def __init__(self, left_ms: int) -> None:
        self.get_remaining_time_in_millis = lambda: left_ms


@pytest.mark.parametrize(
    ("agent", "function", "most_s"),
    [
        ("curl/8.5", None, 25),
        ("deepl-python/1.18.0 (Linux)", None, 9),
        ("deepl-node/1.13.0", None, 4),
        ("curl/8.5", Function(7_000), 6),
        ("deepl-node/1.13.0", Function(7_000), 4),
        ("deepl-node/1.13.0", Function(500), 0),
    ],
)
def test_a_request_has_a_deadline_by_settings_client_and_function(
    agent: str, function: Function | None, most_s: float
) -> None:
    left_s = []

    async def measured(scope: Scope, receive: Receive, send: Send) -> None:
        left_s.append(current().remaining_s())
        raise ClientDisconnect

    async def on_lambda(scope: Scope, receive: Receive, send: Send) -> None:
        await RequestContext(measured, 25, 1)({**scope, "aws.context": function}, receive, send)

    TestClient(on_lambda, raise_server_exceptions=False).get("/", headers={"user-agent": agent})
    assert most_s - 0.5 < left_s[0] <= most_s or most_s == left_s[0] == 0


def test_each_request_of_a_connection_that_is_kept_has_a_time_of_its_own() -> None:
    """Where a body is large its reading pauses and goes on, and asyncio keeps the context of who went on."""

    async def tell_time(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            pass
        left_ms = str(round(current().remaining_s() * 1_000)).encode()
        headers = [(b"content-length", str(len(left_ms)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": left_ms})

    with running(RequestContext(tell_time, 10, 1)) as url:
        connection = HTTPConnection(url.removeprefix("http://"), timeout=30)

        def left_ms(body: bytes) -> int:
            connection.request("POST", "/", body)
            return int(connection.getresponse().read())

        assert left_ms(b"x" * 5_000_000) <= 10_000
        kept = connection.sock
        time.sleep(1)
        assert left_ms(b"x") > 9_500
        assert connection.sock is kept
        connection.close()
