import pytest
from fastapi.testclient import TestClient

from services.model import LanguagePair
from tests.fakes.models import FixedIdentifier, MarkingTranslator
from tests.fakes.services import fake_services
from tests.fakes.stores import DownStore, MemoryStore
from tests.handler.conftest import Serve

TEXT = {"content-type": "text/plain"}


def test_a_text_is_translated(api: TestClient) -> None:
    answer = api.post("/v1/translations", json={"text": "Hello. Bye.", "source": "en", "target": "pt"})
    assert answer.status_code == 200
    assert answer.json() == {
        "translations": [
            {
                "text": "[en>pt Hello.] [en>pt Bye.]",
                "html": None,
                "markdown": None,
                "source": "en",
                "target": "pt",
                "detected": None,
                "model": "marking-en-pt",
                "alternatives": [],
                "terms": [],
                "segments": None,
                "source_text": None,
                "target_text": None,
            }
        ],
        "cache": "miss",
        "sentences": 2,
        "decoded": 2,
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
            "language": "en",
            "score": 0.6065,
            "flags": [],
            "retry": None,
        },
        {
            "source": {"text": "Bye.", "offset": 5, "length": 4},
            "target": {"text": "[en>pt Bye.]", "offset": 13, "length": 12},
            "language": "en",
            "score": 0.6065,
            "flags": [],
            "retry": None,
        },
    ]


def test_a_doubtful_sentence_is_flagged(serve: Serve) -> None:
    class Miscounting(MarkingTranslator):
        def translation(self, text: str, pair: LanguagePair) -> str:
            return "Morreram 21 pessoas no incêndio."

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


@pytest.mark.parametrize(
    ("member", "wrong", "field", "message"),
    [
        ("glossary", {"SECRET": 5}, "glossary", "each term has one translation, which is a string"),
        ("glossary", 5, "glossary", "give terms with their translations, or the id of a glossary that is kept"),
        ("target", 5, "target", "give a language tag, or a list of them"),
        ("target", ["pt", 5], "target.1", "Input should be a valid string"),
        ("target", "pt," + "p" * 36, "target.1", "String should have at most 35 characters"),
        ("SECRET words", 5, "?", "unknown option"),
    ],
)
def test_a_fault_is_told_once_by_its_field_and_in_no_words_of_the_caller(
    api: TestClient, member: str, wrong: object, field: str, message: str
) -> None:
    answer = api.post("/v1/translations", json={"text": "Hello.", "target": "pt", member: wrong})
    assert answer.json()["errors"] == [{"field": field, "message": message}]
    assert (answer.status_code, "SECRET" in answer.text) == (422, False)


def test_there_may_be_many_targets_in_a_query_string(api: TestClient) -> None:
    tags = ",".join(["pt"] * 20)
    assert api.post(f"/v1/translations?source=en&target={tags}", content="Hello.", headers=TEXT).status_code == 200
    answer = api.post(f"/v1/translations?source=en&target={tags},pt", content="Hello.", headers=TEXT)
    assert answer.text.startswith("error: target: List should have at most 20 items")


def test_a_byte_order_mark_is_no_part_of_json(api: TestClient) -> None:
    body = b'\xef\xbb\xbf{"text": "Hello.", "source": "en", "target": "pt"}'
    answer = api.post("/v1/translations", content=body, headers={"content-type": "application/json"})
    assert answer.json()["translations"][0]["text"] == "[en>pt Hello.]"


@pytest.mark.parametrize(("encoding", "named"), [("gzip", "gzip"), ("GZIP, br", "gzip, br"), ("<b>", "?")])
def test_a_body_that_is_compressed_is_refused(api: TestClient, encoding: str, named: str) -> None:
    answer = api.post("/v1/translations", json={"text": "Hello."}, headers={"content-encoding": encoding})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert answer.json()["detail"] == f"send the body as it is; its content encoding was {named}"


@pytest.mark.parametrize("half", [b"\\ud800", b"\\udc00", b"\\ud83d then \\ude00", b"\xed\xa0\x80"])
def test_half_a_surrogate_pair_is_called_that(api: TestClient, half: bytes) -> None:
    body = b'{"text": "' + half + b'", "target": "pt"}'
    answer = api.post("/v1/translations", content=body, headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()["detail"]) == (400, "the body holds half of a surrogate pair")


@pytest.mark.parametrize(("path", "status"), [("/v1/translations", 415), ("/v1/nothing", 404)])
def test_a_problem_says_that_it_depends_on_accept(api: TestClient, path: str, status: int) -> None:
    answer = api.post(path, content=b"Hello.", headers={"accept": "text/plain", "content-type": "text/csv"})
    assert (answer.status_code, answer.headers["vary"]) == (status, "Accept")


@pytest.mark.parametrize("media", ["text/plain", "text/html", "text/markdown"])
def test_nothing_is_answered_in_its_own_media_type(api: TestClient, media: str) -> None:
    answer = api.post("/v1/translations?target=pt", content=b"", headers={"content-type": media})
    assert (answer.text, answer.headers["content-type"]) == ("", f"{media}; charset=utf-8")


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
    api = serve(fake_services(max_text_chars=2_000_000, deadline_ms=300_000))
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
        ({"text": "Hello.", "target": []}, 422, "invalid-request"),
        ({"text": "Hello.", "target": ["pt", 5]}, 422, "invalid-request"),
        ({"text": "Hello.", "target": ["pt", "!"]}, 422, "invalid-language"),
        ({"text": "Hello.", "target": "pt,"}, 422, "invalid-language"),
        ({"text": "Hello.", "target": ["pt"] * 21}, 422, "invalid-request"),
        ({"text": "Hello.", "target": "pt", "alternatives": 6}, 422, "invalid-request"),
        ({"text": "Hello.", "target": "pt", "foreign": "drop"}, 422, "invalid-request"),
        ({"text": "Hello.", "target": "pt", "story": ""}, 422, "invalid-request"),
        ({"text": "Hello.", "target": "pt", "offsets": "bytes"}, 422, "invalid-request"),
        ({"text": "Hello.", "target": "pt", "segments": "yes"}, 422, "invalid-request"),
        ({"text": "Hello.", "target": "p" * 1_000}, 422, "invalid-request"),
        (["Hello."], 422, "invalid-request"),
        ("Hello.", 422, "invalid-request"),
        ({"html": "<p>Hello.</p>", "text": "Hello.", "target": "pt"}, 422, "invalid-request"),
        ({"html": "<p>Hello.</p>", "texts": ["Hello."], "target": "pt"}, 422, "invalid-request"),
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
        ("target=pt&text=Hi", b"Hello.", "text/plain", 422, "the body is the document here"),
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
    "content_type", ["text/csv", "application/x-www-form-urlencoded", "application/xml", "multipart/form-data", ""]
)
def test_other_media_types_are_refused_rather_than_broken(api: TestClient, content_type: str) -> None:
    answer = api.post("/v1/translations?target=pt", content=b"<p>Hello.</p>", headers={"content-type": content_type})
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")


def test_html_in_is_html_out_with_the_tags_where_they_were(api: TestClient) -> None:
    html = "<!DOCTYPE html><p class=x>Hello <b>there</b>.</p><script>a < b</script>"
    answer = api.post("/v1/translations?target=pt&source=en", content=html, headers={"content-type": "text/html"})
    assert answer.text.startswith("<!DOCTYPE html><p class=x>")
    assert answer.text.endswith("</p><script>a < b</script>")
    assert (answer.text.count("<b>"), answer.text.count("</b>")) == (1, 1)
    assert "[en&gt;pt" in answer.text or "[en>pt" in answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_html_in_json_comes_back_as_html_with_the_texts_that_segments_stand_in(api: TestClient) -> None:
    body = {"html": "<h1>Hi</h1><p>It is <i>late</i>. Go.</p>", "source": "en", "target": "pt", "segments": True}
    (item,) = api.post("/v1/translations", json=body).json()["translations"]
    assert (item["text"], item["markdown"], item["source_text"]) == (None, None, "Hi\n\nIt is late. Go.")
    assert item["html"].startswith("<h1>")
    for segment in item["segments"]:
        for text, side in ((item["source_text"], "source"), (item["target_text"], "target")):
            place = segment[side]
            assert text[place["offset"] :][: place["length"]] == place["text"]


def test_html_may_be_answered_as_plain_text(api: TestClient) -> None:
    headers = {"content-type": "text/html", "accept": "text/plain"}
    answer = api.post("/v1/translations?target=pt&source=en", content="<p>A <b>B</b>.</p>", headers=headers)
    assert (answer.text, answer.headers["content-type"]) == ("[en>pt A B.]", "text/plain; charset=utf-8")


def test_several_targets_are_answered_for_each_text_in_their_order(serve: Serve) -> None:
    api = serve(fake_services(MarkingTranslator("en>pt", "en>es")))
    body = {"texts": ["One.", "Two."], "source": "en", "target": ["es", "pt", "es"]}
    answer = api.post("/v1/translations", json=body).json()
    assert [item["text"] for item in answer["translations"]] == [
        "[en>es One.]", "[en>pt One.]", "[en>es Two.]", "[en>pt Two.]",
    ]  # fmt: skip
    assert (answer["sentences"], answer["decoded"]) == (4, 4)
    as_options = api.post("/v1/translations?source=en&target=es,pt", content="One.", headers=TEXT)
    assert (as_options.status_code, "Accept: application/json" in as_options.text) == (422, True)
    headers = TEXT | {"accept": "application/json"}
    as_options = api.post("/v1/translations?source=en&target=es,pt", content="One.", headers=headers)
    assert [item["target"] for item in as_options.json()["translations"]] == ["es", "pt"]


def test_offsets_count_utf_16_units_where_a_caller_asks_for_them(api: TestClient) -> None:
    text = "😀 One 😀. Two."
    body = {"text": text, "source": "en", "target": "pt", "segments": True, "offsets": "utf-16"}
    (item,) = api.post("/v1/translations", json=body).json()["translations"]
    units, target_units = text.encode("utf-16-le"), item["text"].encode("utf-16-le")
    for segment in item["segments"]:
        for encoded, place in ((units, segment["source"]), (target_units, segment["target"])):
            cut = encoded[2 * place["offset"] : 2 * (place["offset"] + place["length"])]
            assert cut.decode("utf-16-le") == place["text"]


def test_a_new_version_of_a_story_needs_only_what_changed(serve: Serve) -> None:
    translator = MarkingTranslator()
    objects = MemoryStore()
    versions = ["One. Two. Three.", "One. Two and a half. Three."]
    for version, decoded in zip(versions, (3, 1), strict=True):
        api = serve(fake_services(translator, objects=objects))  # another process, which remembers nothing itself
        answer = api.post("/v1/translations", json={"text": version, "target": "pt", "story": "storm"}).json()
        assert (answer["sentences"], answer["decoded"]) == (3, decoded)
    assert translator.asked[-1] == ("en>pt", ["Two and a half."])


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
