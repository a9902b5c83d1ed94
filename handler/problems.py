"""Errors as RFC 9457 problems: one table from error to status."""

from collections.abc import Mapping
from http import HTTPStatus

from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from handler.media import JSON, TEXT
from services import errors
from services.errors import ServiceError

PROBLEM_JSON = "application/problem+json"


class InvalidRequest(ServiceError):
    """The request's shape is not the documented one."""

    code, title = "invalid-request", "The request is not valid"


class MalformedBody(ServiceError):
    """The body is not what its content type says: not JSON, not UTF-8."""

    code, title = "malformed-body", "The body cannot be read"


class UnsupportedMediaType(ServiceError):
    """The body has a content type that the call does not take."""

    code, title = "unsupported-media-type", "The content type is not supported"


class BodyTooLarge(ServiceError):
    """The body has more bytes than this installation takes."""

    code, title = "body-too-large", "The request is too large"


class BodyTooSlow(ServiceError):
    """The body did not come in time."""

    code, title = "body-too-slow", "The request did not come in time"


class Overloaded(ServiceError):
    """More requests wait than can be answered soon."""

    code, title = "overloaded", "Too many requests at the same time"


STATUS: Mapping[type[ServiceError], HTTPStatus] = {
    InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    MalformedBody: HTTPStatus.BAD_REQUEST,
    UnsupportedMediaType: HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    BodyTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    BodyTooSlow: HTTPStatus.REQUEST_TIMEOUT,
    Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.InvalidText: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidLanguage: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidOption: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.InvalidGlossary: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UndeterminedLanguage: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.UnsupportedLanguage: HTTPStatus.NOT_FOUND,
    errors.UnsupportedLanguagePair: HTTPStatus.NOT_FOUND,
    errors.UnknownArticle: HTTPStatus.NOT_FOUND,
    errors.UnknownFile: HTTPStatus.NOT_FOUND,
    errors.UnknownGlossary: HTTPStatus.NOT_FOUND,
    errors.UnknownJob: HTTPStatus.NOT_FOUND,
    errors.UnknownDocument: HTTPStatus.NOT_FOUND,
    errors.GaveUp: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.UnknownStory: HTTPStatus.NOT_FOUND,
    errors.TextTooLong: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.EngineFailed: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.OutOfTime: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.WebhookFailed: HTTPStatus.BAD_GATEWAY,
    errors.QueueUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.MissingKey: HTTPStatus.UNAUTHORIZED,
    errors.InvalidKey: HTTPStatus.FORBIDDEN,
    errors.TooManyRequests: HTTPStatus.TOO_MANY_REQUESTS,
    errors.QuotaExceeded: HTTPStatus.TOO_MANY_REQUESTS,
    errors.KeysUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.UsageUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}


class Problem(BaseModel):
    """A problem (RFC 9457); further members hold the facts of the case, never article text."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    code: str


def problem_of(error: ServiceError) -> Problem:
    """The problem that an error is to an HTTP caller."""
    return Problem(
        type=f"urn:interlede:problem:{error.code}",
        title=error.title,
        status=STATUS[type(error)],
        detail=error.detail,
        code=error.code,
        **error.facts,
    )


def headers_of(error: ServiceError) -> dict[str, str]:
    """The headers that go with an error: when to come again, how to show a key."""
    if isinstance(error, errors.MissingKey):
        return {"WWW-Authenticate": 'Bearer realm="interlede"'}
    if wait_s := error.facts.get("retry_after_s"):
        return {"Retry-After": str(wait_s)}
    return {"Retry-After": "1"} if STATUS[type(error)] is HTTPStatus.SERVICE_UNAVAILABLE else {}


def problem_response(problem: Problem, media_type: str = JSON, headers: Mapping[str, str] | None = None) -> Response:
    """A problem as JSON, or as one line for callers who read plain text."""
    if media_type == TEXT:
        return Response(f"error: {problem.detail} ({problem.code})\n", problem.status, headers, TEXT)
    return Response(problem.model_dump_json(), problem.status, headers, PROBLEM_JSON)
