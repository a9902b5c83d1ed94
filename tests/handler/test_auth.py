"""Keys at the door of /v1."""

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from mangum import Mangum
from starlette.requests import Request

from handler.app import create_app
from handler.auth import characters_of, key_of
from handler.lambda_api import TEXT_TYPES
from handler.wiring import Services
from services.api_keys import ApiKey, KeyLimits, issue
from services.ports import Count
from services.tasks import LEASE_S
from tests.fakes.access import DownAccess, MemoryAccess
from tests.fakes.models import BrokenTranslator, MarkingTranslator
from tests.fakes.services import fake_services
from tests.handler.conftest import Serve
from tests.handler.test_lambda_api import CONTEXT, KINDS, event
from tests.handler.test_prometheus import of

NOW = datetime.now(UTC)
KEY, DESK = issue("desk", NOW)
OTHER_KEY, OTHER = issue("other", NOW)
HELLO = {"text": "Hello.", "source": "en", "target": "pt"}
TERMS = {"terms": {"Hello": "Oi"}, "source": "en", "target": "pt"}
CALLS: list[tuple[str, str]] = [
    ("POST", "/v1/translations"),
    ("POST", "/v1/summaries"),
    ("POST", "/v1/articles"),
    ("GET", "/v1/articles/0"),
    ("DELETE", "/v1/articles/0"),
    ("DELETE", "/v1/stories/a/b"),
    ("POST", "/v1/digests"),
    ("POST", "/v1/detections"),
    ("GET", "/v1/languages"),
    ("POST", "/v1/jobs"),
    ("GET", "/v1/jobs/0"),
    ("DELETE", "/v1/jobs/0"),
    ("GET", "/v1/jobs/0/results"),
    ("PUT", "/v1/glossaries/a"),
    ("GET", "/v1/glossaries/a"),
    ("DELETE", "/v1/glossaries/a"),
    ("GET", "/v1/usage"),
]


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def keyed(access: MemoryAccess | None = None, **settings: object) -> Services:
    """Services that want a key: of DESK or OTHER, where nothing else is said."""
    return fake_services(access=access or MemoryAccess(DESK, OTHER), keys="required", **settings)


def limited(**limits: int) -> Services:
    return keyed(MemoryAccess(replace(DESK, limits=KeyLimits(**limits))))


def refusal(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    return answer.status_code, answer.json()["code"]


def used(api: TestClient, key: str = KEY) -> int:
    characters: int = api.get("/v1/usage", headers=bearer(key)).json()["characters"]
    return characters


def work(services: Services) -> None:
    while messages := services.run_task.queue.receive(10, 0, LEASE_S):
        assert [services.run_task(message) for message in messages] == [True] * len(messages)


@pytest.mark.parametrize(
    ("headers", "key"),
    [
        ({"authorization": "Bearer a-b_c"}, "a-b_c"),
        ({"authorization": "bearer  a "}, "a"),
        ({"authorization": "DeepL-Auth-Key a:fx"}, "a:fx"),
        ({"authorization": "deepl-auth-key a"}, "a"),
        ({"x-api-key": " a "}, "a"),
        ({"authorization": "Basic abc", "x-api-key": "a"}, "a"),
        ({"authorization": "Bearer", "x-api-key": "a"}, "a"),
        ({"authorization": "Bearer a", "x-api-key": "b"}, "a"),
        ({"authorization": "Bearera"}, None),
        ({"authorization": "a"}, None),
        ({"authorization": ""}, None),
        ({"x-api-key": " "}, None),
        ({}, None),
    ],
)
def test_the_key_is_found_where_clients_put_it(headers: Mapping[str, str], key: str | None) -> None:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    assert key_of(Request({"type": "http", "headers": raw})) == key


@pytest.mark.parametrize(
    ("body", "characters"),
    [
        ({"text": "abc", "target": "pt"}, 3),
        ({"texts": ["ab", "c", ""], "target": ["pt", "es"]}, 6),
        ({"html": "<p>a</p>", "title": "b", "target": "pt,es,pt, ES"}, 18),
        ({"markdown": "👩‍🚀é", "target": "pt"}, 4),
        ({"text": "abc"}, 3),
        ({"articles": [{"text": "abc", "title": "d"}, {"text": "e"}], "target": None, "query": "x"}, 5),
        ({"text": 5, "texts": "abc", "articles": ["a", 3], "target": 7, "title": None}, 0),
    ],
)
def test_a_call_is_charged_with_its_texts_once_for_each_target(body: dict[str, object], characters: int) -> None:
    assert characters_of(body) == characters


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_every_call_wants_a_key_and_says_how_to_show_it(serve: Serve, method: str, path: str) -> None:
    api = serve(keyed())
    without = api.request(method, path)
    assert refusal(without) == (401, "missing-key")
    assert without.headers["www-authenticate"].startswith("Bearer ")
    wrong = api.request(method, path, headers={"x-api-key": "wrong"})
    assert refusal(wrong) == (403, "invalid-key")
    assert api.request(method, path, headers=bearer(KEY)).status_code not in (401, 403)


def test_the_list_of_calls_is_complete(serve: Serve) -> None:
    document = serve(keyed()).get("/openapi.json").json()
    described = {(method.upper(), path) for path, ways in document["paths"].items() for method in ways}
    names = {
        "articles/0": "articles/{article_id}",
        "jobs/0": "jobs/{job_id}",
        "a/b": "{story}",
        "s/a": "s/{glossary_id}",
    }

    def pattern(path: str) -> str:
        for name, variable in names.items():
            path = path.replace(name, variable)
        return path

    own = {(method, path) for method, path in described if path.startswith("/v1/")}
    assert {(method, pattern(path)) for method, path in CALLS} == own


@pytest.mark.parametrize("path", ["/healthz", "/metrics", "/openapi.json"])
def test_what_monitors_ask_needs_no_key(serve: Serve, path: str) -> None:
    assert serve(keyed(DownAccess())).get(path).status_code == 200


@pytest.mark.parametrize("headers", [bearer(KEY), {"authorization": f"DeepL-Auth-Key {KEY}"}, {"x-api-key": KEY}])
def test_a_key_is_taken_in_any_of_the_usual_headers(serve: Serve, headers: Mapping[str, str]) -> None:
    answer = serve(keyed()).post("/v1/translations", json=HELLO, headers=headers)
    assert answer.json()["translations"][0]["text"] == "[en>pt Hello.]"


@pytest.mark.parametrize("kind", KINDS)
def test_keys_are_asked_for_and_usage_is_counted_behind_a_gateway(kind: str) -> None:
    handler = Mangum(create_app(keyed()), lifespan="off", text_mime_types=TEXT_TYPES)
    body, json_ = json.dumps(HELLO).encode(), {"content_type": "application/json"}
    statuses = [
        handler(event(kind, "POST", "/v1/translations", body, **json_, **headers), CONTEXT)["statusCode"]
        for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": f"Bearer {KEY}"}, {"x_api_key": KEY})
    ]
    assert statuses == [401, 403, 200, 200]
    usage = handler(event(kind, "GET", "/v1/usage", x_api_key=KEY), CONTEXT)
    assert json.loads(usage["body"])["characters"] == 12


def test_where_no_keys_are_needed_any_key_will_do_and_nothing_is_kept(serve: Serve) -> None:
    access = DownAccess()
    api = serve(fake_services(access=access))
    for headers in ({}, bearer("anything")):
        assert api.post("/v1/translations", json=HELLO, headers=headers).status_code == 200
        usage = api.get("/v1/usage", headers=headers).json()
        assert (usage["key"], usage["characters"]) == (None, 0)
    assert access.asked == 0


def test_a_reader_of_plain_text_is_refused_in_plain_text(serve: Serve) -> None:
    answer = serve(keyed()).post("/v1/translations?target=pt", content="Hello.", headers={"content-type": "text/plain"})
    assert answer.text == "error: this installation answers to those who show an API key (missing-key)\n"


def test_usage_tells_the_key_what_it_used_and_its_limits(serve: Serve) -> None:
    until = NOW.replace(year=NOW.year + 1, day=1, microsecond=0)
    limits = KeyLimits(chars_per_request=1_000, requests_per_minute=60, chars_per_month=5_000)
    api = serve(keyed(MemoryAccess(replace(DESK, limits=limits, valid_until=until))))
    for _ in range(2):  # the second is kept from the first, and counts all the same
        assert api.post("/v1/translations", json={**HELLO, "target": ["pt"]}, headers=bearer(KEY)).status_code == 200
    answer = api.get("/v1/usage", headers=bearer(KEY))
    usage = answer.json()
    assert usage["key"] == {"id": DESK.id, "name": "desk", "expires_at": until.isoformat().replace("+00:00", "Z")}
    assert usage["characters"] == 12
    assert datetime.fromisoformat(usage["resets_at"]).day == 1
    assert usage["limits"] == {
        "characters_per_request": 1_000,
        "requests_per_minute": 60,
        "characters_per_month": 5_000,
    }
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("call", "body", "characters"),
    [
        ("translations", {**HELLO, "target": ["pt", "es"]}, 12),
        ("summaries", {"title": "T", "text": "One. Two."}, 10),
        ("articles", {"title": "T", "text": "One. Two.", "target": "pt"}, 10),
        ("digests", {"articles": [{"text": "One. Two."}, {"text": "Three."}], "target": "pt"}, 15),
        ("detections", {"text": "Hello."}, 6),
    ],
)
def test_every_call_with_text_is_counted(serve: Serve, call: str, body: dict[str, object], characters: int) -> None:
    services = fake_services(MarkingTranslator("en>pt", "en>es"), access=MemoryAccess(DESK, OTHER), keys="required")
    api = serve(services)
    assert api.post(f"/v1/{call}", json=body, headers=bearer(KEY)).status_code == 200
    assert (used(api), used(api, OTHER_KEY)) == (characters, 0)


def test_a_request_that_fails_is_not_counted(serve: Serve) -> None:
    services = fake_services(BrokenTranslator(), access=MemoryAccess(DESK), keys="required")
    api = serve(services)
    assert api.post("/v1/translations", json=HELLO, headers=bearer(KEY)).status_code == 500
    for body in ({**HELLO, "target": "ja"}, {**HELLO, "target": "en"}, {**HELLO, "text": "\0"}, {"text": "Hello."}):
        assert 400 <= api.post("/v1/translations", json=body, headers=bearer(KEY)).status_code < 500
    assert used(api) == 0


def test_a_text_that_is_too_long_for_the_key_is_refused_as_one_for_the_installation_is(serve: Serve) -> None:
    api = serve(limited(chars_per_request=5))
    answer = api.post("/v1/translations", json=HELLO, headers=bearer(KEY))
    assert refusal(answer) == (413, "text-too-long")
    assert (answer.json()["max_chars"], answer.json()["chars"]) == (5, 6)


@pytest.mark.parametrize(
    ("limits", "code", "event"),
    [
        ({"requests_per_minute": 1}, "too-many-requests", Count.REFUSED_RATE),
        ({"chars_per_month": 11}, "quota-exceeded", Count.REFUSED_QUOTA),
    ],
)
def test_who_has_used_up_a_limit_is_told_when_to_come_again(
    serve: Serve, limits: dict[str, int], code: str, event: Count
) -> None:
    api = serve(limited(**limits))
    answers = [api.post("/v1/translations", json=HELLO, headers=bearer(KEY)) for _ in range(3)]
    refused = next(answer for answer in answers if answer.status_code != 200)
    assert refusal(refused) == (429, code)
    assert 0 < int(refused.headers["retry-after"]) == refused.json()["retry_after_s"] <= 31 * 86_400
    assert api.get("/v1/languages", headers=bearer(KEY)).status_code == 200
    assert of(api, f"interlede_{event}_total") >= 1


def test_nobody_learns_a_key_from_what_is_told(
    serve: Serve, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    api = serve(keyed(DownAccess(DESK, is_down=False)))
    secret = "a-secret-that-is-wrong"
    with caplog.at_level(logging.DEBUG):
        answers = [
            api.post(f"/v1/translations{query}", json=HELLO, headers=headers)
            for query in ("", f"?api_key={secret}")
            for headers in (bearer(secret), {"x-api-key": secret}, bearer(KEY), {"authorization": f"Basic {secret}"})
        ]
        answers.append(api.get("/v1/usage", headers=bearer(KEY)))
        answers.append(api.get(f"/v1/nowhere?api_key={secret}", headers=bearer(KEY)))
    told = " ".join(
        [
            *(str(dict(answer.headers)) + answer.text for answer in answers),
            *(str(record.__dict__) for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))),
            *capsys.readouterr(),
            api.get("/metrics").text,
        ]
    )
    assert "key refused" in told
    assert not [word for word in (secret, KEY, DESK.digest) if word in told]


def test_while_keys_cannot_be_checked_callers_are_told_to_come_again_and_known_ones_go_on(serve: Serve) -> None:
    down = DownAccess(DESK, is_down=False)
    api = serve(keyed(down))
    assert api.post("/v1/translations", json=HELLO, headers=bearer(KEY)).status_code == 200
    down.is_down = True
    assert api.post("/v1/translations", json=HELLO, headers=bearer(KEY)).status_code == 200
    unknown = api.post("/v1/translations", json=HELLO, headers=bearer(OTHER_KEY))
    assert refusal(unknown) == (503, "keys-unavailable")
    assert int(unknown.headers["retry-after"]) >= 1
    down.is_down = False
    assert of(api, "interlede_usage_deferred_total") == 1
    assert api.post("/v1/translations", json=HELLO, headers=bearer(KEY)).status_code == 200
    assert used(api) == 18


def test_usage_is_not_guessed_while_the_counter_is_down(serve: Serve) -> None:
    down = DownAccess(DESK, is_down=False)
    api = serve(keyed(down))
    assert used(api) == 0
    down.is_down = True
    answer = api.get("/v1/usage", headers=bearer(KEY))
    assert refusal(answer) == (503, "usage-unavailable")
    assert int(answer.headers["retry-after"]) >= 1


def test_glossaries_of_two_keys_are_apart(serve: Serve) -> None:
    services = keyed()
    api = serve(services)
    url, asked = "/v1/glossaries/desk", {**HELLO, "glossary": "desk"}
    assert api.put(url, json=TERMS, headers=bearer(KEY)).status_code == 204
    assert refusal(api.get(url, headers=bearer(OTHER_KEY))) == (404, "unknown-glossary")
    assert refusal(api.post("/v1/translations", json=asked, headers=bearer(OTHER_KEY))) == (404, "unknown-glossary")
    theirs = {**TERMS, "terms": {"Hello": "Alô"}}
    assert api.put(url, json=theirs, headers=bearer(OTHER_KEY)).status_code == 204
    assert api.get(url, headers=bearer(KEY)).json()["terms"] == {"Hello": "Oi"}
    assert api.delete(url, headers=bearer(OTHER_KEY)).status_code == 204
    assert "Oi" in api.post("/v1/translations", json=asked, headers=bearer(KEY)).json()["translations"][0]["text"]


@pytest.mark.parametrize("way", ["at once", "job", "batch", "deferred"])
def test_a_job_knows_the_glossaries_of_who_asked_for_it_and_no_others(serve: Serve, way: str) -> None:
    services = keyed()
    api = serve(services)
    assert api.put("/v1/glossaries/desk", json=TERMS, headers=bearer(KEY)).status_code == 204
    asked = {**HELLO, "glossary": "desk"}
    found = [_outcome(api, services, way, asked, key) for key in (KEY, OTHER_KEY)]
    assert [(status, "Oi" in body) for status, body in found] == [(200, True), (404, False)]


def _outcome(api: TestClient, services: Services, way: str, asked: dict[str, Any], key: str) -> tuple[int, str]:
    headers = bearer(key)
    match way:
        case "at once":
            answer = api.post("/v1/translations", json=asked, headers=headers)
            return answer.status_code, answer.text
        case "job":
            job = api.post("/v1/jobs", json={"call": "translations", "request": asked}, headers=headers)
        case "batch":
            ndjson = headers | {"content-type": "application/x-ndjson"}
            job = api.post("/v1/jobs?call=translations", content=json.dumps(asked), headers=ndjson)
        case _:
            job = api.post("/v1/translations", json=asked, headers=headers | {"prefer": "respond-async"})
    assert job.status_code == 202
    work(services)
    [line] = api.get(job.json()["results"], headers=headers).text.splitlines()
    return json.loads(line)["status"], line


def test_stories_of_two_keys_are_apart(serve: Serve) -> None:
    api = serve(keyed())
    ids = []
    for key in (KEY, OTHER_KEY):
        article = {"text": "One. Two.", "source": "en", "target": "pt", "story": "tram"}
        ids.append(api.post("/v1/articles", json=article, headers=bearer(key)).json()["id"])
    assert ids[0] != ids[1]
    assert api.delete("/v1/stories/tram", headers=bearer(OTHER_KEY)).status_code == 204
    assert refusal(api.delete("/v1/stories/tram", headers=bearer(OTHER_KEY))) == (404, "unknown-story")
    found = [api.get(f"/v1/articles/{one}", headers=bearer(KEY)).status_code for one in ids]
    assert found == [200, 404]
    assert api.delete("/v1/stories/tram", headers=bearer(KEY)).status_code == 204


def test_who_withdraws_a_story_leaves_what_others_have_of_theirs(serve: Serve) -> None:
    api = serve(keyed())

    def asked(key: str) -> str:
        answer = api.post("/v1/translations", json={**HELLO, "story": "tram"}, headers=bearer(key))
        return str(answer.headers["x-cache"])

    assert [asked(key) for key in (KEY, OTHER_KEY, KEY)] == ["miss", "partial", "hit"]  # known are the sentences
    assert api.delete("/v1/stories/tram", headers=bearer(OTHER_KEY)).status_code == 204
    assert asked(KEY) == "hit"


@pytest.mark.parametrize("path", ["/v1/jobs", "/v1/translations"])
def test_jobs_that_two_keys_name_alike_or_ask_for_alike_are_two(serve: Serve, path: str) -> None:
    api = serve(keyed())
    body = {"call": "translations", "request": HELLO} if path == "/v1/jobs" else HELLO
    named = {"idempotency-key": "1", "prefer": "respond-async"}
    ids = [
        api.post(path, json=body, headers=bearer(key) | named).json()["id"] for key in (KEY, OTHER_KEY, KEY, OTHER_KEY)
    ]
    assert ids[:2] == ids[2:]
    assert ids[0] != ids[1]
    assert (used(api), used(api, OTHER_KEY)) == (6, 6)


def test_a_job_counts_all_its_items_when_it_is_accepted(serve: Serve) -> None:
    services = keyed()
    api = serve(services)
    lines = '{"text": "Hello."}\n{"text": "Hi.", "target": "pt,es"}\nno JSON\n[]\n'
    headers = bearer(KEY) | {"content-type": "application/x-ndjson"}
    answer = api.post("/v1/jobs?call=translations&source=en&target=pt", content=lines, headers=headers)
    assert answer.status_code == 202
    assert used(api) == 12
    work(services)
    assert used(api) == 12


@pytest.mark.parametrize(
    ("limits", "status"),
    [({"chars_per_month": 11}, 429), ({"chars_per_request": 6}, 202), ({"chars_per_request": 5}, 413)],
)
def test_a_batch_is_refused_whole_and_leaves_nothing(serve: Serve, limits: dict[str, int], status: int) -> None:
    services = limited(**limits)
    api = serve(services)
    headers = bearer(KEY) | {"content-type": "application/x-ndjson"}
    lines = '{"text": "Hello."}\n' * 2
    answer = api.post("/v1/jobs?call=translations&target=pt", content=lines, headers=headers)
    assert answer.status_code == status
    assert used(api) == (12 if status == 202 else 0)
    assert services.run_task.queue.depth().waiting == (1 if status == 202 else 0)


def test_who_has_the_id_of_a_job_may_read_it_with_any_key(serve: Serve) -> None:
    services = keyed()
    api = serve(services)
    job = api.post("/v1/jobs", json={"call": "translations", "request": HELLO}, headers=bearer(KEY)).json()
    work(services)
    assert api.get(f"/v1/jobs/{job['id']}", headers=bearer(OTHER_KEY)).json()["state"] == "done"
    assert refusal(api.get(f"/v1/jobs/{job['id']}")) == (401, "missing-key")


def test_caches_keep_no_article_for_those_without_a_key(serve: Serve) -> None:
    for services, scope in ((keyed(public_cache=True), "private"), (fake_services(public_cache=True), "public")):
        api = serve(services)
        made = api.post("/v1/articles", json={"text": "One.", "source": "en", "target": "pt"}, headers=bearer(KEY))
        found = api.get(made.headers["content-location"], headers=bearer(KEY))
        assert found.headers["cache-control"].startswith(f"{scope},")


@pytest.fixture
def documents(serve: Serve) -> tuple[dict[str, Any], dict[str, Any]]:
    """The documents of an installation that wants keys, and of one that does not."""
    return serve(keyed()).get("/openapi.json").json(), serve(fake_services()).get("/openapi.json").json()


def test_the_document_says_how_keys_are_shown_and_what_is_answered_without(
    documents: tuple[dict[str, Any], dict[str, Any]],
) -> None:
    with_keys, without = documents
    schemes = with_keys["components"]["securitySchemes"]
    assert {(one["type"], one.get("scheme"), one.get("name")) for one in schemes.values()} == {
        ("http", "bearer", None),
        ("apiKey", None, "Authorization"),
        ("apiKey", None, "X-API-Key"),
    }
    for path, ways in with_keys["paths"].items():
        for operation in ways.values():
            is_keyed = path.startswith("/v1/")
            assert [list(one) for one in operation.get("security", [])] == [[name] for name in schemes if is_keyed]
            assert {"401", "403", "429"} <= set(operation["responses"]) or not is_keyed
    assert "securitySchemes" not in without["components"]
    assert not [one for ways in without["paths"].values() for one in ways.values() if "security" in one]


def test_a_revoked_key_is_known_by_nothing_but_the_log(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    kept: ApiKey = DESK.revoked(NOW)
    answers = [
        serve(keyed(MemoryAccess(*keys))).get("/v1/languages", headers=bearer(KEY)).json() for keys in ([kept], [])
    ]
    assert answers[0] == answers[1]
    assert [record.__dict__["reason"] for record in caplog.records if record.msg == "key refused"] == [
        "revoked",
        "unknown",
    ]
