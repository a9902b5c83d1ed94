"""No log, metric or trace holds anything of a text, a headline, a glossary, a name or a key."""

import json
import logging
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import IncompleteRead
from typing import Any

import pytest
from mangum import Mangum
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from handler import wiring
from handler.app import create_app
from handler.cloudwatch import CloudWatch
from handler.context import RequestContext
from handler.lambda_api import TEXT_TYPES
from handler.telemetry import configure_logging
from services.errors import EngineFailed
from services.ports import NOTHING, Hypothesis, Pick, Stored
from tests.fakes.models import FixedIdentifier, LeadRanker, MarkingTranslator
from tests.fakes.queues import MemoryQueue
from tests.fakes.servers import ask, running, served
from tests.fakes.services import fake_services
from tests.fakes.stores import DownStore, MemoryStore
from tests.handler.test_lambda_api import CONTEXT, event
from tests.handler.test_xray import TRACE

WORD = "zqcanary"
TEXT = f"The {WORD} vote passed. A second {WORD} came, and {WORD} said no."
HTML = f'<h1 title="{WORD}">{WORD}</h1><!-- {WORD} --><p data-x="{WORD}">{TEXT} <img alt="{WORD}" src="/{WORD}"></p>'
MARKDOWN = f"# {WORD}\n\n{TEXT} [{WORD}](https://{WORD}.example/ '{WORD}')\n"
EN_PT: dict[str, Any] = {"source": "en", "target": "pt"}
_LIBRETRANSLATE = (
    "/translate",
    "/detect",
    "/languages",
    "/suggest",
    "/translate_file",
    f"/download_file/{WORD}",
    "/frontend/settings",
    "/health",
    "/spec",
)
SECRETS = {"authorization": f"Bearer {WORD}", "cookie": f"session={WORD}", "user-agent": WORD, "referer": WORD}


@dataclass(frozen=True)
class Request:
    """What is sent."""

    method: str
    path: str
    body: bytes = b""
    content_type: str = "application/json"
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()


def of_json(method: str, path: str, body: object, **headers: str) -> Request:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return Request(method, path, json.dumps(body).encode(), headers=named)


def requests() -> list[Request]:
    """Each call in each format, with the word wherever a caller can put it; and each kind of refusal."""
    text, id_ = TEXT.encode(), f"{WORD}-1"
    calls: list[tuple[str, dict[str, Any]]] = [
        ("translations", {"texts": [TEXT, WORD], "glossary": {WORD: f"{WORD}s"}, "story": WORD, "segments": True}),
        ("translations", {"html": HTML, "alternatives": 2, "foreign": "keep"}),
        ("translations", {"markdown": MARKDOWN, "glossary": id_}),
        ("summaries", {"html": HTML, "title": WORD, "query": WORD, "keywords": 5, "reasons": True, "highlights": True}),
        ("summaries", {"text": TEXT, "method": WORD}),
        ("articles", {"markdown": MARKDOWN, "title": f"{WORD} wins", "story": WORD, "markup": True}),
    ]
    article = {"id": WORD, "title": WORD, "text": TEXT, "source": "en"}
    digest = {"articles": [article, article | {"id": id_}], "target": "pt", "title": WORD, "query": WORD}
    lines = "\n".join([json.dumps({"text": TEXT}), WORD, json.dumps({WORD: WORD}), json.dumps({"html": HTML})]).encode()
    return [
        *(of_json("POST", f"/v1/{call}", EN_PT | body) for call, body in calls),
        *(of_json("POST", "/v1/jobs", {"call": call, "request": EN_PT | body}) for call, body in calls),
        *(Request("POST", f"/v1/{call}", text, "text/plain", "source=en&target=pt") for call in ("translations",)),
        Request("POST", "/v1/summaries", text, "text/plain", f"source=en&title={WORD}&query={WORD}"),
        Request("POST", "/v1/articles", HTML.encode(), "text/html", f"target=pt&title={WORD}&story={WORD}"),
        of_json("POST", "/v1/digests", digest),
        of_json("POST", "/v1/detections", {"text": TEXT}),
        of_json("POST", "/v1/translations", EN_PT | {"text": TEXT}, prefer="respond-async"),
        of_json(
            "POST", "/v1/jobs", {"call": "digests", "request": digest, "webhook": f"https://{WORD}.example/{WORD}"}
        ),
        of_json("POST", "/v1/jobs", {"call": "digests", "request": digest}, idempotency_key=WORD),
        Request("POST", "/v1/jobs", lines, "application/x-ndjson", f"call=articles&source=en&target=pt&title={WORD}"),
        of_json("PUT", f"/v1/glossaries/{id_}", {"terms": {WORD: WORD}}),
        Request("PUT", f"/v1/glossaries/{id_}", f"{WORD},a\n{WORD},b\n{WORD}".encode(), "text/csv"),
        *(Request(method, f"/v1/glossaries/{id_}") for method in ("GET", "DELETE")),
        *(Request(method, f"/v1/articles/{WORD}", query=f"segments={WORD}") for method in ("GET", "DELETE")),
        *(Request(method, f"/v1/jobs/{WORD}") for method in ("GET", "DELETE")),
        Request("GET", f"/v1/jobs/{WORD}/results", query=f"first={WORD}"),
        Request("DELETE", f"/v1/stories/{WORD}"),
        Request("GET", "/v1/languages", query=WORD),
        Request("GET", "/v1/usage", query=WORD),
        Request("GET", "/healthz", query=WORD),
        Request("GET", f"/{WORD}", query=f"{WORD}={WORD}"),
        Request("POST", "/v1/translations", b'{"text": "' + text),
        Request("POST", "/v1/translations", text, f"application/{WORD}"),
        Request("POST", "/v1/translations", text, f"text/plain; charset={WORD}", "target=pt"),
        Request("POST", "/v1/translations", text, "text/plain", f"{WORD}={WORD}&target={WORD}"),
        of_json("POST", "/v1/translations", {WORD: WORD, "text": [TEXT], "target": WORD}),
        of_json("POST", "/v1/translations", EN_PT | {"text": f"{TEXT}\0"}),
        of_json("POST", "/v1/translations", {"text": TEXT, "source": WORD, "target": "ja"}),
        of_json("POST", "/v1/translations", EN_PT | {"text": TEXT}, content_encoding=WORD),
        of_json("POST", "/v1/translations", EN_PT | {"text": TEXT}, accept=WORD, prefer=WORD, x_request_id=f"{WORD} 1"),
        *libretranslate_requests(),
        *deepl_requests(),
    ]


def libretranslate_requests() -> list[Request]:
    """The same of LibreTranslate's calls."""
    options = {"source": "en", "target": "pt", "api_key": WORD, "secret": WORD}
    query = f"q={WORD}&source=en&target=pt&api_key={WORD}"
    form = "application/x-www-form-urlencoded"
    file = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in options.items()
    )
    file += f'--x\r\nContent-Disposition: form-data; name="file"; filename="{WORD}.txt"\r\n\r\n{TEXT}\r\n--x--\r\n'
    return [
        of_json("POST", "/translate", options | {"q": [TEXT, WORD], "alternatives": 2}),
        of_json("POST", "/translate", options | {"q": HTML, "format": "html"}),
        of_json("POST", "/translate", options | {"q": TEXT, "source": WORD, "format": WORD}),
        Request("POST", "/translate", query.encode(), form),
        Request("POST", "/translate", query=query),
        of_json("POST", "/detect", {"q": TEXT, "api_key": WORD}),
        of_json("POST", "/suggest", options | {"q": TEXT, "s": WORD}),
        Request("POST", "/translate_file", file.encode(), "multipart/form-data; boundary=x"),
        Request("GET", f"/download_file/{WORD}"),
        *(Request(method, "/languages", f"api_key={WORD}".encode(), form) for method in ("GET", "POST")),
        *(Request("GET", path, query=f"api_key={WORD}") for path in ("/frontend/settings", "/health", "/spec")),
        *(Request("OPTIONS", path, query=query) for path in _LIBRETRANSLATE),
    ]


def deepl_requests() -> list[Request]:
    """The same of DeepL's calls."""
    options = {"source_lang": "EN", "target_lang": "PT", "context": WORD, "auth_key": WORD}
    terms = {"entries": f"{WORD}\t{WORD}\nsome {WORD}\tx", "entries_format": "tsv"}
    glossary = {"name": WORD, **options, **terms}
    pair = f"source_lang={WORD}&target_lang=PT"
    form = (
        '--x\r\nContent-Disposition: form-data; name="target_lang"\r\n\r\nPT\r\n--x\r\n'
        f'Content-Disposition: form-data; name="file"; filename="{WORD}.txt"\r\n\r\n{TEXT}\r\n--x--\r\n'
    )
    return [
        of_json("POST", "/v2/translate", options | {"text": [TEXT, WORD]}),
        of_json("POST", "/v2/translate", options | {"text": [HTML], "tag_handling": "xml", "ignore_tags": [WORD]}),
        of_json("POST", "/v2/translate", options | {"text": [TEXT], "glossary_id": WORD}),
        Request("GET", "/v2/translate", query=f"text={WORD}&target_lang=PT&auth_key={WORD}"),
        Request(
            "POST", "/v2/translate", f"text={WORD}&target_lang={WORD}".encode(), "application/x-www-form-urlencoded"
        ),
        *(
            Request(method, f"/v2/{name}", query=f"type={WORD}")
            for name in ("languages", "usage")
            for method in ("GET", "POST")
        ),
        *(Request("GET", f"/v3/languages{name}", query=f"resource={WORD}") for name in ("", "/resources")),
        Request("POST", "/v2/document", form.encode(), "multipart/form-data; boundary=x"),
        *(
            Request(method, f"/v2/document/{WORD}{name}", query=f"document_key={WORD}")
            for name in ("", "/result")
            for method in ("GET", "POST")
        ),
        Request("GET", "/v2/glossary-language-pairs", query=WORD),
        of_json("POST", "/v2/glossaries", glossary),
        of_json("POST", "/v3/glossaries", {"name": WORD, "dictionaries": [glossary]}),
        *(Request("GET", f"/v{version}/glossaries", query=f"auth_key={WORD}") for version in (2, 3)),
        *(Request(method, f"/v{v}/glossaries/{WORD}") for v in (2, 3) for method in ("GET", "DELETE")),
        *(Request("GET", f"/v{version}/glossaries/{WORD}/entries", query=pair) for version in (2, 3)),
        of_json("PATCH", f"/v3/glossaries/{WORD}", {"name": WORD}),
        of_json("PUT", f"/v3/glossaries/{WORD}/dictionaries", glossary),
        Request("DELETE", f"/v3/glossaries/{WORD}/dictionaries", query=pair),
    ]


class BlabbingTranslator(MarkingTranslator):
    """Breaks one promise: its errors quote texts."""

    def translate(self, texts: Sequence[str], *_: object, **__: object) -> list[list[Hypothesis]]:
        """Fail."""
        raise ValueError(f"cannot translate {texts}")


class FailingTranslator(MarkingTranslator):
    """Breaks one promise: it fails, for a reason that quotes texts."""

    def translate(self, texts: Sequence[str], *_: object, **__: object) -> list[list[Hypothesis]]:
        """Fail."""
        raise EngineFailed("the model failed") from ValueError(f"cannot translate {texts}")


class BlabbingRanker(LeadRanker):
    """Breaks one promise: its errors quote texts."""

    def top(self, sentences: Sequence[str], *_: object, **__: object) -> list[Pick]:
        """Fail."""
        raise ValueError(f"cannot rank {sentences}")


class BlabbingStore(MemoryStore):
    """Breaks one promise: its errors quote keys and values."""

    def get(self, key: str) -> Stored | None:
        """Fail."""
        raise ValueError(f"cannot read {key} {WORD}")

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        """Fail."""
        raise ValueError(f"cannot write {key} {WORD} {value!r}")


class BlabbingQueue(MemoryQueue):
    """Breaks one promise: its errors quote messages."""

    def send(self, bodies: Sequence[str], delay_s: float = 0) -> None:
        """Fail."""
        raise ValueError(f"cannot send {bodies} {WORD}")


WORLDS: dict[str, Callable[[], dict[str, Any]]] = {
    "all is well": dict,
    "the engine blabs": lambda: {"translator": BlabbingTranslator(), "rankers": {"lead": BlabbingRanker()}},
    "the engine fails": lambda: {"translator": FailingTranslator()},
    "the store blabs": lambda: {"objects": BlabbingStore()},
    "the store is down": lambda: {"objects": DownStore()},
    "the queue blabs": lambda: {"queue": BlabbingQueue()},
    "the language is not known": lambda: {"identifier": FixedIdentifier(probability=0.001)},
}


@contextmanager
def debugging() -> Iterator[None]:
    """All is logged, as a process logs it; the log is as it was afterwards."""
    loggers = [
        logging.root,
        *(one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)),
    ]
    before = [(one, one.level) for one in loggers]
    handlers = logging.root.handlers[:]
    try:
        configure_logging("DEBUG", "interlede")
        yield
    finally:
        logging.root.handlers[:] = handlers
        for one, level in before:
            one.setLevel(level)


@pytest.fixture
def daemon(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Where traces are sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 * 1024 * 1024)
        daemon.bind(("127.0.0.1", 0))
        daemon.setblocking(False)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"127.0.0.1:{daemon.getsockname()[1]}")
        monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)
        yield daemon


def done(services: wiring.Services) -> None:
    """Do the tasks there are, and what is none."""
    queue = services.run_task.queue
    if not isinstance(queue, BlabbingQueue):
        queue.send([WORD, json.dumps({"job": WORD}), json.dumps({"job": "0" * 32, "task": WORD})])
    for _ in range(3):
        for message in queue.receive(10, 0, 60):
            services.work(message)


@pytest.mark.parametrize("world", WORLDS)
def test_a_server_tells_nobody_what_it_was_sent(world: str, capfd: pytest.CaptureFixture[str]) -> None:
    services = fake_services(**WORLDS[world]())
    statuses = set()
    with debugging(), served(services) as url:
        for one in requests():
            path = f"{one.path}?{one.query}" if one.query else one.path
            headers = {**SECRETS, "content_type": one.content_type, **dict(one.headers)}
            statuses.add(ask(url, one.method, path, one.body, **headers)[0])
        done(services)
        told = ask(url, "GET", "/metrics")[2].decode() + "".join(capfd.readouterr())
    assert told.count('"message":"request ended"') >= len(requests())
    assert {400, 404, 415, 422} <= statuses
    assert WORD not in told.lower()


@pytest.mark.parametrize("world", WORLDS)
def test_a_function_tells_nobody_what_it_was_sent(
    world: str, daemon: socket.socket, capfd: pytest.CaptureFixture[str]
) -> None:
    services = fake_services(**WORLDS[world](), telemetry=CloudWatch("interlede"))
    handler = Mangum(create_app(services), lifespan="off", text_mime_types=TEXT_TYPES)
    traces = []
    with debugging():
        for one in requests():
            headers = {**SECRETS, "content-type": one.content_type, **dict(one.headers)}
            sent = event("api_gateway_v2", one.method, one.path, one.body, **headers)
            handler(sent | {"rawQueryString": one.query}, CONTEXT)
            traces.append(daemon.recv(65_536).decode())
        done(services)
    told = "".join([*traces, *capfd.readouterr()])
    assert told.count('"CloudWatchMetrics"') >= len(requests())
    assert told.count('"trace_id"') == len(requests())
    assert WORD not in told.lower()


def test_every_route_is_asked() -> None:
    app = create_app(fake_services())
    for route in app.state.routes:
        assert isinstance(route, Route)
        for method in route.methods:
            asked = [one for one in requests() if one.method == method and route.path_regex.fullmatch(one.path)]
            assert any(WORD.encode() in one.body or WORD in one.path + one.query for one in asked), (method, route.path)


def test_an_answer_that_breaks_off_does_not_tell_why(capfd: pytest.CaptureFixture[str]) -> None:
    """The server logs what reaches it, with its message and all that it came from."""

    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half of it", "more_body": True})
        raise ValueError(f"cannot stream {WORD}")

    app = RequestContext(broken, 1, 1)
    with debugging(), running(app) as url, pytest.raises(IncompleteRead):
        ask(url, "GET", "/")
    told = "".join(capfd.readouterr())
    assert "unforeseen ValueError" in told
    assert "BrokenOff" in told
    assert WORD not in told
