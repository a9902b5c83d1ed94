"""How LibreTranslate's calls fail: its words, its statuses, and JSON always."""

import asyncio
import json
import logging
import time
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from handler.app import create_app
from handler.libretranslate.dialect import CORS, REFUSALS, refusal
from handler.problems import Problem, problem_of
from services.errors import ServiceError, TextTooLong
from services.model import LanguagePair
from tests.fakes.loops import in_a_loop
from tests.fakes.models import BrokenTranslator, MarkingTranslator
from tests.fakes.services import fake_services
from tests.handler import libretranslate as shape
from tests.handler.conftest import Serve

HELLO = {"q": "Hello.", "source": "en", "target": "pt"}
SENTENCE = "The mayor said on Monday that the boats would sail again from the old harbour, come what may."
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


def without(name: str) -> dict[str, str]:
    return {key: value for key, value in HELLO.items() if key != name}


def subclasses(kind: type[ServiceError]) -> set[type[ServiceError]]:
    return {one for child in kind.__subclasses__() for one in {child, *subclasses(child)}}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (without("q"), "Invalid request: missing q parameter"),
        (HELLO | {"q": ""}, "Invalid request: missing q parameter"),
        (HELLO | {"q": []}, "Invalid request: missing q parameter"),
        (HELLO | {"q": None}, "Invalid request: missing q parameter"),
        ({}, "Invalid request: missing q parameter"),
        (without("source"), "Invalid request: missing source parameter"),
        (HELLO | {"source": ""}, "Invalid request: missing source parameter"),
        (without("target"), "Invalid request: missing target parameter"),
        (HELLO | {"q": 7}, "Invalid request: q parameter is not a text or a list of texts"),
        (HELLO | {"q": ["a", 7]}, "Invalid request: q parameter is not a text or a list of texts"),
        (HELLO | {"target": "zz"}, "zz is not supported"),
        (HELLO | {"target": "ZZ"}, "zz is not supported"),
        (HELLO | {"source": "zz"}, "zz is not supported"),
        (HELLO | {"source": "klingon"}, "klingon is not supported"),
        (HELLO | {"source": 7}, "7 is not supported"),
        (HELLO | {"source": "The mayor of Oslo said no."}, "? is not supported"),
        (HELLO | {"format": "xml"}, "xml format is not supported"),
        (HELLO | {"format": "markdown"}, "markdown format is not supported"),
        (HELLO | {"format": ["The mayor"]}, "? format is not supported"),
        (HELLO | {"alternatives": "abc"}, "Invalid request: alternatives parameter is not a number"),
        (HELLO | {"alternatives": [1]}, "Invalid request: alternatives parameter is not a number"),
        (HELLO | {"alternatives": ""}, "Invalid request: alternatives parameter is not a number"),
        (HELLO | {"alternatives": 10**400}, "Invalid request: alternatives parameter must be <= 5"),
        (HELLO | {"alternatives": 6}, "Invalid request: alternatives parameter must be <= 5"),
        (HELLO | {"q": "x" * 51}, "Invalid request: request (51) exceeds text limit (50)"),
        (HELLO | {"q": ["a", "x" * 51]}, "Invalid request: request (51) exceeds text limit (50)"),
        (HELLO | {"q": ["a", "b", "c", "d"]}, "Invalid request: request (4) exceeds text limit (3)"),
        (HELLO | {"q": "a\0b"}, "Invalid request: the text holds a NUL character; is it binary, or UTF-16?"),
    ],
    ids=str,
)
def test_a_call_is_refused_in_libretranslates_words(serve: Serve, body: dict[str, object], words: str) -> None:
    api = serve(fake_services(max_text_chars=50, max_texts=3))
    assert shape.error(api.post("/translate", json=body)) == (400, words)
    if all(isinstance(value, str) for value in body.values()):
        assert shape.error(api.post("/translate", data=body)) == (400, words)
        assert shape.error(api.post("/translate", params={k: str(v) for k, v in body.items()})) == (400, words)


def test_the_limit_is_for_each_text(serve: Serve) -> None:
    api = serve(fake_services(max_text_chars=10))
    assert api.post("/translate", json=HELLO | {"q": ["123456789.", "123456789."]}).status_code == 200


@pytest.mark.parametrize("body", ["[]", '"text"', "{", "", "null", '{"q": "\\ud800"}', "[" * 5_000])
@pytest.mark.parametrize("path", ["/translate", "/detect"])
def test_what_is_no_json_object_is_said_to_be_none(api: TestClient, path: str, body: str) -> None:
    assert shape.error(api.post(path, content=body, headers=JSON)) == (400, "Invalid JSON format")


def test_json_that_is_not_utf_8_is_none(api: TestClient) -> None:
    body = b'{"q": "caf\xe9", "source": "en", "target": "pt"}'
    assert shape.error(api.post("/translate", content=body, headers=JSON)) == (400, "Invalid JSON format")


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"q=caf%E9&source=en&target=pt", FORM),
        (b"&".join(b"a=%d" % n for n in range(2_000)), FORM),
        (b"--x", {"content-type": "multipart/form-data"}),
        (b"--x\r\nnothing", {"content-type": "multipart/form-data; boundary=x"}),
        (b"--x\r\n\r\nHello\r\n--x--", {"content-type": "multipart/form-data; boundary=x"}),
        (b"junk", {"content-type": "multipart/form-data; boundary=x; charset=undefined"}),
    ],
)
def test_a_form_that_cannot_be_read_is_refused(api: TestClient, body: bytes, headers: dict[str, str]) -> None:
    assert shape.error(api.post("/translate", content=body, headers=headers))[0] == 400


def test_a_body_that_is_no_form_has_no_fields(api: TestClient) -> None:
    answer = api.post("/translate", content=b"q=Hello", headers={"content-type": "text/plain"})
    assert shape.error(answer) == (400, "Invalid request: missing q parameter")


def test_a_pair_without_a_model_is_told_by_names(serve: Serve) -> None:
    api = serve(fake_services(MarkingTranslator("en>pt", "es>en")))
    answer = api.post("/translate", json={"q": "Oi.", "source": "pt", "target": "es"})
    words = "Spanish (es) is not available as a target language from Portuguese (pt)"
    assert shape.error(answer) == (400, words)


def test_detect_wants_a_text(api: TestClient) -> None:
    for how in ({}, {"data": {"q": ""}}, {"json": {"q": []}}):
        assert shape.error(api.post("/detect", **how)) == (400, "Invalid request: missing q parameter")  # type: ignore[arg-type]


def test_suggestions_are_off(api: TestClient) -> None:
    for how in ({"data": HELLO | {"s": "Olá."}}, {"json": HELLO | {"s": "Olá."}}, {}):
        answer = api.post("/suggest", **how)  # type: ignore[arg-type]
        assert shape.error(answer) == (403, "Suggestions are disabled on this server.")


PATHS = [
    ("POST", "/translate"),
    ("POST", "/detect"),
    ("GET", "/languages"),
    ("GET", "/frontend/settings"),
    ("GET", "/health"),
    ("GET", "/spec"),
    ("POST", "/suggest"),
    ("POST", "/translate_file"),
    ("GET", "/download_file/x"),
]


@pytest.mark.parametrize(("_", "path"), PATHS)
def test_every_error_is_json_for_all_callers(api: TestClient, _: str, path: str) -> None:
    for accept in ("text/html", "text/plain", "application/json"):
        headers = {"accept": accept}
        assert shape.error(api.put(path, headers=headers))[0] == 405
        assert shape.error(api.get(f"{path.split('/x')[0]}/no/thing", headers=headers))[0] in (400, 404)


def test_a_wrong_method_is_told_the_right_ones(api: TestClient) -> None:
    answer = api.get("/translate")
    assert shape.error(answer) == (405, "Method Not Allowed")
    assert answer.headers["allow"] == "OPTIONS, POST"


@pytest.mark.parametrize("path", ["/translate", "/detect", "/translate_file"])
def test_a_body_too_large_and_one_that_is_compressed_are_refused(serve: Serve, path: str) -> None:
    api = serve(fake_services(max_body_bytes=100))
    assert shape.error(api.post(path, content=b"q" * 101, headers=FORM)) == (413, "a body has at most 100 bytes")
    assert shape.error(api.post(path, content=b"q", headers=FORM | {"content-encoding": "gzip"}))[0] == 415


def test_a_body_that_pauses_is_refused_in_json() -> None:
    app, sent = create_app(fake_services(body_pause_ms=10)), list[dict[str, Any]]()
    scope = {
        "type": "http", "method": "POST", "path": "/translate", "raw_path": b"/translate", "query_string": b"",
        "headers": [(b"content-type", b"application/json")], "scheme": "http", "server": ("h", 80),
    }  # fmt: skip

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(60)
        raise AssertionError

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    in_a_loop(app(scope, receive, send))  # type: ignore[arg-type]
    assert sent[0]["status"] == 408
    assert set(json.loads(sent[1]["body"])) == {"error"}


def test_a_broken_engine_is_a_500_that_says_so(serve: Serve) -> None:
    answer = serve(fake_services(BrokenTranslator())).post("/translate", json=HELLO)
    assert shape.error(answer) == (500, "Cannot translate text: the model for en-pt failed")


def test_what_nobody_foresaw_is_json_with_the_headers_too(serve: Serve) -> None:
    class Odd(MarkingTranslator):
        def model_id(self, pair: object) -> str:
            raise RuntimeError("Hello.")

    answer = serve(fake_services(Odd())).post("/translate", json=HELLO)
    assert shape.error(answer)[0] == 500
    assert "Hello" not in answer.text
    assert answer.headers["access-control-allow-origin"] == "*"


def test_a_call_that_is_out_of_time_comes_again_and_goes_on_from_what_is_finished(serve: Serve) -> None:
    class Slow(MarkingTranslator):
        def translation(self, text: str, pair: LanguagePair) -> str:
            time.sleep(0.01)
            return super().translation(text, pair)

    at_once, in_tries = Slow(), Slow()
    body = HELLO | {"q": [f"{SENTENCE} In town {n} nobody knew of it." for n in range(40)]}
    whole = serve(fake_services(at_once)).post("/translate", json=body)
    # No memory of sentences: what a try has finished comes from the store, as it would in another process.
    api = serve(fake_services(in_tries, deadline_ms=300, store_budget_ms=10_000, sentence_cache_bytes=0))
    answers = [api.post("/translate", json=body)]
    while answers[-1].status_code == 503 and len(answers) < 50:
        answers.append(api.post("/translate", json=body))
    assert len(answers) > 1
    assert shape.error(answers[0])[0] == 503
    assert answers[0].headers["retry-after"] == "1"
    assert shape.shaped(answers[-1], shape.Batch) == shape.shaped(whole, shape.Batch)
    assert sorted(in_tries.texts) == sorted(at_once.texts)


def test_one_caller_too_many_is_told_so_in_json() -> None:
    app, sent = create_app(fake_services(max_requests=1)), list[dict[str, Any]]()
    scope = {
        "type": "http", "method": "GET", "path": "/languages", "raw_path": b"/languages", "query_string": b"",
        "headers": [], "scheme": "http", "server": ("h", 80),
    }  # fmt: skip

    async def ask(wait: Callable[[], Any]) -> None:
        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b""}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                await wait()
            sent.append(message)

        await app(dict(scope), receive, send)  # type: ignore[arg-type]

    async def both() -> None:
        await asyncio.gather(*(ask(lambda: asyncio.sleep(0)) for _ in range(2)))

    in_a_loop(both())
    starts = {message["status"]: dict(message["headers"]) for message in sent if message["type"].endswith("start")}
    assert set(starts) == {200, 503}
    assert starts[503][b"retry-after"] == b"1"
    assert starts[503][b"access-control-allow-origin"] == b"*"
    bodies = [json.loads(message["body"]) for message in sent if message.get("body")]
    assert [set(body) for body in bodies if isinstance(body, dict)] == [{"error"}]


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_pages_of_other_origins_may_call_and_read(api: TestClient, method: str, path: str) -> None:
    expected = {
        "access-control-allow-origin": "*",
        "access-control-allow-headers": "Authorization, Content-Type",
        "access-control-expose-headers": "Authorization",
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-credentials": "true",
        "access-control-max-age": "1728000",
    }
    preflight = {"origin": "https://desk.example", "access-control-request-method": method}
    for answer in (api.request(method, path), api.put(path), api.options(path, headers=preflight)):
        assert {name: answer.headers[name] for name in expected} == expected
    assert api.options(path).status_code == 200


def test_other_surfaces_have_none_of_these_headers(api: TestClient) -> None:
    for path in ("/v1/languages", "/healthz", "/nothing", "/translations"):
        assert not {name.lower() for name in CORS} & set(api.get(path).headers)


def test_every_service_error_has_a_status_and_words() -> None:
    assert {error.code for error in subclasses(ServiceError)} <= set(REFUSALS)


@pytest.mark.parametrize(
    ("code", "facts", "status", "words"),
    [
        ("missing-key", {}, 400, "Please contact the server operator to get an API key"),
        ("invalid-key", {}, 403, "Invalid API key"),
        ("quota-exceeded", {}, 403, "Too many request limits violations"),
        ("too-many-requests", {"max_requests_per_minute": 60}, 429, "Slowdown: 60 per 1 minute"),
        ("too-many-requests", {}, 429, "what happened"),
        ("text-too-long", {"chars": 9, "max_chars": 5}, 400, "Invalid request: request (9) exceeds text limit (5)"),
    ],
)
def test_refusals_of_keys_and_limits_are_libretranslates(
    code: str, facts: dict[str, object], status: int, words: str
) -> None:
    problem = Problem(type="t", title="t", status=418, detail="what happened", code=code, **facts)  # type: ignore[arg-type]
    answer = refusal(problem, {"Retry-After": "3"})
    assert (answer.status_code, json.loads(answer.body)) == (status, {"error": words})
    assert answer.headers["retry-after"] == "3"


def test_a_text_too_long_without_these_facts_says_what_it_says() -> None:
    answer = refusal(problem_of(TextTooLong("the method takes less")), {})
    assert json.loads(answer.body) == {"error": "the method takes less"}


def test_neither_keys_nor_texts_are_logged_or_echoed(api: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = {"api_key": "k3y-of-the-desk", "secret": "s3cr3t-word"}
    text = "Nobody shall read of Wladiwostok here"
    bodies = [HELLO | secrets | {"q": text}, HELLO | secrets | {"q": text, "target": "zz"}, secrets | {"q": text}]
    answers = [api.post("/translate", **{how: body}) for body in bodies for how in ("json", "data", "params")]  # type: ignore[arg-type]
    answers += [api.post("/detect", params=secrets | {"q": text}), api.post("/suggest", params=secrets)]
    answers += [api.put("/translate", params=secrets), api.post("/languages", data=secrets)]
    told = "\n".join(
        json.dumps(record.__dict__, default=str) for record in caplog.records if "httpx" not in record.name
    )
    assert told
    for hidden in (*secrets.values(), "Wladiwostok"):
        assert hidden not in told
        assert not any(hidden in answer.text for answer in answers if answer.status_code != 200)
    assert not any(key in answer.text for key in secrets.values() for answer in answers)
