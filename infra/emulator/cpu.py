"""Gives a process the share of the processor that Lambda gives to so much memory."""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Protocol

_CGROUP = Path("/sys/fs/cgroup/cpu")
_PERIOD_US = 20_000
_numbers = count(1)


class CpuShare(Protocol):
    """A limit that a command is started under."""

    def command(self, command: Sequence[str]) -> list[str]:
        """The command that starts this one under the limit."""
        ...

    def close(self) -> None:
        """Be done with it, the process having ended."""
        ...


class CgroupShare:
    """A control group of version 1, with a quota of each 20 ms."""

    def __init__(self, cores: float, root: Path = _CGROUP) -> None:
        self._folder = root / f"interlede-{os.getpid()}-{next(_numbers)}"
        self._folder.mkdir()
        (self._folder / "cpu.cfs_period_us").write_text(str(_PERIOD_US))
        (self._folder / "cpu.cfs_quota_us").write_text(str(round(cores * _PERIOD_US)))

    def command(self, command: Sequence[str]) -> list[str]:
        enter = 'echo $$ > "$0/cgroup.procs" && exec "$@"'
        return ["/bin/sh", "-c", enter, str(self._folder), *command]

    def close(self) -> None:
        for _ in range(50):  # what was killed takes a moment to leave
            try:
                self._folder.rmdir()
            except OSError:
                time.sleep(0.02)
            else:
                return


class WholeMachine:
    """No limit."""

    def command(self, command: Sequence[str]) -> list[str]:
        return list(command)

    def close(self) -> None:
        pass


def cpu_share(cores: float | None) -> CpuShare:
    """A limit of so many cores if control groups may be made here; none otherwise, or if None is asked for.

    The program cpulimit is no substitute: it takes longer to set in than an initialisation lasts.
    """
    if cores is not None and (_CGROUP / "cpu.cfs_quota_us").is_file():
        with suppress(OSError):
            return CgroupShare(cores)
    return WholeMachine()


def limits_cpu() -> bool:
    """Whether a share of the processor can be given here."""
    share = cpu_share(1.0)
    share.close()
    return isinstance(share, CgroupShare)
