"""Files: translated, kept for a day, and given back to who has their address."""

import base64
import json
import re
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from mangum import Mangum

from handler.app import create_app
from handler.lambda_api import TEXT_TYPES
from services.retention import RETENTION
from tests.fakes.models import BeamTranslator
from tests.fakes.services import fake_services
from tests.fakes.stores import DownStore, MemoryStore
from tests.handler import libretranslate as shape
from tests.handler.conftest import Serve
from tests.handler.libretranslate import shaped
from tests.handler.test_lambda_api import CONTEXT, KINDS, event, headers_of

WAY = {"source": "en", "target": "pt"}
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


def upload(name: str, content: bytes, media: str = "application/octet-stream") -> dict[str, Any]:
    return {"file": (name, content, media)}


def url_of(api: TestClient, name: str, content: bytes, **fields: str) -> str:
    answer = api.post("/translate_file", data=WAY | fields, files=upload(name, content))
    return shaped(answer, shape.File).translatedFileUrl


@pytest.mark.parametrize(
    ("name", "content", "translated", "media"),
    [
        ("story.txt", "Hello.\n\nBye.\n", "[en>pt Hello.]\n\n[en>pt Bye.]\n", "text/plain"),
        ("story.txt", "Hello.\r\nBye.\r\n", "[en>pt Hello.]\r\n[en>pt Bye.]\r\n", "text/plain"),
        ("story.txt", "", "", "text/plain"),
        ("story.md", "# Hello.\n\n* Bye.\n", "# [en>pt Hello.]\n\n* [en>pt Bye.]\n", "text/markdown"),
        ("story.html", "<p>Hello.</p>", "<p>[en&gt;pt Hello.]</p>", "text/html"),
    ],
)
def test_a_file_is_translated_and_given_back(
    serve: Serve, name: str, content: str, translated: str, media: str
) -> None:
    said = {one: [f"[en>pt {one}]"] for one in ("Hello.", "Bye.")}
    api = serve(fake_services(BeamTranslator(said)))
    url = url_of(api, name, content.encode())
    suffix = name.rpartition(".")[2]
    assert re.fullmatch(rf"http://testserver/download_file/{UUID}\.story_pt\.{suffix}", url)
    answer = api.get(url)
    assert answer.content.decode().replace("\\>", ">") == translated
    assert answer.headers["content-type"] == f"{media}; charset=utf-8"
    assert answer.headers["content-disposition"] == f"attachment; filename=story_pt.{suffix}"
    assert answer.headers["content-security-policy"].startswith("sandbox")


def test_the_language_of_a_file_can_be_detected(api: TestClient) -> None:
    url = url_of(api, "a.txt", b"This is a sentence in English.", source="auto")
    assert api.get(url).text == "[en>pt This is a sentence in English.]"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Notícias de hoje.TXT", "Noticias_de_hoje_pt.txt"),
        ("新闻.txt", "file_pt.txt"),
        ("../../etc/passwd.txt", "passwd_pt.txt"),
        ("C:\\desk\\a b.txt", "a_b_pt.txt"),
        ('a";b=\r\nc.txt', "c_pt.txt"),
        ("x" * 500 + ".txt", "x" * 100 + "_pt.txt"),
        (".txt.txt", "txt_pt.txt"),
    ],
)
def test_a_name_is_made_harmless(api: TestClient, name: str, kept: str) -> None:
    answer = api.get(url_of(api, name, b"Hello."))
    assert answer.text == "[en>pt Hello.]"
    assert answer.headers["content-disposition"].endswith(kept)


def test_the_address_has_the_code_as_libretranslate_writes_it(api: TestClient) -> None:
    assert url_of(api, "a.txt", b"Hello.", target="PB").endswith(".a_pt.txt")


def test_the_same_file_has_another_address_each_time(api: TestClient) -> None:
    urls = {url_of(api, "a.txt", b"Hello.") for _ in range(3)}
    assert len(urls) == 3
    assert {api.get(url).text for url in urls} == {"[en>pt Hello.]"}


@pytest.mark.parametrize(
    ("fields", "files", "words"),
    [
        (WAY, None, "Invalid request: missing file parameter"),
        (WAY | {"file": "Hello."}, None, "Invalid request: missing file parameter"),
        ({"target": "pt"}, upload("a.txt", b"Hello."), "Invalid request: missing source parameter"),
        ({"source": "en"}, upload("a.txt", b"Hello."), "Invalid request: missing target parameter"),
        (WAY, upload("a.exe", b"MZ\x90"), "Invalid request: file format not supported"),
        (WAY, upload("a", b"Hello."), "Invalid request: file format not supported"),
        (WAY, upload("a.docx", b"PK"), "Invalid request: file format not supported"),
        (WAY | {"target": "zz"}, upload("a.txt", b"Hello."), "zz is not supported"),
        (WAY | {"source": "zz"}, upload("a.txt", b"Hello."), "zz is not supported"),
        (WAY, upload("a.txt", b"caf\xe9"), "the body is not utf-8"),
        (WAY, upload("a.txt", b"x" * 101), "Invalid request: request (101) exceeds text limit (100)"),
    ],
    ids=str,
)
def test_a_file_is_refused_in_libretranslates_words(
    serve: Serve, fields: dict[str, str], files: dict[str, Any] | None, words: str
) -> None:
    api = serve(fake_services(max_text_chars=100))
    assert shape.error(api.post("/translate_file", data=fields, files=files)) == (400, words)


def test_a_file_without_a_name_is_an_empty_one(api: TestClient) -> None:
    parts = [b'name="source"\r\n\r\nen', b'name="target"\r\n\r\npt', b'name="file"; filename=""\r\n\r\n']
    body = b"".join(b"--x\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--x--\r\n"
    answer = api.post("/translate_file", content=body, headers={"content-type": "multipart/form-data; boundary=x"})
    assert shape.error(answer) == (400, "Invalid request: empty file")


def test_a_file_says_its_charset_if_it_is_another(api: TestClient) -> None:
    files = upload("a.txt", "Café.".encode("windows-1252"), "text/plain; charset=windows-1252")
    answer = api.post("/translate_file", data=WAY, files=files)
    assert api.get(shaped(answer, shape.File).translatedFileUrl).text == "[en>pt Café.]"


@pytest.mark.parametrize("name", ["%2e%2e", "..%2f..%2fetc%2fpasswd", "..%5cboot.ini", ".hidden", "a/b.txt"])
def test_no_name_leads_out_of_the_store(api: TestClient, name: str) -> None:
    assert shape.error(api.get(f"/download_file/{name}")) == (400, "Invalid filename")


def test_a_file_that_is_not_there_is_not_found(api: TestClient) -> None:
    url = url_of(api, "a.txt", b"Hello.")
    for other in (url[:-1], url.replace("a_pt", "b_pt"), url.replace(".a", "..a"), "/download_file/a.txt"):
        assert shape.error(api.get(other)) == (404, "no file is kept under this name")
    assert shape.error(api.get("/download_file/"))[0] in (400, 404)


def test_a_kept_file_is_named_by_nothing_but_a_digest(serve: Serve) -> None:
    store = MemoryStore()
    url_of(serve(fake_services(objects=store)), "a.txt", b"Hello.")
    (key,) = (key for key in store.values if key.startswith("translated-files/"))
    assert re.fullmatch("translated-files/[0-9a-f]{64}", key)
    assert RETENTION["translated-files"].days == 1


def test_a_file_cannot_be_kept_while_the_store_is_down(serve: Serve) -> None:
    api = serve(fake_services(objects=DownStore()))
    answer = api.post("/translate_file", data=WAY, files=upload("a.txt", b"Hello."))
    assert shape.error(answer)[0] == 503
    assert answer.headers["retry-after"] == "1"


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_goes_through_lambda_in_base64_and_comes_back_as_text(kind: str) -> None:
    handler = Mangum(create_app(fake_services(objects=MemoryStore())), lifespan="off", text_mime_types=TEXT_TYPES)
    parts = [
        b'name="source"\r\n\r\nen',
        b'name="target"\r\n\r\npt',
        b'name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nCaf\xc3\xa9 \xe2\x98\x95.',
    ]
    body = b"".join(b"--x\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts) + b"--x--\r\n"
    sent = event(kind, "POST", "/translate_file", body, content_type="multipart/form-data; boundary=x")
    assert base64.b64decode(sent["body"]) == body
    url = json.loads(handler(sent, CONTEXT)["body"])["translatedFileUrl"]
    answer = handler(event(kind, "GET", url[url.index("/download_file") :]), CONTEXT)
    assert (answer["body"], answer["isBase64Encoded"]) == ("[en>pt Café ☕.]", False)
    assert headers_of(answer)["content-disposition"] == "attachment; filename=a_pt.txt"


@pytest.mark.parametrize("kind", KINDS)
def test_a_failure_leaves_lambda_as_text(kind: str) -> None:
    handler = Mangum(create_app(fake_services()), lifespan="off", text_mime_types=TEXT_TYPES)
    context = SimpleNamespace(aws_request_id="1", get_remaining_time_in_millis=lambda: 30_000)
    answer = handler(event(kind, "POST", "/translate", b"{}", content_type="application/json"), context)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (400, False)
    assert json.loads(answer["body"]) == {"error": "Invalid request: missing q parameter"}
