"""DeepL's surface, for clients that were made for it: /v2, and what they call of /v3."""

from fastapi import APIRouter

from handler.deepl.parameters import reader
from handler.routes.deepl import documents, glossaries, languages, multilingual, translate
from handler.wiring import Services


def router(services: Services) -> APIRouter:
    """The routes over a bundle of use cases."""
    routes = APIRouter(tags=["deepl"])
    read = reader(services.access, services.limits.max_body_bytes)
    for part in (translate, languages, documents, glossaries, multilingual):
        part.add(routes, services, read)
    return routes
