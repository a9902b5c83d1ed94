"""`python -m infra.bundle [--arch x86_64 arm64] [--root DIR]`: makes what AWS Lambda runs."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.bundle.build import build
from infra.bundle.inputs import inputs_of
from infra.bundle.report import describe
from infra.bundle.targets import TARGETS, BundleFailed
from infra.commands import outcome
from infra.python313 import NoPython313, find_python313

PROJECT = Path(__file__).parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m infra.bundle", description="Make the bundles for AWS Lambda.")
    names = list(TARGETS)
    parser.add_argument("--arch", nargs="+", choices=names, default=names, help="for which (default: both)")
    parser.add_argument(
        "--root", type=Path, default=PROJECT / ".bundle", help="where to put them (default: %(default)s)"
    )
    options = parser.parse_args(arguments)

    def make() -> None:
        inputs = inputs_of(PROJECT, find_python313())
        for name in options.arch:
            print(describe(build(options.root, TARGETS[name], inputs)))

    return outcome(make, options.root, BundleFailed, NoPython313)


if __name__ == "__main__":
    sys.exit(main())
