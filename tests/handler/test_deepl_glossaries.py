"""Glossaries on DeepL's surface: v2, v3 and their entries."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from handler.deepl.entries import read_entries, write_tsv
from handler.deepl.refusals import Refusal
from handler.schemas.deepl.answers import (
    DictionaryOut,
    EntriesResponse,
    GlossariesResponse,
    GlossaryOut,
    LanguagePairsResponse,
    MultilingualOut,
    MultilingualsResponse,
)
from services.model import Language
from services.text.terms import MAX_TERMS
from tests.fakes.models import MarkingTranslator
from tests.fakes.services import fake_services
from tests.fakes.stores import DownStore
from tests.handler.conftest import Serve
from tests.handler.deepl import refusal, told

EN, PT = Language("en"), Language("pt")
V2, V3 = "/v2/glossaries", "/v3/glossaries"
UNKNOWN = "def3a26b-3e84-45b3-84ae-0c0aaf3525f7"
EN_PT = {"source_lang": "EN", "target_lang": "PT", "entries": "tram\telétrico\nferry\tbarca", "entries_format": "tsv"}
PT_EN = {"source_lang": "pt", "target_lang": "en", "entries": "barca,ferry", "entries_format": "csv"}


def created(api: TestClient, **options: object) -> str:
    return str(told(api.post(V2, json={"name": "desk", **EN_PT, **options}), GlossaryOut, 201).glossary_id)


def multilingual(api: TestClient) -> str:
    body = {"name": "desks", "dictionaries": [EN_PT, PT_EN]}
    return str(told(api.post(V3, json=body), MultilingualOut, 201).glossary_id)


def test_a_glossary_of_one_pair_is_made_told_listed_read_and_forgotten(api: TestClient) -> None:
    answer = api.post(V2, data={"name": "desk", **EN_PT})
    made = answer.json()
    assert told(answer, GlossaryOut, 201)
    assert datetime.strptime(made["creation_time"], "%Y-%m-%dT%H:%M:%S.%f%z")
    facts = {"name": "desk", "ready": True, "source_lang": "en", "target_lang": "pt", "entry_count": 2}
    assert facts.items() <= made.items()
    place = f"{V2}/{made['glossary_id']}"
    assert told(api.get(place), GlossaryOut)
    assert api.get(place).json() == made
    assert told(api.get(V2), GlossariesResponse)
    assert api.get(V2).json() == {"glossaries": [made]}
    entries = api.get(f"{place}/entries", headers={"accept": "text/tab-separated-values"})
    assert (entries.text, entries.headers["content-type"]) == (
        "tram\telétrico\nferry\tbarca",
        "text/tab-separated-values; charset=UTF-8",
    )
    assert api.delete(place).status_code == 204
    assert refusal(api.delete(place))[:2] == (404, "Glossary not found")
    assert refusal(api.get(place))[:2] == (404, "Glossary not found")
    assert api.get(V2).json() == {"glossaries": []}


def test_entries_are_given_as_tsv_alone(api: TestClient) -> None:
    place = f"{V2}/{created(api)}/entries"
    for accept in ("text/csv", "application/json", "text/tab-separated-values;q=0"):
        assert refusal(api.get(place, headers={"accept": accept}))[0] == 415
    for accept in ("*/*", "text/*", "text/csv, text/tab-separated-values;q=0.5"):
        assert api.get(place, headers={"accept": accept}).status_code == 200


def test_the_oldest_glossary_comes_first(api: TestClient) -> None:
    ids = [created(api, name=f"desk {n}") for n in range(3)]
    assert [one["glossary_id"] for one in api.get(V2).json()["glossaries"]] == ids


def test_regions_are_no_matter_to_glossaries(api: TestClient) -> None:
    place = f"{V2}/{created(api, source_lang='EN-US', target_lang='pt-br')}"
    assert (api.get(place).json()["source_lang"], api.get(place).json()["target_lang"]) == ("en", "pt")


def test_the_pairs_are_those_that_can_be_translated(serve: Serve) -> None:
    answer = serve(fake_services(MarkingTranslator("en>pt-BR", "fr>en"))).get("/v2/glossary-language-pairs")
    assert told(answer, LanguagePairsResponse)
    assert answer.json()["supported_languages"] == [
        {"source_lang": "en", "target_lang": "pt"},
        {"source_lang": "fr", "target_lang": "en"},
        {"source_lang": "fr", "target_lang": "pt"},
    ]


@pytest.mark.parametrize(
    ("options", "message", "detail"),
    [
        ({"name": ""}, "Value for 'name' not supported.", None),
        ({"name": None}, "Value for 'name' not supported.", None),
        ({"source_lang": "XX"}, "Value for 'source_lang' not supported.", None),
        ({"target_lang": "EN"}, "Unsupported glossary source and target language pair", None),
        ({"entries_format": "xls"}, "Value for 'entries_format' not supported.", None),
        ({"entries": ""}, "Bad request", "Missing or invalid argument: entries"),
        ({"entries": "\n \n"}, "Bad request", "Missing or invalid argument: entries"),
        (
            {"entries": "a\tb\nsecret"},
            "Invalid glossary entries provided",
            "Key with the index 1 (starting at position 4) misses tab separator",
        ),
        (
            {"entries": "secret\tb\n\nsecret\tb"},
            "Invalid glossary entries provided",
            "Key with the index 2 (starting at position 10) duplicates key with the index 0 (starting at position 0)",
        ),
        ({"entries": "secret\t"}, "Invalid glossary entries provided", "entry 1: the target is empty"),
        (
            {"entries": 'secret,"b', "entries_format": "csv"},
            "Invalid glossary entries provided",
            "Line 1 cannot be read as CSV",
        ),
        (
            {"entries": "a,b\nsecret", "entries_format": "csv"},
            "Invalid glossary entries provided",
            "Line 2 has no two columns",
        ),
    ],
)
def test_what_is_no_glossary_is_refused(
    api: TestClient, options: Mapping[str, object], message: str, detail: str | None
) -> None:
    answer = api.post(V2, json={"name": "desk", **EN_PT, **options})
    assert refusal(answer) == (400, message, detail)
    assert "secret" not in answer.text


def test_an_id_that_can_be_none_is_another_mistake_than_one_that_is_unknown(api: TestClient) -> None:
    for base in (V2, V3):
        assert refusal(api.get(f"{base}/secret"))[:2] == (400, "Value for 'glossary_id' not supported.")
        assert refusal(api.get(f"{base}/{UNKNOWN}"))[:2] == (404, "Glossary not found")


def test_a_glossary_of_several_pairs_is_made_told_listed_and_forgotten(api: TestClient) -> None:
    place = f"{V3}/{multilingual(api)}"
    assert told(api.get(place), MultilingualOut)
    found = api.get(place).json()
    assert found["dictionaries"] == [
        {"source_lang": "en", "target_lang": "pt", "entry_count": 2},
        {"source_lang": "pt", "target_lang": "en", "entry_count": 1},
    ]
    assert told(api.get(V3), MultilingualsResponse)
    assert api.get(V3).json() == {"glossaries": [found]}
    assert api.get(V2).json() == {"glossaries": []}
    assert refusal(api.get(place.replace("v3", "v2")))[:2] == (404, "Glossary not found")
    assert api.delete(place).status_code == 204
    assert refusal(api.get(place))[0] == 404


def test_a_form_says_dictionaries_by_their_numbers(api: TestClient) -> None:
    form: dict[str, Any] = {"name": "desks"}
    for at, one in enumerate((EN_PT, PT_EN)):
        form |= {f"dictionaries[{at}].{name}": value for name, value in one.items()}
    assert len(told(api.post(V3, data=form), MultilingualOut, 201).dictionaries) == 2
    brackets = {name.replace("].", "][") + ("]" if "." in name else ""): value for name, value in form.items()}
    assert len(told(api.post(V3, data=brackets), MultilingualOut, 201).dictionaries) == 2


def entries(api: TestClient, place: str, source: str = "en", target: str = "PT") -> str:
    answer = api.get(f"{place}/entries", params={"source_lang": source, "target_lang": target})
    (dictionary,) = told(answer, EntriesResponse).dictionaries
    assert (dictionary.source_lang, dictionary.target_lang, dictionary.entries_format) == ("en", "pt", "tsv")
    return str(dictionary.entries)


def test_a_glossary_of_nothing_that_can_be_found_changes_nothing(api: TestClient) -> None:
    body = EN_PT | {"entries": "\U0001faa8\tpedra", "name": "desk", "entries_format": "tsv"}
    options = {
        "source_lang": "EN",
        "target_lang": "PT",
        "glossary_id": api.post("/v2/glossaries", json=body).json()["glossary_id"],
    }
    assert api.post("/v2/translate", json=options | {"text": ["The ferry."]}).status_code == 200
    assert api.post("/v2/document", data=options, files={"file": ("a.txt", b"The ferry.")}).status_code == 200


def test_an_entry_that_cannot_be_found_in_a_text_is_kept_and_has_no_effect(api: TestClient) -> None:
    body = EN_PT | {"entries": "\U0001faa8\tpedra\nferry\tbarca", "name": "desk", "entries_format": "tsv"}
    own = api.post("/v2/glossaries", json=body).json()
    assert own["entry_count"] == 2
    path = f"/v2/glossaries/{own['glossary_id']}/entries"
    assert api.get(path).text.split("\n") == ["\U0001faa8\tpedra", "ferry\tbarca"]
    call = {
        "text": ["The \U0001faa8 ferry."],
        "source_lang": "EN",
        "target_lang": "PT",
        "glossary_id": own["glossary_id"],
    }
    assert "\U0001faa8" in api.post("/v2/translate", json=call).json()["translations"][0]["text"]


def test_a_patch_adds_no_more_than_a_glossary_may_have_and_nothing_that_is_there(api: TestClient) -> None:
    place = f"{V3}/{multilingual(api)}"
    many = EN_PT | {"entries": "\n".join(f"term {n}\tx" for n in range(MAX_TERMS))}
    too_many = refusal(api.patch(place, json={"dictionaries": [many]}))
    assert too_many[:2] == (400, "Invalid glossary entries provided")
    composed, decomposed = "caf\u00e9", "cafe\u0301"
    for spelling, written in ((composed, "café"), (decomposed, "cafezinho")):
        more = EN_PT | {"entries": f"{spelling}\t{written}"}
        told(api.patch(place, json={"dictionaries": [more]}), MultilingualOut)
    assert entries(api, place).endswith(f"{decomposed}\tcafezinho")
    assert "café\t" not in entries(api, place)


def test_a_patch_renames_and_adds_entries(api: TestClient) -> None:
    place = f"{V3}/{multilingual(api)}"
    assert told(api.patch(place, json={"name": "other"}), MultilingualOut).name == "other"
    more = EN_PT | {"entries": "tram\tbonde\nhall\tsalão"}
    changed = told(api.patch(place, json={"dictionaries": [more]}), MultilingualOut)
    assert [one.entry_count for one in changed.dictionaries] == [3, 1]
    assert entries(api, place) == "tram\tbonde\nferry\tbarca\nhall\tsalão"
    assert api.get(V3).json()["glossaries"][0]["name"] == "other"
    assert refusal(api.patch(place, json={}))[0] == 400
    assert refusal(api.patch(f"{V3}/{UNKNOWN}", json={"name": "x"}))[0] == 404


def test_a_put_replaces_a_dictionary_or_adds_it(api: TestClient) -> None:
    place = f"{V3}/{created(api)}"
    answer = api.put(f"{place}/dictionaries", json=EN_PT | {"entries": "hall\tsalão"})
    assert told(answer, DictionaryOut)
    assert answer.json() == {"source_lang": "en", "target_lang": "pt", "entry_count": 1}
    assert entries(api, place) == "hall\tsalão"
    assert api.put(f"{place}/dictionaries", data=PT_EN).json()["entry_count"] == 1
    assert len(api.get(place).json()["dictionaries"]) == 2


def test_a_dictionary_is_forgotten_by_itself(api: TestClient) -> None:
    place = f"{V3}/{multilingual(api)}"
    languages = {"source_lang": "pt", "target_lang": "en"}
    assert api.delete(f"{place}/dictionaries", params=languages).status_code == 204
    assert len(api.get(place).json()["dictionaries"]) == 1
    assert refusal(api.delete(f"{place}/dictionaries", params=languages))[0] == 404
    assert refusal(api.get(f"{place}/entries", params=languages))[0] == 404
    assert refusal(api.get(f"{place}/entries"))[:2] == (400, "Parameter 'source_lang' not specified.")


def test_without_a_store_there_are_no_glossaries(serve: Serve) -> None:
    api = serve(fake_services(objects=DownStore()))
    for answer in (api.get(V2), api.get(f"{V3}/{UNKNOWN}"), api.post(V2, json={"name": "desk", **EN_PT})):
        assert refusal(answer)[0] == 503


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("a,b\n\nc,d\r\n", (("a", "b"), ("c", "d"))),
        ('\ufeff"a, b","say ""c"""', (("a, b", 'say "c"'),)),
        ("a,b,en,pt\nc,d,pt,en\ne,f,EN-US,PT-BR", (("a", "b"), ("e", "f"))),
        ("source,target\nen,pt", (("source", "target"), ("en", "pt"))),
    ],
)
def test_csv_has_quotes_maybe_languages_and_no_header(text: str, pairs: tuple[tuple[str, str], ...]) -> None:
    assert read_entries(text, "csv", EN, PT) == pairs
    assert read_entries(write_tsv(pairs), "tsv", EN, PT) == pairs


def test_tsv_has_no_quotes() -> None:
    assert read_entries('"a"\t"b\r\n', "tsv", EN, PT) == (('"a"', '"b'),)
    with pytest.raises(Refusal, match="Invalid glossary entries"):
        read_entries("a\tb\tc", "tsv", EN, PT)
