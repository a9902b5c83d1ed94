"""Events as API Gateway (v2 and v1), Function URLs and SQS send them."""

import base64
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from services.ports import Message

EVENTS = Path(__file__).parents[1] / "handler" / "events"


def event(kind: str, method: str, path: str, body: bytes = b"", query: str = "", **headers: str) -> dict[str, Any]:
    """A recorded event with another request in it; a body that is not ASCII is in base64, as the gateways do it."""
    recorded = json.loads((EVENTS / f"{kind}.json").read_text())
    encoded = not body.isascii()
    recorded["body"] = base64.b64encode(body).decode() if encoded else body.decode() or None
    recorded["isBase64Encoded"] = encoded
    recorded["headers"] |= {name.replace("_", "-"): value for name, value in headers.items()}
    parameters = dict(pair.split("=") for pair in query.split("&") if pair)
    if kind == "api_gateway_v1":
        recorded |= {"httpMethod": method, "path": path}
        recorded["queryStringParameters"] = parameters or None
        recorded["multiValueQueryStringParameters"] = {k: [v] for k, v in parameters.items()} or None
        recorded["multiValueHeaders"] = {name: [value] for name, value in recorded["headers"].items()}
    else:
        recorded |= {"rawPath": path, "rawQueryString": query}
        recorded["requestContext"]["http"] |= {"method": method, "path": path}
    return recorded


def sqs_event(messages: Sequence[Message]) -> dict[str, Any]:
    """What Lambda calls a worker with when these were received."""
    record = json.loads((EVENTS / "sqs.json").read_text())["Records"][0]
    return {
        "Records": [
            record
            | {"messageId": f"m-{n}", "body": message.body, "receiptHandle": message.receipt}
            | {"attributes": record["attributes"] | {"ApproximateReceiveCount": str(message.receives)}}
            for n, message in enumerate(messages)
        ]
    }
