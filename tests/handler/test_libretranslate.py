"""LibreTranslate's calls: the ways in, and the shapes of what comes out."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from services.model import Language
from services.ports import LanguageScore
from tests.fakes.models import BeamTranslator, FixedIdentifier, MarkingTranslator, NoTranslator
from tests.fakes.services import fake_services
from tests.handler import libretranslate as shape
from tests.handler.conftest import Serve
from tests.handler.libretranslate import shaped

HELLO = {"q": "Hello.", "source": "en", "target": "pt"}


@pytest.mark.parametrize(
    "how",
    [
        {"json": HELLO},
        {"content": b"\xef\xbb\xbf" + json.dumps(HELLO).encode(), "headers": {"content-type": "application/json"}},
        {"content": json.dumps(HELLO), "headers": {"content-type": "application/vnd.api+json; charset=utf-8"}},
        {"data": HELLO},
        {"files": {name: (None, value) for name, value in HELLO.items()}},
        {"params": HELLO},
        {"params": {"q": "Hello."}, "data": {"q": "Bye.", "source": "en", "target": "pt"}},
        {"json": HELLO | {"api_key": None, "secret": "x", "format": None, "alternatives": None, "unknown": [1]}},
        {"data": HELLO | {"api_key": "", "format": "", "secret": ""}},
    ],
    ids=["json", "json-bom", "json-suffix", "form", "multipart", "query", "query-first", "nulls", "blanks"],
)
def test_a_text_comes_in_json_in_a_form_or_in_the_query_string(api: TestClient, how: dict[str, Any]) -> None:
    assert shaped(api.post("/translate", **how), shape.One).translatedText == "[en>pt Hello.]"


def test_letters_of_all_scripts_come_through_every_way(api: TestClient) -> None:
    q = "Ação — «зима» 冬 👩‍🚀."
    body = HELLO | {"q": q}
    answers = [
        api.post("/translate", json=body),
        api.post("/translate", data=body),
        api.post("/translate", files={name: (None, value) for name, value in body.items()}),
        api.post("/translate", params=body),
    ]
    assert {shaped(answer, shape.One).translatedText for answer in answers} == {f"[en>pt {q}]"}


def test_a_list_gives_a_list_in_its_order_and_a_list_of_one_gives_one(api: TestClient) -> None:
    answer = api.post("/translate", json=HELLO | {"q": ["Two.", "", "One.", "Two."]})
    assert shaped(answer, shape.Batch).translatedText == ["[en>pt Two.]", "", "[en>pt One.]", "[en>pt Two.]"]
    one = api.post("/translate", json=HELLO | {"q": ["Hello."]})
    assert shaped(one, shape.Batch).translatedText == ["[en>pt Hello.]"]


def test_the_language_is_told_where_it_was_to_be_detected_and_only_there(api: TestClient) -> None:
    one = api.post("/translate", data=HELLO | {"q": "This is a sentence in English.", "source": "auto"})
    assert shaped(one, shape.OneDetected).detectedLanguage.language == "en"
    batch = api.post("/translate", json=HELLO | {"q": ["Hello.", "Good morning to you all."], "source": "AUTO"})
    first, second = shaped(batch, shape.BatchDetected).detectedLanguage
    assert first == second
    assert first.confidence > 90


def test_alternatives_are_there_where_they_were_asked_for_and_only_there(serve: Serve) -> None:
    api = serve(fake_services(BeamTranslator({})))
    one = shaped(api.post("/translate", data=HELLO | {"alternatives": "2"}), shape.OneOfSeveral)
    assert one.alternatives == ["[en>pta Hello.]", "[en>ptb Hello.]"]
    batch = shaped(api.post("/translate", json=HELLO | {"q": ["A.", "B."], "alternatives": 1}), shape.BatchOfSeveral)
    assert batch.alternatives == [["[en>pta A.]"], ["[en>pta B.]"]]
    for none in (0, -1, "0", None):
        shaped(api.post("/translate", json=HELLO | {"alternatives": none}), shape.One)


def test_of_html_there_are_no_alternatives(serve: Serve) -> None:
    api = serve(fake_services(BeamTranslator({})))
    body = HELLO | {"format": "html", "alternatives": 2, "source": "auto", "q": "<p>This is English text.</p>"}
    assert shaped(api.post("/translate", json=body), shape.OneDetectedOfSeveral).alternatives == []
    batch = api.post("/translate", json=body | {"q": ["<p>This is English.</p>", "<b>So is this.</b>"]})
    assert shaped(batch, shape.BatchDetectedOfSeveral).alternatives == [[], []]


def test_a_text_without_words_comes_back_as_it_was(api: TestClient) -> None:
    for q in ("😀", "12,5 %", "\n"):
        assert shaped(api.post("/translate", json=HELLO | {"q": q}), shape.One).translatedText == q
        found = shaped(api.post("/translate", json=HELLO | {"q": q, "source": "auto"}), shape.OneDetected)
        assert (found.translatedText, found.detectedLanguage) == (q, shape.Detected(confidence=0.0, language="en"))
    both = api.post("/translate", json=HELLO | {"q": ["😀", "😁"], "source": "auto"})
    assert shaped(both, shape.BatchDetected).translatedText == ["😀", "😁"]


def test_a_text_in_the_language_that_it_is_wanted_in_comes_back_as_it_was(api: TestClient) -> None:
    q = "Isto é um cafe\u0301.\r\n"
    assert shaped(api.post("/translate", json={"q": q, "source": "pt", "target": "pt"}), shape.One).translatedText == q
    answer = api.post("/translate", json={"q": "This is English.", "source": "auto", "target": "en"})
    assert shaped(answer, shape.OneDetected).translatedText == "This is English."


def test_a_form_has_lf_line_ends_and_loses_the_last_one_and_json_keeps_its_own(api: TestClient) -> None:
    q = "Hello.\r\n\r\nBye.\r\n"
    form = api.post("/translate", data=HELLO | {"q": q})
    assert shaped(form, shape.One).translatedText == "[en>pt Hello.]\n\n[en>pt Bye.]"
    as_json = api.post("/translate", json=HELLO | {"q": q})
    assert shaped(as_json, shape.One).translatedText == "[en>pt Hello.]\r\n\r\n[en>pt Bye.]\r\n"
    batch = api.post("/translate", json=HELLO | {"q": ["Hello.\n\n", q]})
    assert shaped(batch, shape.Batch).translatedText[0] == "[en>pt Hello.]\n\n"


@pytest.mark.parametrize(
    ("installed", "code", "way"),
    [
        ("en>pt", "PT", "en>pt"),
        ("en>pt", "pb", "en>pt"),
        ("en>pt", "pt-br", "en>pt"),
        ("en>pt-BR", "pb", "en>pt-BR"),
        ("en>pt-BR", "pt", "en>pt-BR"),
        ("en>zh", "zh-Hans", "en>zh"),
        ("en>zh", "ZH", "en>zh"),
        ("en>zh-Hant", "zt", "en>zh-Hant"),
        ("en>zh-Hant", "zh-hant", "en>zh-Hant"),
    ],
)
def test_codes_are_read_in_any_case_and_by_either_name(serve: Serve, installed: str, code: str, way: str) -> None:
    api = serve(fake_services(MarkingTranslator(installed)))
    answer = api.post("/translate", json={"q": "Hello.", "source": "En", "target": code})
    assert shaped(answer, shape.One).translatedText == f"[{way} Hello.]"


@pytest.mark.parametrize(("installed", "code"), [("en>zh", "zt"), ("en>zh-Hant", "zh"), ("en>zh-Hant", "zh-Hans")])
def test_no_script_stands_for_another(serve: Serve, installed: str, code: str) -> None:
    api = serve(fake_services(MarkingTranslator(installed)))
    answer = api.post("/translate", json={"q": "Hello.", "source": "en", "target": code})
    assert shape.error(answer) == (400, f"{code.lower()} is not supported")


def test_codes_leave_as_libretranslate_writes_them(serve: Serve) -> None:
    api = serve(fake_services(MarkingTranslator("en>zh", "en>zh-Hant", "pt-BR>en", "en>pt-BR"), FixedIdentifier("pt")))
    languages = {one.code: one for one in shaped(api.get("/languages"), list[shape.Language])}
    assert set(languages) == {"en", "pt-BR", "zh-Hans", "zh-Hant"}
    assert languages["pt-BR"].targets == ["en", "pt-BR", "zh-Hans", "zh-Hant"]
    assert shaped(api.post("/detect", data={"q": "Isto é português."}), list[shape.Detected])[0].language == "pt-BR"
    found = api.post("/translate", data={"q": "Isto é português.", "source": "auto", "target": "en"})
    assert shaped(found, shape.OneDetected).detectedLanguage.language == "pt-BR"


def test_a_language_is_detected_best_first(api: TestClient) -> None:
    for how in ({"data": {"q": "This is a text in English."}}, {"json": {"q": ["This is", "in English."]}}):
        found = shaped(api.post("/detect", **how), list[shape.Detected])  # type: ignore[arg-type]
        assert found[0].language == "en"
        assert [one.confidence for one in found] == sorted((one.confidence for one in found), reverse=True)


@pytest.mark.parametrize("q", ["😀", "12", "…"])
def test_what_tells_no_language_is_english_without_confidence(api: TestClient, q: str) -> None:
    assert api.post("/detect", data={"q": q}).json() == [{"confidence": 0.0, "language": "en"}]


def test_a_short_text_is_taken_to_be_in_a_language_that_is_installed(serve: Serve) -> None:
    class Torn:
        def identify(self, text: str) -> list[LanguageScore]:
            """French, or maybe Portuguese."""
            return [LanguageScore(Language("fr"), 0.9), LanguageScore(Language("pt"), 0.004)]

    api = serve(fake_services(identifier=Torn()))
    short = api.post("/translate", json={"q": "Bonjour", "source": "auto", "target": "en"})
    assert shaped(short, shape.OneDetected).detectedLanguage.language == "pt"
    sure = api.post("/translate", json=HELLO | {"q": "Bonjour à tous les lecteurs de ce journal.", "source": "auto"})
    assert shape.error(sure) == (400, "fr is not supported")


def test_letters_of_a_script_that_tells_no_language_are_read_as_english(api: TestClient) -> None:
    found = shaped(api.post("/translate", json=HELLO | {"q": "ᚠᚢᚦ", "source": "auto"}), shape.OneDetected)
    assert found.detectedLanguage == shape.Detected(confidence=0.0, language="en")


@pytest.mark.parametrize("key", [None, "secret"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_languages_are_listed_whether_or_not_the_call_has_a_body(api: TestClient, method: str, key: str | None) -> None:
    body = urlencode({"api_key": key} if key else {})
    headers = {"content-type": "application/x-www-form-urlencoded"}
    found = shaped(api.request(method, "/languages", content=body, headers=headers), list[shape.Language])
    assert [one.model_dump() for one in found] == [
        {"code": "en", "name": "English", "targets": ["en", "pt"]},
        {"code": "pt", "name": "Portuguese", "targets": ["en", "pt"]},
    ]


def test_languages_are_posted_for_with_a_form_only(api: TestClient) -> None:
    answer = api.post("/languages")
    assert shape.error(answer) == (405, "Method Not Allowed")
    assert "GET" in answer.headers["allow"]


def test_pages_are_told_what_they_want_to_know(serve: Serve) -> None:
    api = serve(fake_services(MarkingTranslator("es>fr", "fr>es", "es>en"), max_text_chars=500))
    assert shaped(api.get("/frontend/settings"), shape.Settings).model_dump() == {
        "charLimit": 500,
        "frontendTimeout": 500,
        "apiKeys": False,
        "keyRequired": False,
        "suggestions": False,
        "filesTranslation": True,
        "supportedFilesFormat": [".txt", ".md", ".html"],
        "language": {"source": {"code": "auto", "name": "Auto Detect"}, "target": {"code": "en", "name": "English"}},
    }
    no_english = serve(fake_services(MarkingTranslator("fr>es")))
    assert shaped(no_english.get("/frontend/settings"), shape.Settings).language.target.code == "es"


def test_health_says_ok_while_there_are_models(serve: Serve) -> None:
    assert shaped(serve(fake_services()).get("/health"), shape.Health).status == "ok"
    assert shape.error(serve(fake_services(NoTranslator())).get("/health")) == (503, "no models are installed")


def test_an_installation_without_models_still_answers(serve: Serve) -> None:
    api = serve(fake_services(NoTranslator()))
    assert shaped(api.get("/languages"), list[shape.Language]) == []
    assert shaped(api.get("/frontend/settings"), shape.Settings).language.target.code == "en"
    assert shape.error(api.post("/translate", json=HELLO)) == (400, "en is not supported")


def test_the_surface_is_described_as_swagger(api: TestClient) -> None:
    spec = api.get("/spec").json()
    assert (spec["swagger"], spec["info"]["title"]) == ("2.0", "LibreTranslate")
    documented = {path for path, of in api.get("/openapi.json").json()["paths"].items() if _is_libretranslates(of)}
    assert set(spec["paths"]) == documented - {"/spec"}
    parameters = {one["name"]: one for one in spec["paths"]["/translate"]["post"]["parameters"]}
    assert {name for name, one in parameters.items() if one["required"]} == {"q", "source", "target"}
    assert parameters["format"]["enum"] == ["text", "html"]
    files = spec["paths"]["/translate_file"]["post"]
    assert [one["type"] for one in files["parameters"] if one["name"] == "file"] == ["file"]
    assert "anyOf" not in json.dumps(spec)


@pytest.mark.parametrize("path", ["/translate", "/detect", "/translate_file"])
def test_every_status_of_a_call_is_described(api: TestClient, path: str) -> None:
    call = api.get("/openapi.json").json()["paths"][path]["post"]
    failures = {"400", "403", "408", "413", "415", "429", "500", "503", "default"}
    assert set(call["responses"]) == {"200", *failures}
    for status in failures:
        schema = call["responses"][status]["content"]["application/json"]["schema"]
        assert schema == {"$ref": "#/components/schemas/ErrorResponse"}
    forms = {"application/json", "application/x-www-form-urlencoded", "multipart/form-data"}
    assert set(call["requestBody"]["content"]) == ({"multipart/form-data"} if path == "/translate_file" else forms)


def test_the_metrics_stay_our_own(api: TestClient) -> None:
    api.post("/translate", data=HELLO | {"api_key": "s3cret"})
    metrics = api.get("/metrics").text
    assert 'interlede_exchanges_total{kind="request",method="POST",route="/translate",status="200"} 1.0' in metrics
    assert "s3cret" not in metrics


def _is_libretranslates(operations: dict[str, Any]) -> bool:
    return any("libretranslate" in operation["tags"] for operation in operations.values())
