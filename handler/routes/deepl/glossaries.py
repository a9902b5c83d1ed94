"""Glossaries of one pair of languages: /v2/glossaries. Those of several pairs are for /v3."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from handler.deepl.codes import Codes
from handler.deepl.described import answered, body, written
from handler.deepl.dictionaries import check_id, dictionary_of
from handler.deepl.entries import write_tsv
from handler.deepl.parameters import Given, Reader
from handler.deepl.refusals import Refusal
from handler.media import TSV, accepts
from handler.schemas.deepl.answers import GlossariesResponse, GlossaryOut, LanguagePairOut, LanguagePairsResponse
from handler.schemas.deepl.requests import GlossaryBody
from handler.wiring import Services
from services.errors import UnknownGlossary
from services.shelves import Listed, NamedGlossary


def add(routes: APIRouter, services: Services, read: Reader) -> None:
    """Add the routes."""
    shelves = services.shelves

    def find(given: Given, glossary_id: str) -> NamedGlossary:
        found = shelves.find(check_id(glossary_id))
        if len(found.dictionaries) != 1:
            raise UnknownGlossary("the glossary is one of several pairs of languages")
        return found

    @routes.get("/v2/glossary-language-pairs", responses=answered(LanguagePairsResponse))
    def pairs(given: Annotated[Given, Depends(read)]) -> Response:
        """List the pairs of languages that there can be glossaries for."""
        found = Codes(services.languages()).pairs()
        return written(
            LanguagePairsResponse(
                supported_languages=[
                    LanguagePairOut(source_lang=source, target_lang=target) for source, target in found
                ]
            )
        )

    @routes.post(
        "/v2/glossaries", status_code=201, responses=answered(GlossaryOut, 201), openapi_extra=body(GlossaryBody)
    )
    def create(given: Annotated[Given, Depends(read)]) -> Response:
        """Keep a glossary."""
        call = given.read_as(GlossaryBody)
        dictionary = dictionary_of(call, Codes(services.languages()))
        return written(GlossaryOut.of(shelves.create(call.name, (dictionary,))), 201)

    @routes.get("/v2/glossaries", responses=answered(GlossariesResponse))
    def all_of_them(given: Annotated[Given, Depends(read)]) -> Response:
        """List the glossaries of one pair of languages."""
        found = [one for one in shelves.listed() if len(one.sizes) == 1]
        return written(GlossariesResponse(glossaries=[GlossaryOut.of(one) for one in found]))

    @routes.get("/v2/glossaries/{glossary_id}", responses=answered(GlossaryOut))
    def one_of_them(glossary_id: str, given: Annotated[Given, Depends(read)]) -> Response:
        """Tell what is known of a glossary."""
        return written(GlossaryOut.of(Listed.of(find(given, glossary_id))))

    @routes.get(
        "/v2/glossaries/{glossary_id}/entries",
        responses=answered(None, content={TSV: {"schema": {"type": "string"}}}),
        response_class=Response,
    )
    def entries(request: Request, glossary_id: str, given: Annotated[Given, Depends(read)]) -> Response:
        """Give the entries of a glossary."""
        if not accepts(request.headers.get("accept", ""), TSV):
            message = "No supported media type specified in Accept header"
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, message)
        (dictionary,) = find(given, glossary_id).dictionaries
        return Response(write_tsv(dictionary.pairs), media_type=f"{TSV}; charset=UTF-8")

    @routes.delete("/v2/glossaries/{glossary_id}", status_code=204, responses=answered(None, 204))
    def drop(glossary_id: str, given: Annotated[Given, Depends(read)]) -> Response:
        """Forget a glossary."""
        find(given, glossary_id)
        shelves.drop(glossary_id)
        return Response(status_code=204)
