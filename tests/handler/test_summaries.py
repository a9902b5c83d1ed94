import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from handler.schemas.v1.requests import SummaryRequest
from services.lede import LedeRanker
from tests.fakes.services import fake_services
from tests.handler.conftest import Serve

PLAIN, HTML, MARKDOWN = ({"content-type": f"text/{kind}"} for kind in ("plain", "html", "markdown"))
STORY = 'A ferry sailed 🚢. It was full. "Who would have thought it?" Shops were open.'
PAGE = '<h1>Ferry</h1><p>A <a href="/f">ferry</a> sailed. <b>It was full. The</b> day was fine.</p>'

ANSWERS = """
import json, sys
from fastapi.testclient import TestClient
from handler.app import create_app
from services.lede import LedeRanker
from services.adapters.sumy import sumy_rankers
from tests.fakes.services import fake_services
rankers = {"lede": LedeRanker(), **sumy_rankers()}
api = TestClient(create_app(fake_services(rankers=rankers, summary_method="lede")))
options = {"reasons": True, "highlights": True, "keywords": 20, "avoid": ["questions", "quotes"], "title": "Ferry"}
for text in json.loads(sys.stdin.read()):
    for method in rankers:
        print(api.post("/v1/summaries", json={"text": text, "method": method, "words": 40, **options}).text)
    print(api.post("/v1/summaries", json={"text": text, "query": "ferry workers pay", **options}).text)
"""


def test_a_summary_never_has_more_words_than_wanted(api: TestClient) -> None:
    answer = api.post("/v1/summaries?words=7", content=STORY, headers=PLAIN)
    assert answer.text == "A ferry sailed 🚢.\nIt was full.\n"
    assert api.post("/v1/summaries?words=2", content=STORY, headers=PLAIN).text == ""


def test_a_list_has_commas_in_a_query_string(api: TestClient) -> None:
    answer = api.post("/v1/summaries?avoid=quotes,questions&sentences=3&sort=rank", content=STORY, headers=PLAIN)
    assert answer.text == "A ferry sailed 🚢.\nIt was full.\nShops were open.\n"
    listed = api.post("/v1/summaries", json={"text": STORY, "avoid": ["questions"], "sentences": 3}).json()
    assert [sentence["position"] for sentence in listed["summary"]["sentences"]] == [0, 1, 3]


@pytest.mark.parametrize(("offsets", "expected"), [("code-points", [0, 18]), ("utf-16", [0, 19])])
def test_offsets_count_what_is_wanted(api: TestClient, offsets: str, expected: list[int]) -> None:
    body = {"text": STORY, "sentences": 2, "offsets": offsets}
    sentences = api.post("/v1/summaries", json=body).json()["summary"]["sentences"]
    assert [sentence["offset"] for sentence in sentences] == expected


def test_highlights_are_the_whole_text(api: TestClient) -> None:
    body = {"text": f"\n{STORY}\n", "sentences": 2, "method": "last", "highlights": True}
    summary = api.post("/v1/summaries", json=body).json()["summary"]
    assert "".join(run["text"] for run in summary["highlights"]) == body["text"]
    assert [run["text"] for run in summary["highlights"] if run["picked"]] == [
        sentence["text"] for sentence in summary["sentences"]
    ]
    assert [run["picked"] for run in summary["highlights"]] == [None, 2, None, 1, None]
    assert api.post("/v1/summaries", json={"text": STORY}).json()["summary"]["highlights"] is None


def test_keywords_come_as_the_article_writes_them(api: TestClient) -> None:
    summary = api.post("/v1/summaries", json={"text": STORY, "keywords": 2}).json()["summary"]
    assert [keyword["text"] for keyword in summary["keywords"]] == ["ferry", "sailed"]
    assert summary["keywords"][0]["score"] == 1


def test_reasons_are_told_where_a_method_knows_them(serve: Serve) -> None:
    services = fake_services()
    services.summarise.rankers["lede"] = LedeRanker()  # type: ignore[index]
    api = serve(services)

    def reasons(**options: object) -> object:
        answer = api.post("/v1/summaries", json={"text": STORY, "sentences": 1, "query": "shops", **options})
        return answer.json()["summary"]["sentences"][0]["reasons"]

    told = reasons(method="lede", reasons=True)
    assert isinstance(told, dict)
    assert list(told) == ["centrality", "position", "title", "query", "form", "novelty"]
    assert (told["title"], told["query"]) == (None, 1.0)
    assert reasons(method="lede") is None
    assert reasons(method="lead", reasons=True) is None


def test_a_summary_in_another_language_has_both_texts(api: TestClient) -> None:
    body = {"text": "One. Two.", "target": "pt", "sentences": 1}
    answer = api.post("/v1/summaries", json=body).json()
    assert (answer["source"], answer["target"], answer["model"]) == ("en", "pt", "marking-en-pt")
    assert (answer["summary"]["text"], answer["summary"]["translation"]) == ("One.", "[en>pt One.]")
    assert answer["summary"]["sentences"][0]["translation"] == answer["summary"]["translation"]
    assert api.post("/v1/summaries", json=body).json()["cache"] == "hit"


def test_a_summary_in_another_language_is_plain_to_plain_callers(api: TestClient) -> None:
    answer = api.post("/v1/summaries?target=pt&sentences=2", content="One. Two. Three.", headers=PLAIN)
    assert answer.text == "[en>pt One.]\n[en>pt Two.]\n"


def test_the_sentence_before_comes_along_with_its_translation(api: TestClient) -> None:
    body = {"text": "A ferry sailed. It was full.", "method": "last", "sentences": 1, "context": True}
    (sentence,) = api.post("/v1/summaries", json={**body, "target": "pt"}).json()["summary"]["sentences"]
    assert sentence["needs_before"] is True
    assert sentence["before"] == {
        "text": "A ferry sailed.",
        "translation": "[en>pt A ferry sailed.]",
        "offset": 0,
        "length": 15,
        "position": 0,
    }
    (sentence,) = api.post("/v1/summaries", json=body).json()["summary"]["sentences"]
    assert sentence["before"]["translation"] is None


def test_sentences_keep_their_tags_in_the_format_of_the_article(api: TestClient) -> None:
    expected = ['A <a href="/f">ferry</a> sailed.', "<b>It was full.</b>", "<b>The</b> day was fine."]
    summary = api.post("/v1/summaries", json={"html": PAGE, "markup": True}).json()["summary"]
    assert [sentence["html"] for sentence in summary["sentences"]] == expected
    assert summary["text"] == "A ferry sailed. It was full. The day was fine."
    raw = api.post("/v1/summaries?markup=true", content=PAGE, headers=HTML)
    assert raw.headers["content-type"].startswith("text/html")
    assert raw.text == "".join(f"<p>{sentence}</p>\n" for sentence in expected)
    assert api.post("/v1/summaries", content=PAGE, headers=HTML).headers["content-type"].startswith("text/plain")


def test_markdown_keeps_its_marks_and_the_addresses_of_its_labels(api: TestClient) -> None:
    text = '# Ferry\n\nA [ferry][1] sailed. **It was full. The** day was fine.\n\n[1]: /f "Ferry"\n'
    raw = api.post("/v1/summaries?markup=true", content=text, headers=MARKDOWN)
    assert raw.text == 'A [ferry](/f "Ferry") sailed.\n\n**It was full.**\n\n**The** day was fine.\n\n'
    plain = api.post("/v1/summaries", json={"text": "One.", "markup": True}).json()["summary"]["sentences"][0]
    assert (plain["html"], plain["markdown"]) == (None, None)


def test_an_article_takes_the_same_options_and_is_given_back_in_each_form(api: TestClient) -> None:
    body = {
        "html": PAGE,
        "target": "pt",
        "words": 6,
        "method": "last",
        "keywords": 1,
        "context": True,
        "markup": True,
        "sort": "rank",
        "highlights": True,
        "offsets": "utf-16",
    }
    made = api.post("/v1/articles", json=body)
    assert made.status_code == 200, made.text
    summary = made.json()["summary"]
    assert [sentence["html"] for sentence in summary["sentences"]] == ["<b>The</b> day was fine."]
    assert summary["sentences"][0]["translation"] == "[en>pt The day was fine.]"
    assert summary["keywords"] == [{"text": "ferry", "score": 1.0}]
    path = made.headers["content-location"]
    forms = [api.get(path + form) for form in ("", "?highlights=true", "?highlights=true&offsets=utf-16")]
    assert len({form.headers["etag"] for form in forms}) == 3
    assert forms[0].json()["summary"]["highlights"] is None
    assert forms[2].json() == made.json()


def test_openapi_refers_to_nothing_that_is_not_there(api: TestClient) -> None:
    assert "#/$defs/" not in api.get("/openapi.json").text


def test_openapi_tells_every_option(api: TestClient) -> None:
    call = api.get("/openapi.json").json()["paths"]["/v1/summaries"]["post"]
    options = {parameter["name"]: parameter for parameter in call["parameters"] if parameter["in"] == "query"}
    assert options.keys() == SummaryRequest.model_fields.keys() - {"text", "html", "markdown"}
    assert (options["avoid"]["style"], options["avoid"]["explode"]) == ("form", False)
    assert options["sort"]["schema"]["enum"] == ["offset", "rank"]
    body = call["requestBody"]["content"]["application/json"]["schema"]["properties"]
    assert [name for name, schema in body.items() if "description" not in schema and name != "offsets"] == []


def test_every_method_answers_alike_in_every_process() -> None:
    texts = json.dumps(
        [
            STORY + " The ferry workers ask for more pay. The port of the ferry closes. They sail on Monday.",
            "渡轮在周一恢复航行。渡轮的螺旋桨有裂缝。港务局说，渡轮的新螺旋桨很贵。",
        ]
    )

    def answers(seed: int) -> str:
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": str(seed)}
        command = [sys.executable, "-c", ANSWERS]
        return subprocess.run(command, input=texts, env=env, check=True, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(2) as pool:
        outputs = set(pool.map(answers, range(4)))
    assert len(outputs) == 1
    assert outputs.pop().count('"cache":"miss"') > 15


@pytest.mark.parametrize("query", ["", " ", "\n\t", "\u200b", "?!"])
@pytest.mark.parametrize("call", ["summaries", "articles"])
def test_a_query_that_looks_for_nothing_is_refused_wherever_it_stands(api: TestClient, call: str, query: str) -> None:
    options = {"target": "pt", "query": query}
    in_body = api.post(f"/v1/{call}", json={"text": STORY, **options})
    assert (in_body.status_code, in_body.json()["errors"][0]["field"]) == (422, "query")
    in_url = api.post(f"/v1/{call}", params=options, content=STORY, headers=PLAIN)
    assert (in_url.status_code, in_url.text) == (422, f"error: {in_body.json()['detail']} (invalid-request)\n")


@pytest.mark.parametrize(
    ("call", "option"),
    [
        ("summaries", "keywords=2"),
        ("summaries", "highlights=true"),
        ("summaries", "reasons=true"),
        ("summaries", "context=true"),
        ("summaries", "offsets=utf-16"),
        ("articles", "keywords=2"),
        ("articles", "segments=true"),
        ("translations", "segments=true"),
        ("translations", "alternatives=2"),
    ],
)
@pytest.mark.parametrize("headers", [PLAIN, HTML, MARKDOWN])
def test_what_only_json_can_tell_is_refused_where_the_answer_is_another(
    api: TestClient, call: str, option: str, headers: dict[str, str]
) -> None:
    path, name = f"/v1/{call}?target=pt&{option}", option.partition("=")[0]
    refused = api.post(path, content=STORY, headers=headers | {"accept": "*/*"})
    assert refused.status_code == 422
    assert f"{name}: told in JSON answers only: say Accept: application/json" in refused.text
    assert api.post(path, content=STORY, headers=headers | {"accept": "application/json"}).status_code == 200


def test_an_option_that_says_what_goes_without_saying_is_no_fault(api: TestClient) -> None:
    path = "/v1/summaries?sentences=1&keywords=0&highlights=false&offsets=code-points"
    assert api.post(path, content=STORY, headers=PLAIN).text == "A ferry sailed 🚢.\n"


def test_a_kept_article_tells_in_json_alone_what_only_json_can_tell(api: TestClient) -> None:
    path = api.post("/v1/articles", json={"text": STORY, "target": "pt"}).headers["content-location"]
    for name, option in (("highlights", "highlights=true"), ("offsets", "offsets=utf-16")):
        assert api.get(f"{path}?{option}").status_code == 200
        refused = api.get(f"{path}?{option}", headers={"accept": "text/plain"})
        assert (refused.status_code, refused.text.startswith(f"error: {name}: ")) == (422, True)


@pytest.mark.parametrize(("parameter", "field"), [("offsets=x", "offsets"), ("segments=maybe", "segments")])
def test_a_bad_parameter_of_a_kept_article_is_named_as_any_other_field(
    api: TestClient, parameter: str, field: str
) -> None:
    answer = api.get(f"/v1/articles/{'0' * 64}?{parameter}")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid-request")
    (error,) = answer.json()["errors"]
    assert error["field"] == field
    assert answer.json()["detail"] == f"{field}: {error['message']}"
