"""Compiles a tree with the Python that will run it."""

import subprocess
from pathlib import Path

from infra.bundle.targets import BundleFailed

ON_LAMBDA = "/var/task"  # where the tree comes to lie, and what tracebacks name
_FLAGS = ("-P", "-s", "-S", "-X", "utf8", "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash")


def compile_tree(tree: Path, python: Path) -> None:
    """Write the byte code of every module beside it, never to be checked against it. Raises BundleFailed.

    One process, in the order of names and with a fixed hash seed: which parts of byte code are shared depends on both.
    """
    command = [python, *_FLAGS, "-s", str(tree), "-p", ON_LAMBDA, str(tree)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PYTHONHASHSEED": "0"})
    if done.returncode:
        raise BundleFailed(f"not all modules compile with {python}:\n{done.stdout}{done.stderr}")
