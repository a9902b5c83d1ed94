"""Shared libraries without what no loader reads: debug symbols, static symbols, section headers (docs/adr/0010)."""

import struct
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from itertools import pairwise
from typing import Self

MAGIC = b"\x7fELF\x02\x01"  # 64 bits, little-endian: x86-64 and AArch64

# ELF-64 Object File Format, version 1.5: file header and program header.
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SEGMENT = struct.Struct("<IIQQQQQQ")
_PT_LOAD = 1
# The largest memory page that a system with the instruction set may have, by its number: what segments align to.
# Old linkers took 2 MB on x86-64, and files are padded with zeros for it.
_PAGES = {62: 0x1000, 183: 0x10000}


@dataclass(frozen=True, slots=True)
class Segment:
    """A program header; offsets and sizes in bytes."""

    kind: int
    flags: int
    offset: int
    address: int
    physical_address: int
    file_size: int
    memory_size: int
    align: int

    @property
    def is_loaded(self) -> bool:
        """Whether the loader maps it."""
        return self.kind == _PT_LOAD


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Bytes of a file that stay together, where they start and may start: at any offset of the same remainder."""

    start: int
    end: int
    align: int

    def joined(self, other: Self) -> Self:
        return type(self)(self.start, max(self.end, other.end), max(self.align, other.align))


def machine(elf: bytes) -> int:
    """The number of the instruction set: 62 is x86-64, 183 AArch64."""
    number: int = _HEADER.unpack_from(elf)[2]
    return number


def segments(elf: bytes) -> list[Segment]:
    """The program headers."""
    table, count = _table(elf)
    return [Segment(*_SEGMENT.unpack_from(elf, table + at * _SEGMENT.size)) for at in range(count)]


def _aligned(segment: Segment, page: int) -> Segment:
    return replace(segment, align=min(segment.align, page)) if segment.is_loaded else segment


def without_symbols(elf: bytes) -> bytes:
    """The headers and the segments alone, moved together as far as their alignment lets them; addresses stay."""
    table, count = _table(elf)
    kept = [_aligned(segment, _PAGES[machine(elf)]) for segment in segments(elf)]
    stretches = _stretches([_Stretch(0, _HEADER.size, 1), _Stretch(table, table + count * _SEGMENT.size, 8)], kept)
    starts = _new_starts(stretches)

    def moved(offset: int) -> int:
        stretch = next(s for s in reversed(stretches) if s.start <= offset)
        return offset - stretch.start + starts[stretch.start]

    last = stretches[-1]
    compact = bytearray(moved(last.start) + last.end - last.start)
    for stretch in stretches:
        at = starts[stretch.start]
        compact[at : at + stretch.end - stretch.start] = elf[stretch.start : stretch.end]
    fields = list(_HEADER.unpack_from(elf))
    fields[5], fields[6], fields[12], fields[13] = moved(table), 0, 0, 0  # e_phoff; no section headers any more
    _HEADER.pack_into(compact, 0, *fields)
    for number, segment in enumerate(kept):
        offset = moved(segment.offset) if segment.file_size else 0
        place = moved(table) + number * _SEGMENT.size
        _SEGMENT.pack_into(compact, place, *astuple(replace(segment, offset=offset)))
    return bytes(compact)


def _table(elf: bytes) -> tuple[int, int]:
    fields = _HEADER.unpack_from(elf)
    return fields[5], fields[10]


def _stretches(headers: Sequence[_Stretch], kept: Sequence[Segment]) -> list[_Stretch]:
    """What headers and segments cover, in order, with what overlaps or touches in one."""
    covered = [*headers, *(_Stretch(s.offset, s.offset + s.file_size, max(1, s.align)) for s in kept if s.file_size)]
    joined: list[_Stretch] = []
    for stretch in sorted(covered, key=lambda s: s.start):
        if joined and stretch.start <= joined[-1].end:
            joined[-1] = joined[-1].joined(stretch)
        else:
            joined.append(stretch)
    return joined


def _new_starts(stretches: Sequence[_Stretch]) -> dict[int, int]:
    """Where each stretch comes to lie: the next place with the same remainder, as memory pages are mapped whole."""
    starts = {stretches[0].start: stretches[0].start}
    for before, stretch in pairwise(stretches):
        free = starts[before.start] + before.end - before.start
        starts[stretch.start] = free + (stretch.start - free) % stretch.align
    return starts
