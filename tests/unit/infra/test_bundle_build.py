"""Whole bundles of small wheels, made by this interpreter, which pip finds in a folder."""

import hashlib
import json
import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from infra.bundle.build import Bundle, build
from infra.bundle.inputs import Inputs
from infra.bundle.targets import TARGETS, BundleFailed

TARGET = TARGETS["arm64"]
AT = 1_700_000_000
RECORD = "tiny/__init__.py,,\ntiny-1.0.dist-info/METADATA,,\ntiny-1.0.dist-info/WHEEL,,\ntiny-1.0.dist-info/RECORD,,\n"
WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def write_wheel(folder: Path, licence: str = "MIT") -> Path:
    """A wheel of one module."""
    folder.mkdir(exist_ok=True)
    path = folder / "tiny-1.0-py3-none-any.whl"
    metadata = f"Metadata-Version: 2.4\nName: tiny\nVersion: 1.0\nLicense-Expression: {licence}\n"
    files = {"METADATA": metadata, "WHEEL": WHEEL, "RECORD": RECORD}
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(zipfile.ZipInfo("tiny/__init__.py"), "NAME = 'tiny'\n")
        for name, content in files.items():
            wheel.writestr(zipfile.ZipInfo(f"tiny-1.0.dist-info/{name}"), content)
    return path


def write_project(folder: Path) -> Inputs:
    """A checkout in small."""
    files = {
        "requirements.txt": "tiny==1.0\n",
        "LICENSE": "Apache\n",
        "NOTICE": "Names\n",
        "pyproject.toml": '[project]\nname = "interlede"\nversion = "0.1.0"\nlicense = "Apache-2.0"\n',
        "handler/lambda_api.py": "def handler(event, context):\n    return event\n",
        "services/__init__.py": "",
        ".models/packages/translate-en_pt-1_0/model/model.bin": "weights",
    }
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content)
    return Inputs(folder, folder / ".models" / "packages", Path(sys.executable), AT)


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inputs:
    """A project whose one requirement pip finds in a folder, and nowhere else."""
    write_wheel(tmp_path / "index")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))
    return write_project(tmp_path / "project")


def digests(bundle: Bundle) -> list[str]:
    return [hashlib.sha256(file.read_bytes()).hexdigest() for file in bundle.files]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """A bundle to look at."""
    folder = tmp_path_factory.mktemp("made")
    write_wheel(folder / "index")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PIP_NO_INDEX", "1")
        patched.setenv("PIP_FIND_LINKS", str(folder / "index"))
        return build(folder / "bundle", TARGET, write_project(folder / "project"))


def test_the_same_inputs_give_the_same_bytes_wherever_they_lie(made: Bundle, tmp_path: Path, inputs: Inputs) -> None:
    assert digests(build(tmp_path / "other" / "and" / "deeper", TARGET, inputs)) == digests(made)


def test_the_tree_holds_ours_with_source_and_theirs_as_byte_code(made: Bundle) -> None:
    names = {file.relative_to(made.tree).as_posix() for file in made.tree.rglob("*") if file.is_file()}
    tag = sys.implementation.cache_tag
    assert names == {
        ".models/packages/translate-en_pt-1_0/model/model.bin",
        "LICENCES.txt",
        "LICENSE",
        "NOTICE",
        "handler/lambda_api.py",
        f"handler/__pycache__/lambda_api.{tag}.pyc",
        "services/__init__.py",
        f"services/__pycache__/__init__.{tag}.pyc",
        "tiny/__init__.pyc",
        "tiny-1.0.dist-info/METADATA",
    }
    with zipfile.ZipFile(made.archive) as packed:
        assert set(packed.namelist()) == names
        assert {entry.date_time for entry in packed.infolist()} == {(2023, 11, 14, 22, 13, 20)}


def test_byte_code_is_never_checked_and_names_the_place_on_lambda(made: Bundle) -> None:
    for code in made.tree.rglob("*.pyc"):
        content = code.read_bytes()
        assert content[4:8] == b"\x01\0\0\0"  # by hash, and unchecked (PEP 552)
        assert b"/var/task/" in content
        assert str(made.root.parent).encode() not in content


def test_a_second_run_touches_nothing_and_needs_no_pip(
    tmp_path: Path, inputs: Inputs, capsys: pytest.CaptureFixture[str]
) -> None:
    bundle = build(tmp_path / "bundle", TARGET, inputs)
    before = bundle.archive.stat().st_ino
    shutil.rmtree(tmp_path / "index")
    build(tmp_path / "bundle", TARGET, inputs)
    assert bundle.archive.stat().st_ino == before
    assert "Up to date" in capsys.readouterr().out


def test_a_change_of_ours_or_a_lost_file_has_it_made_again(tmp_path: Path, inputs: Inputs) -> None:
    bundle = build(tmp_path / "bundle", TARGET, inputs)
    (inputs.project / "services" / "more.py").write_text("MORE = 1\n")
    build(tmp_path / "bundle", TARGET, inputs)
    (bundle.tree / "services" / "more.py").unlink()
    build(tmp_path / "bundle", TARGET, inputs)
    assert (bundle.tree / "services" / "more.py").is_file()


def test_a_build_that_fails_leaves_the_one_before_as_it_was(tmp_path: Path, inputs: Inputs) -> None:
    bundle = build(tmp_path / "bundle", TARGET, inputs)
    before = digests(bundle), sorted(bundle.root.iterdir())
    (inputs.project / "services" / "broken.py").write_text("def")
    with pytest.raises(BundleFailed, match=r"not all modules compile(.|\n)*services/broken\.py"):
        build(tmp_path / "bundle", TARGET, inputs)
    assert (digests(bundle), sorted(bundle.root.iterdir())) == before


def test_what_is_under_the_gpl_is_refused(tmp_path: Path, inputs: Inputs) -> None:
    write_wheel(tmp_path / "index", licence="GPL-3.0-or-later")
    with pytest.raises(BundleFailed, match=r"tiny is under GPL-3\.0-or-later, which is not shipped; do without it"):
        build(tmp_path / "bundle", TARGET, inputs)
    assert not (tmp_path / "bundle" / TARGET.name).exists()


def test_a_library_for_another_machine_is_refused(tmp_path: Path, inputs: Inputs) -> None:
    (inputs.project / "services" / "library.so").write_bytes(b"for another")
    with pytest.raises(BundleFailed, match=r"services/library\.so is no library for arm64"):
        build(tmp_path / "bundle", TARGET, inputs)


def test_what_has_no_wheel_fails_in_one_sentence(tmp_path: Path, inputs: Inputs) -> None:
    (inputs.project / "requirements.txt").write_text("absent==1.0\n")
    with pytest.raises(BundleFailed, match=r"pip download failed for arm64 .* pin a version that has one"):
        build(tmp_path / "bundle", TARGET, inputs)


def test_without_models_there_is_no_bundle(tmp_path: Path, inputs: Inputs) -> None:
    shutil.rmtree(inputs.packages)
    with pytest.raises(BundleFailed, match=r"make them first: python -m infra\.models"):
        build(tmp_path / "bundle", TARGET, inputs)


def test_the_bill_of_materials_tells_wheels_models_and_licences(made: Bundle) -> None:
    bill = json.loads(made.sbom.read_text())
    wheel = hashlib.sha256((made.root.parent / "index" / "tiny-1.0-py3-none-any.whl").read_bytes()).hexdigest()
    tiny = next(part for part in bill["components"] if part["name"] == "tiny")
    assert (tiny["purl"], tiny["licenses"]) == ("pkg:pypi/tiny@1.0", [{"expression": "MIT"}])
    assert tiny["hashes"] == [{"alg": "SHA-256", "content": wheel}]
    model = next(part for part in bill["components"] if part["type"] == "machine-learning-model")
    assert model["licenses"] == [{"expression": "MPL-2.0"}]
    assert bill["metadata"]["component"]["name"] == "interlede"
    assert "tiny 1.0: MIT" in made.licences.read_text()
