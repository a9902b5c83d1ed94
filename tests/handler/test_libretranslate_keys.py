"""Keys and limits as LibreTranslate's clients show them, and are told of them."""

from collections.abc import Mapping
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.fakes.access import MemoryAccess
from tests.handler import libretranslate as shape
from tests.handler.conftest import Serve
from tests.handler.test_auth import DESK, KEY, OTHER, OTHER_KEY, bearer, keyed, limited, used

HELLO = {"q": "Hello.", "source": "en", "target": "pt"}
BODIES = [
    ("/translate", {"json": HELLO}),
    ("/translate", {"data": HELLO}),
    ("/translate", {"params": HELLO}),
    ("/detect", {"json": {"q": "Hello."}}),
    ("/translate_file", {"data": {"source": "en", "target": "pt"}, "files": {"file": ("a.txt", b"Hello.")}}),
]


@pytest.fixture
def api(serve: Serve) -> TestClient:
    """An installation that wants keys."""
    return serve(keyed(MemoryAccess(DESK, OTHER)))


def with_key(how: Mapping[str, Any], key: str | None) -> dict[str, Any]:
    """The same with a key beside the other fields."""
    name = next(name for name in ("json", "data", "params") if name in how)
    return {**how, name: {**how[name], "api_key": key}}


@pytest.mark.parametrize(("path", "how"), BODIES)
def test_a_call_wants_a_key_and_takes_it_among_its_fields_or_in_a_header(
    api: TestClient, path: str, how: dict[str, Any]
) -> None:
    please = (400, "Please contact the server operator to get an API key")
    assert shape.error(api.post(path, **how)) == please
    assert shape.error(api.post(path, **with_key(how, ""))) == please
    assert shape.error(api.post(path, **with_key(how, "wrong"))) == (403, "Invalid API key")
    assert shape.error(api.post(path, **how, headers=bearer("wrong"))) == (403, "Invalid API key")
    assert api.post(path, **with_key(how, KEY)).status_code == 200
    for headers in (bearer(KEY), {"authorization": f"DeepL-Auth-Key {KEY}"}, {"x-api-key": KEY}):
        assert api.post(path, **how, headers=headers).status_code == 200
    assert used(api) == 4 * len("Hello.")


def test_a_key_among_the_fields_is_taken_before_one_in_a_header(api: TestClient) -> None:
    assert api.post("/translate", json=HELLO | {"api_key": OTHER_KEY}, headers=bearer(KEY)).status_code == 200
    assert (used(api), used(api, OTHER_KEY)) == (0, len("Hello."))


def test_who_has_no_key_is_not_told_what_else_is_wrong(api: TestClient) -> None:
    assert shape.error(api.post("/translate", json={"q": ""}))[1].startswith("Please contact")
    assert (
        shape.error(api.post("/translate", json={"q": "", "api_key": KEY}))[1] == "Invalid request: missing q parameter"
    )


@pytest.mark.parametrize("key", [1, ["a"], {"a": "b"}, True, None])
def test_a_key_that_is_no_text_is_none(api: TestClient, key: object) -> None:
    assert shape.error(api.post("/translate", json=HELLO | {"api_key": key}))[0] == 400


@pytest.mark.parametrize("path", ["/languages", "/frontend/settings", "/health", "/spec"])
def test_what_a_client_asks_before_it_has_a_key_needs_none(api: TestClient, path: str) -> None:
    assert api.get(path).status_code == 200


def test_pages_are_told_that_a_key_is_needed(api: TestClient) -> None:
    settings = shape.shaped(api.get("/frontend/settings"), shape.Settings)
    assert (settings.apiKeys, settings.keyRequired) == (True, True)


def test_a_batch_counts_all_its_texts_and_what_fails_counts_none(api: TestClient) -> None:
    assert api.post("/translate", json=HELLO | {"q": ["Hello.", "Bye."], "api_key": KEY}).status_code == 200
    assert api.post("/translate", json=HELLO | {"target": "zz", "api_key": KEY}).status_code == 400
    assert used(api) == len("Hello.Bye.")


def test_limits_are_told_in_libretranslates_words(serve: Serve) -> None:
    many = serve(limited(requests_per_minute=1))
    assert many.post("/translate", json=HELLO, headers=bearer(KEY)).status_code == 200
    slower = many.post("/translate", json=HELLO, headers=bearer(KEY))
    assert shape.error(slower) == (429, "Slowdown: 1 per 1 minute")
    assert 1 <= int(slower.headers["retry-after"]) <= 60

    long = serve(limited(chars_per_request=5))
    assert shape.error(long.post("/translate", json=HELLO, headers=bearer(KEY))) == (
        400,
        "Invalid request: request (6) exceeds text limit (5)",
    )

    much = serve(limited(chars_per_month=5))
    assert shape.error(much.post("/translate", json=HELLO, headers=bearer(KEY)))[0] == 403
