"""What a key has used."""

from fastapi import APIRouter

from handler import openapi
from handler.schemas.v1.usage import UsageResponse
from handler.wiring import Services


def router(services: Services) -> APIRouter:
    """The route of /v1/usage."""
    routes = APIRouter(prefix="/v1/usage", tags=["v1"])

    @routes.get("", responses=openapi.problems())
    def usage() -> UsageResponse:
        """Tell what the key has used this month, and its limits."""
        return UsageResponse.of(services.access.usage())

    return routes
