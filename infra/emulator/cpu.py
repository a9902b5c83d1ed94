"""Gives a process the share of the processor that Lambda gives to so much memory."""

import os
import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Protocol

_CGROUP = Path("/sys/fs/cgroup/cpu")
_PERIOD_US = 20_000
_CPULIMIT_PERCENT_A_CORE = 100
_numbers = count(1)


class CpuShare(Protocol):
    """A limit that a command is started under."""

    how: str

    def command(self, command: Sequence[str]) -> list[str]:
        """The command that starts this one under the limit."""
        ...

    def close(self) -> None:
        """Be done with it, the process having ended."""
        ...


class CgroupShare:
    """A control group of version 1, with a quota of each 20 ms."""

    how = "cgroup"

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


class CpulimitShare:
    """The program cpulimit, which stops and continues processes."""

    how = "cpulimit"

    def __init__(self, program: str, cores: float) -> None:
        self._start = [program, f"--limit={round(cores * _CPULIMIT_PERCENT_A_CORE)}", "--include-children", "--"]

    def command(self, command: Sequence[str]) -> list[str]:
        return [*self._start, *command]

    def close(self) -> None:
        pass


class WholeMachine:
    """No limit."""

    how = "not limited"

    def command(self, command: Sequence[str]) -> list[str]:
        return list(command)

    def close(self) -> None:
        pass


def cpu_share(cores: float | None) -> CpuShare:
    """A limit of so many cores by the best means that there are; none if None is asked for or nothing helps."""
    if cores is None:
        return WholeMachine()
    if (_CGROUP / "cpu.cfs_quota_us").is_file():
        with suppress(OSError):
            return CgroupShare(cores)
    program = shutil.which("cpulimit")
    return CpulimitShare(program, cores) if program else WholeMachine()
