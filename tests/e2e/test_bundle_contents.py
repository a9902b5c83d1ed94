"""What the real bundles hold: the one for this machine, and the other where it was made."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile
from packaging.requirements import Requirement

from infra.bundle.build import Bundle
from infra.bundle.licences import Policy
from infra.bundle.pruning import PruneList
from infra.bundle.report import sizes
from infra.bundle.targets import TARGETS

MAX_BYTES = 215_000_000
# What the managed runtime's system has (Amazon Linux 2023), of what manylinux_2_28 lets wheels ask for (PEP 600).
SYSTEM = {
    "ld-linux-aarch64.so.1",
    "ld-linux-x86-64.so.2",
    "libc.so.6",
    "libdl.so.2",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
    "libstdc++.so.6",
    "libz.so.1",
}


@pytest.fixture(params=sorted(TARGETS))
def each(request: pytest.FixtureRequest, bundle: Bundle) -> Bundle:
    """Every bundle that there is."""
    found = Bundle(bundle.root, TARGETS[request.param])
    if not found.stamp.is_file():
        pytest.skip(f"no bundle for {request.param}; `make bundle` makes it")
    return found


def needed(library: Path) -> Iterator[str]:
    """The libraries that the loader will look for."""
    with library.open("rb") as file:
        for segment in ELFFile(file).iter_segments():
            if isinstance(segment, DynamicSegment):
                yield from (tag.needed for tag in segment.iter_tags() if tag.entry.d_tag == "DT_NEEDED")


def test_it_is_far_smaller_than_lambda_allows(each: Bundle) -> None:
    assert sum(sizes(each.tree).values()) < MAX_BYTES


def test_every_library_finds_what_it_needs_in_the_bundle_or_the_system(each: Bundle) -> None:
    libraries = [path for path in each.tree.rglob("*.so*") if path.is_file()]
    carried = {library.name for library in libraries}
    missing = {(library.name, name) for library in libraries for name in needed(library)}
    assert libraries
    assert {(library, name) for library, name in missing if name not in carried | SYSTEM} == set()


def test_no_entry_of_the_prune_list_is_dead(bundle: Bundle) -> None:
    pruning = PruneList.read()
    pruned = json.loads(bundle.stamp.read_text())["pruned"]
    assert [pattern for pattern, files in pruned.items() if not files] == []
    assert set(pruned) == {pattern for entry in pruning.entries for pattern in entry.patterns}
    excepted = [pattern for entry in pruning.entries for pattern in entry.but]
    assert [pattern for pattern in (*excepted, *pruning.symbols_kept) if not any(bundle.tree.glob(f"{pattern}*"))] == []
    assert [name for name in pruning.sources_kept if not (bundle.tree / name).is_dir()] == []


def test_no_distribution_is_left_out_that_is_not_required() -> None:
    lines = (line.partition("#")[0].strip() for line in Path("requirements.txt").read_text().splitlines())
    required = {Requirement(line).name.lower() for line in lines if line}
    assert set(PruneList.read().distributions) <= required


def test_no_licence_is_told_of_what_is_not_there(bundle: Bundle) -> None:
    policy, told = Policy.read(), bundle.licences.read_text()
    everywhere = [entry.name for entry in policy.embedded if not entry.holding]
    assert [name for name in (*policy.allowed, *policy.stated, *everywhere) if f"\n{name}" not in told] == []


def test_every_distribution_keeps_its_name_version_and_licence(each: Bundle) -> None:
    without_text = {
        folder.name.partition("-")[0]
        for folder in each.tree.glob("*.dist-info")
        if not any("licen" in path.name.lower() or "copying" in path.name.lower() for path in folder.rglob("*"))
    }
    assert all((folder / "METADATA").is_file() for folder in each.tree.glob("*.dist-info"))
    assert without_text == {"ctranslate2", "sentencepiece"}  # their wheels have none
