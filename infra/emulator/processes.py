"""Processes as /proc shows them."""

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_MEMORY = re.compile(rb"VmHWM:\s*(\d+) kB\nVmRSS:\s*(\d+) kB")


@dataclass(frozen=True, slots=True)
class Memory:
    """What a process holds, and what it has held at most."""

    now_bytes: int
    peak_bytes: int

    @classmethod
    def of(cls, pid: int) -> "Memory | None":
        """None if the process has ended."""
        try:
            held = _MEMORY.search(Path(f"/proc/{pid}/status").read_bytes())
        except OSError:
            return None
        return cls(1024 * int(held[2]), 1024 * int(held[1])) if held else None


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
