"""Media types of a call: what its body is, and what its answer shall be."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from services.model import Format

JSON = "application/json"
TEXT = "text/plain"
HTML = "text/html"
MARKDOWN = "text/markdown"
NDJSON = "application/x-ndjson"
CSV = "text/csv"
TSV = "text/tab-separated-values"
DOCUMENTS = {TEXT: "text", HTML: "html", MARKDOWN: "markdown"}
"""The media types of a raw document, and the member that it is in JSON."""
MEDIA: Mapping[Format, str] = MappingProxyType({Format(member): media for media, member in DOCUMENTS.items()})
"""The media type of each of these formats."""


def media_type(content_type: str) -> str:
    """The bare, lower-case media type of a Content-Type value, without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def charset(content_type: str) -> str:
    """The charset parameter of a Content-Type value, utf-8 where there is none."""
    for parameter in content_type.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return "utf-8"


def answer_type(accept: str, content_type: str) -> str:
    """What Accept prefers (RFC 9110, section 12.5.1) of JSON, plain text and, the default, the type of the body."""
    default = media_type(content_type) if media_type(content_type) in DOCUMENTS else JSON
    return preferred(accept, (default, JSON, TEXT))


def preferred(accept: str, offers: Sequence[str]) -> str:
    """Which of the offers an Accept value prefers, the first of equals."""
    quality = {offered: _quality(accept, offered) for offered in offers}
    return max(quality, key=lambda offered: quality[offered])


def accepts(accept: str, offered: str) -> bool:
    """Whether an Accept value takes a media type at all."""
    return _quality(accept, offered) > 0


def _quality(accept: str, offered: str) -> float:
    ranges = {media: quality for media, quality in _ranges(accept or "*/*")}
    kind = offered.partition("/")[0]
    return ranges.get(offered, ranges.get(f"{kind}/*", ranges.get("*/*", 0.0)))


def _ranges(accept: str) -> Iterator[tuple[str, float]]:
    for item in accept.split(","):
        media, *parameters = item.lower().split(";")
        quality = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    quality = float(value)
                except ValueError:
                    quality = 0.0
        yield media.strip(), quality
