"""What cfn-lint, checkov and cfn-guard have against templates."""

import json
import os
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.tools.kit import BIN, guard_rules

_TIMEOUT_S = 120
_RESOURCE = re.compile(r"/Resources/([^/\[]+)")
# osls names what a resource depends on, even where that is a matter of course.
_IGNORED = ("-i", "W3005")
_GUARD_COMPLAINS = 19


class CheckFailed(Exception):
    """A checker did not run. The message has its own words."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A rule of a checker that a resource breaks, by its logical id."""

    checker: str
    rule: str
    resource: str

    def __str__(self) -> str:
        return f"{self.checker} {self.rule} {self.resource}"


def findings(templates: Mapping[str, Path]) -> dict[str, set[Finding]]:
    """All of them, for each template by its name. Raises CheckFailed."""
    found: dict[str, set[Finding]] = {name: set() for name in templates}
    names = {path.resolve(): name for name, path in templates.items()}
    for check in (_cfn_lint, _checkov, _cfn_guard):
        for template, finding in check(list(templates.values())):
            found[names[template.resolve()]].add(finding)
    return found


def _cfn_lint(templates: Sequence[Path]) -> Iterator[tuple[Path, Finding]]:
    """By its own rules, and by those for serverless applications."""
    rules = ["-a", "cfn_lint_serverless.rules"]
    fine = {0, 2, 4, 6, 8, 10, 12, 14}  # by what is found
    said = _run(["cfn-lint", "--format", "json", *_IGNORED, *rules, "--", *map(str, templates)], fine)
    for found in json.loads(said):
        path = found["Location"]["Path"] or []
        resource = str(path[1]) if len(path) > 1 else "-"
        yield Path(found["Filename"]), Finding("cfn-lint", found["Rule"]["Id"], resource)


def _checkov(templates: Sequence[Path]) -> Iterator[tuple[Path, Finding]]:
    options = ["--framework", "cloudformation", "--quiet", "--compact", "--skip-download", "-o", "json"]
    report = json.loads(_run(["checkov", "-f", *map(str, templates), *options], {0, 1}))
    if report["summary"]["parsing_errors"]:
        raise CheckFailed("checkov cannot read the template")
    for found in report["results"]["failed_checks"]:
        resource = found["resource"].rpartition(".")[2]
        yield Path(found["file_abs_path"]), Finding("checkov", found["check_id"], resource)


def _cfn_guard(templates: Sequence[Path]) -> Iterator[tuple[Path, Finding]]:
    """By the rules of AWS Control Tower."""
    options = ["--output-format", "sarif", "--show-summary", "none", "--structured"]
    for template in templates:
        command = ["cfn-guard", "validate", "-d", str(template), "-r", str(guard_rules()), *options]
        for found in json.loads(_run(command, {0, _GUARD_COMPLAINS}))["runs"][0]["results"]:
            # A message names the places that a rule has got to, or none where it is of the whole.
            for resource in set(_RESOURCE.findall(found["message"]["text"])) or {"-"}:
                yield template, Finding("cfn-guard", found["ruleId"], resource)


def _run(command: list[str], fine: set[int]) -> str:
    """The standard output of a checker that ends well, with findings or without. Raises CheckFailed."""
    bare: dict[str, Any] = {"HOME": os.devnull, "PATH": os.defpath, "LANG": "C.UTF-8"}
    program = [str(BIN / command[0]), *command[1:]]
    try:
        ended = subprocess.run(program, env=bare, capture_output=True, text=True, check=False, timeout=_TIMEOUT_S)
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise CheckFailed(f"{command[0]} does not run: {exc}") from exc
    if ended.returncode not in fine:
        raise CheckFailed(f"{command[0]} failed ({ended.returncode}):\n{ended.stdout[-2000:]}{ended.stderr[-2000:]}")
    return ended.stdout
