from collections.abc import Sequence

import pytest
from fastapi.testclient import TestClient

from services.model import LanguagePair
from tests.fakes.models import FixedIdentifier, MarkingTranslator
from tests.fakes.services import fake_services
from tests.fakes.stores import DownStore
from tests.handler.conftest import Serve

TEXT = {"content-type": "text/plain"}


def test_a_text_is_translated(api: TestClient) -> None:
    answer = api.post("/v1/translations", json={"text": "Hello. Bye.", "source": "en", "target": "pt"})
    assert answer.status_code == 200
    assert answer.json() == {
        "translations": [
            {
                "text": "[en>pt Hello.] [en>pt Bye.]",
                "source": "en",
                "target": "pt",
                "detected": None,
                "model": "marking-en-pt",
                "segments": None,
            }
        ],
        "cache": "miss",
    }


def test_several_texts_are_translated_in_their_order(api: TestClient) -> None:
    answer = api.post("/v1/translations", json={"texts": ["One.", "", "Two.", "One."], "target": "pt"})
    texts = [item["text"] for item in answer.json()["translations"]]
    assert texts == ["[en>pt One.]", "", "[en>pt Two.]", "[en>pt One.]"]


def test_the_detected_language_is_told_with_its_confidence(api: TestClient) -> None:
    answer = api.post("/v1/translations", json={"text": "Hello there, all of you good people.", "target": "pt"})
    detected = answer.json()["translations"][0]["detected"]
    assert (detected["language"], detected["confidence"], detected["reliable"]) == ("en", 1.0, True)


def test_segments_say_where_sentences_stand(api: TestClient) -> None:
    answer = api.post("/v1/translations", json={"text": " Hi. Bye.", "source": "en", "target": "pt", "segments": True})
    assert answer.json()["translations"][0]["segments"] == [
        {
            "source": {"text": "Hi.", "offset": 1, "length": 3},
            "target": {"text": "[en>pt Hi.]", "offset": 1, "length": 11},
            "flags": [],
        },
        {
            "source": {"text": "Bye.", "offset": 5, "length": 4},
            "target": {"text": "[en>pt Bye.]", "offset": 13, "length": 12},
            "flags": [],
        },
    ]


def test_a_doubtful_sentence_is_flagged(serve: Serve) -> None:
    class Miscounting(MarkingTranslator):
        def translate(self, texts: Sequence[str], pair: LanguagePair) -> list[str]:
            return ["Morreram 21 pessoas no incêndio." for _ in texts]

    body = {"text": "12 people died in the fire.", "source": "en", "target": "pt", "segments": True}
    answer = serve(fake_services(Miscounting())).post("/v1/translations", json=body)
    assert answer.json()["translations"][0]["segments"][0]["flags"] == ["numbers"]


def test_plain_text_in_is_plain_text_out_and_nothing_else(api: TestClient) -> None:
    answer = api.post("/v1/translations?target=pt", content="Hello.\n\n  Bye.\n", headers=TEXT)
    assert answer.text == "[en>pt Hello.]\n\n  [en>pt Bye.]\n"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


def test_accept_decides_what_comes_out(api: TestClient) -> None:
    body = {"text": "Hello.", "target": "pt"}
    plain = api.post("/v1/translations", json=body, headers={"accept": "text/plain"})
    json = api.post("/v1/translations?target=pt", content="Hello.", headers=TEXT | {"accept": "application/json"})
    assert (plain.text, json.json()["translations"][0]["text"]) == ("[en>pt Hello.]", "[en>pt Hello.]")


@pytest.mark.parametrize(
    ("body", "charset"),
    [
        ("Olá.".encode(), ""),
        (b"\xef\xbb\xbfOl\xc3\xa1.", "; charset=utf-8"),
        ("Olá.".encode("latin-1"), "; charset=ISO-8859-1"),
        ("Olá.".encode("cp1252"), '; charset="windows-1252"'),
        ("Olá.".encode("utf-16"), "; charset=utf-16"),
    ],
)
def test_plain_text_is_read_in_its_charset(api: TestClient, body: bytes, charset: str) -> None:
    headers = {"content-type": "text/plain" + charset}
    assert api.post("/v1/translations?source=pt&target=en", content=body, headers=headers).text == "[pt>en Olá.]"


@pytest.mark.parametrize("text", ["", "  \n ", "🎉👍🏽", "2026"])
def test_what_has_no_words_comes_back_as_it_was(api: TestClient, text: str) -> None:
    assert api.post("/v1/translations", json={"text": text, "target": "pt"}).json()["translations"][0]["text"] == text
    assert api.post("/v1/translations?target=pt", content=text.encode(), headers=TEXT).text == text


def test_mixed_line_ends_come_back_as_line_feeds(api: TestClient) -> None:
    answer = api.post("/v1/translations?target=pt", content=b"One.\r\n\r\nTwo.\rThree.\n", headers=TEXT)
    assert answer.text == "[en>pt One.]\n\n[en>pt Two.]\n[en>pt Three.]\n"


def test_a_megabyte_of_text_is_refused_by_saying_how_much_there_may_be(api: TestClient) -> None:
    answer = api.post("/v1/translations", json={"text": "One more sentence. " * 55_000, "target": "pt"})
    assert answer.status_code == 413
    assert (answer.json()["code"], answer.json()["max_chars"], answer.json()["chars"]) == (
        "text-too-long",
        200_000,
        1_045_000,
    )


def test_a_megabyte_of_text_is_translated_where_the_settings_let_it(serve: Serve) -> None:
    api = serve(fake_services(max_text_chars=2_000_000))
    text = "\n".join(f"This is sentence number {n}." for n in range(40_000))
    answer = api.post("/v1/translations?source=en&target=pt", content=text.encode(), headers=TEXT)
    assert answer.text == "\n".join(f"[en>pt This is sentence number {n}.]" for n in range(40_000))


def test_a_body_that_never_ends_is_not_read_to_its_end(serve: Serve) -> None:
    api = serve(fake_services(max_body_bytes=1_000))
    answer = api.post("/v1/translations?target=pt", content=iter([b"x" * 600] * 1_000), headers=TEXT)
    assert (answer.status_code, answer.text) == (413, "error: a body has at most 1000 bytes (body-too-large)\n")


def test_a_sentence_without_an_end_is_translated_to_its_end(api: TestClient) -> None:
    words = [f"word{n}" for n in range(2_500)]
    text = " ".join(words)
    assert len(text) > 20_000
    answer = api.post("/v1/translations?source=en&target=pt", content=text.encode(), headers=TEXT).text
    assert answer.replace("[en>pt ", "").replace("]", "") == text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"text": "Hello.", "target": "!"}, 422, "invalid-language"),
        ({"text": "Hello.", "target": "zz", "source": "en"}, 404, "unsupported-language-pair"),
        ({"text": "Hello.", "target": "pt", "source": "zz"}, 404, "unsupported-language-pair"),
        ({"text": "Hello.", "target": "pt", "source": "english"}, 422, "invalid-language"),
        ({"text": "Hello.", "target": "en", "source": "en"}, 422, "invalid-language"),
        ({"text": "a\0b", "target": "pt"}, 422, "invalid-text"),
        ({"text": "Hello.", "target": "pt", "formality": "less"}, 422, "invalid-request"),
        ({"text": "Hello."}, 422, "invalid-request"),
        ({"target": "pt"}, 422, "invalid-request"),
        ({"text": "Hello.", "texts": ["Hello."], "target": "pt"}, 422, "invalid-request"),
        ({"text": 5, "target": "pt"}, 422, "invalid-request"),
        ({"text": None, "target": "pt"}, 422, "invalid-request"),
        ({"texts": ["Hello.", 5], "target": "pt"}, 422, "invalid-request"),
        ({"texts": "Hello.", "target": "pt"}, 422, "invalid-request"),
        ({"text": "Hello.", "target": ["pt"]}, 422, "invalid-request"),
        ({"text": "Hello.", "target": "pt", "segments": "yes"}, 422, "invalid-request"),
        ({"text": "Hello.", "target": "p" * 1_000}, 422, "invalid-request"),
        (["Hello."], 422, "invalid-request"),
        ("Hello.", 422, "invalid-request"),
        ({"html": "<p>Hello.</p>", "target": "pt"}, 415, "unsupported-media-type"),
        ({"texts": ["x"] * 1_001, "target": "pt"}, 413, "text-too-long"),
    ],
)
def test_bad_json_is_refused_with_a_problem(api: TestClient, body: object, status: int, code: str) -> None:
    answer = api.post("/v1/translations", json=body)
    assert (answer.status_code, answer.json()["status"], answer.json()["code"]) == (status, status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["detail"]
    assert "Hello" not in answer.text


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "malformed-body"),
        (b"{", 400, "malformed-body"),
        (b'{"text": "\xff", "target": "pt"}', 400, "malformed-body"),
        (b'{"text": "\\ud800", "target": "pt"}', 400, "malformed-body"),
        (b'{"text": NaN, "target": "pt"}', 422, "invalid-request"),
        (b"[" * 100_000, 400, "malformed-body"),
    ],
)
def test_what_is_not_json_is_refused(api: TestClient, body: bytes, status: int, code: str) -> None:
    answer = api.post("/v1/translations", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("query", "body", "content_type", "status", "line"),
    [
        ("target=pt", b"\xff\xfe", "text/plain", 400, "the body is not utf-8 (malformed-body)"),
        ("target=pt", b"x", "text/plain; charset=klingon", 415, "the charset is not supported"),
        ("", b"Hello.", "text/plain", 422, "target: Field required (invalid-request)"),
        ("target=pt&color=red", b"Hello.", "text/plain", 422, "color: unknown option (invalid-request)"),
        ("target=pt&target=en", b"Hello.", "text/plain", 422, "given more than once: target (invalid-request)"),
        ("target=pt&text=Hi", b"Hello.", "text/plain", 422, "text: is the body here, and not an option"),
        ("target=pt", b"a\0b", "text/plain", 422, "the text holds a NUL character"),
        ("target=pt&segments=perhaps", b"Hello.", "text/plain", 422, "segments: "),
    ],
)
def test_bad_plain_text_is_refused_with_one_line(
    api: TestClient, query: str, body: bytes, content_type: str, status: int, line: str
) -> None:
    answer = api.post(f"/v1/translations?{query}", content=body, headers={"content-type": content_type})
    assert answer.status_code == status
    assert answer.text.startswith(f"error: {line}")
    assert answer.text.count("\n") == 1
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "content_type", ["text/html", "text/markdown", "application/x-www-form-urlencoded", "application/xml", ""]
)
def test_other_media_types_are_refused_rather_than_broken(api: TestClient, content_type: str) -> None:
    answer = api.post("/v1/translations?target=pt", content=b"<p>Hello.</p>", headers={"content-type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


def test_options_in_the_query_of_a_json_call_are_not_overlooked(api: TestClient) -> None:
    answer = api.post("/v1/translations?segments=true", json={"text": "Hello.", "target": "pt"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")


def test_x_cache_says_where_the_answer_came_from(serve: Serve) -> None:
    api = serve(fake_services())
    texts = ["One. Two.", "One. Two.", "Two. Three."]
    answers = [api.post("/v1/translations", json={"text": text, "target": "pt"}) for text in texts]
    assert [answer.headers["x-cache"] for answer in answers] == ["miss", "hit", "partial"]
    down = serve(fake_services(objects=DownStore())).post("/v1/translations", json={"text": "One.", "target": "pt"})
    assert (down.status_code, down.headers["x-cache"]) == (200, "bypass")


def test_a_language_without_a_model_is_named(serve: Serve) -> None:
    api = serve(fake_services(identifier=FixedIdentifier("fr")))
    answer = api.post("/v1/translations", json={"text": "Bonjour à tous les gens.", "target": "pt"})
    assert (answer.status_code, answer.json()["detail"]) == (404, "no installed model leads from fr to pt")
