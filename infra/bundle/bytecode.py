"""Compiles a tree with the Python that will run it."""

import subprocess
from collections.abc import Collection, Sequence
from pathlib import Path

from infra.bundle.targets import BundleFailed

ON_LAMBDA = "/var/task"  # where the tree comes to lie, and what tracebacks name
_COMPILE = ("-P", "-s", "-S", "-X", "utf8", "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash")


def compile_tree(tree: Path, python: Path, sources_kept: Collection[str]) -> None:
    """Put byte code in the place of every module, or beside it where the source is kept, by its name at the root.

    It is never checked against the source. Raises BundleFailed.
    """
    at_root = sorted(path for path in tree.iterdir() if path.is_dir() or path.suffix == ".py")
    without_source = [path for path in at_root if path.name not in sources_kept]
    _compile(tree, python, [path for path in at_root if path.name in sources_kept])
    _compile(tree, python, ["-b", *without_source])
    for path in without_source:
        for source in [path] if path.is_file() else sorted(path.rglob("*.py")):
            source.unlink()


def _compile(tree: Path, python: Path, arguments: Sequence[str | Path]) -> None:
    """In one process, with a fixed hash seed: which parts of byte code are shared depends on what went before."""
    command = [python, *_COMPILE, "-s", str(tree), "-p", ON_LAMBDA, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONHASHSEED": "0"})
    if done.returncode:
        raise BundleFailed(f"not all modules compile with {python}:\n{done.stdout}{done.stderr}")
