"""Glossaries of several pairs of languages: /v3/glossaries."""

import unicodedata
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from handler.deepl.codes import Codes
from handler.deepl.described import answered, body, query, written
from handler.deepl.dictionaries import check_id, dictionary_of, languages_of
from handler.deepl.entries import write_tsv
from handler.deepl.parameters import Given, Reader
from handler.schemas.deepl.answers import (
    DictionaryOut,
    EntriesOut,
    EntriesResponse,
    MultilingualOut,
    MultilingualsResponse,
)
from handler.schemas.deepl.requests import DictionaryBody, DictionaryKey, MultilingualBody, PatchBody
from handler.wiring import Services
from services.shelves import Dictionary, Listed, NamedGlossary, words_of
from services.text.terms import Glossary


def add(routes: APIRouter, services: Services, read: Reader) -> None:
    """Add the routes."""
    shelves = services.shelves

    def codes() -> Codes:
        return Codes(services.languages())

    @routes.post(
        "/v3/glossaries",
        status_code=201,
        responses=answered(MultilingualOut, 201),
        openapi_extra=body(MultilingualBody),
    )
    def create(given: Annotated[Given, Depends(read)]) -> Response:
        """Keep a glossary."""
        call = given.read_as(MultilingualBody)
        dictionaries = tuple(dictionary_of(one, codes()) for one in call.dictionaries)
        return written(MultilingualOut.of(shelves.create(call.name, dictionaries)), 201)

    @routes.get("/v3/glossaries", responses=answered(MultilingualsResponse))
    def all_of_them(given: Annotated[Given, Depends(read)]) -> Response:
        """List all glossaries."""
        found = shelves.listed()
        return written(MultilingualsResponse(glossaries=[MultilingualOut.of(one) for one in found]))

    @routes.get("/v3/glossaries/{glossary_id}", responses=answered(MultilingualOut))
    def one_of_them(glossary_id: str, given: Annotated[Given, Depends(read)]) -> Response:
        """Tell what is known of a glossary."""
        found = shelves.find(check_id(glossary_id))
        return written(MultilingualOut.of(Listed.of(found)))

    @routes.patch("/v3/glossaries/{glossary_id}", responses=answered(MultilingualOut), openapi_extra=body(PatchBody))
    def change(glossary_id: str, given: Annotated[Given, Depends(read)]) -> Response:
        """Change the name of a glossary, or add entries to its dictionaries."""
        call = given.read_as(PatchBody)
        added = [dictionary_of(one, codes()) for one in call.dictionaries]

        def changed(glossary: NamedGlossary) -> NamedGlossary:
            for dictionary in added:
                glossary = glossary.with_dictionary(_joined(glossary, dictionary))
            return replace(glossary, name=call.name or glossary.name)

        return written(MultilingualOut.of(shelves.change(check_id(glossary_id), changed)))

    @routes.delete("/v3/glossaries/{glossary_id}", status_code=204, responses=answered(None, 204))
    def drop(glossary_id: str, given: Annotated[Given, Depends(read)]) -> Response:
        """Forget a glossary."""
        shelves.drop(check_id(glossary_id))
        return Response(status_code=204)

    @routes.get(
        "/v3/glossaries/{glossary_id}/entries", responses=answered(EntriesResponse), openapi_extra=query(DictionaryKey)
    )
    def entries(glossary_id: str, given: Annotated[Given, Depends(read)]) -> Response:
        """Give the entries of a dictionary."""
        languages = languages_of(given.read_as(DictionaryKey), codes())
        dictionary = shelves.find(check_id(glossary_id)).find(*languages)
        return written(EntriesResponse(dictionaries=[EntriesOut.of(dictionary, write_tsv(dictionary.pairs))]))

    @routes.put(
        "/v3/glossaries/{glossary_id}/dictionaries",
        responses=answered(DictionaryOut),
        openapi_extra=body(DictionaryBody),
    )
    def put(glossary_id: str, given: Annotated[Given, Depends(read)]) -> Response:
        """Keep a dictionary, in the place of the one for its languages."""
        dictionary = dictionary_of(given.read_as(DictionaryBody), codes())
        shelves.change(check_id(glossary_id), lambda kept: kept.with_dictionary(dictionary))
        source, target = map(str, dictionary.languages)
        return written(DictionaryOut(source_lang=source, target_lang=target, entry_count=len(dictionary.pairs)))

    @routes.delete(
        "/v3/glossaries/{glossary_id}/dictionaries",
        status_code=204,
        responses=answered(None, 204),
        openapi_extra=query(DictionaryKey),
    )
    def drop_dictionary(glossary_id: str, given: Annotated[Given, Depends(read)]) -> Response:
        """Forget a dictionary of a glossary."""
        languages = languages_of(given.read_as(DictionaryKey), codes())
        shelves.change(check_id(glossary_id), lambda kept: kept.without(*languages))
        return Response(status_code=204)


def _joined(glossary: NamedGlossary, added: Dictionary) -> Dictionary:
    """The entries that a glossary has for these languages, with others added or in the place of their like.

    Raises InvalidGlossary where that is more than a glossary may have.
    """
    pairs = next((one.pairs for one in glossary.dictionaries if one.languages == added.languages), ())
    like = {unicodedata.normalize("NFC", source): (source, target) for source, target in (*pairs, *added.pairs)}
    Glossary.of(words_of(like.values()))
    return replace(added, pairs=tuple(like.values()))
