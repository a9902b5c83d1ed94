import pytest
from fastapi.testclient import TestClient

from services.model import LanguagePair
from tests.fakes.models import MarkingTranslator
from tests.fakes.services import fake_services
from tests.fakes.stores import DownStore
from tests.handler.conftest import Serve

PLACE = "/v1/glossaries/desk-1"
TERMS = {"Home Secretary": "ministra do Interior", "tram": "elétrico"}
CSV, TSV = {"content-type": "text/csv"}, {"content-type": "text/tab-separated-values"}


def test_a_glossary_is_kept_and_given_back_in_any_of_three_forms(api: TestClient) -> None:
    kept = api.put(PLACE, json={"source": "en", "target": "pt", "terms": TERMS})
    assert (kept.status_code, kept.text) == (204, "")
    assert api.get(PLACE).json() == {"source": "en", "target": "pt", "terms": TERMS}
    table = api.get(PLACE, headers={"accept": "text/csv"})
    assert table.headers["content-type"] == "text/csv; charset=utf-8"
    assert table.text == "source:en,target:pt\nHome Secretary,ministra do Interior\ntram,elétrico\n"
    assert api.get(PLACE, headers={"accept": TSV["content-type"]}).text.startswith("source:en\ttarget:pt\nHome")


@pytest.mark.parametrize(
    ("headers", "table"),
    [
        (CSV, "\ufeffsource,target\r\nHome Secretary,ministra do Interior\r\n\r\ntram,elétrico\r\n"),
        (TSV, 'tram\telétrico\n"Home Secretary"\tministra do Interior'),
    ],
)
def test_tables_are_read(api: TestClient, headers: dict[str, str], table: str) -> None:
    assert api.put(PLACE, content=table.encode(), headers=headers).status_code == 204
    assert api.get(PLACE).json() == {"source": None, "target": None, "terms": TERMS}


def test_the_query_says_the_languages_of_a_table(api: TestClient) -> None:
    answer = api.put(PLACE + "?source=en&target=pt", content="tram,elétrico".encode(), headers=CSV)
    assert answer.status_code == 204
    assert api.get(PLACE).json() == {"source": "en", "target": "pt", "terms": {"tram": "elétrico"}}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("color=red", "invalid-request"),
        ("source=en&source=pt", "invalid-request"),
        ("source=!", "invalid-language"),
        ("source=" + "e" * 36, "invalid-request"),
        ("source=pt", "invalid-glossary"),  # the header says en
    ],
)
def test_other_options_of_a_table_are_refused(api: TestClient, query: str, code: str) -> None:
    answer = api.put(f"{PLACE}?{query}", content=b"source:en,target:pt\na,b", headers=CSV)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_json_glossary_has_no_options_beside_it(api: TestClient) -> None:
    assert api.put(PLACE + "?source=en", json={"terms": TERMS}).status_code == 422


def test_a_path_without_a_method_names_those_that_it_has(api: TestClient) -> None:
    answer = api.post(PLACE)
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, GET, HEAD, PUT")


def test_a_glossary_is_replaced_and_forgotten(api: TestClient) -> None:
    api.put(PLACE, json={"terms": TERMS})
    api.put(PLACE, json={"terms": {"a": "b"}})
    assert api.get(PLACE).json()["terms"] == {"a": "b"}
    assert api.delete(PLACE).status_code == 204
    for answer in (api.get(PLACE), api.delete(PLACE)):
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown-glossary")


@pytest.mark.parametrize(
    ("place", "body", "status", "code"),
    [
        (PLACE, {"terms": {"": "b"}}, 422, "invalid-glossary"),
        (PLACE, {"terms": {"secret": "b\nc"}}, 422, "invalid-glossary"),
        (PLACE, {"terms": {"secret": "b", "secret ": "c"}}, 422, "invalid-glossary"),
        (PLACE, {"terms": {f"secret{n}": "b" for n in range(10_001)}}, 422, "invalid-glossary"),
        (PLACE, {"source": "secret", "terms": {}}, 422, "invalid-language"),
        (PLACE, {"terms": ["secret"]}, 422, "invalid-request"),
        (PLACE, {"terms": {"my secret": 5}}, 422, "invalid-request"),
        (PLACE, {}, 422, "invalid-request"),
        ("/v1/glossaries/a b", {"terms": {}}, 422, "invalid-glossary"),
        ("/v1/glossaries/" + "a" * 65, {"terms": {}}, 422, "invalid-glossary"),
    ],
)
def test_a_glossary_that_cannot_be_is_refused(
    api: TestClient, place: str, body: object, status: int, code: str
) -> None:
    answer = api.put(place, json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("headers", "table", "status", "detail"),
    [
        (CSV, b"a,b\n\nsecret", 422, "line 3: there are not two columns"),
        (CSV, b'a,"b', 422, "line 1: the quotes do not match"),
        (CSV, b"\xff", 400, "the body is not utf-8"),
        ({"content-type": "text/plain"}, b"a,b", 415, "send application/json, text/csv"),
    ],
)
def test_a_table_that_cannot_be_read_is_refused_by_its_line(
    api: TestClient, headers: dict[str, str], table: bytes, status: int, detail: str
) -> None:
    answer = api.put(PLACE, content=table, headers=headers | {"accept": "application/json"})
    assert (answer.status_code, answer.json()["detail"][: len(detail)]) == (status, detail)


def test_without_a_store_there_is_no_glossary_and_nothing_is_translated_without_its_terms(serve: Serve) -> None:
    api = serve(fake_services(objects=DownStore()))
    assert api.put(PLACE, json={"terms": TERMS}).status_code == 503
    body = {"text": "The tram is late.", "target": "pt", "glossary": "desk-1"}
    assert api.post("/v1/translations", json=body).status_code == 503


class Copying(MarkingTranslator):
    """Copies, as a model does with what it was told to copy."""

    def translation(self, text: str, pair: LanguagePair) -> str:
        return text.replace("The", "O").replace("is late", "está atrasado")


def test_terms_are_told_where_they_are_and_where_they_could_not_be(serve: Serve) -> None:
    api = serve(fake_services(Copying()))
    body = {
        "text": "The tram is late. The tram is late.",
        "source": "en",
        "target": "pt",
        "glossary": {"tram": "elétrico", "late": "atrasado", "night": "noite"},
    }
    (item,) = api.post("/v1/translations", json=body).json()["translations"]
    assert item["text"] == "O elétrico está atrasado. O elétrico está atrasado."
    assert item["terms"] == [
        {"source": "late", "target": "atrasado", "applied": 2, "missed": 0},
        {"source": "tram", "target": "elétrico", "applied": 2, "missed": 0},
    ]


def test_a_kept_glossary_is_named_and_serves_its_own_languages_only(serve: Serve) -> None:
    api = serve(fake_services(Copying("en>pt", "en>es")))
    api.put(PLACE, json={"source": "en", "target": "pt", "terms": {"tram": "elétrico"}})
    body = {"text": "The tram is late.", "source": "en", "target": ["pt", "es"], "glossary": "desk-1"}
    portuguese, spanish = api.post("/v1/translations", json=body).json()["translations"]
    assert ("elétrico" in portuguese["text"], "elétrico" in spanish["text"]) == (True, False)
    plain = api.post(
        "/v1/translations?source=en&target=pt&glossary=desk-1",
        content="The tram is late.",
        headers={"content-type": "text/plain"},
    )
    assert "elétrico" in plain.text
    missing = api.post("/v1/translations", json=body | {"glossary": "other"})
    assert (missing.status_code, missing.json()["code"]) == (404, "unknown-glossary")


def test_a_changed_glossary_changes_the_answer(serve: Serve) -> None:
    api = serve(fake_services(Copying()))
    body = {"text": "The tram is late.", "source": "en", "target": "pt", "glossary": "desk-1"}
    texts = []
    for target in ("elétrico", "bonde"):
        api.put(PLACE, json={"terms": {"tram": target}})
        texts.append(api.post("/v1/translations", json=body).json()["translations"][0]["text"])
    assert texts == ["O elétrico está atrasado.", "O bonde está atrasado."]
