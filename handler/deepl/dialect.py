"""Our problems as DeepL's errors, and the header that all of DeepL's answers have."""

from collections.abc import Mapping
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handler.problems import Problem

_NOT_OFFERED = {
    "/v2/write/": "text improvement is not offered by this server",
    "/v2/admin/": "administration is not offered by this server",
    "/v3/style_rules": "style rules are not offered by this server",
    "/v3/translation_memories": "translation memories are not offered by this server",
    "/v3/voice/": "voice is not offered by this server",
}
QUOTA_EXCEEDED = 456
_STATUS = {
    "invalid-key": HTTPStatus.FORBIDDEN,
    "missing-key": HTTPStatus.FORBIDDEN,
    "quota-exceeded": QUOTA_EXCEEDED,
    "too-many-requests": HTTPStatus.TOO_MANY_REQUESTS,
    "unsupported-language-pair": HTTPStatus.BAD_REQUEST,
}
_MESSAGES = {
    "internal-error": "Internal error.",
    "invalid-glossary": "Invalid glossary entries provided",
    "invalid-key": "Authorization failed. Please supply a valid DeepL-Auth-Key via the Authorization header.",
    "malformed-body": "Bad request. Reason: {0}.",
    "method-not-allowed": "Method not allowed.",
    "missing-key": "Authorization failed. Please supply a valid DeepL-Auth-Key via the Authorization header.",
    "not-found": "The requested resource could not be found.",
    "quota-exceeded": "Quota for this billing period has been exceeded.",
    "too-many-requests": "Too many requests. Please wait and resend your request.",
    "unknown-document": "Document not found",
    "unknown-glossary": "Glossary not found",
    "unknown-job": "Document not found",
}


def serves(path: str) -> bool:
    """Whether a path is one of DeepL's."""
    return path.startswith(("/v2/", "/v3/"))


def refusal(path: str, problem: Problem, headers: Mapping[str, str]) -> Response:
    """A problem as DeepL's clients know it."""
    is_faulty = problem.status == HTTPStatus.UNPROCESSABLE_ENTITY
    status = _STATUS.get(problem.code, HTTPStatus.BAD_REQUEST if is_faulty else problem.status)
    body = {"message": _MESSAGES.get(problem.code, "{0}").format(problem.detail), "code": problem.code}
    if problem.code == "invalid-glossary":
        body["detail"] = problem.detail
    if problem.code == "not-found":
        reasons = [why for prefix, why in _NOT_OFFERED.items() if path.startswith(prefix)]
        body |= {"detail": reasons[0]} if reasons else {}
    return JSONResponse(body, status, headers)


class TraceId:
    """ASGI middleware: gives each answer of DeepL's surface its request's id as X-Trace-ID."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""

        async def send_traced(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Trace-ID"] = headers.get("X-Request-Id", "")
            await send(message)

        is_served = scope["type"] == "http" and serves(scope["path"])
        await self.app(scope, receive, send_traced if is_served else send)
