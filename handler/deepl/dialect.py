"""Turns our problems into DeepL's errors, whoever they come from: the routes, the router, what stands around them."""

import json
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handler.media import JSON
from handler.problems import PROBLEM_JSON

PREFIXES = ("/v2/", "/v3/")
_NOT_OFFERED = {
    "/v2/write/": "text improvement is not offered by this server",
    "/v2/admin/": "administration is not offered by this server",
    "/v3/style_rules": "style rules are not offered by this server",
    "/v3/translation_memories": "translation memories are not offered by this server",
    "/v3/voice/": "voice is not offered by this server",
}
_MESSAGES = {
    "internal-error": "Internal error.",
    "not-found": "The requested resource could not be found.",
    "method-not-allowed": "Method not allowed.",
    "unknown-glossary": "Glossary not found",
    "unknown-document": "Document not found",
    "unknown-job": "Document not found",
    "invalid-glossary": "Invalid glossary entries provided",
}


def told(problem: dict[str, Any], path: str) -> tuple[int, dict[str, str]]:
    """The status and the body that DeepL's clients know for a problem."""
    code, detail = problem["code"], problem["detail"]
    is_faulty = problem["status"] == HTTPStatus.UNPROCESSABLE_ENTITY or code == "unsupported-language-pair"
    status = HTTPStatus.BAD_REQUEST if is_faulty else problem["status"]
    body = {"message": _MESSAGES.get(code, detail), "code": code}
    if code == "not-found":
        found = next((why for prefix, why in _NOT_OFFERED.items() if path.startswith(prefix)), None)
        return status, body | ({"detail": found} if found else {})
    return status, body | ({"detail": detail} if code == "invalid-glossary" else {})


class DeepLDialect:
    """ASGI middleware: has all errors below /v2 and /v3 told as DeepL tells them, and every answer has X-Trace-ID."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http" or not scope["path"].startswith(PREFIXES):
            await self.app(scope, receive, send)
            return
        scope["answer"] = JSON
        problem: Message | None = None
        body = b""

        async def send_told(message: Message) -> None:
            nonlocal problem, body
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Trace-ID"] = headers.get("X-Request-Id", "")
                if headers.get("content-type") == PROBLEM_JSON:
                    problem = message
                    return
            elif problem:
                body += message.get("body", b"")
                if message.get("more_body", False):
                    return
                for one in _retold(problem, body, scope["path"]):
                    await send(one)
                return
            await send(message)

        await self.app(scope, receive, send_told)


def _retold(start: Message, body: bytes, path: str) -> tuple[Message, Message]:
    headers = MutableHeaders(raw=list(Headers(scope=start).raw))
    headers["content-type"] = JSON
    if not body:  # as HEAD is answered
        return {**start, "headers": headers.raw}, {"type": "http.response.body", "body": b""}
    status, told_body = told(json.loads(body), path)
    written = json.dumps(told_body, ensure_ascii=False).encode()
    headers["content-length"] = str(len(written))
    return {**start, "status": status, "headers": headers.raw}, {"type": "http.response.body", "body": written}
