"""The Lambda entry under events as API Gateway (v2 and v1) and Function URLs send them."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from mangum import Mangum

from handler.app import create_app
from handler.lambda_api import TEXT_TYPES
from handler.lambda_api import handler as real_handler
from tests.fakes.events import event
from tests.fakes.services import fake_services
from tests.fakes.stores import MemoryStore

KINDS = ["api_gateway_v2", "api_gateway_v1", "function_url"]
CONTEXT = SimpleNamespace(aws_request_id="1", get_remaining_time_in_millis=lambda: 30_000)


@pytest.fixture(scope="module")
def handler() -> Mangum:
    """The handler as lambda_api makes it, over fakes."""
    app = create_app(fake_services(objects=MemoryStore()))
    return Mangum(app, lifespan="off", text_mime_types=TEXT_TYPES)


def headers_of(answer: dict[str, Any]) -> dict[str, str]:
    return answer.get("headers") or {name: values[0] for name, values in answer["multiValueHeaders"].items()}


@pytest.mark.parametrize("kind", KINDS)
def test_json_goes_in_and_out(handler: Mangum, kind: str) -> None:
    body = json.dumps({"text": "Olá, café.", "source": "pt", "target": "en"}, ensure_ascii=False).encode()
    answer = handler(event(kind, "POST", "/v1/translations", body, content_type="application/json"), CONTEXT)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (200, False)
    assert json.loads(answer["body"])["translations"][0]["text"] == "[pt>en Olá, café.]"


@pytest.mark.parametrize("kind", KINDS)
def test_plain_text_goes_in_and_out_as_text(handler: Mangum, kind: str) -> None:
    request = event(kind, "POST", "/v1/translations", b"Hello.\n", "target=pt&source=en", content_type="text/plain")
    answer = handler(request, CONTEXT)
    assert (answer["statusCode"], answer["body"], answer["isBase64Encoded"]) == (200, "[en>pt Hello.]\n", False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_problem_is_readable_text_and_not_base64(handler: Mangum, kind: str) -> None:
    answer = handler(event(kind, "POST", "/v1/translations", b"{}", content_type="application/json"), CONTEXT)
    assert (answer["statusCode"], answer["isBase64Encoded"]) == (422, False)
    assert headers_of(answer)["content-type"] == "application/problem+json"
    assert json.loads(answer["body"])["code"] == "invalid-request"


@pytest.mark.parametrize("kind", KINDS)
def test_an_article_is_given_back_by_its_id(handler: Mangum, kind: str) -> None:
    body = json.dumps({"text": "One. Two.", "target": "pt"}).encode()
    made = handler(event(kind, "POST", "/v1/articles", body, content_type="application/json"), CONTEXT)
    location = headers_of(made)["content-location"]
    found = handler(event(kind, "GET", location), CONTEXT)
    assert json.loads(found["body"]) == json.loads(made["body"])
    known = handler(event(kind, "GET", location, if_none_match=headers_of(found)["etag"]), CONTEXT)
    assert (known["statusCode"], known["body"]) == (304, "")


@pytest.mark.parametrize("kind", KINDS)
def test_health_is_told(handler: Mangum, kind: str) -> None:
    answer = handler(event(kind, "GET", "/healthz"), CONTEXT)
    assert json.loads(answer["body"]) == {"status": "ok", "pairs": 2}


@pytest.mark.parametrize("kind", KINDS)
def test_the_real_entry_answers_health_and_a_readable_problem(kind: str) -> None:
    health = real_handler(event(kind, "GET", "/healthz"), CONTEXT)
    assert json.loads(health["body"])["status"] == "ok"
    problem = real_handler(event(kind, "POST", "/v1/summaries", b"{}", content_type="application/json"), CONTEXT)
    assert (problem["statusCode"], problem["isBase64Encoded"]) == (422, False)
    assert json.loads(problem["body"])["errors"] == [
        {"field": "body", "message": "give one of text, html and markdown"}
    ]
