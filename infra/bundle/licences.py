"""Which licences a bundle may carry (licences.toml): reads what wheels say, and refuses what may not be shipped."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from functools import cache
from pathlib import Path
from typing import Any

from license_expression import (
    AND,
    OR,
    ExpressionError,
    LicenseSymbol,
    LicenseWithExceptionSymbol,
    Licensing,
    get_spdx_licensing,
)
from packaging.utils import canonicalize_name

from infra.bundle.targets import BundleFailed

POLICY = Path(__file__).with_name("licences.toml")


@dataclass(frozen=True, slots=True)
class Embedded:
    """A library or model that is in the tree but no distribution: known by files, and by bytes that they hold."""

    name: str
    files: tuple[str, ...]
    licence: str
    holding: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The families refused, the licence that a component is allowed by name; how other words than SPDX are read."""

    refused: tuple[str, ...]
    exceptions: frozenset[str]
    allowed: Mapping[str, str]
    texts: Mapping[str, str]
    stated: Mapping[str, str]
    embedded: tuple[Embedded, ...]

    @classmethod
    def read(cls, path: Path = POLICY) -> "Policy":
        """The policy as it stands in its file."""
        table: dict[str, Any] = tomllib.loads(path.read_text("utf-8"))
        embedded = (
            Embedded(
                e["name"], tuple(e["files"]), e["licence"], e.get("holding", "").encode(), e.get("kind", "library")
            )
            for e in table["embedded"]
        )
        return cls(
            tuple(table["refused"]),
            frozenset(table["exceptions"]),
            {name: allowed["licence"] for name, allowed in table["allowed"].items()},
            table["texts"],
            table["stated"],
            tuple(embedded),
        )

    def licence(self, name: str, metadata: Message) -> str:
        """The SPDX expression of a distribution. Raises BundleFailed."""
        name = str(canonicalize_name(name))
        said = [metadata["License-Expression"], metadata["License"], *metadata.get_all("Classifier", ())]
        classifiers = [text for text in said if text and text.startswith("License ::") and _is_gpl(text)]
        if classifiers and not _is_gpl(metadata["License-Expression"] or ""):
            raise BundleFailed(f"{name} says {classifiers[0]!r}: what is under the GPL is not shipped")
        for text in (self.stated.get(name), *said):
            if text and (expression := self._expression(text)):
                return expression
        raise BundleFailed(
            f"{name} does not say its licence in words that are known here ({metadata['License']!r}); "
            f"read its licence and add it to {POLICY.name}"
        )

    def check(self, name: str, licence: str) -> None:
        """Let through what may be shipped. Raises BundleFailed."""
        if self.allowed.get(name) == licence or self._may_ship(_spdx().parse(licence, validate=True)):
            return
        raise BundleFailed(
            f"{name} is under {licence}, which is not shipped; do without it, "
            f"or allow it by name with a reason in {POLICY.name}"
        )

    def _expression(self, text: str) -> str | None:
        try:
            return str(_spdx().parse(self.texts.get(text, text), validate=True, strict=True))
        except ExpressionError:
            return None

    def _may_ship(self, node: object) -> bool:
        if isinstance(node, AND):
            return all(self._may_ship(part) for part in node.args)
        if isinstance(node, OR):
            return any(self._may_ship(part) for part in node.args)
        if isinstance(node, LicenseWithExceptionSymbol):
            return node.exception_symbol.key in self.exceptions or self._may_ship(node.license_symbol)
        return isinstance(node, LicenseSymbol) and not node.key.startswith(self.refused)


def _is_gpl(text: str) -> bool:
    return "General Public License" in text and "Lesser" not in text


def unnamed(tree: Path, policy: Policy) -> list[str]:
    """Private libraries of wheels (NAME.libs/) and models whose licence the policy does not tell."""
    named = {file for entry in policy.embedded for file in _matches(tree, entry.files)}
    wanted = _matches(tree, ["*.libs/*", ".models/packages/*/model/model.bin"])
    return [file.relative_to(tree).as_posix() for file in wanted if file not in named]


def embedded_in(tree: Path, policy: Policy) -> dict[Embedded, list[Path]]:
    """What a tree embeds, with the files that hold it."""
    found = {}
    for entry in policy.embedded:
        files = [file for file in _matches(tree, entry.files) if entry.holding in file.read_bytes()]
        if files:
            found[entry] = files
    return found


def _matches(tree: Path, patterns: Iterable[str]) -> list[Path]:
    return sorted(file for pattern in patterns for file in tree.glob(pattern))


@cache
def _spdx() -> Licensing:
    """All licences that SPDX knows: 40 ms to read."""
    return get_spdx_licensing()
