from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient


@pytest.fixture
def document(api: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = api.get("/openapi.json").json()
    return found


def nodes(node: object) -> Iterator[dict[str, Any]]:
    """All objects of a document."""
    if isinstance(node, dict):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from nodes(child)


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    references = [node["$ref"] for node in nodes(document) if isinstance(node.get("$ref"), str)]
    assert references
    for reference in references:
        root, *steps = reference.split("/")
        place: Any = document
        for step in steps:
            place = place[step]
        assert root == "#"
        assert not any("$defs" in node for node in nodes(document))


def test_responses_are_described_and_operations_have_names_of_their_own(document: dict[str, Any]) -> None:
    found = list(operations(document))
    assert len({operation["operationId"] for operation in found}) == len(found)
    assert all(response["description"] for operation in found for response in operation["responses"].values())


def test_a_query_parameter_is_what_a_query_can_carry(document: dict[str, Any]) -> None:
    for operation in operations(document):
        parameters = operation.get("parameters", [])
        assert len({(one["in"], one["name"]) for one in parameters}) == len(parameters)
        for one in parameters:
            if one["in"] == "query":
                scalar = one["schema"]["type"] in ("string", "integer", "number", "boolean")
                assert scalar or (one["style"], one["explode"]) == ("form", False)
                assert one["description"]
                assert not {"anyOf", "$ref"} & set(one["schema"])


def test_translations_are_answered_in_any_format_with_headers(document: dict[str, Any]) -> None:
    answer = document["paths"]["/v1/translations"]["post"]["responses"]["200"]
    assert set(answer["content"]) == {"application/json", "text/plain", "text/html", "text/markdown"}
    assert set(answer["headers"]) == {"Vary", "X-Cache"}


@pytest.mark.parametrize(
    ("path", "method", "headers"),
    [
        ("/v1/articles", "post", {"Vary", "X-Cache", "Content-Location"}),
        ("/v1/articles/{article_id}", "get", {"Vary", "ETag"}),
        ("/v1/glossaries/{glossary_id}", "get", {"Vary"}),
    ],
)
def test_headers_are_described(document: dict[str, Any], path: str, method: str, headers: set[str]) -> None:
    assert set(document["paths"][path][method]["responses"]["200"]["headers"]) == headers


def test_options_of_a_table_are_described(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/v1/glossaries/{glossary_id}"]["put"]["parameters"]
    assert {one["name"] for one in parameters} == {"glossary_id", "source", "target"}


def test_deepls_calls_are_described_with_all_their_errors(document: dict[str, Any]) -> None:
    found = [
        operation
        for path, operations_of in document["paths"].items()
        if path.startswith(("/v2/", "/v3/"))
        for operation in operations_of.values()
    ]
    assert len(found) == 22
    for operation in found:
        codes = set(operation["responses"])
        assert codes >= {"400", "403", "404", "408", "413", "415", "429", "456", "500", "503"}
        assert codes & {"200", "201", "204"}
        assert "422" not in codes
        assert all("X-Trace-ID" in response["headers"] for response in operation["responses"].values())
    translate = document["paths"]["/v2/translate"]["post"]["requestBody"]["content"]
    assert set(translate) == {"application/json", "application/x-www-form-urlencoded"}
    upload = document["paths"]["/v2/document"]["post"]["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert set(upload["required"]) == {"file", "target_lang"}
