import stat
import zipfile
from pathlib import Path

import pytest

from infra.models.archive import pack, unpack
from infra.models.recipe import ModelBuildFailed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    (folder / "model").mkdir(parents=True)
    (folder / "metadata.json").write_text("{}")
    (folder / "model" / "model.bin").write_bytes(bytes(1000))
    return folder


def test_a_folder_comes_back_from_its_archive(folder: Path, tmp_path: Path) -> None:
    pack(folder, tmp_path / "a.zip")
    back = unpack(tmp_path / "a.zip", tmp_path / "out", "package")
    assert {f.relative_to(back).as_posix() for f in back.rglob("*.*")} == {"metadata.json", "model/model.bin"}
    assert (back / "model" / "model.bin").read_bytes() == bytes(1000)


def test_the_same_files_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    pack(folder, tmp_path / "a.zip")
    (folder / "metadata.json").touch()
    pack(folder, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


@pytest.mark.parametrize(
    "name", ["../evil", "/evil", "other/evil", "package/../../evil", "package\\..\\evil", "evil", "package2/evil"]
)
def test_nothing_is_unpacked_outside_of_the_package_folder(name: str, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("package/metadata.json", "{}")
        archive.writestr(name, "evil")
    with pytest.raises(ModelBuildFailed, match="outside of package/"):
        unpack(tmp_path / "a.zip", tmp_path / "out", "package")
    assert not (tmp_path / "out").exists()


def test_links_are_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("package/model")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(link, "/etc")
    with pytest.raises(ModelBuildFailed):
        unpack(tmp_path / "a.zip", tmp_path / "out", "package")


def test_an_archive_cut_short_is_refused(folder: Path, tmp_path: Path) -> None:
    pack(folder, tmp_path / "a.zip")
    (tmp_path / "b.zip").write_bytes((tmp_path / "a.zip").read_bytes()[:-30])
    with pytest.raises(ModelBuildFailed, match="not a whole zip"):
        unpack(tmp_path / "b.zip", tmp_path / "out", "package")
