"""Files on DeepL's surface."""

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from handler.schemas.deepl.answers import DocumentResponse, GlossaryOut, UploadResponse
from handler.wiring import Services
from services.jobs import Job, State, job_key
from tests.fakes.models import FixedIdentifier, MarkingTranslator
from tests.fakes.queues import DownQueue
from tests.fakes.services import fake_services
from tests.fakes.stores import DownStore, MemoryStore
from tests.handler.conftest import Serve
from tests.handler.deepl import refusal, told, work
from tests.handler.test_auth import KEY, keyed, limited, used
from tests.handler.test_deepl_translate import Faithful

FILE = {"file": ("story.txt", b"Hello.")}


@pytest.fixture
def services() -> Services:
    return fake_services()


@pytest.fixture
def api(serve: Serve, services: Services) -> TestClient:
    return serve(services)


def upload(api: TestClient, name: str = "story.txt", content: bytes = b"Hello.", **options: str) -> tuple[str, str]:
    answer = api.post("/v2/document", data={"target_lang": "PT-BR", **options}, files={"file": (name, content)})
    accepted = told(answer, UploadResponse)
    return f"/v2/document/{accepted.document_id}", accepted.document_key


def status(api: TestClient, place: str, key: str) -> dict[str, object]:
    answer = api.post(place, json={"document_key": key})
    assert told(answer, DocumentResponse)
    found: dict[str, object] = answer.json()
    assert place.endswith(str(found.pop("document_id")))
    return found


def fetch(api: TestClient, place: str, key: str) -> Response:
    answer: Response = api.post(f"{place}/result", data={"document_key": key})
    return answer


@pytest.mark.parametrize(
    ("name", "content", "media", "expected"),
    [
        ("história.txt", "Olá\r\n\r\nHello.", "text/plain; charset=utf-8", "[en>pt Olá]\n\n[en>pt Hello.]"),
        ("a.HTML", "<p>Hello <b>you</b>.</p>", "text/html; charset=utf-8", "<p>[en&gt;pt Hello <b>you</b>.]</p>"),
        ("a.htm", "<p>Hello</p>", "text/html; charset=utf-8", "<p>[en&gt;pt Hello]</p>"),
        ("a.md", "# Hello", "text/markdown; charset=utf-8", "# [en>pt Hello]"),
    ],
)
def test_a_file_is_accepted_translated_and_fetched_once(
    api: TestClient, services: Services, name: str, content: str, media: str, expected: str
) -> None:
    place, key = upload(api, name, content.encode())
    assert status(api, place, key) == {"status": "queued"}
    early = fetch(api, place, key)
    assert refusal(early)[:2] == (503, "Document translation is not done")
    assert int(early.headers["retry-after"]) > 0
    work(services)
    assert status(api, place, key)["status"] == "done"
    answer = fetch(api, place.lower(), key.lower())
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, expected, media)
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert len(answer.headers["x-trace-id"]) == 32
    assert refusal(fetch(api, place, key))[:2] == (503, "Document already downloaded")
    assert refusal(api.post(place, json={"document_key": key}))[:2] == (404, "Document not found")


def test_what_was_fetched_is_forgotten(serve: Serve) -> None:
    objects = MemoryStore()
    services = fake_services(objects=objects)
    api = serve(services)
    place, key = upload(api, content=b"A very secret story.")
    work(services)
    fetch(api, place, key)
    kept = {stored_key.partition("/")[0] for stored_key in objects.values}
    assert not kept & {"job-inputs", "job-results", "job-drafts"}
    assert not any(key.lower().encode() in value for value in objects.values.values())


def test_characters_are_told_when_it_is_done_without_tags(api: TestClient, services: Services) -> None:
    place, key = upload(api, "a.html", b"<p>Hello.</p>")
    work(services)
    assert status(api, place, key) == {"status": "done", "billed_characters": 6}


def test_a_job_that_runs_is_translating(serve: Serve) -> None:
    services = fake_services()
    api = serve(services)
    place, key = upload(api)
    running = Job("0" * 32, "translations", services.jobs.now(), (1, 1), failures={0: 0})
    assert running.state is State.RUNNING
    job_id = place.rpartition("/")[2].lower()
    services.jobs.store.amend(job_key(job_id), Job, lambda _: running)
    assert status(api, place, key) == {"status": "translating", "seconds_remaining": 1}


def test_a_wrong_key_and_an_unknown_id_are_the_same_to_everybody(api: TestClient) -> None:
    place, key = upload(api)
    for path, shown in ((place, "0" * 64), (place, ""), ("/v2/document/" + "0" * 32, key), ("/v2/document/x", key)):
        for suffix in ("", "/result"):
            answer = api.post(path + suffix, json={"document_key": shown})
            assert refusal(answer)[:2] == (404, "Document not found")
    assert refusal(api.post(place))[:2] == (400, "Parameter 'document_key' not specified.")


def test_what_cannot_be_translated_is_an_error_with_its_reason(serve: Serve) -> None:
    services = fake_services(MarkingTranslator("en>pt"), FixedIdentifier("fr"))
    api = serve(services)
    place, key = upload(api, content=b"Une phrase assez longue.")
    work(services)
    assert status(api, place, key) == {
        "status": "error",
        "error_message": "no installed model leads from fr to pt-BR",
    }
    assert refusal(fetch(api, place, key))[0] == 503


@pytest.mark.parametrize(
    ("options", "file", "expected"),
    [
        ({}, ("a.docx", b"x"), (400, "Invalid file data.")),
        ({}, ("a", b"x"), (400, "Invalid file data.")),
        ({}, ("a.txt", b"\xff\xfe\xfa"), (400, "Invalid file data.")),
        ({}, ("a.txt", b" \n"), (400, "Invalid file data.")),
        ({}, ("a.txt", b"x" * 101), (413, "a request has at most 100 characters of text, and this one has 101")),
        ({"output_format": "pdf"}, ("a.txt", b"x"), (400, "output_format not supported.")),
        ({"target_lang": "XX"}, ("a.txt", b"x"), (400, "Value for 'target_lang' not supported.")),
        ({"source_lang": "XX"}, ("a.txt", b"x"), (400, "Value for 'source_lang' not supported.")),
        ({"formality": "less"}, ("a.txt", b"x"), (400, "Target language 'PT-BR' doesn't support formality.")),
        ({"source_lang": "PT", "target_lang": "PT"}, ("a.txt", b"x"), (400, "Source and target language are equal.")),
        ({"style_id": "x"}, ("a.txt", b"x"), (404, "Style rule not found")),
        ({}, None, (400, "Parameter 'file' not specified.")),
    ],
)
def test_what_cannot_be_accepted_is_refused(
    serve: Serve, options: dict[str, str], file: tuple[str, bytes] | None, expected: tuple[int, str]
) -> None:
    api = serve(fake_services(max_text_chars=100))
    data = {"target_lang": "PT-BR", **options}
    answer = api.post("/v2/document", data=data, files={"file": file}) if file else api.post("/v2/document", data=data)
    assert refusal(answer)[:2] == expected


def test_a_name_may_be_given_beside_the_file_and_leads_nowhere(api: TestClient, services: Services) -> None:
    place, key = upload(
        api, "blob", filename="../../secret/história nova.txt", output_format="TXT", formality="default"
    )
    work(services)
    disposition = fetch(api, place, key).headers["content-disposition"]
    assert disposition == "attachment; filename*=UTF-8''hist%C3%B3ria%20nova.txt"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_says_the_encoding(api: TestClient, services: Services, encoding: str) -> None:
    place, key = upload(api, content="Olá.".encode(encoding))
    work(services)
    assert fetch(api, place, key).text == "[en>pt Olá.]"


def test_a_glossary_is_used(serve: Serve) -> None:
    services = fake_services(Faithful())
    api = serve(services)
    entries = {"entries": "tram\telétrico", "entries_format": "tsv"}
    made = api.post("/v2/glossaries", json={"name": "desk", "source_lang": "EN", "target_lang": "PT", **entries})
    glossary_id = told(made, GlossaryOut, 201).glossary_id
    place, key = upload(api, content=b"The tram.", source_lang="EN", glossary_id=glossary_id)
    work(services)
    assert fetch(api, place, key).text == "The elétrico."


def test_who_may_have_no_more_characters_cannot_upload(serve: Serve) -> None:
    api = serve(limited(chars_per_month=10))
    api.headers["authorization"] = f"DeepL-Auth-Key {KEY}"
    upload(api)
    assert used(api) == 6
    answer = api.post("/v2/document", data={"target_lang": "PT-BR"}, files=FILE)
    assert refusal(answer)[0] == 456


@pytest.mark.parametrize("broken", [{"queue": DownQueue()}, {"objects": DownStore()}])
def test_without_a_queue_or_a_store_no_file_is_accepted(serve: Serve, broken: dict[str, object]) -> None:
    api = serve(fake_services(**broken))  # type: ignore[arg-type]
    answer = api.post("/v2/document", data={"target_lang": "PT-BR"}, files=FILE)
    assert refusal(answer)[0] == 503
    assert answer.headers["retry-after"] == "1"


def test_a_document_that_is_in_its_target_language_already_is_an_error_and_costs_nothing(serve: Serve) -> None:
    api = serve(keyed(identifier=FixedIdentifier("pt")))
    api.headers["authorization"] = f"DeepL-Auth-Key {KEY}"
    place, key = upload(api, content="Uma frase que é longa o bastante.".encode())
    assert status(api, place, key) == {
        "status": "error",
        "error_message": "Source and target language are equal.",
    }
    assert refusal(fetch(api, place, key))[0] == 503
    assert used(api) == 0
