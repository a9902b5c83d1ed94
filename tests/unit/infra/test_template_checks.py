"""How findings against the template are weighed with those that are accepted."""

from pathlib import Path

import pytest

from infra.template.accepted import accepted, complaints
from infra.template.findings import Finding

KNOWN = Finding("checkov", "CKV_1", "Results")
NEW = Finding("cfn-lint", "W1", "JobQueue")


def test_a_finding_that_nobody_accepted_is_told() -> None:
    assert complaints({"dev": {KNOWN, NEW}}, {"dev": {KNOWN}}) == ["dev: cfn-lint W1 JobQueue"]


def test_what_was_accepted_and_is_not_found_any_more_is_told() -> None:
    assert complaints({"dev": set()}, {"dev": {KNOWN}}) == ["dev: checkov CKV_1 Results is accepted, and not found"]


def test_what_is_accepted_for_one_stage_is_not_for_another(tmp_path: Path) -> None:
    reasons = accepted(_file(tmp_path, reason="in dev it is fine", more='stages = ["dev"]'))
    assert reasons == {"dev": {KNOWN: "in dev it is fine"}, "prod": {}}
    assert complaints({"dev": {KNOWN}, "prod": {KNOWN}}, reasons) == ["prod: checkov CKV_1 Results"]


def test_nothing_is_accepted_without_a_reason(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="without a reason"):
        accepted(_file(tmp_path, reason=" "))


def test_what_is_accepted_here_has_reasons_and_is_said_once() -> None:
    assert all(accepted().values())


def _file(folder: Path, reason: str, more: str = "") -> Path:
    file = folder / "accepted.toml"
    entry = f'[[accepted]]\nrules = ["checkov CKV_1"]\nresources = ["Results"]\nreason = "{reason}"\n{more}\n'
    file.write_text(entry, "utf-8")
    return file
