import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from infra.bundle.elf import MAGIC, machine, segments, without_symbols

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="installed libraries are ELF files on Linux alone")


def installed(module: str) -> Path:
    spec = importlib.util.find_spec(module)
    assert spec
    assert spec.origin
    return Path(spec.origin)


@pytest.fixture
def with_symbols() -> Path:
    """A library that was built with debug symbols."""
    return installed("regex._regex")


@pytest.fixture
def wide() -> Path:
    """A library that an old linker laid out for memory pages of 2 MB."""
    (found,) = (installed("sentencepiece").parents[1] / "sentencepiece.libs").glob("libgomp-*")
    if max(segment.align for segment in segments(found.read_bytes())) <= 0x10000:
        pytest.skip("no library is laid out so here")
    return found


def loaded(elf: bytes) -> list[tuple[int, int, int, bytes]]:
    """What the loader maps: address, size in memory, rights, content but for the file header."""
    return [
        (s.address, s.memory_size, s.flags, elf[max(s.offset, 64) : s.offset + s.file_size])
        for s in segments(elf)
        if s.is_loaded and s.offset
    ]


@pytest.mark.parametrize("kind", ["with_symbols", "wide"])
def test_all_that_is_mapped_stays_at_its_address_and_the_file_is_far_smaller(
    kind: str, request: pytest.FixtureRequest
) -> None:
    before = request.getfixturevalue(kind).read_bytes()
    after = without_symbols(before)
    assert before.startswith(MAGIC)
    assert len(after) < len(before) / 2
    assert machine(after) == machine(before)
    assert loaded(after) == loaded(before)


@pytest.mark.parametrize("kind", ["with_symbols", "wide"])
def test_offsets_and_addresses_agree_within_a_page(kind: str, request: pytest.FixtureRequest) -> None:
    mapped = [s for s in segments(without_symbols(request.getfixturevalue(kind).read_bytes())) if s.is_loaded]
    assert [s for s in mapped if (s.address - s.offset) % s.align] == []
    assert {s.align for s in mapped} <= {0x1000, 0x10000}


def test_again_changes_nothing(with_symbols: Path) -> None:
    once = without_symbols(with_symbols.read_bytes())
    assert without_symbols(once) == once


def test_an_extension_module_works_without_its_symbols(with_symbols: Path, tmp_path: Path) -> None:
    (tmp_path / with_symbols.name).write_bytes(without_symbols(with_symbols.read_bytes()))
    run = "import sys; sys.path.insert(0, sys.argv[1]); import _regex; print(_regex.__file__, _regex.MAGIC > 0)"
    done = subprocess.run([sys.executable, "-I", "-c", run, tmp_path], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(tmp_path / with_symbols.name), "True"]


def test_a_library_for_wide_pages_works_on_narrow_ones(wide: Path, tmp_path: Path) -> None:
    (tmp_path / "libgomp.so").write_bytes(without_symbols(wide.read_bytes()))
    run = "import ctypes, sys; print(ctypes.CDLL(sys.argv[1]).omp_get_max_threads())"
    done = subprocess.run(
        [sys.executable, "-I", "-c", run, tmp_path / "libgomp.so"],
        capture_output=True,
        text=True,
        check=True,
        env={"OMP_NUM_THREADS": "3"},
    )
    assert done.stdout == "3\n"
