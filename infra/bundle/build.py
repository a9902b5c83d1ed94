"""Makes bundles: out of sight, then moved into place; what is up to date is left alone."""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.bundle.bytecode import compile_tree
from infra.bundle.elf import MAGIC, machine, without_symbols
from infra.bundle.inputs import Inputs
from infra.bundle.licences import Policy
from infra.bundle.packing import pack, settle
from infra.bundle.pruning import PruneList, matching, prune
from infra.bundle.sbom import Part, licence_list, parts_of, sbom
from infra.bundle.targets import BundleFailed, Target
from infra.bundle.wheels import distribution, fetch_wheels, unpack_wheels
from infra.scratch import scratch_folder, sweep


@dataclass(frozen=True, slots=True)
class Bundle:
    """Where a bundle lies."""

    root: Path
    target: Target

    @property
    def tree(self) -> Path:
        """The unpacked bundle: what Lambda has in /var/task."""
        return self.root / self.target.name

    @property
    def archive(self) -> Path:
        """The zip to deploy."""
        return self.root / f"interlede-{self.target.name}.zip"

    @property
    def sbom(self) -> Path:
        """The bill of materials, CycloneDX in JSON."""
        return self.root / f"interlede-{self.target.name}.cdx.json"

    @property
    def licences(self) -> Path:
        """What it carries and under which licence, to read; the tree holds it, too."""
        return self.root / f"interlede-{self.target.name}.licences.txt"

    @property
    def files(self) -> tuple[Path, ...]:
        """The files beside the tree."""
        return self.archive, self.sbom, self.licences

    @property
    def stamp(self) -> Path:
        """What it was made from, written when all the rest is in place."""
        return self.root / f"interlede-{self.target.name}.stamp.json"


def build(root: Path, target: Target, inputs: Inputs) -> Bundle:
    """The bundle for a target, made if it is missing, incomplete or of other inputs. Raises BundleFailed, OSError."""
    with _one_at_a_time(root):
        return _build(root, target, inputs)


def _build(root: Path, target: Target, inputs: Inputs) -> Bundle:
    sweep(root)
    bundle, digest = Bundle(root, target), inputs.digest(target)
    if is_built(bundle, digest):
        print(f"Up to date: {bundle.archive}")
        return bundle
    wheels = fetch_wheels(inputs.requirements, target, root)
    with scratch_folder(root) as scratch:
        made = Bundle(scratch, target)
        taken = _make_tree(made, inputs, wheels, digest)
        print(f"Packing {bundle.archive}", flush=True)
        pack(made.tree, made.archive, inputs.time)
        _place(made, bundle, retired=scratch / "retired")
        _write_stamp(bundle, digest, taken)
    return bundle


@contextmanager
def _one_at_a_time(root: Path) -> Iterator[None]:
    """Wait for other runs under the same root."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def is_built(bundle: Bundle, digest: str) -> bool:
    """Whether it is there, made from these inputs, and no file of it is missing or of another size."""
    try:
        stamp = json.loads(bundle.stamp.read_bytes())
        return bool(stamp["inputs"] == digest and stamp["size_bytes"] == _sizes(bundle))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _make_tree(made: Bundle, inputs: Inputs, wheels: list[Path], digest: str) -> dict[str, int]:
    """Gives the files that each pattern of the prune list took."""
    tree, pruning = made.tree, PruneList.read()
    shipped = [wheel for wheel in wheels if distribution(wheel) not in pruning.distributions]
    print(f"Unpacking {len(shipped)} wheels", flush=True)
    unpack_wheels(shipped, made.target, tree)
    for name, source in inputs.own_files():
        place = tree / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, place)
    taken = prune(tree, pruning.entries)
    _drop_symbols(tree, made.target, matching(tree, pruning.symbols_kept))
    _write_lists(made, inputs, parts_of(tree, shipped, Policy.read()), digest)
    print(f"Compiling with {inputs.python}", flush=True)
    compile_tree(tree, inputs.python, pruning.sources_kept)
    settle(tree, inputs.time)
    return taken


def _write_lists(made: Bundle, inputs: Inputs, parts: list[Part], digest: str) -> None:
    made.sbom.write_text(sbom(parts, inputs.project, inputs.time, digest), "utf-8")
    made.licences.write_text(licence_list(parts), "utf-8")
    shutil.copyfile(made.licences, made.tree / "LICENCES.txt")


def _drop_symbols(tree: Path, target: Target, kept: set[Path]) -> None:
    for file in sorted(path for path in tree.rglob("*.so*") if path.is_file()):
        library = file.read_bytes()
        if not library.startswith(MAGIC) or machine(library) != target.elf_machine:
            raise BundleFailed(f"{file.relative_to(tree)} is no library for {target.name}")
        if file not in kept:
            file.write_bytes(without_symbols(library))


def _place(made: Bundle, bundle: Bundle, retired: Path) -> None:
    """Move it into place; without a stamp until all of it is there."""
    bundle.stamp.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        bundle.tree.rename(retired)
    made.tree.rename(bundle.tree)
    for file, place in zip(made.files, bundle.files, strict=True):
        os.replace(file, place)


def _write_stamp(bundle: Bundle, digest: str, taken: dict[str, int]) -> None:
    stamp: dict[str, Any] = {"inputs": digest, "pruned": taken, "size_bytes": _sizes(bundle)}
    written = bundle.stamp.with_suffix(".new")
    written.write_text(json.dumps(stamp, indent=1) + "\n", "utf-8")
    os.replace(written, bundle.stamp)


def _sizes(bundle: Bundle) -> dict[str, int]:
    files = [*bundle.files, *sorted(path for path in bundle.tree.rglob("*") if path.is_file())]
    return {file.relative_to(bundle.root).as_posix(): file.stat().st_size for file in files}
