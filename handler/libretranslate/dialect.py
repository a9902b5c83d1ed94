"""How LibreTranslate's clients are answered: on which paths, in what words what failed, and read by whom."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from handler import openapi
from handler.media import JSON
from handler.problems import Problem

_ROOTS = frozenset(
    {
        "detect",
        "download_file",
        "frontend",
        "health",
        "languages",
        "spec",
        "suggest",
        "translate",
        "translate_file",
    }
)

# What LibreTranslate sends with every answer.
CORS: Mapping[str, str] = MappingProxyType(
    {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Headers": "Authorization, Content-Type",
        "Access-Control-Expose-Headers": "Authorization",
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Credentials": "true",
        "Access-Control-Max-Age": "1728000",
    }
)


class ErrorResponse(BaseModel):
    """What went wrong."""

    error: str


def serves(path: str) -> bool:
    """Whether a path is one of LibreTranslate's, or below one."""
    return path.lstrip("/").partition("/")[0] in _ROOTS


def refusal(problem: Problem, headers: Mapping[str, str]) -> Response:
    """A problem with LibreTranslate's status and in its words."""
    status, words = REFUSALS.get(problem.code, (problem.status, _title))
    return Response(ErrorResponse(error=words(problem)).model_dump_json(), status, headers, JSON)


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What OpenAPI says of how a call fails: with these, and with whatever the router refuses."""
    told: dict[int | str, dict[str, Any]] = {
        status: {"model": ErrorResponse, "description": HTTPStatus(status).phrase} for status in statuses
    }
    if 503 in told:
        told[503]["headers"] = openapi.RETRY_AFTER
    return told | {"default": {"model": ErrorResponse, "description": "What else went wrong"}}


def _title(problem: Problem) -> str:
    return problem.title


def _detail(problem: Problem) -> str:
    return problem.detail


def _said(words: str) -> Callable[[Problem], str]:
    """Words with the facts of a problem; its detail where it has others."""

    def say(problem: Problem) -> str:
        try:
            return words.format_map({**(problem.model_extra or {}), "detail": problem.detail})
        except KeyError:
            return problem.detail

    return say


_Words = Callable[[Problem], str]
_INVALID = _said("Invalid request: {detail}")

REFUSALS: Mapping[str, tuple[int, _Words]] = MappingProxyType(
    {
        "invalid-request": (400, _detail),
        "malformed-body": (400, _detail),
        "invalid-text": (400, _INVALID),
        "invalid-language": (400, _INVALID),
        "invalid-option": (400, _INVALID),
        "invalid-glossary": (400, _INVALID),
        "undetermined-language": (400, _INVALID),
        "text-too-long": (400, _said("Invalid request: request ({chars}) exceeds text limit ({max_chars})")),
        "unsupported-language": (400, _said("{language} is not supported")),
        "unsupported-language-pair": (
            400,
            _said("{target_name} ({target}) is not available as a target language from {source_name} ({source})"),
        ),
        "missing-key": (400, _said("Please contact the server operator to get an API key")),
        "invalid-key": (403, _said("Invalid API key")),
        "quota-exceeded": (403, _said("Too many request limits violations")),
        "too-many-requests": (429, _said("Slowdown: {max_requests_per_minute} per 1 minute")),
        "unknown-article": (404, _detail),
        "unknown-document": (404, _detail),
        "unknown-file": (404, _detail),
        "unknown-glossary": (404, _detail),
        "unknown-job": (404, _detail),
        "unknown-story": (404, _detail),
        "body-too-slow": (408, _detail),
        "body-too-large": (413, _detail),
        "unsupported-media-type": (415, _detail),
        "engine-failed": (500, _said("Cannot translate text: {detail}")),
        "gave-up": (500, _detail),
        "webhook-failed": (502, _detail),
        "keys-unavailable": (503, _detail),
        "out-of-time": (503, _detail),
        "overloaded": (503, _detail),
        "queue-unavailable": (503, _detail),
        "store-unavailable": (503, _detail),
        "usage-unavailable": (503, _detail),
    }
)
"""Status and words of every ServiceError, by its code."""
