"""LibreTranslate's surface, at the root."""

from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.responses import Response

from handler.routes.libretranslate import about, files, texts
from handler.wiring import Services


def router(services: Services) -> APIRouter:
    """All of LibreTranslate's calls."""
    routes = APIRouter(tags=["libretranslate"])
    for part in (texts, files, about):
        part.add(routes, services)
    _add_preflights(routes)
    return routes


def _add_preflights(routes: APIRouter) -> None:
    """Let browsers ask whether they may call; the headers that say so are those of every answer."""

    async def preflight() -> Response:
        return Response()

    for path in sorted({route.path for route in routes.routes if isinstance(route, APIRoute)}):
        routes.add_api_route(path, preflight, methods=["OPTIONS"], include_in_schema=False)
