"""The plain CloudFormation template of a stage, as osls makes it: without credentials, and without the real bundle."""

import json
import os
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from infra.tools.kit import BIN, NODE, NPM, ROOT, missing

STAGES = ("dev", "prod")
_TEMPLATE = "cloudformation-template-update-stack.json"
_TIMEOUT_S = 120


class PackagingFailed(Exception):
    """There is no template. The message has osls's own words."""


def package(stage: str, folder: Path) -> Path:
    """Make the template of a stage below a folder, and give its path. Raises PackagingFailed."""
    if reason := missing([NODE, NPM]):
        raise PackagingFailed(reason)
    folder.mkdir(parents=True, exist_ok=True)
    artifact = folder / "nothing.zip"  # only its digest gets into the template
    with zipfile.ZipFile(artifact, "w") as empty:
        empty.writestr(zipfile.ZipInfo("nothing"), b"")
    command = [
        str(BIN / "osls"),
        "package",
        "--stage",
        stage,
        "--package",
        str(folder),
        "--param",
        f"artifact={artifact}",
    ]
    # Nothing of who runs this: no credentials, region or profile, and no file of a home.
    bare = {"HOME": str(folder), "PATH": os.defpath}
    made = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
    if made.returncode or "Warning" in made.stderr:
        raise PackagingFailed(f"osls package --stage {stage}:\n{made.stdout}{made.stderr}")
    return folder / _TEMPLATE


def read(template: Path) -> dict[str, Any]:
    """A template as CloudFormation has it: Resources, Parameters, Conditions, Outputs."""
    content: dict[str, Any] = json.loads(template.read_bytes())
    return content
