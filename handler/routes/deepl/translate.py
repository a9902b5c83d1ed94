"""POST /v2/translate."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from handler.deepl.codes import Codes
from handler.deepl.described import answered, body, written
from handler.deepl.parameters import Given, Reader
from handler.deepl.translating import Translating, check_offered, check_well_formed, contents_of, table_of
from handler.schemas.deepl.answers import TranslateResponse, TranslationOut
from handler.schemas.deepl.requests import TranslateRequest
from handler.wiring import Services


def add(routes: APIRouter, services: Services, read: Reader) -> None:
    """Add the route."""
    translating = Translating(services.translate, services.detect, services.languages)

    @routes.post("/v2/translate", responses=answered(TranslateResponse), openapi_extra=body(TranslateRequest))
    def translate(given: Annotated[Given, Depends(read)]) -> Response:
        """Translate texts, each by itself."""
        call = given.read_as(TranslateRequest)
        check_offered(call)
        codes = Codes(services.languages())
        target, source = codes.target(call.target_lang), codes.source(call.source_lang) if call.source_lang else None
        check_well_formed(call)
        contents = contents_of(call, services.limits)
        table = table_of(services.shelves, call, source, target)
        billed = [translating.characters(content) for content in contents]
        with services.access.charging(sum(billed)):
            translations = translating(contents, source, target, table)
        return written(
            TranslateResponse(
                translations=[
                    TranslationOut(
                        detected_source_language=one.source,
                        text=one.text,
                        billed_characters=characters if call.show_billed_characters else None,
                        model_type_used=_model_used(call),
                        tag_handling_version=call.tag_handling_version if call.tag_handling else None,
                    )
                    for one, characters in zip(translations, billed, strict=True)
                ]
            )
        )

    routes.get("/v2/translate", include_in_schema=False)(translate)


def _model_used(call: TranslateRequest) -> str | None:
    """There is one model for each pair, so it is the one that was asked for."""
    return call.model_type.removeprefix("prefer_") if call.model_type else None
