"""Nothing that is committed is a key or a password: detect-secrets, against `.secrets.baseline`.

What it takes for one and is none is in the baseline, looked at by somebody:
`.venv/bin/detect-secrets scan --baseline .secrets.baseline`, then `.venv/bin/detect-secrets audit .secrets.baseline`.
"""

import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any

import pytest
from detect_secrets.core import baseline
from detect_secrets.core.secrets_collection import SecretsCollection
from detect_secrets.settings import transient_settings

ROOT = Path(__file__).parents[1]
BASELINE = json.loads((ROOT / ".secrets.baseline").read_text("utf-8"))


@contextmanager
def as_agreed() -> Iterator[None]:
    """The detectors and filters that the baseline was made with."""
    with transient_settings({name: BASELINE[name] for name in ("plugins_used", "filters_used")}):
        yield


def found(folder: Path, files: Iterable[str]) -> SecretsCollection:
    """What looks like a secret in some files of a folder."""
    secrets = SecretsCollection()
    with chdir(folder):  # names are compared as they were given
        for file in files:
            secrets.scan_file(file)
    return secrets


def places(secrets: SecretsCollection) -> list[str]:
    """Where they are and what they look like; never themselves."""
    return [f"{file}:{secret.line_number} {secret.type}" for file, secret in secrets]


@pytest.fixture(scope="module")
def secrets() -> SecretsCollection:
    """What looks like a secret in what is committed, or would be."""
    git = shutil.which("git")
    if git is None or not (ROOT / ".git").exists():
        pytest.skip("only what is in git is committed, and this is no checkout")
    listing = [git, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    with as_agreed():
        return found(ROOT, [file for file in listed.split("\0") if file and (ROOT / file).is_file()])


def test_nothing_looks_like_a_secret_but_what_somebody_looked_at(secrets: SecretsCollection) -> None:
    assert places(secrets - baseline.load(BASELINE)) == []


def test_what_is_gone_is_gone_from_the_baseline(secrets: SecretsCollection) -> None:
    assert places(baseline.load(BASELINE) - secrets) == []


def test_all_in_the_baseline_was_looked_at_and_is_no_secret() -> None:
    entries: list[dict[str, Any]] = [entry for file in BASELINE["results"].values() for entry in file]
    assert entries
    assert [entry for entry in entries if entry.get("is_secret") is not False] == []


PLANTED = {
    "webhooks.env": "INTERLEDE_WEBHOOK_SECRET=whsec_{}",
    "aws.env": "AWS_SECRET_ACCESS_KEY={}",
    "access.py": 'client("s3", "AKIA{}")',
    "call.py": 'client("https://interlede.example", "{}")',
    "password.yml": "password: {}",
    "url.md": "https://desk:{}@interlede.example/v1",
    "id.pem": "-----BEGIN PRIVATE KEY-----\n{}",
    "github.txt": "ghp_{}",
}
# Not in one piece, or this file would hold what looks like secrets.
RANDOM = {"access.py": "Q7RZ2MVKX4" + "WJ6TPN", "github.txt": "aB3dE5gH7jK9mN1p" + "Q2rS4tU6vW8xY0zA1bC3"}
ANY = "kT9vQ2xLw7Zr4Bn8" + "Yc1Hd6Mf3Jp5Sg0A"


@pytest.mark.parametrize("file", PLANTED)
def test_a_secret_that_is_planted_is_found(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_text(PLANTED[file].format(RANDOM.get(file, ANY)) + "\n", "utf-8")
    with as_agreed():
        assert places(found(tmp_path, [file]))
