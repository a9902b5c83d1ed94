"""What an installation tells of itself."""

from functools import cache
from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from handler.forms import FORM
from handler.libretranslate.dialect import ErrorResponse, failures
from handler.libretranslate.spec import swagger
from handler.media import media_type
from handler.schemas.libretranslate import answers, described
from handler.wiring import Services

_NO_SUGGESTIONS = ErrorResponse(error="Suggestions are disabled on this server.")
_NO_MODELS = ErrorResponse(error="no models are installed")


def add(routes: APIRouter, services: Services) -> None:
    """Add the calls."""

    @routes.get("/languages", responses=failures(503))
    def languages() -> list[answers.LanguageOut]:
        """List the languages, and what each can be translated into."""
        return answers.LanguageOut.all_of(services.languages())

    @routes.post("/languages", responses=failures(405, 503))
    def languages_for_argos(request: Request) -> list[answers.LanguageOut]:
        """The same, for a client that asks with a form: argostranslate.apis. Others are told to use GET."""
        if media_type(request.headers.get("content-type", "")) != FORM:
            raise HTTPException(405)
        return answers.LanguageOut.all_of(services.languages())

    @routes.get("/frontend/settings", responses=failures(503))
    def frontend_settings() -> answers.FrontendSettings:
        """Tell what a page wants to know."""
        wants_key = not services.access.is_open
        return answers.FrontendSettings.of(services.languages(), services.limits.max_text_chars, wants_key)

    # As /healthz, it is to be answered while all threads are taken.
    @routes.get("/health", responses={200: {"model": answers.HealthResponse}, **failures(503)})
    async def health_for_libretranslate() -> Response:
        """Tell whether the service is up and has models."""
        if services.languages.tags():
            return JSONResponse(answers.HealthResponse(status="ok").model_dump())
        return JSONResponse(_NO_MODELS.model_dump(), 503)

    @routes.post(
        "/suggest",
        status_code=403,
        responses=failures(403, 503),
        openapi_extra=described.fields_body(described.SuggestBody),
    )
    async def suggest() -> Response:
        """Refuse a suggestion: there is nobody who would read it."""
        return JSONResponse(_NO_SUGGESTIONS.model_dump(), 403)

    @routes.get("/spec", responses=failures(503))
    async def spec() -> Response:
        """Describe these calls as Swagger 2.0."""
        return JSONResponse(_swagger())


@cache
def _swagger() -> dict[str, Any]:
    return swagger()
