from typing import Any

import pytest
from fastapi.testclient import TestClient

from handler.schemas.v1.digests import REQUEST_EXAMPLE
from tests.fakes.services import fake_services
from tests.handler.conftest import Serve

FERRY = "The ferry to Grell sailed again on Monday. Shops on Grell had run out of milk and bread."
HARBOUR = "On Monday the ferry to Grell sailed again. New propellers cost the harbour 1.2 million crowns."
STRIKE = "Nurses began a strike over pay on Thursday. Their union wants nine per cent more."


def body(*texts: str, **options: object) -> dict[str, object]:
    articles = [{"id": f"wire-{at}", "text": text, "source": "en"} for at, text in enumerate(texts)]
    return {"articles": articles, **options}


def test_several_articles_become_one_digest_that_names_its_sources(api: TestClient) -> None:
    answer = api.post("/v1/digests", json=body(FERRY, HARBOUR, target="pt", sentences=2))
    assert (answer.status_code, answer.headers["x-cache"]) == (200, "miss")
    (digest,) = answer.json()["digests"]
    first = digest["sentences"][0]
    assert first["translation"].startswith("[en>pt The ferry")
    assert first == {
        "text": "The ferry to Grell sailed again on Monday.",
        "translation": first["translation"],
        "article": "wire-0",
        "offset": 0,
        "length": 42,
        "position": 0,
        "score": first["score"],
        "also_in": ["wire-1"],
    }
    assert digest["text"] == " ".join(sentence["translation"] for sentence in digest["sentences"])
    assert (digest["language"], digest["articles"], digest["unused"]) == ("pt", ["wire-0", "wire-1"], [])
    assert [one["model"] for one in answer.json()["articles"]] == ["marking-en-pt"] * 2
    assert answer.json()["articles"][0]["detected"] is None
    assert api.post("/v1/digests", json=body(FERRY, HARBOUR, target="pt", sentences=2)).headers["x-cache"] == "hit"


def test_a_digest_has_five_sentences_where_nothing_is_said(api: TestClient) -> None:
    (digest,) = api.post("/v1/digests", json=body(FERRY, HARBOUR, STRIKE)).json()["digests"]
    assert len(digest["sentences"]) == 5


def test_a_digest_can_be_so_many_words(api: TestClient) -> None:
    (digest,) = api.post("/v1/digests", json=body(FERRY, HARBOUR, STRIKE, words=17)).json()["digests"]
    assert 0 < len(digest["text"].split()) <= 17


def test_each_story_has_a_digest_and_as_plain_text_they_are_lines(api: TestClient) -> None:
    request = body(FERRY, STRIKE, FERRY.replace("milk", "petrol"), stories=True, sentences=1)
    answer = api.post("/v1/digests", json=request).json()
    assert [digest["articles"] for digest in answer["digests"]] == [["wire-0", "wire-2"], ["wire-1"]]
    assert [article["digest"] for article in answer["articles"]] == [0, 1, 0]
    plain = api.post("/v1/digests", json=request, headers={"accept": "text/plain"})
    assert plain.text == "The ferry to Grell sailed again on Monday.\n\nNurses began a strike over pay on Thursday.\n"
    assert plain.headers["content-type"].startswith("text/plain")


def test_an_article_without_an_id_has_its_place(api: TestClient) -> None:
    articles = [{"text": FERRY}, {"html": f"<p>{STRIKE}</p>"}, {"markdown": f"# Harbour\n\n{HARBOUR}"}]
    answer = api.post("/v1/digests", json={"articles": articles}).json()
    assert [article["id"] for article in answer["articles"]] == ["0", "1", "2"]
    assert [article["source"] for article in answer["articles"]] == ["en"] * 3
    assert answer["articles"][0]["detected"]["language"] == "en"


@pytest.mark.parametrize(
    ("times", "first"),
    [
        (("2024-05-06T10:00:00Z", "2024-05-06T11:00:00Z"), "wire-1"),
        (("2024-05-06T10:00:00Z", "2024-05-06T11:00:00+02:00"), "wire-0"),
        (("2024-05-06T10:00:00", "2024-05-06T10:30:00Z"), "wire-1"),
        (("2024-05-06", "2024-05-05T23:59:59Z"), "wire-0"),
        (("2024-05-06", "2024-05-06T00:00:01Z"), "wire-1"),
        (("2024-05-06", "2024-05-06T00:30:00+01:00"), "wire-0"),
    ],
)
def test_the_newest_article_comes_first(api: TestClient, times: tuple[str, str], first: str) -> None:
    request: dict[str, Any] = body(FERRY, STRIKE, sentences=4)
    for article, time in zip(request["articles"], times, strict=True):
        article["published"] = time
    (digest,) = api.post("/v1/digests", json=request).json()["digests"]
    assert digest["sentences"][0]["article"] == first


@pytest.mark.parametrize(
    "published",
    ["yesterday", "", "2024-13-06", "2024-02-30T10:00:00Z", "20240506", "1715000000", "2024-05-06T", 1715000000, True],
)
def test_what_is_no_time_is_refused_by_its_field(api: TestClient, published: object) -> None:
    articles = [{"text": FERRY}, {"text": STRIKE, "published": published}]
    answer = api.post("/v1/digests", json={"articles": articles})
    assert answer.status_code == 422
    message = "give a date (2024-02-12), or a date and time (2024-02-12T18:30:00Z)"
    assert answer.json()["errors"] == [{"field": "articles.1.published", "message": message}]


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"title": 3}, "articles.1.title"),
        ({"id": ""}, "articles.1.id"),
        ({"best": True}, "articles.1.best"),
        ({"query": "ferry"}, "articles.1.query"),
        ({"the ferry sailed": 1}, "articles.1.?"),
        ({"html": "<p>One.</p>"}, "articles.1"),
    ],
)
def test_a_fault_of_an_article_names_its_field(api: TestClient, fault: dict[str, object], field: str) -> None:
    answer = api.post("/v1/digests", json={"articles": [{"text": FERRY}, {"text": STRIKE, **fault}]})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert answer.json()["detail"].startswith(f"{field}: ")


@pytest.mark.parametrize(
    ("offsets", "expected"), [("code-points", [(0, 18), (19, 16)]), ("utf-16", [(0, 19), (20, 16)])]
)
def test_offsets_of_a_digest_count_what_is_wanted(
    api: TestClient, offsets: str, expected: list[tuple[int, int]]
) -> None:
    request = body("The ferry sails 🚢. Shops were open.", STRIKE, sentences=5, offsets=offsets)
    (digest,) = api.post("/v1/digests", json=request).json()["digests"]
    places = [(one["offset"], one["length"]) for one in digest["sentences"] if one["article"] == "wire-0"]
    assert places == expected


def test_offsets_are_told_in_json_alone(api: TestClient) -> None:
    request = body(FERRY, STRIKE, offsets="utf-16")
    answer = api.post("/v1/digests", json=request, headers={"accept": "text/plain"})
    assert (answer.status_code, answer.text.startswith("error: offsets: ")) == (422, True)


@pytest.mark.parametrize("query", ["", " ", "\n\t", "\u200b", "?!"])
def test_a_query_that_looks_for_nothing_is_refused(api: TestClient, query: str) -> None:
    answer = api.post("/v1/digests", json=body(FERRY, STRIKE, query=query))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "query")


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"articles": [{"text": FERRY}]}, 422, "invalid-request"),
        ({"articles": [{"text": FERRY}, {"text": FERRY, "html": FERRY}]}, 422, "invalid-request"),
        ({"articles": [{"text": FERRY}, {}]}, 422, "invalid-request"),
        ({"articles": [{"text": FERRY, "published": "yesterday"}, {"text": STRIKE}]}, 422, "invalid-request"),
        ({"articles": [{"text": FERRY, "best": True}, {"text": STRIKE}]}, 422, "invalid-request"),
        ({"sentences": 0}, 422, "invalid-request"),
        ({"sentences": 3, "words": 50}, 422, "invalid-request"),
        ({"method": "best"}, 422, "invalid-request"),
        ({"target": "?"}, 422, "invalid-language"),
        ({"articles": [{"text": FERRY, "id": "1"}, {"text": STRIKE}]}, 422, "invalid-option"),
        ({"articles": [{"text": FERRY, "source": "en"}, {"text": FERRY, "source": "pt"}]}, 422, "invalid-option"),
        ({"articles": [{"text": FERRY}, {"text": " \n"}]}, 422, "invalid-text"),
        ({"articles": [{"text": FERRY}, {"text": "\0"}]}, 422, "invalid-text"),
        ({"target": "fr"}, 404, "unsupported-language-pair"),
        ({"articles": [{"text": FERRY}] * 51}, 413, "text-too-long"),
    ],
)
def test_bad_requests_are_refused(api: TestClient, change: dict[str, object], status: int, code: str) -> None:
    answer = api.post("/v1/digests", json={**body(FERRY, STRIKE), **change})
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "ferry" not in answer.text


def test_the_articles_together_may_be_too_long(serve: Serve) -> None:
    api = serve(fake_services(max_text_chars=len(FERRY) + len(STRIKE) - 1))
    answer = api.post("/v1/digests", json=body(FERRY, STRIKE))
    assert (answer.status_code, answer.json()["code"]) == (413, "text-too-long")


def test_a_digest_takes_json_alone_with_its_options_in_the_body(api: TestClient) -> None:
    plain = api.post("/v1/digests", content=FERRY, headers={"content-type": "text/plain"})
    assert (plain.status_code, plain.text.endswith("(unsupported-media-type)\n")) == (415, True)
    assert api.post("/v1/digests?sentences=2", json=body(FERRY, STRIKE)).status_code == 422


def test_the_documented_example_works(api: TestClient) -> None:
    described = api.get("/openapi.json").json()["paths"]["/v1/digests"]["post"]
    content = described["requestBody"]["content"]["application/json"]
    assert content["example"] == REQUEST_EXAMPLE
    assert content["schema"]["properties"]["articles"]["items"]["properties"]["published"]
    assert "$ref" not in str(content["schema"])
    answer = api.post("/v1/digests", json=content["example"])
    assert answer.status_code == 200
    assert len(answer.json()["digests"][0]["sentences"]) == 2


def test_what_is_no_part_of_the_story_is_not_picked(api: TestClient) -> None:
    page = (
        "<nav><a>Ferry home page of the paper.</a></nav><h1>The ferry is back again.</h1><p>The ferry sails again.</p>"
        "<figure><img><figcaption>The ferry in the harbour.</figcaption></figure><p>It had a broken screw.</p>"
        "<ul><li>The ferry list has an item.</li></ul>"
    )
    text = "The ferry sails on Monday. Nobody was hurt in March."
    body = {"articles": [{"html": page, "source": "en"}, {"text": text, "source": "en"}], "sentences": 20}
    (digest,) = api.post("/v1/digests", json=body).json()["digests"]
    picked = {sentence["text"] for sentence in digest["sentences"]}
    assert picked <= {"The ferry sails again.", "It had a broken screw.", *text.replace(". ", ".|").split("|")}
    assert len(picked) >= 3
