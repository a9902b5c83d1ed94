"""Leaves out what the reviewed list names (prune.toml), and says how much each pattern took."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

LIST = Path(__file__).with_name("prune.toml")
_LICENCE_NAMES = ("licen", "copying", "notice", "authors")


@dataclass(frozen=True, slots=True)
class Entry:
    """Patterns of what is left out, what of it stays all the same, and the reason."""

    why: str
    patterns: tuple[str, ...]
    but: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PruneList:
    """What is left out: whole distributions by name with the reason, and files by patterns.

    And where it stays: `sources_kept` are names at the root of the tree, `symbols_kept` patterns of libraries.
    """

    distributions: Mapping[str, str]
    entries: tuple[Entry, ...]
    sources_kept: frozenset[str]
    symbols_kept: tuple[str, ...]

    @classmethod
    def read(cls, path: Path = LIST) -> "PruneList":
        """The list as it stands in its file."""
        table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        entries = (
            Entry(entry["why"], tuple(entry["patterns"]), tuple(entry.get("but", ()))) for entry in table["left-out"]
        )
        distributions = {str(canonicalize_name(name)): why for name, why in table["distributions"].items()}
        sources, symbols = table["sources"]["kept"], table["symbols"]["kept"]
        return cls(distributions, tuple(entries), frozenset(sources), tuple(symbols))


def prune(tree: Path, entries: Sequence[Entry]) -> dict[str, int]:
    """Remove what the entries name; gives the files that each pattern took."""
    taken = {}
    for entry in entries:
        kept = {path for pattern in entry.but for path in tree.glob(pattern)}
        for pattern in entry.patterns:
            files = [
                file for file in _files(tree, pattern) if not kept & {file, *file.parents} and not _is_licence(file)
            ]
            for file in files:
                file.unlink()
            taken[pattern] = len(files)
    _remove_empty_folders(tree)
    return taken


def matching(tree: Path, patterns: Sequence[str]) -> set[Path]:
    """All files that patterns name, themselves or by a folder."""
    return {file for pattern in patterns for file in _files(tree, pattern)}


def _files(tree: Path, pattern: str) -> Iterator[Path]:
    for path in sorted(tree.glob(pattern)):
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if not file.is_dir())
        else:
            yield path


def _is_licence(file: Path) -> bool:
    return file.suffix != ".py" and file.name.lower().startswith(_LICENCE_NAMES)


def _remove_empty_folders(tree: Path) -> None:
    for folder in sorted((path for path in tree.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()
