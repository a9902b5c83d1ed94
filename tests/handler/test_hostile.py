"""Requests that nobody sends who means well."""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from starlette.types import ASGIApp, Message, Scope

from services.adapters.files import FolderStore
from services.keys import is_key
from services.retention import RETENTION
from tests.fakes.loops import in_a_loop
from tests.fakes.servers import ask, served
from tests.fakes.services import fake_services
from tests.handler.conftest import Serve

JSON = {"content-type": "application/json"}
TEXT = {"content-type": "text/plain"}
NDJSON = {"content-type": "application/x-ndjson"}
Headers = list[tuple[bytes, bytes]]
HELLO = {"text": "Hello.", "source": "en", "target": "pt"}
MIB = 1024 * 1024


# Headers


@pytest.mark.parametrize(
    "name",
    ["x-request-id", "accept", "content-type", "prefer", "idempotency-key", "if-none-match", "user-agent", "host"],
)
def test_a_line_break_in_a_header_reaches_no_header_of_an_answer(api: TestClient, name: str) -> None:
    """No server lets one pass; Lambda's events are JSON, where it can stand."""
    value = b"r-1\r\nX-Evil: 1"
    for method, path in (("POST", "/v1/translations"), ("GET", "/v1/articles/" + "0" * 64), ("POST", "/v1/jobs")):
        status, headers = in_a_loop(answered(api.app, method, path, [(name.encode(), value)]))
        assert status < 500
        assert not [one for pair in headers for one in pair if b"\n" in one or b"\r" in one or b"Evil" in one]


async def answered(
    app: ASGIApp, method: str, path: str, headers: list[tuple[bytes, bytes]]
) -> tuple[int, list[tuple[bytes, bytes]]]:
    """Status and headers of an answer to a request that no client library would send."""
    scope: Scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b""}
    scope |= {"headers": headers, "scheme": "http", "server": ("x", 80), "client": ("x", 1), "root_path": ""}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], sent[0]["headers"]


def test_huge_headers_are_refused_and_many_are_read() -> None:
    with served(fake_services()) as place:
        for path, padding in (("/healthz", "x" * MIB), (f"/healthz?{'x' * MIB}", "")):
            with suppress(ConnectionError):  # it hangs up while we are still sending
                assert ask(place, "GET", path, x_padding=padding)[0] == 400
        many = {f"x_{n}": "y" for n in range(2_000)}
        assert ask(place, "GET", "/healthz", **many)[0] == 200


@pytest.mark.parametrize(
    "accept",
    ["text/html;q=nan", "*/*;q=1e999, */*;q=-1", "," * 8_000, ";" * 8_000, "a/b;q=0.1," * 2_000, "*/*;q=" * 900],
)
def test_an_accept_header_of_any_kind_has_an_answer(api: TestClient, accept: str) -> None:
    began_s = time.process_time()
    answer = api.post("/v1/translations?target=pt&source=en", content="Hello.", headers=TEXT | {"accept": accept})
    assert answer.status_code == 200
    assert time.process_time() - began_s < 3


def test_no_answer_leads_where_the_host_header_points(api: TestClient) -> None:
    host = {"host": "evil.example"}
    slash = api.get("/v1/languages/", headers=host, follow_redirects=False)
    assert (slash.status_code, slash.json()["code"]) == (404, "not-found")
    made = api.post("/v1/articles", json=HELLO, headers=host)
    later = api.post("/v1/jobs", json={"call": "translations", "request": HELLO}, headers=host)
    assert made.headers["content-location"].startswith("/v1/articles/")
    assert later.headers["location"].startswith("/v1/jobs/")
    assert not [answer for answer in (slash, made, later) if "evil" in answer.text + str(answer.headers)]


def test_pages_of_other_origins_may_neither_read_answers_nor_send_what_is_no_simple_request(api: TestClient) -> None:
    origin = {"origin": "https://evil.example"}
    preflight = origin | {"access-control-request-method": "DELETE"}
    answers = [
        api.get("/v1/languages", headers=origin),
        api.post("/v1/translations", json=HELLO, headers=origin),
        api.options("/v1/glossaries/desk", headers=preflight),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 405]
    assert not [name for answer in answers for name in answer.headers if name.startswith("access-control")]


# Options and bodies


def test_many_options_are_refused_in_no_time_and_few_words(api: TestClient) -> None:
    for options in ("&".join(f"a{n}" for n in range(9_000)), "a" + "&a" * 30_000):  # a URL has 64 KiB
        began_s = time.process_time()
        answer = api.post(f"/v1/translations?{options}", content="Hello.", headers=TEXT)
        assert answer.status_code == 422
        assert len(answer.content) < 1_000
        assert time.process_time() - began_s < 2  # a look through all for each of them took thirty


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/translations", b'{"target": "pt", "texts": [' + b",".join([b"1"] * 2 * MIB) + b"]}"),
        ("/v1/translations", b"{" + b",".join(b'"a%d": 1' % n for n in range(200_000)) + b"}"),
        ("/v1/translations", b'{"text": "", "target": [' + b",".join([b"1"] * MIB) + b"]}"),
        ("/v1/digests", b'{"articles": [' + b",".join([b"{}"] * MIB) + b"]}"),
        ("/v1/digests", b'{"articles": [' + b",".join([b'{"text":"a"}'] * 400_000) + b"]}"),
        ("/v1/digests", b'{"articles": [{' + b",".join(b'"a%d": 1' % n for n in range(200_000)) + b"}]}"),
    ],
    ids=["texts", "members", "targets", "articles", "sound articles", "members of an article"],
)
def test_a_body_full_of_faults_is_refused_in_few_words(api: TestClient, path: str, body: bytes) -> None:
    began_s = time.process_time()
    answer = api.post(path, content=body, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    assert len(answer.content) < 1_000  # six megabytes were answered with two hundred
    assert time.process_time() - began_s < 10


BOMBS = [
    b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b', "target": "pt"}',
    b"[" * MIB,
    b'{"a":' * 200_000,
    b'{"text": ' + b"9" * MIB + b', "target": "pt"}',
    b'{"text": 1e' + b"9" * 100_000 + b', "target": "pt"}',
    b'{"text": NaN, "target": "pt"}',
    b'{"text": Infinity, "target": "pt"}',
    b'{"text": "\\ud800", "target": "pt"}',
    b'{"\\ud800": "a", "text": "a", "target": "pt"}',
    b'{"text": "\\u0000", "target": "pt"}',
    b'{"text": "a", "target": "pt", "glossary": ' + b'{"a": ' * 150 + b"1" + b"}" * 151,
]


@pytest.mark.parametrize("body", BOMBS)
def test_json_that_is_a_trap_is_refused_by_a_call_and_by_a_job(api: TestClient, body: bytes) -> None:
    job = b'{"call": "translations", "request": %s}' % body
    began_s = time.process_time()
    answers = [
        api.post("/v1/translations", content=body, headers=JSON),
        api.post("/v1/jobs", content=job, headers=JSON),
        api.put("/v1/glossaries/desk", content=body, headers=JSON),
    ]
    # Text is looked at when the work is done.
    statuses = {answer.status_code for answer in answers} - ({202} if b"\\u0000" in body else set())
    assert statuses <= {400, 422}
    assert all(len(answer.content) < 1_000 for answer in answers)
    assert time.process_time() - began_s < 5


def test_a_batch_of_traps_is_a_batch_of_problems(serve: Serve) -> None:
    services = fake_services()
    api = serve(services)
    lines = b"\n".join([*BOMBS, json.dumps(HELLO).encode()])
    job = api.post("/v1/jobs?call=translations&target=pt", content=lines, headers=NDJSON).json()
    while messages := services.run_task.queue.receive(10, 0, 60):
        assert all(map(services.work, messages))
    results = [json.loads(line)["status"] for line in api.get(job["results"]).text.splitlines()]
    assert results[-1] == 200
    assert set(results[:-1]) <= {400, 422}
    assert len(results) == len(BOMBS) + 1


def test_of_two_members_of_one_name_all_readers_take_the_last(serve: Serve) -> None:
    services = fake_services()
    api = serve(services)
    body = b'{"text": "One.", "source": "en", "target": "pt", "text": "Two."}'
    direct = api.post("/v1/translations", content=body, headers=JSON).json()
    for content, headers, path in (
        (b'{"call": "translations", "request": %s}' % body, JSON, "/v1/jobs"),
        (body, NDJSON, "/v1/jobs?call=translations&segments=false"),
    ):
        job = api.post(path, content=content, headers=headers).json()
        assert services.work(*services.run_task.queue.receive(1, 0, 60))
        line = json.loads(api.get(job["results"]).text)
        assert line["answer"]["translations"] == direct["translations"]
    assert direct["translations"][0]["text"] == "[en>pt Two.]"


def test_a_million_empty_lines_are_no_batch(api: TestClient) -> None:
    began_s = time.process_time()
    answer = api.post("/v1/jobs?call=translations&target=pt", content=b"\n" * MIB, headers=NDJSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "body-too-large")
    assert time.process_time() - began_s < 5


# Names and ids


ODD = [
    "..",
    "../../secret",
    "..%2f..%2fsecret",
    "%2e%2e%2f%2e%2e%2fsecret",
    "..%5c..%5csecret",
    "%252e%252e%252fsecret",
    "..%2f..%2f..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2fetc%2fpasswd",
    "%00",
    "secret%00.json",
    ".lock",
    "con",
    "%ff%fe",
    "%0d%0aX-Evil:%201",
    "%E2%80%AE",
    "x" * 5_000,
    "0" * 63 + "%0a",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("nobody reads this")
    return tmp_path / "a" / "results"


@pytest.fixture
def place(folder: Path) -> Iterator[str]:
    """A server over a folder."""
    with served(fake_services(objects=FolderStore(folder, RETENTION))) as place:
        yield place


@pytest.mark.parametrize("name", ODD)
def test_no_name_in_a_path_leaves_the_folder_of_results(place: str, folder: Path, name: str) -> None:
    terms = json.dumps({"terms": {"a": "b"}}).encode()
    for kind in ("articles", "jobs", "glossaries", "stories"):
        for method, body in (("GET", b""), ("DELETE", b""), ("PUT", terms)):
            for path in (f"/v1/{kind}/{name}", f"/v1/{kind}/{name}/results"):
                status, headers, answer = ask(place, method, path, body, content_type="application/json")
                assert 400 <= status < 500 or (kind, status) == ("glossaries", 204), path
                assert b"nobody reads this" not in answer
                assert not [header for header in headers if "Evil" in header[0]]
    assert only_values(folder)


def test_no_name_in_a_body_leaves_the_folder_of_results(place: str, folder: Path) -> None:
    for name in ("../../secret", "/etc/passwd", "a\\..\\b", ".lock", "\u202e", "x" * 200):
        for call in ("articles", "translations"):
            body = json.dumps(HELLO | {"story": name}).encode()
            assert ask(place, "POST", f"/v1/{call}", body, content_type="application/json")[0] == 200
        job = json.dumps({"call": "articles", "request": HELLO | {"story": name}}).encode()
        key = name.encode("ascii", "replace").decode()
        headers = {"content_type": "application/json", "idempotency_key": key}
        assert ask(place, "POST", "/v1/jobs", job, **headers)[0] == 202
        named = json.dumps(HELLO | {"glossary": name}).encode()
        assert ask(place, "POST", "/v1/translations", named, content_type="application/json")[0] == 404
    assert only_values(folder)


def only_values(folder: Path) -> bool:
    """Whether nothing is in and around a folder but values under keys, locks, and what was there before."""
    around = folder.parents[1]
    files = [path for path in around.rglob("*") if path.is_file() and path.name != ".lock"]
    files.remove(around / "secret")
    return all(path.is_relative_to(folder) and is_key(path.relative_to(folder).as_posix()) for path in files)


# Answers


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/html", "<script>alert(1)</script><p onclick=alert(1)>Hello.</p>"),
        ("text/plain", "<script>alert(1)</script>"),
        ("text/markdown", "[Hello.](javascript:alert(1))"),
    ],
)
def test_no_browser_runs_what_comes_back(api: TestClient, content_type: str, body: str) -> None:
    headers = {"content-type": content_type}
    answers = [
        api.post("/v1/translations?source=en&target=pt", content=body, headers=headers),
        api.post("/v1/summaries?source=en", content=body, headers=headers),
    ]
    for answer in answers:
        assert answer.status_code == 200
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"].startswith("sandbox;")
        assert "set-cookie" not in answer.headers


def test_a_path_is_told_again_in_a_problem_that_no_browser_takes_for_a_page(api: TestClient) -> None:
    for accept in ("text/html", "text/plain", "*/*"):
        answer = api.get("/v1/%3Cscript%3Ealert(1)%3C/script%3E", headers={"accept": accept})
        assert answer.status_code == 404
        assert answer.headers["content-type"].split(";")[0] in ("application/problem+json", "text/plain")
        assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", ["/translate", "/translate_file", "/v2/translate", "/v2/document"])
@pytest.mark.parametrize("charset", ["punycode", "utf-7", "idna", "no-such-thing", "utf-16", '"punycode"'])
def test_a_form_in_a_charset_that_takes_long_or_lies_is_refused(api: TestClient, path: str, charset: str) -> None:
    part = b'--x\r\nContent-Disposition: form-data; name="q-"\r\n\r\na-' + b"b" * 500_000 + b"\r\n--x--\r\n"
    headers = {"content-type": f"multipart/form-data; boundary=x; charset={charset}"}
    began_s = time.process_time()
    answer = api.post(path, content=part, headers=headers)
    assert answer.status_code == 400
    assert "is in UTF-8" in answer.text  # and not refused for what it holds, read in another charset
    assert time.process_time() - began_s < 2
