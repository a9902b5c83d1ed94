"""Languages and usage on DeepL's surface."""

import pytest
from fastapi.testclient import TestClient

from handler.schemas.deepl.answers import LanguageOut, LanguageV3Out, UsageResponse
from tests.fakes import models
from tests.fakes.models import MarkingTranslator, NoTranslator
from tests.fakes.services import fake_services
from tests.handler.conftest import Serve
from tests.handler.deepl import refusal, told

TARGETS = [
    {"language": "EN-GB", "name": "English (British)", "supports_formality": False},
    {"language": "EN-US", "name": "English (American)", "supports_formality": False},
    {"language": "PT-BR", "name": "Portuguese (Brazilian)", "supports_formality": False},
    {"language": "PT-PT", "name": "Portuguese (European)", "supports_formality": False},
]


def test_sources_are_languages_without_regions(api: TestClient) -> None:
    answer = api.get("/v2/languages")
    assert answer.json() == [{"language": "EN", "name": "English"}, {"language": "PT", "name": "Portuguese"}]
    assert api.get("/v2/languages?type=source").json() == answer.json()
    assert len(answer.headers["x-trace-id"]) == 32


def test_targets_are_asked_for_in_the_query_or_in_the_form_of_a_get(api: TestClient) -> None:
    answers = [
        api.get("/v2/languages?type=target"),
        api.request("GET", "/v2/languages", data={"type": "target"}),
        api.post("/v2/languages", data={"type": "target"}),
    ]
    assert [answer.json() for answer in answers] == [TARGETS] * 3
    assert [LanguageOut.model_validate(one) for one in TARGETS]


def test_another_type_is_refused(api: TestClient) -> None:
    assert refusal(api.get("/v2/languages?type=both"))[:2] == (400, "Value for 'type' not supported.")


def test_regions_and_scripts_that_are_installed_have_their_names(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"zh": "Chinese", "zh-Hant": "Chinese (traditional)", "nb": "Norwegian"}
    monkeypatch.setattr(models, "NAMES", models.NAMES | names)
    api = serve(fake_services(MarkingTranslator("en>pt-BR", "en>zh", "en>zh-Hant", "zh-Hant>en", "en>nb")))
    assert [one["language"] for one in api.get("/v2/languages").json()] == ["EN", "ZH"]
    targets = {one["language"]: one["name"] for one in api.get("/v2/languages?type=target").json()}
    assert targets == {
        "EN-GB": "English (British)",
        "EN-US": "English (American)",
        "NB": "Norwegian",
        "PT-BR": "Portuguese (Brazilian)",
        "ZH": "Chinese (simplified)",
        "ZH-HANS": "Chinese (simplified)",
        "ZH-HANT": "Chinese (traditional)",
    }
    for target in [*targets, "PT"]:
        body = {"text": ["Hello."], "source_lang": "EN", "target_lang": target}
        assert api.post("/v2/translate", json=body).status_code == 200, target


def test_without_models_there_are_no_languages(serve: Serve) -> None:
    api = serve(fake_services(NoTranslator()))
    assert [api.get(f"/v2/languages?type={name}").json() for name in ("source", "target")] == [[], []]


def test_the_languages_of_each_resource(api: TestClient) -> None:
    stable = {"status": "stable"}
    found = {one["lang"]: one for one in api.get("/v3/languages?resource=translate_text").json()}
    assert [LanguageV3Out.model_validate(one) for one in found.values()]
    assert list(found) == ["en", "en-GB", "en-US", "pt", "pt-BR", "pt-PT"]
    assert found["en"] == {
        "lang": "en",
        "name": "English",
        "usable_as_source": True,
        "usable_as_target": False,
        "status": "stable",
        "features": {"tag_handling": stable, "glossary": stable},
    }
    assert (found["pt-BR"]["usable_as_source"], found["pt-BR"]["usable_as_target"]) == (False, True)
    glossary = api.get("/v3/languages?resource=glossary").json()
    assert [(one["lang"], one["usable_as_source"], one["usable_as_target"]) for one in glossary] == [
        ("en", True, True),
        ("pt", True, True),
    ]
    for resource in ("write", "voice", "style_rules", "translation_memory"):
        assert api.get(f"/v3/languages?resource={resource}").json() == []
    assert refusal(api.get("/v3/languages"))[:2] == (400, "Parameter 'resource' not specified.")
    assert refusal(api.get("/v3/languages?resource=x"))[0] == 400


def test_the_resources_are_those_that_are_offered(api: TestClient) -> None:
    found = api.get("/v3/languages/resources").json()
    assert [one["name"] for one in found] == ["translate_text", "translate_document", "glossary"]
    assert {feature["name"] for one in found for feature in one["features"]} == {"tag_handling", "glossary"}


def test_without_keys_nothing_is_used_of_as_much_as_there_can_be(api: TestClient) -> None:
    for answer in (api.get("/v2/usage"), api.post("/v2/usage")):
        assert told(answer, UsageResponse)
        assert answer.json() == {"character_count": 0, "character_limit": 1_000_000_000_000}
