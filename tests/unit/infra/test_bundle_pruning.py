from pathlib import Path

import pytest

from infra.bundle.pruning import Entry, prune


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("a/code.py", "a/tests/test_code.py", "a/tests/LICENSE.txt", "b/data/s3.json", "b/data/ec2.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def left(tree: Path) -> set[str]:
    return {path.relative_to(tree).as_posix() for path in tree.rglob("*") if path.is_file()}


def test_what_is_named_goes_by_itself_or_by_its_folder(tree: Path) -> None:
    taken = prune(tree, [Entry("reason", ("*/tests", "b/data/ec2.json"))])
    assert left(tree) == {"a/code.py", "a/tests/LICENSE.txt", "b/data/s3.json"}
    assert taken == {"*/tests": 1, "b/data/ec2.json": 1}


def test_what_is_excepted_stays(tree: Path) -> None:
    prune(tree, [Entry("reason", ("b/data",), but=("b/data/s3*",))])
    assert "b/data/s3.json" in left(tree)
    assert "b/data/ec2.json" not in left(tree)


def test_a_dead_pattern_is_told_and_empty_folders_go(tree: Path) -> None:
    assert prune(tree, [Entry("reason", ("nowhere", "b/data"))]) == {"nowhere": 0, "b/data": 2}
    assert not (tree / "b").exists()
