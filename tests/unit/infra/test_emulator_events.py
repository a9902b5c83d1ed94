"""Events against the recorded one, and against the examples of AWS's documentation."""

import base64
import json
from pathlib import Path

import pytest

from infra.emulator.events import HttpRequest, Stamp, event_of, response_of

RECORDED = json.loads((Path(__file__).parents[2] / "handler/events/api_gateway_v2.json").read_text())
STAMP = Stamp("AbCdEfGhIjKlMnO=", "Root=1-6720f0a1-0c2f4b7a5d8e9f1023456789", 1793283745.123)


def request(
    method: str = "GET", path: str = "/", query: str = "", body: bytes = b"", fields: tuple[tuple[str, str], ...] = ()
) -> HttpRequest:
    return HttpRequest(method, path, query, (("Host", "api.example"), *fields), body, "203.0.113.10")


def test_a_request_becomes_the_event_that_was_recorded() -> None:
    fields = (
        ("Host", "a1b2c3d4e5.execute-api.eu-west-1.amazonaws.com"),
        ("User-Agent", "curl/8.5.0"),
        ("Accept", "*/*"),
    )
    event = event_of(HttpRequest("GET", "/healthz", "", fields, b"", "203.0.113.10"), STAMP)
    recorded_time = {"time", "timeEpoch"}
    assert event["requestContext"].keys() == RECORDED["requestContext"].keys()
    for context in (event["requestContext"], RECORDED["requestContext"]):
        for name in recorded_time:
            context.pop(name, None)
    assert event == RECORDED


def test_the_time_is_written_as_the_gateway_writes_it() -> None:
    context = event_of(request(), Stamp("id", "Root=1", 1583348638.390))["requestContext"]
    assert (context["time"], context["timeEpoch"]) == ("04/Mar/2020:19:03:58 +0000", 1583348638390)


def test_headers_and_parameters_of_one_name_are_joined_with_commas() -> None:
    fields = (("Header1", "value1"), ("Header1", "value2"), ("Header2", "value1,value2"))
    event = event_of(request(query="parameter1=value1&parameter1=value2&parameter2=a%20b%2Bc", fields=fields), STAMP)
    assert event["headers"]["header1"] == event["headers"]["header2"] == "value1,value2"
    assert event["queryStringParameters"] == {"parameter1": "value1,value2", "parameter2": "a b+c"}
    assert event["rawQueryString"] == "parameter1=value1&parameter1=value2&parameter2=a%20b%2Bc"


def test_cookies_have_a_field_of_their_own() -> None:
    event = event_of(request(fields=(("Cookie", "cookie1=a; cookie2=b"), ("cookie", "cookie3=c"))), STAMP)
    assert event["cookies"] == ["cookie1=a", "cookie2=b", "cookie3=c"]
    assert "cookie" not in event["headers"]


def test_without_a_query_or_a_body_there_are_no_such_fields() -> None:
    event = event_of(request(), STAMP)
    assert not {"queryStringParameters", "cookies", "body"} & event.keys()
    assert event["isBase64Encoded"] is False


@pytest.mark.parametrize(
    "media_type", ["text/plain", "text/html; charset=utf-8", "application/json", "application/xml", "TEXT/HTML"]
)
def test_text_arrives_as_it_is(media_type: str) -> None:
    event = event_of(request("POST", body="São João".encode(), fields=(("Content-Type", media_type),)), STAMP)
    assert (event["body"], event["isBase64Encoded"]) == ("São João", False)
    assert event["headers"]["content-length"] == "10"


@pytest.mark.parametrize(
    "fields",
    [
        (),
        (("Content-Type", "application/x-www-form-urlencoded"),),
        (("Content-Type", "application/x-ndjson"),),
        (("Content-Type", "application/json"), ("Content-Encoding", "gzip")),
    ],
)
def test_anything_else_arrives_in_base64(fields: tuple[tuple[str, str], ...]) -> None:
    event = event_of(request("POST", body=b"a=\xff", fields=fields), STAMP)
    assert event["isBase64Encoded"] is True
    assert base64.b64decode(event["body"]) == b"a=\xff"


def test_the_path_arrives_decoded_and_ends_at_a_question_mark() -> None:
    event = event_of(request(path="/v1/jobs/são?x"), STAMP)
    assert event["rawPath"] == event["requestContext"]["http"]["path"] == "/v1/jobs/são"


def test_the_caller_comes_last_among_those_a_request_was_forwarded_for() -> None:
    event = event_of(request(fields=(("X-Forwarded-For", "198.51.100.1"),)), STAMP)
    assert event["headers"]["x-forwarded-for"] == "198.51.100.1, 203.0.113.10"
    assert event["requestContext"]["http"]["sourceIp"] == "203.0.113.10"


def test_an_answer_with_a_status_is_taken_as_a_response() -> None:
    answer = {
        "cookies": ["cookie1", "cookie2"],
        "isBase64Encoded": True,
        "statusCode": 200,
        "headers": {"X-Count": 2, "Content-Length": "99"},
        "body": base64.b64encode(b"\xff").decode(),
    }
    response = response_of(json.dumps(answer).encode())
    assert (response.status, response.body) == (200, b"\xff")
    assert response.headers == (("x-count", "2"), ("set-cookie", "cookie1"), ("set-cookie", "cookie2"))


@pytest.mark.parametrize(("answer", "body"), [("Hello from Lambda!", b"Hello from Lambda!"), ({"a": 1}, b'{"a": 1}')])
def test_any_other_answer_is_the_body(answer: object, body: bytes) -> None:
    response = response_of(json.dumps(answer).encode())
    assert (response.status, response.headers, response.body) == (200, (("content-type", "application/json"),), body)


def test_an_answer_without_a_sensible_status_is_none() -> None:
    with pytest.raises(ValueError, match="invalid literal"):
        response_of(b'{"statusCode": "fine"}')
