"""Files: /v2/document, translated by jobs."""

import json
from http import HTTPStatus
from pathlib import PurePath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends
from starlette.background import BackgroundTask
from starlette.responses import Response

from handler.deepl.codes import Codes
from handler.deepl.described import answered, body, upload, written
from handler.deepl.parameters import Given, Reader
from handler.deepl.refusals import Refusal, missing
from handler.deepl.translating import Translating, check_offered, table_of
from handler.deferral import ACCEPTING_S
from handler.forms import Upload
from handler.media import MEDIA
from handler.schemas.deepl.answers import DocumentResponse, UploadResponse
from handler.schemas.deepl.requests import DocumentKey, UploadRequest
from handler.schemas.v1.requests import TranslationRequest, check_length
from handler.wiring import Services
from services.bounded import spending
from services.errors import UnknownDocument
from services.jobs import Outcome, State
from services.model import Content, Format, Language
from services.text.reading import read as read_text

_FORMATS = {"txt": Format.TEXT, "html": Format.HTML, "htm": Format.HTML, "md": Format.MARKDOWN}
_STATUS = {State.QUEUED: "queued", State.RUNNING: "translating", State.DONE: "done"}
_EQUAL = "Source and target language are equal."
_RETRY_AFTER = {"Retry-After": "5"}
_FILE: dict[str, Any] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def add(routes: APIRouter, services: Services, read: Reader) -> None:
    """Add the routes."""
    documents, limits = services.documents, services.limits

    def is_in(content: Content, language: Language) -> bool:
        found = services.detect(read_text(content).text, services.languages.tags())
        return found.reliable and found.language is not None and found.language.primary == language.primary

    @routes.post("/v2/document", responses=answered(UploadResponse), openapi_extra=upload(UploadRequest))
    def accept(given: Annotated[Given, Depends(read)]) -> Response:
        """Accept a file, to be translated later: plain text, HTML or Markdown."""
        call = given.read_as(UploadRequest)
        name, content = _read(given.file, call)
        check_offered(call)
        codes = Codes(services.languages())
        target, source = codes.target(call.target_lang), codes.source(call.source_lang) if call.source_lang else None
        if source == target:
            raise Refusal(HTTPStatus.BAD_REQUEST, _EQUAL)
        check_length([content], limits.max_text_chars)
        table = table_of(services.shelves, call, source, target)
        characters = Translating.characters(content)
        request = {content.format.value: content.text, "source": str(source or "auto"), "target": str(target)}
        terms = {"glossary": dict(table.glossary.pairs)} if table else {}
        item = TranslationRequest.model_validate(request | terms).model_dump_json(exclude_unset=True)
        is_equal = source is None and is_in(content, target)
        with services.access.charging(0 if is_equal else characters), spending(ACCEPTING_S):
            document, key = (
                documents.refuse(name, _EQUAL) if is_equal else documents.accept("translations", item, name, characters)
            )
        return written(UploadResponse(document_id=document.id.upper(), document_key=key.upper()))

    @routes.post("/v2/document/{document_id}", responses=answered(DocumentResponse), openapi_extra=body(DocumentKey))
    def tell(document_id: str, given: Annotated[Given, Depends(read)]) -> Response:
        """Tell how far a document is."""
        document = documents.find(document_id, given.read_as(DocumentKey).document_key)
        if document.is_taken:
            raise UnknownDocument("the document was fetched")
        if document.fault:
            told = DocumentResponse(document_id=document.id.upper(), status="error", error_message=document.fault)
            return written(told)
        job, outcome = documents.progress(document)
        is_done = outcome is not None and not outcome.failed
        return written(
            DocumentResponse(
                document_id=document.id.upper(),
                status="error" if outcome and outcome.failed else _STATUS.get(job.state, "error"),
                seconds_remaining=1 if job.state is State.RUNNING else None,
                billed_characters=document.characters if is_done else None,
                error_message=json.loads(outcome.body)["detail"] if outcome and outcome.failed else None,
            )
        )

    @routes.post(
        "/v2/document/{document_id}/result",
        responses=answered(None, content=_FILE),
        openapi_extra=body(DocumentKey),
        response_class=Response,
    )
    def fetch(document_id: str, given: Annotated[Given, Depends(read)]) -> Response:
        """Give a translated document, once: then it is forgotten."""
        document = documents.find(document_id, given.read_as(DocumentKey).document_key)
        if document.is_taken:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Document already downloaded")
        outcome = None if document.fault else documents.progress(document)[1]
        if outcome is None or outcome.failed:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "Document translation is not done", headers=_RETRY_AFTER)
        format_ = _FORMATS[_extension(document.name)]
        return Response(
            _translation(outcome, format_),
            media_type=MEDIA[format_],
            headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(document.name)}"},
            background=BackgroundTask(documents.take, document),
        )

    routes.get("/v2/document/{document_id}", include_in_schema=False)(tell)
    routes.get("/v2/document/{document_id}/result", include_in_schema=False, response_class=Response)(fetch)


def _read(file: Upload | None, call: UploadRequest) -> tuple[str, Content]:
    """The name and the content of a file. Raises Refusal."""
    if file is None:
        raise missing("file")
    name = PurePath((call.filename or file.name).replace("\\", "/")).name
    format_ = _FORMATS.get(_extension(name))
    if format_ is None:
        detail = f"this server translates files that end in {', '.join(_FORMATS)}"
        raise Refusal(HTTPStatus.BAD_REQUEST, "Invalid file data.", detail)
    if call.output_format and call.output_format.lower() != _extension(name):
        raise Refusal(HTTPStatus.BAD_REQUEST, "output_format not supported.")
    try:
        is_utf_16 = file.data.startswith((b"\xff\xfe", b"\xfe\xff"))
        text = file.data.decode("utf-16" if is_utf_16 else "utf-8-sig")
    except UnicodeDecodeError:
        raise Refusal(HTTPStatus.BAD_REQUEST, "Invalid file data.", "the file is not in UTF-8") from None
    if not text.strip():
        raise Refusal(HTTPStatus.BAD_REQUEST, "Invalid file data.", "the file is empty")
    return name, Content(text, format_)


def _extension(name: str) -> str:
    return PurePath(name).suffix.removeprefix(".").lower()


def _translation(outcome: Outcome, format_: Format) -> bytes:
    text: str = json.loads(outcome.body)["translations"][0][format_.value]
    return text.encode()
