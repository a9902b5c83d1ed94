"""What cfn-lint, checkov and cfn-guard have against a template."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
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


def findings(template: Path) -> set[Finding]:
    """All of them. Raises CheckFailed."""
    return {*_cfn_lint(template), *_checkov(template), *_cfn_guard(template)}


def _cfn_lint(template: Path) -> Iterator[Finding]:
    """By its own rules, and by those for serverless applications."""
    rules = ["-a", "cfn_lint_serverless.rules"]
    said = _run(["cfn-lint", "--format", "json", *_IGNORED, *rules, "--", str(template)], {0, 2, 4, 6, 8, 10, 12, 14})
    for found in json.loads(said):
        path = found["Location"]["Path"] or []
        yield Finding("cfn-lint", found["Rule"]["Id"], str(path[1]) if len(path) > 1 else "-")


def _checkov(template: Path) -> Iterator[Finding]:
    options = ["--framework", "cloudformation", "--quiet", "--compact", "--skip-download", "-o", "json"]
    report = json.loads(_run(["checkov", "-f", str(template), *options], {0, 1}))
    if report["summary"]["parsing_errors"]:
        raise CheckFailed("checkov cannot read the template")
    for found in report["results"]["failed_checks"]:
        yield Finding("checkov", found["check_id"], found["resource"].rpartition(".")[2])


def _cfn_guard(template: Path) -> Iterator[Finding]:
    """By the rules of AWS Control Tower."""
    options = ["--output-format", "sarif", "--show-summary", "none", "--structured"]
    rules = ["-r", str(guard_rules())]
    report = json.loads(_run(["cfn-guard", "validate", "-d", str(template), *rules, *options], {0, _GUARD_COMPLAINS}))
    for found in report["runs"][0]["results"]:
        # A message names the place it has got to, which may be within a resource, or none where a rule is of the whole.
        for resource in set(_RESOURCE.findall(found["message"]["text"])) or {"-"}:
            yield Finding("cfn-guard", found["ruleId"], resource)


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
