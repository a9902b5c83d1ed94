"""LibreTranslate's clients, as they were released, against a process of ours."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
import requests
from argostranslate.apis import LibreTranslateAPI as ArgosClient
from deep_translator import LibreTranslator
from deep_translator.exceptions import ServerException
from libretranslatepy import LibreTranslateAPI

from tests.fakes.processes import Process, process

KEY = "k3y-of-the-desk"
VOTE, STRIKE = "The vote is on Tuesday.", "The strike lasted three days."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A served API."""
    with process(tmp_path_factory.mktemp("server")) as served:
        yield served


@pytest.fixture(scope="module")
def url(server: Process) -> str:
    """Its address, with a slash at its end."""
    return f"{server.url}/"


@pytest.fixture(scope="module")
def said(url: str) -> dict[str, str]:
    """What our own API makes of each sentence."""
    body = {"texts": [VOTE, STRIKE], "source": "en", "target": "pt"}
    answer = requests.post(f"{url}v1/translations", json=body, timeout=60).json()
    vote, strike = (one["text"] for one in answer["translations"])
    assert "terça-feira" in vote
    assert "greve" in strike
    return {VOTE: vote, STRIKE: strike}


@pytest.mark.parametrize("key", [None, KEY])
def test_libretranslatepy(url: str, said: dict[str, str], key: str | None) -> None:
    client = LibreTranslateAPI(url, key)
    assert client.translate(VOTE, "en", "pt", timeout=60) == said[VOTE]
    assert client.translate(VOTE, "auto", "pt") == said[VOTE]
    assert client.detect("Os professores voltaram às aulas.")[0]["language"] == "pt"
    assert [(one["code"], one["targets"]) for one in client.languages()] == [("en", ["en", "pt"]), ("pt", ["en", "pt"])]
    with pytest.raises(urllib.error.HTTPError) as refused:
        client.translate(VOTE, "en", "zz")
    assert (refused.value.code, json.load(refused.value)) == (400, {"error": "zz is not supported"})


@pytest.mark.parametrize("key", [None, KEY])
def test_argostranslates_client(url: str, said: dict[str, str], key: str | None) -> None:
    client = ArgosClient(url.removesuffix("/"), key)
    assert client.translate(VOTE, "en", "pt") == said[VOTE]
    assert client.detect(VOTE)[0]["language"] == "en"
    assert {one["name"] for one in client.languages()} == {"English", "Portuguese"}
    with pytest.raises(urllib.error.HTTPError, match="400"):
        client.translate(VOTE, "zz", "pt")


def test_deep_translator(url: str, said: dict[str, str], tmp_path: Path) -> None:
    client = LibreTranslator(source="en", target="pt", api_key=KEY, custom_url=url)
    client._source, client._target = "en", "pt"  # it has no Portuguese of its own in its list of languages
    assert client.translate(VOTE) == said[VOTE]
    assert client.translate_batch([VOTE, STRIKE]) == [said[VOTE], said[STRIKE]]
    story = tmp_path / "story.txt"
    story.write_text(f"{VOTE}\n\n{STRIKE}\n")
    assert client.translate_file(str(story)) == f"{said[VOTE]}\n\n{said[STRIKE]}"
    client._target = "zz"
    with pytest.raises(ServerException):
        client.translate(VOTE)


def test_mastodon(url: str) -> None:
    status = '<p>The vote is on <strong>Tuesday</strong>. <a href="https://x.example/a_b">Read</a> &amp; boost</p>'
    body = {"source": "auto", "target": "pt", "format": "html", "api_key": None}
    one = requests.post(f"{url}translate", data=json.dumps(body | {"q": status}), headers=_JSON, timeout=60).json()
    assert one["detectedLanguage"]["language"] == "en"
    assert "<strong>terça-feira</strong>" in one["translatedText"]
    assert 'href="https://x.example/a_b"' in one["translatedText"]
    several = {**body, "q": [status, "Boats &lt;3", "😀"]}
    batch = requests.post(f"{url}translate", data=json.dumps(several), headers=_JSON, timeout=60).json()
    assert batch["translatedText"][0] == one["translatedText"]
    assert batch["translatedText"][1].endswith("&lt;3")
    assert batch["translatedText"][2] == "😀"
    assert [found["language"] for found in batch["detectedLanguage"]] == ["en"] * 3
    languages = {one["code"]: one["targets"] for one in requests.get(f"{url}languages", timeout=60).json()}
    assert "pt" in languages["en"]


def test_wagtail_localize(url: str, said: dict[str, str]) -> None:
    strings = ["The vote is on <b>Tuesday</b>.", "The vote is on <b>Tuesday</b>.", STRIKE]
    body = {"q": strings, "source": "en", "target": "pt", "api_key": KEY, "format": "html"}
    answer = requests.post(f"{url}translate", data=json.dumps(body), headers=_JSON, timeout=10)
    answer.raise_for_status()
    first, second, third = answer.json()["translatedText"]
    assert first == second == said[VOTE].replace("terça-feira", "<b>terça-feira</b>")
    assert third == said[STRIKE]


def test_weblate(url: str, said: dict[str, str]) -> None:
    assert [one["code"] for one in requests.get(f"{url}languages", timeout=60).json()] == ["en", "pt"]
    body = {"api_key": "", "q": VOTE, "source": "en", "target": "pt"}
    assert requests.post(f"{url}translate", data=body, timeout=60).json() == {"translatedText": said[VOTE]}
    several = {**body, "q": [VOTE, STRIKE]}
    assert requests.post(f"{url}translate", json=several, timeout=60).json() == {
        "translatedText": [said[VOTE], said[STRIKE]]
    }


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("story.txt", "{}\n\n{}\n"),
        ("story.html", "<h1>{}</h1>\n<p>{}</p>"),
        ("story.md", "# {}\n\n* {}\n"),
    ],
)
def test_a_file_is_sent_and_fetched(url: str, said: dict[str, str], name: str, form: str) -> None:
    fields, files = {"source": "auto", "target": "pt", "api_key": KEY}, {"file": (name, form.format(*said).encode())}
    answer = requests.post(f"{url}translate_file", data=fields, files=files, timeout=60).json()
    assert answer["translatedFileUrl"].startswith(f"{url}download_file/")
    translated = requests.get(answer["translatedFileUrl"], timeout=60).content.decode()
    assert translated == form.format(*said.values())


def test_a_get_with_a_form_in_its_body_leaves_the_connection_in_order(url: str) -> None:
    with requests.Session() as session:
        for _ in range(2):
            assert session.get(f"{url}languages", data={"api_key": KEY}, timeout=60).status_code == 200
            assert session.post(f"{url}suggest", data={"q": "a" * 100_000}, timeout=60).status_code == 403
            assert session.post(f"{url}detect", data={"q": VOTE}, timeout=60).json()[0]["language"] == "en"


def test_neither_keys_nor_texts_are_in_the_log(server: Process, url: str, said: dict[str, str]) -> None:
    query = urlencode({"q": STRIKE, "source": "en", "target": "pt", "api_key": KEY})
    with urllib.request.urlopen(urllib.request.Request(f"{url}translate?{query}", b""), timeout=60) as answer:
        assert json.load(answer) == {"translatedText": said[STRIKE]}
    logged = server.log.read_text()
    assert '"route":"/translate"' in logged
    for hidden in (KEY, "api_key", "strike", "greve"):
        assert hidden not in logged


_JSON = {"Content-Type": "application/json"}
