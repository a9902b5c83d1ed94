"""Files of an archive as what a call takes, and in blocks that stay the same from run to run."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from services.adapters.archives import File, is_name

MAX_LINE_BYTES = 6 * 1024 * 1024
BLOCK_FILES, BLOCK_BYTES = 256, 400_000
_ONE_IN = 64
_DOCUMENTS = {".txt": "text", ".html": "html", ".htm": "html", ".md": "markdown"}
_LINES = frozenset({".ndjson", ".jsonl"})


class Unfit(Exception):
    """What a file or a line holds is nothing that a call could take; a status as HTTP has it, and a code."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@dataclass(frozen=True, slots=True)
class Line:
    """A line of NDJSON as a call takes it, or why it cannot; its number from 1, its `id` if it has one, its size."""

    number: int
    id: Any
    body: str | Unfit
    size_bytes: int


def is_lines(name: str) -> bool:
    """Whether a file has a request a line."""
    return PurePosixPath(name).suffix.lower() in _LINES


def is_input(name: str) -> bool:
    """Whether a file is one that can be fed, by its name."""
    return is_name(name) and (is_lines(name) or PurePosixPath(name).suffix.lower() in {*_DOCUMENTS, ".json"})


def output_name(name: str, as_text: bool) -> str:
    """The file of what comes of a file: no two of an archive have the same."""
    return name + (".ndjson" if is_lines(name) else ".txt" if as_text else ".json")


def blocks(files: Iterable[File]) -> Iterator[list[File]]:
    """Files together that make one job, a file of lines alone.

    Where a block ends depends on names near by alone, so that a new file changes one or two blocks and no others.
    """
    block, size_bytes = list[File](), 0
    for file in files:
        if is_lines(file.name):
            yield [file]
            continue
        block.append(file)
        size_bytes += file.size_bytes
        ends = hashlib.sha256(file.name.encode()).digest()[0] % _ONE_IN == 0
        if ends or len(block) == BLOCK_FILES or size_bytes >= BLOCK_BYTES:
            yield block
            block, size_bytes = [], 0
    if block:
        yield block


def shared(files: Iterable[File], share: int, shares: int) -> Iterator[File]:
    """The files of one of several that do an archive together; each file is in one share."""
    for file in files:
        if shares == 1 or int.from_bytes(hashlib.sha256(file.name.encode()).digest()[-4:]) % shares == share - 1:
            yield file


def document(name: str, content: bytes, options: Mapping[str, Any]) -> str:
    """A file as the JSON that a call takes. Raises Unfit."""
    suffix = PurePosixPath(name).suffix.lower()
    text = _decoded(content)
    members = _object(text) if suffix == ".json" else {_DOCUMENTS[suffix]: text}
    return json.dumps({**options, **members}, ensure_ascii=False)


def lines(file: BinaryIO, options: Mapping[str, Any]) -> Iterator[Line]:
    """The lines of NDJSON but for empty ones; one that is too long is skipped over."""
    number = 0
    while raw := file.readline(MAX_LINE_BYTES + 1):
        number += 1
        size_bytes = len(raw)
        if size_bytes > MAX_LINE_BYTES:
            while raw and not raw.endswith(b"\n"):
                raw = file.readline(MAX_LINE_BYTES)
                size_bytes += len(raw)
            yield Line(number, None, Unfit(413, "body-too-large"), size_bytes)
        elif raw.strip():
            yield _line(number, raw, options)


def parts(read: Iterable[Line]) -> Iterator[Sequence[Line]]:
    """Lines together that make one job."""
    part, size_bytes = list[Line](), 0
    for line in read:
        part.append(line)
        size_bytes += line.size_bytes
        if len(part) == BLOCK_FILES or size_bytes >= BLOCK_BYTES:
            yield part
            part, size_bytes = [], 0
    if part:
        yield part


def _line(number: int, raw: bytes, options: Mapping[str, Any]) -> Line:
    name = None
    try:
        members = _object(_decoded(raw))
        name = members.pop("id", None)
        return Line(number, name, json.dumps({**options, **members}, ensure_ascii=False), len(raw))
    except Unfit as exc:
        return Line(number, name, exc, len(raw))


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unfit(400, "malformed-body") from None


def _object(text: str) -> dict[str, Any]:
    try:
        members = json.loads(text)
    except (ValueError, RecursionError):
        raise Unfit(400, "malformed-body") from None
    if not isinstance(members, dict):
        raise Unfit(422, "invalid-request")
    return members
