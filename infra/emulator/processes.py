"""Processes as /proc shows them."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def resident_bytes(pid: int) -> int | None:
    """The memory that a process holds; None if it has ended."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE_BYTES or None
    except OSError:
        return None


def leader_below(pid: int) -> int | None:
    """The descendant that leads a process group of its own, as whatever AWS's emulator starts does."""
    parents, groups = dict[int, int](), dict[int, int]()
    for child, parent, group in _processes():
        parents[child], groups[child] = parent, group
    below = {pid}
    while found := {child for child, parent in parents.items() if parent in below} - below:
        below |= found
    return next((one for one in below - {pid} if groups[one] == one), None)


def _processes() -> Iterator[tuple[int, int, int]]:
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            with suppress(OSError):
                state, parent, group, *_ = Path(entry.path, "stat").read_text().rpartition(") ")[2].split()
                if state not in "ZX":
                    yield int(entry.name), int(parent), int(group)
