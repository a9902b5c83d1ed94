"""The released clients of both surfaces, against a server that wants keys: a wrong one, too often, too much."""

import json
import urllib.error
from collections.abc import Callable, Iterator
from contextlib import closing

import deepl
import pytest
import requests
from argostranslate.apis import LibreTranslateAPI as ArgosClient
from deep_translator import LibreTranslator
from deep_translator.exceptions import AuthorizationException, ServerException
from libretranslatepy import LibreTranslateAPI

from tests.fakes.node import node
from tests.fakes.processes import Process, process

TEXT = "Good morning."
WRONG = "interlede_but-nobody-made-it"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    """A served API that wants keys."""
    with process(tmp_path_factory.mktemp("keys"), keys="required") as served:
        yield served


@pytest.fixture(autouse=True)
def no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """DeepL's client would come back for half a minute."""
    monkeypatch.setattr(deepl.http_client, "max_network_retries", 0)


def by_libretranslatepy(url: str, key: str) -> str:
    return str(LibreTranslateAPI(f"{url}/", key).translate(TEXT, "en", "pt"))


def by_argostranslate(url: str, key: str) -> str:
    return str(ArgosClient(url, key).translate(TEXT, "en", "pt"))


def by_deep_translator(url: str, key: str) -> str:
    client = LibreTranslator(source="en", target="en", api_key=key, custom_url=f"{url}/")
    client._target = "pt"  # which is not in its own list
    return str(client.translate(TEXT))


def by_deepl(url: str, key: str) -> str:
    with closing(deepl.DeepLClient(key, server_url=url)) as client:
        return str(client.translate_text(TEXT, source_lang="EN", target_lang="PT-PT"))


Translate = Callable[[str, str], str]


def again_and_again(translate: Translate, url: str, key: str) -> None:
    """Ask once more than two times, as a minute may end in between."""
    for _ in range(3):
        translate(url, key)


OF_LIBRETRANSLATE = [by_libretranslatepy, by_argostranslate]


@pytest.mark.parametrize("translate", [*OF_LIBRETRANSLATE, by_deep_translator, by_deepl])
def test_with_a_key_a_text_is_translated_and_counted_once(served: Process, translate: Translate) -> None:
    key = served.created()
    assert "dia" in translate(served.url, key)
    headers = {"Authorization": f"Bearer {key}"}
    assert requests.get(f"{served.url}/v1/usage", headers=headers, timeout=60).json()["characters"] == len(TEXT)


@pytest.mark.parametrize("translate", OF_LIBRETRANSLATE)
def test_clients_of_libretranslate_are_refused_in_its_words(served: Process, translate: Translate) -> None:
    def refusal(key: str) -> tuple[int, str]:
        with pytest.raises(urllib.error.HTTPError) as refused:
            again_and_again(translate, served.url, key)
        return refused.value.code, json.load(refused.value)["error"]

    assert refusal(WRONG) == (403, "Invalid API key")
    assert refusal(served.created("--requests-per-minute", "1")) == (429, "Slowdown: 1 per 1 minute")
    assert refusal(served.created("--chars-per-month", "20")) == (403, "Too many request limits violations")
    assert refusal(served.created("--chars-per-request", "5")) == (
        400,
        f"Invalid request: request ({len(TEXT)}) exceeds text limit (5)",
    )


def test_without_a_key_a_client_is_told_whom_to_ask(served: Process) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        LibreTranslateAPI(f"{served.url}/").translate(TEXT, "en", "pt")
    assert refused.value.code == 400
    assert json.load(refused.value)["error"] == "Please contact the server operator to get an API key"


def test_deep_translator_knows_its_key_is_wrong_and_that_it_asked_too_much(served: Process) -> None:
    with pytest.raises(AuthorizationException):
        by_deep_translator(served.url, WRONG)
    often = served.created("--requests-per-minute", "1")
    with pytest.raises(ServerException):
        again_and_again(by_deep_translator, served.url, often)


def test_deepls_client_for_python_knows_why(served: Process) -> None:
    with pytest.raises(deepl.AuthorizationException):
        by_deepl(served.url, WRONG)
    often = served.created("--requests-per-minute", "1")
    with pytest.raises(deepl.TooManyRequestsException):
        again_and_again(by_deepl, served.url, often)
    poor = served.created("--chars-per-month", "20")
    by_deepl(served.url, poor)
    with pytest.raises(deepl.QuotaExceededException):
        by_deepl(served.url, poor)
    with closing(deepl.DeepLClient(poor, server_url=served.url)) as client:
        usage = client.get_usage()
    assert (usage.character.count, usage.character.limit) == (len(TEXT), 20)


def test_deepls_client_for_node_knows_why(served: Process) -> None:
    often = served.created("--requests-per-minute", "1")
    poor = served.created("--chars-per-month", "20")
    assert node("deepl_refusals.cjs", served.url, WRONG, often, poor) == {
        "wrong": "AuthorizationError",
        "often": "TooManyRequestsError",
        "poor": "QuotaExceededError",
        "usage": [len(TEXT), 20],
    }
