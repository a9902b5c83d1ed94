"""How long what is kept is kept."""

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

_RESULT = timedelta(days=30)

# By kind of key. Glossaries, which people have put there, stay until they are deleted.
RETENTION: Mapping[str, timedelta] = MappingProxyType(
    {
        "articles": _RESULT,
        "digests": _RESULT,
        "summaries": _RESULT,
        "translated-summaries": _RESULT,
        "translations": _RESULT,
        "translated-files": timedelta(days=1),
        "stories": _RESULT,
        "story-files": 2 * _RESULT,  # longer than what is filed there, or it could not be withdrawn
        "progress": timedelta(days=1),
        "documents": timedelta(days=7),
        "jobs": timedelta(days=7),
        "job-names": timedelta(days=7),
        "job-inputs": timedelta(days=7),
        "job-tallies": timedelta(days=7),
        "job-drafts": timedelta(days=7),
        "job-results": timedelta(days=7),
    }
)
