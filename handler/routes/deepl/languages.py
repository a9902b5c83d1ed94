"""The languages there are, and what has been used: /v2/languages, /v2/usage, /v3/languages."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from starlette.responses import Response

from handler.deepl.codes import Codes
from handler.deepl.described import answered, query, written
from handler.deepl.parameters import Given, Reader
from handler.media import JSON
from handler.openapi import described
from handler.schemas.deepl.answers import FeatureOut, LanguageOut, LanguageV3Out, UsageResponse
from handler.schemas.deepl.requests import LanguagesRequest, ResourceRequest
from handler.wiring import Services

_FEATURES: Mapping[str, tuple[str, ...]] = {
    "translate_text": ("tag_handling", "glossary"),
    "translate_document": ("glossary",),
    "glossary": (),
}
_UNLIMITED = 1_000_000_000_000  # as DeepL writes it


def add(routes: APIRouter, services: Services, read: Reader) -> None:
    """Add the routes."""

    def codes() -> Codes:
        return Codes(services.languages())

    @routes.get("/v2/languages", responses=_LISTED, openapi_extra=query(LanguagesRequest))
    def languages(given: Annotated[Given, Depends(read)]) -> Response:
        """List what texts can be in, or what they can be translated into."""
        if given.read_as(LanguagesRequest).type == "source":
            return _listed([LanguageOut(language=code, name=name) for code, name in codes().sources().items()])
        found = codes().targets().items()
        return _listed(
            [LanguageOut(language=str(tag).upper(), name=name, supports_formality=False) for tag, name in found]
        )

    @routes.get("/v2/usage", responses=answered(UsageResponse))
    def usage(given: Annotated[Given, Depends(read)]) -> Response:
        """Tell what has been used in this period, and how much there may be."""
        used = services.access.usage()
        limit = used.limits.chars_per_month or _UNLIMITED
        return written(UsageResponse(character_count=used.characters, character_limit=limit))

    @routes.get("/v3/languages", responses=_LISTED_V3, openapi_extra=query(ResourceRequest))
    def languages_for(given: Annotated[Given, Depends(read)]) -> Response:
        """List the languages for a resource, and what can be done with each; for what is not offered there are none."""
        resource = given.read_as(ResourceRequest).resource
        return _listed(_for(codes(), resource) if resource in _FEATURES else [])

    @routes.get("/v3/languages/resources", responses=_RESOURCES)
    def resources(given: Annotated[Given, Depends(read)]) -> Response:
        """List the resources that are offered, and their features."""
        needs = {"needs_source_support": True, "needs_target_support": True}
        found = [
            {"name": name, "features": [{"name": feature, **needs} for feature in features]}
            for name, features in _FEATURES.items()
        ]
        return Response(json.dumps(found), media_type=JSON)

    routes.post("/v2/languages", include_in_schema=False)(languages)
    routes.post("/v2/usage", include_in_schema=False)(usage)


def _for(codes: Codes, resource: str) -> list[LanguageV3Out]:
    if resource == "glossary":
        names, pairs = codes.general(), codes.pairs()
        sources, targets = {source for source, _ in pairs}, {target for _, target in pairs}
    else:
        of_sources = {code.lower(): name for code, name in codes.sources().items()}
        of_targets = {str(tag): name for tag, name in codes.targets().items()}
        names, sources, targets = of_targets | of_sources, set(of_sources), set(of_targets)
    return [
        LanguageV3Out(
            lang=tag,
            name=names[tag],
            usable_as_source=tag in sources,
            usable_as_target=tag in targets,
            features={feature: FeatureOut() for feature in _FEATURES[resource]},
        )
        for tag in sorted(sources | targets)
    ]


def _listed(items: Sequence[BaseModel]) -> Response:
    found = [item.model_dump(exclude_none=True) for item in items]
    return Response(json.dumps(found, ensure_ascii=False), media_type=JSON)


_LISTED = answered(None, content={JSON: {"schema": {"type": "array", "items": described(LanguageOut)}}})
_LISTED_V3 = answered(None, content={JSON: {"schema": {"type": "array", "items": described(LanguageV3Out)}}})
_RESOURCES = answered(None, content={JSON: {"schema": {"type": "array", "items": {"type": "object"}}}})
