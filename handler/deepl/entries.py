"""The entries of DeepL's glossaries: TSV without quotes, CSV with two or four columns; neither has a header."""

import csv
import io
from collections.abc import Iterator
from http import HTTPStatus

from handler.deepl.refusals import Refusal
from services.errors import InvalidGlossary
from services.model import Language
from services.shelves import Pairs, words_of
from services.text.terms import Glossary


def read_entries(entries: str, entries_format: str, source: Language, target: Language) -> Pairs:
    """The pairs of a source and a target, in their order. Raises Refusal, which tells of the entry by its number."""
    numbered = _tsv(entries) if entries_format == "tsv" else _csv(entries, source, target)
    places: dict[str, tuple[int, int]] = {}
    pairs = []
    for index, position, source_text, target_text in numbered:
        if source_text in places:
            first = "index {} (starting at position {})".format(*places[source_text])
            raise _invalid(f"{_key(index, position)} duplicates key with the {first}")
        places[source_text] = index, position
        pairs.append((source_text, target_text))
    if not pairs:
        raise Refusal(HTTPStatus.BAD_REQUEST, "Bad request", "Missing or invalid argument: entries")
    try:
        Glossary.of(words_of(pairs))
    except InvalidGlossary as exc:
        raise _invalid(exc.detail) from None
    return tuple(pairs)


def write_tsv(pairs: Pairs) -> str:
    """The pairs as DeepL gives them."""
    return "\n".join(f"{source}\t{target}" for source, target in pairs)


def _tsv(entries: str) -> Iterator[tuple[int, int, str, str]]:
    position = 0
    for index, line in enumerate(entries.split("\n")):
        if line.strip():
            source, tab, target = line.partition("\t")
            if not tab:
                raise _invalid(f"{_key(index, position)} misses tab separator")
            yield index, position, source.strip(), target.strip()
        position += len(line) + 1


def _csv(entries: str, source: Language, target: Language) -> Iterator[tuple[int, int, str, str]]:
    rows = csv.reader(io.StringIO(entries.removeprefix("\ufeff"), newline=""), strict=True)
    try:
        for index, row in enumerate(rows):
            if not any(cell.strip() for cell in row):
                continue
            if len(row) < 2:
                raise _invalid(f"Line {rows.line_num} has no two columns")
            if len(row) >= 4 and [cell.strip().lower()[:2] for cell in row[2:4]] != [source.primary, target.primary]:
                continue
            yield index, rows.line_num, row[0].strip(), row[1].strip()
    except csv.Error:
        raise _invalid(f"Line {rows.line_num} cannot be read as CSV") from None


def _key(index: int, position: int) -> str:
    return f"Key with the index {index} (starting at position {position})"


def _invalid(detail: str) -> Refusal:
    return Refusal(HTTPStatus.BAD_REQUEST, "Invalid glossary entries provided", detail)
