"""Events as API Gateway (v2 and v1) and Function URLs send them."""

import base64
import json
from pathlib import Path
from typing import Any

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
