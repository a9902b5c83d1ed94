"""Keys, and errors of all sorts, on DeepL's surface."""

import json
import logging
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from handler.dialects import refusal as in_words_of
from handler.problems import Overloaded, problem_of
from handler.schemas.deepl.answers import TranslateResponse, UsageResponse
from services.api_keys import KeyLimits
from tests.fakes.access import MemoryAccess
from tests.fakes.models import BrokenTranslator
from tests.fakes.services import fake_services
from tests.handler.conftest import Serve
from tests.handler.deepl import refusal, told
from tests.handler.test_auth import DESK, KEY, OTHER, OTHER_KEY, bearer, keyed, limited, used

HELLO = {"text": ["Hello."], "target_lang": "PT-BR"}


@pytest.fixture
def api(serve: Serve) -> TestClient:
    """The API for those who have a key."""
    limits = KeyLimits(chars_per_month=10)
    return serve(keyed(MemoryAccess(*(replace(key, limits=limits) for key in (DESK, OTHER)))))


def auth_key(key: str) -> dict[str, str]:
    return {"authorization": f"DeepL-Auth-Key {key}"}


def test_a_key_is_shown_in_one_of_three_ways(api: TestClient) -> None:
    for headers in (auth_key(KEY), bearer(KEY)):
        assert told(api.get("/v2/usage", headers=headers), UsageResponse).character_limit == 10
    assert api.get(f"/v2/usage?auth_key={KEY}").status_code == 200
    assert api.post("/v2/usage", data={"auth_key": KEY}).status_code == 200
    assert api.post("/v2/usage", json={"auth_key": KEY}).status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, auth_key(f"{KEY}secret"), {"authorization": f"Basic {KEY}"}, {"authorization": KEY}]
)
def test_without_a_valid_key_nothing_is_told(
    api: TestClient, headers: dict[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    calls = [("POST", "/v2/translate"), ("GET", "/v2/languages"), ("GET", "/v2/glossaries"), ("POST", "/v2/document")]
    for method, path in calls:
        answer = api.request(method, path, headers=headers)
        assert refusal(answer)[:2] == (
            403,
            "Authorization failed. Please supply a valid DeepL-Auth-Key via the Authorization header.",
        )
        assert KEY not in answer.text
    assert KEY not in caplog.text


def test_characters_are_charged_once_for_each_answer_and_end_with_456(api: TestClient) -> None:
    headers = auth_key(KEY)
    told(api.post("/v2/translate", json=HELLO | {"context": "Not counted."}, headers=headers), TranslateResponse)
    assert api.post("/v2/translate", json=HELLO | {"target_lang": "XX"}, headers=headers).status_code == 400
    assert told(api.get("/v2/usage", headers=headers), UsageResponse).character_count == 6
    over = api.post("/v2/translate", json=HELLO, headers=headers)
    assert refusal(over)[:2] == (456, "Quota for this billing period has been exceeded.")
    assert (used(api), used(api, OTHER_KEY)) == (6, 0)


def test_who_asks_too_often_is_told_when_to_come_again(serve: Serve) -> None:
    api = serve(limited(requests_per_minute=1))
    told(api.post("/v2/translate", json=HELLO, headers=auth_key(KEY)), TranslateResponse)
    again = api.post("/v2/translate", json=HELLO, headers=auth_key(KEY))
    assert refusal(again)[:2] == (429, "Too many requests. Please wait and resend your request.")
    assert 1 <= int(again.headers["retry-after"]) <= 60


def test_nobody_sees_the_glossaries_of_others(api: TestClient) -> None:
    own, other = auth_key(KEY), auth_key(OTHER_KEY)
    body = {"name": "desk", "source_lang": "EN", "target_lang": "PT", "entries": "a\tb", "entries_format": "tsv"}
    place = "/v2/glossaries/" + api.post("/v2/glossaries", json=body, headers=own).json()["glossary_id"]
    assert api.get(place, headers=own).status_code == 200
    assert api.get("/v2/glossaries", headers=other).json() == {"glossaries": []}
    for method, path in (("GET", place), ("GET", f"{place}/entries"), ("DELETE", place)):
        assert refusal(api.request(method, path, headers=other))[:2] == (404, "Glossary not found")


@pytest.mark.parametrize(
    ("method", "path", "status", "is_offered"),
    [
        ("GET", "/v2/nothing", 404, True),
        ("PUT", "/v2/translate", 405, True),
        ("POST", "/v2/glossary-language-pairs", 405, True),
        ("POST", "/v2/write/rephrase", 404, False),
        ("GET", "/v3/style_rules", 404, False),
        ("POST", "/v3/translation_memories/import", 404, False),
        ("GET", "/v2/admin/analytics", 404, False),
        ("POST", "/v3/voice/realtime", 404, False),
    ],
)
@pytest.mark.parametrize("accept", ["*/*", "text/plain", "text/html"])
def test_every_error_is_json(serve: Serve, method: str, path: str, status: int, is_offered: bool, accept: str) -> None:
    api = serve(fake_services())
    answer = api.request(method, path, headers={"accept": accept, "content-type": "text/plain"})
    found, message, detail = refusal(answer)
    assert found == status
    assert message
    assert detail is None if is_offered else str(detail).endswith("not offered by this server")


def test_head_has_no_body(serve: Serve) -> None:
    answer = serve(fake_services()).head("/v2/nothing")
    assert (answer.status_code, answer.content) == (404, b"")


@pytest.mark.parametrize(
    ("content", "media", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff=1", "application/x-www-form-urlencoded", 400),
        (b"a%FF=%FF", "application/x-www-form-urlencoded", 400),
        (b"x", "multipart/form-data", 400),
        (b"x", "multipart/form-data; boundary=y", 400),
        (b"x", "text/plain", 415),
        (b"x", "", 415),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(serve: Serve, content: bytes, media: str, status: int) -> None:
    answer = serve(fake_services()).post("/v2/translate", content=content, headers={"content-type": media})
    assert refusal(answer)[0] == status


def test_a_compressed_body_is_refused(serve: Serve) -> None:
    answer = serve(fake_services()).post("/v2/translate", content=b"x", headers={"content-encoding": "gzip"})
    assert refusal(answer)[0] == 415


def test_what_breaks_is_500_and_says_nothing(serve: Serve) -> None:
    answer = serve(fake_services(BrokenTranslator())).post("/v2/translate", json=HELLO)
    assert refusal(answer)[0] == 500


def test_what_stands_around_the_routes_speaks_deepl_too() -> None:
    problem = problem_of(Overloaded("come back in a moment"))
    answer = in_words_of({"type": "http", "path": "/v2/translate", "headers": []}, problem, {"Retry-After": "2"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert json.loads(bytes(answer.body)) == {"message": "come back in a moment", "code": "overloaded"}
