"""Which headers of a page are the site's, and not its story's."""

from collections.abc import Sequence
from dataclasses import dataclass

from services.text.inline import Is, Token, partners

_STORIES, _BESIDE = frozenset({"article", "main"}), frozenset({"aside", "footer", "nav"})
_READ = _STORIES | _BESIDE | {"h1", "header", "section"}


@dataclass(slots=True)
class _Header:
    start: int
    is_of_section: bool
    h1: int | None = None


@dataclass(frozen=True, slots=True)
class SiteHeaders:
    """Where their tags begin, and where the h1 in one of them does that is the only one of the page."""

    starts: frozenset[int]
    headline: int | None


def site_headers(tokens: Sequence[Token]) -> SiteHeaders:
    """Find them: outside of the story where the page marks one, else those without an h1. Linear."""
    items = [token for token in tokens if token.kind is not Is.EMPTY and token.name in _READ]
    headers, has_story, has_h1 = list[_Header](), False, False
    beside_end = story_end = section_end = header_end = 0
    for at, (item, end) in enumerate(zip(items, partners(items), strict=True)):
        if item.kind is not Is.START or at < beside_end:
            continue
        if item.name in _BESIDE:
            beside_end = end
        elif item.name in _STORIES:
            has_story = True
            story_end = max(story_end, end if end > at else len(items))
            if at < header_end:  # a header around the story: its end is missing
                headers.pop()
                header_end = at
        elif item.name == "section":
            section_end = max(section_end, end)
        elif item.name == "h1" and at < header_end:
            headers[-1].h1 = headers[-1].h1 or item.start
        elif item.name == "h1":
            has_h1 = True
        elif at >= max(story_end, header_end) and end > at:
            headers.append(_Header(item.start, at < section_end))
            header_end = end
    found = [one for one in headers if has_story or not (one.h1 or one.is_of_section)]
    headline = next((one.h1 for one in found if one.h1), None)
    return SiteHeaders(frozenset(one.start for one in found), None if has_h1 else headline)
