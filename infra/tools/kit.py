"""The programs that are no part of the project: what they are made from, and whether they are there."""

import hashlib
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
BIN = TOOLS / "bin"
MINISTACK_PYTHON = TOOLS / "ministack" / "bin" / "python"
_HERE = Path(__file__).parent
_STAMP = ".complete"


class ToolsFailed(Exception):
    """A tool cannot be set up. The message says why, and what to do about it."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A folder below .tools, made from some pinned files of this one."""

    name: str
    pins: tuple[str, ...]

    @property
    def folder(self) -> Path:
        """Where it is."""
        return TOOLS / self.name

    @property
    def sources(self) -> list[Path]:
        """What it is made from."""
        return [_HERE / pin for pin in self.pins]

    @property
    def is_complete(self) -> bool:
        """Whether all of it is there, as it is pinned now."""
        try:
            return (self.folder / _STAMP).read_text("ascii") == self._digest()
        except OSError:
            return False

    def complete(self) -> None:
        """Say that all of it is there."""
        (self.folder / _STAMP).write_text(self._digest(), "ascii")

    def _digest(self) -> str:
        return hashlib.sha256(b"\0".join(source.read_bytes() for source in self.sources)).hexdigest()


NODE = Tool("node", ("node.txt",))
NPM = Tool("npm", ("package.json", "package-lock.json", "npmrc"))
LINT = Tool("lint", ("lint.txt",))
CHECKOV = Tool("checkov", ("checkov.txt",))
MINISTACK = Tool("ministack", ("ministack.txt",))
AUDIT = Tool("audit", ("audit.txt",))
FUZZ = Tool("fuzz", ("fuzz.txt",))
BY_HAND = (AUDIT, FUZZ)
"""Those that no check needs."""


def missing(tools: Sequence[Tool]) -> str | None:
    """One sentence where some of the tools are not there, and None where they are."""
    names = [tool.name for tool in tools if not tool.is_complete]
    return f"not set up in .tools: {', '.join(names)} (make tools)" if names else None


def cfn_guard() -> Path:
    """Where the npm package has the program for this machine."""
    system = "macos" if platform.system() == "Darwin" else "ubuntu"
    machine = "aarch64" if platform.machine() in ("arm64", "aarch64") else "x86_64"
    return _guard_package() / "bin" / system / machine / "cfn-guard"


def guard_rules() -> Path:
    """The rules of AWS Control Tower, which come with it."""
    return _guard_package() / "rules" / "control-tower"


def _guard_package() -> Path:
    return NPM.folder / "node_modules" / "@cdklabs" / "cdk-validator-cfnguard"
