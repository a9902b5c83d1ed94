"""Translates files, and gives them back."""

import re
import unicodedata
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from handler.deferral import ACCEPTING_S
from handler.fields import Fields
from handler.libretranslate.codes import written
from handler.libretranslate.dialect import failures
from handler.libretranslate.reading import reader
from handler.libretranslate.translating import translated
from handler.media import JSON, MEDIA
from handler.problems import InvalidRequest
from handler.schemas.libretranslate import answers, described
from handler.schemas.libretranslate.requests import FileCall
from handler.wiring import Services
from services.bounded import spending
from services.model import Content

_UNSAFE = re.compile(r"[^A-Za-z0-9_-]+")
_MAX_STEM_CHARS = 100
_PLAIN = {"schema": {"type": "string"}}
_HARMLESS = {"Content-Security-Policy": "sandbox; default-src 'none'"}


def add(routes: APIRouter, services: Services) -> None:
    """Add the calls."""
    limits, charging, read = services.limits, services.access.charging, reader(services)

    @routes.post(
        "/translate_file",
        responses={200: {"model": answers.TranslateFileResponse}, **failures(400, 403, 408, 413, 415, 429, 500, 503)},
        openapi_extra=described.file_body(),
    )
    def translate_file(request: Request, fields: Annotated[Fields, Depends(read)]) -> Response:
        """Translate a file, and keep it for a day."""
        call = FileCall.of(fields, limits)
        with charging(len(call.content.text)):
            done = translated(services, [call.content], call.source, call.target)
            with spending(ACCEPTING_S):
                name = services.translated_files.keep(
                    f"{safe(call.stem)}_{written(done.target)}{call.suffix.lower()}",
                    Content(done.texts[0], call.content.format),
                )
        answer = answers.TranslateFileResponse(translatedFileUrl=f"{request.base_url}download_file/{name}")
        return Response(answer.model_dump_json(), media_type=JSON)

    @routes.get(
        "/download_file/{filename:path}",
        responses={200: {"content": dict.fromkeys(MEDIA.values(), _PLAIN)}, **failures(400, 404, 503)},
        response_class=Response,
    )
    def download_file(filename: str) -> Response:
        """Give a translated file back, to who has its address."""
        if "/" in filename or "\\" in filename or filename.startswith("."):
            raise InvalidRequest("Invalid filename")
        file = services.translated_files.find(filename)
        own_name = filename.partition(".")[2]
        headers = {"Content-Disposition": f"attachment; filename={own_name}", **_HARMLESS}
        return Response(file.text.encode(), media_type=MEDIA[file.format], headers=headers)


def safe(stem: str) -> str:
    """A name of a file without its end, in ASCII letters, digits, hyphens and underscores."""
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    return _UNSAFE.sub("_", plain).strip("_")[:_MAX_STEM_CHARS] or "file"
