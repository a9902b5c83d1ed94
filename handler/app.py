"""The HTTP application."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match

from handler.admission import Admission
from handler.auth import REFUSALS, guard
from handler.context import RequestContext
from handler.cors import Cors
from handler.deepl.dialect import TraceId
from handler.deepl.refusals import Refusal, refuse
from handler.dialects import refusal
from handler.libretranslate import dialect as libretranslate_dialect
from handler.media import TEXT
from handler.negotiation import invalid_parameters
from handler.observing import Observing
from handler.problems import Problem, headers_of, problem_of
from handler.routes import deepl, digests, glossaries, jobs, libretranslate, usage, v1
from handler.schemas.v1.answers import HealthResponse
from handler.telemetry import Exposing
from handler.wiring import Services
from services.errors import ServiceError

log = logging.getLogger(__name__)

_ABOUT = """Translates news articles offline with Argos packages and summarises them extractively.

Bodies are JSON, or the raw document (text, HTML, Markdown) with the options in the query string; the answer has the
same media type unless `Accept` says otherwise. Errors are problems (RFC 9457) with a stable `code`, and one line of
text for callers who read plain text."""


def create_app(services: Services) -> FastAPI:
    """The application over a bundle of use cases."""
    app = FastAPI(
        title="Interlede",
        version="0.1.0",
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,  # it would lead to whatever host the request named
    )
    limits = services.limits
    app.add_middleware(Admission, places=limits.max_requests, body_pause_s=limits.body_pause_s)
    app.add_middleware(RequestContext, deadline_s=limits.deadline_s, store_budget_s=limits.store_budget_s)
    app.add_middleware(Cors, is_for=libretranslate_dialect.serves, headers=libretranslate_dialect.CORS)
    app.add_middleware(TraceId)
    app.add_middleware(Observing, telemetry=services.telemetry)  # the last one is the outermost
    app.add_exception_handler(ServiceError, _on_service_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_parameters)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(Refusal, refuse)
    own = [module.router(services) for module in (v1, digests, jobs, glossaries, usage)]
    others = [libretranslate.router(services), deepl.router(services)]  # they ask for keys in their own way
    keyed: dict[str, Any] = (
        {} if services.access.is_open else {"dependencies": [Depends(guard(services.access))], "responses": REFUSALS}
    )
    for router in own:
        app.include_router(router, **keyed)
    for router in others:
        app.include_router(router)
    app.state.routes = [route for router in (*own, *others) for route in router.routes]

    # These two are no threads' work, and want no key: they are to be answered while all threads are taken, and while
    # keys cannot be checked. They tell sums, and nobody's name.
    @app.get("/healthz", tags=["health"], responses={503: {"model": HealthResponse, "description": "No models"}})
    async def health(response: Response) -> HealthResponse:
        """Tell whether the service is up and has models."""
        pairs = sum(len(item.targets) for item in services.languages())
        if not pairs:
            response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        return HealthResponse(status="ok" if pairs else "no-models", pairs=pairs)

    if isinstance(services.telemetry, Exposing):
        _tell_metrics(app, services.telemetry)
    return app


def _tell_metrics(app: FastAPI, telemetry: Exposing) -> None:
    @app.get("/metrics", tags=["health"], responses={200: {"content": {TEXT: {}}}}, response_class=Response)
    async def metrics() -> Response:
        """Tell what an operator cares for has happened in this process, and what it took, as Prometheus reads it."""
        return Response(telemetry.exposition(), media_type=f"{TEXT}; version=0.0.4")


def _on_service_error(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, ServiceError)
    problem = problem_of(exc)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        cause = type(exc.__cause__).__name__  # its message may quote what it choked on
        is_ours = problem.status != HTTPStatus.SERVICE_UNAVAILABLE  # that is told to come again
        level = logging.ERROR if is_ours or exc.__cause__ else logging.WARNING
        log.log(level, "request failed", extra={"code": exc.code, "cause": cause, "facts": exc.facts})
    return refusal(request.scope, problem, headers_of(exc))


def _on_invalid_parameters(request: Request, exc: Exception) -> Response:
    assert isinstance(exc, RequestValidationError)
    return refusal(request.scope, problem_of(invalid_parameters(exc.errors())))


def _on_http_exception(request: Request, exc: Exception) -> Response:
    """What the router itself refuses: an unknown path, a method that a path does not have."""
    assert isinstance(exc, HTTPException)
    status = HTTPStatus(exc.status_code)
    problem = Problem(
        type="about:blank",
        title=status.phrase,
        status=status,
        detail=f"{request.method} {request.url.path}: {status.phrase.lower()}",
        code=status.phrase.lower().replace(" ", "-"),
    )
    return refusal(request.scope, problem, {**(exc.headers or {}), **_allowed(request, status)})


def _allowed(request: Request, status: HTTPStatus) -> dict[str, str]:
    """All methods of a path, where the router names those of one route only."""
    if status is not HTTPStatus.METHOD_NOT_ALLOWED:
        return {}
    routes = (route for route in request.app.state.routes if route.matches(request.scope)[0] is not Match.NONE)
    methods = {method for route in routes for method in route.methods}
    methods |= {"HEAD"} if "GET" in methods else set()
    return {"Allow": ", ".join(sorted(methods))} if methods else {}
