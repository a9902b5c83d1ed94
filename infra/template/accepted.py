"""The findings that stay, each with its reason (accepted.toml)."""

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Set
from pathlib import Path
from typing import Any

from infra.template.findings import Finding
from infra.template.packaging import STAGES

_FILE = Path(__file__).with_name("accepted.toml")


def accepted(file: Path = _FILE) -> dict[str, dict[Finding, str]]:
    """The reasons by stage and finding. Raises ValueError for an entry without one, or for one that is there twice."""
    reasons: dict[str, dict[Finding, str]] = {stage: {} for stage in STAGES}
    for entry in tomllib.loads(file.read_text("utf-8"))["accepted"]:
        if len(entry["reason"].split()) < 3:
            raise ValueError(f"{entry['rules']} is accepted without a reason")
        for stage in entry.get("stages", STAGES):
            for finding in _named(entry):
                if finding in reasons[stage]:
                    raise ValueError(f"{finding} is accepted twice")
                reasons[stage][finding] = entry["reason"]
    return reasons


def complaints(found: Mapping[str, Set[Finding]], fine: Mapping[str, Iterable[Finding]]) -> list[str]:
    """A line for each finding of a stage that is not accepted, and for each that is and is not there any more."""
    lines = []
    for stage, known in fine.items():
        lines += [f"{stage}: {finding}" for finding in sorted(found[stage] - set(known))]
        lines += [f"{stage}: {finding} is accepted, and not found" for finding in sorted(set(known) - found[stage])]
    return lines


def _named(entry: Mapping[str, Any]) -> Iterator[Finding]:
    for checker, rule in (rule.split(" ") for rule in entry["rules"]):
        for resource in entry["resources"]:
            yield Finding(checker, rule, resource)
