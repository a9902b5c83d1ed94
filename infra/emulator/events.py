"""HTTP as API Gateway's HTTP APIs translate it: requests to events of format 2.0, answers of functions to responses.

By "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway"; what that leaves open says so here.
"""

import base64
import json
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

_ACCOUNT, _API = "123456789012", "a1b2c3d4e5"
# Seen rather than documented: these arrive as they are, all others in base64.
_TEXT_TYPES = ("text/", "application/json", "application/javascript", "application/xml")
_NOT_PASSED_ON = frozenset({"connection", "cookie", "expect", "keep-alive", "te", "transfer-encoding", "upgrade"})
_NOT_PASSED_BACK = frozenset({"connection", "content-length", "keep-alive", "transfer-encoding"})

Headers = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it came: the path decoded, the query not."""

    method: str
    path: str
    query: str
    headers: Headers
    body: bytes
    source_ip: str


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """What is to be sent back; header fields may occur several times."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(frozen=True, slots=True)
class Stamp:
    """What API Gateway adds to a request: its id, the trace it belongs to, and when it came, in seconds."""

    request_id: str
    trace_id: str
    time_s: float


def event_of(request: HttpRequest, stamp: Stamp) -> dict[str, Any]:
    """The event that a function is invoked with."""
    headers, cookies = _joined(request.headers)
    headers |= {
        "content-length": str(len(request.body)),
        "x-amzn-trace-id": stamp.trace_id,
        "x-forwarded-for": ", ".join(filter(None, (headers.get("x-forwarded-for"), request.source_ip))),
        "x-forwarded-port": "443",
        "x-forwarded-proto": "https",
    }
    path = request.path.partition("?")[0]  # seen: decoded, and cut off at a question mark that was encoded
    domain = headers.get("host", "").partition(":")[0]
    is_text = _is_text(headers)
    body = request.body.decode(errors="replace") if is_text else base64.b64encode(request.body).decode()
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": request.query,
        **({"cookies": cookies} if cookies else {}),
        "headers": dict(sorted(headers.items())),
        **({"queryStringParameters": _parameters(request.query)} if request.query else {}),
        "requestContext": {
            "accountId": _ACCOUNT,
            "apiId": _API,
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": request.source_ip,
                "userAgent": headers.get("user-agent", ""),
            },
            "requestId": stamp.request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(stamp.time_s)),
            "timeEpoch": int(stamp.time_s * 1000),
        },
        **({"body": body} if request.body else {}),
        "isBase64Encoded": bool(request.body) and not is_text,
    }


def response_of(payload: bytes) -> HttpResponse:
    """The response that a function's answer stands for. Raises ValueError if it stands for none."""
    answer = json.loads(payload)
    if not (isinstance(answer, dict) and "statusCode" in answer):
        body = answer if isinstance(answer, str) else json.dumps(answer)
        return HttpResponse(200, (("content-type", "application/json"),), body.encode())
    fields = [(name.lower(), _text(value)) for name, value in (answer.get("headers") or {}).items()]
    fields += [("set-cookie", cookie) for cookie in answer.get("cookies") or ()]
    body = _text(answer.get("body") or "")
    return HttpResponse(
        int(answer["statusCode"]),
        tuple(field for field in fields if field[0] not in _NOT_PASSED_BACK),
        base64.b64decode(body, validate=True) if answer.get("isBase64Encoded") else body.encode(),
    )


def message_response(status: int, message: str) -> HttpResponse:
    """A response of API Gateway's own."""
    return HttpResponse(status, (("content-type", "application/json"),), json.dumps({"message": message}).encode())


def _joined(fields: Headers) -> tuple[dict[str, str], list[str]]:
    """Header fields by their names in small letters, those of one name joined with commas; and the cookies."""
    headers, cookies = dict[str, str](), list[str]()
    for name, value in ((name.lower(), value) for name, value in fields):
        if name == "cookie":
            cookies += value.split("; ")
        elif name not in _NOT_PASSED_ON:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers, cookies


def _parameters(query: str) -> dict[str, str]:
    """Parameters, decoded, those of one name joined with commas."""
    parameters = dict[str, str]()
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def _is_text(headers: dict[str, str]) -> bool:
    return headers.get("content-type", "").lower().startswith(_TEXT_TYPES) and "content-encoding" not in headers


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
