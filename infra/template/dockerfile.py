"""What hadolint has against the Dockerfile."""

import json
import subprocess

from infra.template.findings import CheckFailed
from infra.tools.kit import BIN, ROOT

DOCKERFILE = ROOT / "infra" / "Dockerfile"


def lint() -> list[str]:
    """A line for each finding. Raises CheckFailed."""
    command = [str(BIN / "hadolint"), "--no-fail", "--format", "json", str(DOCKERFILE)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise CheckFailed(f"hadolint failed ({ended.returncode}):\n{ended.stderr}")
    return [
        f"infra/Dockerfile:{found['line']}: {found['code']} {found['message']}" for found in json.loads(ended.stdout)
    ]
