"""The bundle for this machine, and a handler of it as a process of its own."""

import json
import os
import platform
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from infra.bundle.build import Bundle, build
from infra.bundle.inputs import inputs_of
from infra.bundle.targets import TARGETS
from infra.python313 import NoPython313, find_python313

ROOT = Path(__file__).parents[2]
_ALONE = Path(__file__).with_name("alone.py")
_NAMES = {"x86_64": "x86_64", "aarch64": "arm64"}


def bundle_for_this_machine() -> Bundle:
    """The bundle, up to date; made if need be. Skips the test where none could run."""
    name = _NAMES.get(platform.machine())
    if sys.platform != "linux" or name is None:
        pytest.skip("bundles run on Linux, on x86-64 or AArch64")
    try:
        python = find_python313()
    except NoPython313 as exc:
        pytest.skip(str(exc))
    return build(ROOT / ".bundle", TARGETS[name], inputs_of(ROOT, python))


@dataclass(frozen=True, slots=True)
class Alone:
    """A handler at work; `import_s` is how long its import took."""

    process: "subprocess.Popen[str]"
    import_s: float

    def __call__(self, event: object) -> Any:  # noqa: ANN401
        """What it answers."""
        return _asked(self.process, event)

    def opened(self) -> dict[str, Any]:
        """The files that it opened so far, those it has mapped, and the folder of the standard library."""
        report: dict[str, Any] = _asked(self.process, None)
        return report


@contextmanager
def alone(tree: Path, module: str, folder: Path, settings: Mapping[str, str]) -> Iterator[Alone]:
    """Run a handler from an unpacked bundle with nothing in its environment but settings, and a HOME without files."""
    errors = folder / f"{module}.log"
    with errors.open("a") as log:
        process = subprocess.Popen(
            [find_python313(), "-I", _ALONE, tree, module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            cwd=folder,
            env={"HOME": f"{os.devnull}/home", "TMPDIR": str(folder), **settings},
            start_new_session=True,
        )
    try:
        yield Alone(process, _line(process)["import_s"])
    except EOFError:
        raise RuntimeError(f"{module} ended:\n{errors.read_text()}") from None
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def _asked(process: "subprocess.Popen[str]", event: object) -> Any:  # noqa: ANN401
    assert process.stdin
    with suppress(BrokenPipeError):
        process.stdin.write(json.dumps(event) + "\n")
        process.stdin.flush()
    return _line(process)


def _line(process: "subprocess.Popen[str]") -> Any:  # noqa: ANN401
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise EOFError
    return json.loads(line)
