"""A call of each kind that clients of LibreTranslate and DeepL make."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

TEXT = "The council voted on Tuesday to keep the night ferry."
PAIR = {"source_lang": "en", "target_lang": "pt"}
DICTIONARY = PAIR | {"entries": "ferry\tbalsa", "entries_format": "tsv"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request: its path as OpenAPI has it, and as it is sent, query and all."""

    method: str
    pattern: str
    path: str
    body: bytes = b""
    content_type: str = "application/json"


Ask = Callable[[Asked], Any]
"""Sends a request, and gives the JSON of its answer, whatever its status."""


def libretranslate(ask: Ask) -> None:
    """All of LibreTranslate's calls."""
    way = {"source": "en", "target": "pt"}
    for path in ("/languages", "/frontend/settings", "/health", "/spec"):
        ask(_got(path))
    ask(_sent("POST", "/translate", {"q": TEXT} | way))
    ask(_sent("POST", "/detect", {"q": TEXT}))
    ask(Asked("POST", "/languages", "/languages", content_type="application/x-www-form-urlencoded"))
    ask(_sent("POST", "/suggest", {"q": "ferry", "s": "balsa"} | way))
    file = ask(_uploaded("/translate_file", way))["translatedFileUrl"].rpartition("/")[2]
    ask(_got("/download_file/{filename}", filename=file))


def deepl(ask: Ask) -> None:
    """All of DeepL's calls; the document is not translated meanwhile."""
    ask(_sent("POST", "/v2/translate", {"text": [TEXT], "target_lang": "PT-BR"}))
    for path in ("/v2/languages", "/v2/usage", "/v3/languages/resources", "/v2/glossary-language-pairs"):
        ask(_got(path))
    ask(_got("/v3/languages", {"resource": "glossary"}))
    document = ask(_uploaded("/v2/document", {"target_lang": "PT-BR"}))
    for path in ("/v2/document/{document_id}", "/v2/document/{document_id}/result"):
        ask(_sent("POST", path, document, document_id=document["document_id"]))
    _glossaries(ask, "/v2/glossaries", DICTIONARY | {"name": "desk"})
    _glossaries(ask, "/v3/glossaries", {"name": "desk", "dictionaries": [DICTIONARY]})


def _glossaries(ask: Ask, path: str, body: object) -> None:
    ask(_got(path))
    one, own = f"{path}/{{glossary_id}}", {"glossary_id": ask(_sent("POST", path, body))["glossary_id"]}
    ask(_got(one, **own))
    ask(_got(f"{one}/entries", PAIR, **own))
    if path.startswith("/v3/"):
        ask(_sent("PATCH", one, {"name": "night desk"}, **own))
        ask(_sent("PUT", f"{one}/dictionaries", DICTIONARY, **own))
        ask(_got(f"{one}/dictionaries", PAIR, "DELETE", **own))
    ask(_got(one, {}, "DELETE", **own))


def _got(pattern: str, query: Mapping[str, str] | None = None, method: str = "GET", /, **ids: str) -> Asked:
    return Asked(method, pattern, f"{pattern.format(**ids)}?{urlencode(query or {})}".rstrip("?"))


def _sent(method: str, pattern: str, body: object, /, **ids: str) -> Asked:
    return Asked(method, pattern, pattern.format(**ids), json.dumps(body).encode())


def _uploaded(path: str, fields: Mapping[str, str]) -> Asked:
    """A file in a form."""
    parts = [f'name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
    parts.append(f'name="file"; filename="ferry.txt"\r\n\r\n{TEXT}')
    form = "".join(f"--x\r\nContent-Disposition: form-data; {part}\r\n" for part in parts) + "--x--\r\n"
    return Asked("POST", path, path, form.encode(), "multipart/form-data; boundary=x")
