import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from handler.settings import Settings
from handler.wiring import webhooks_of
from services.adapters.webhooks import NoWebhooks
from services.errors import InvalidOption

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ROOT = Path(__file__).parents[2]
ROW = re.compile(r"^\| `(INTERLEDE_\w+)` \|(.*?)\| (.*?) \|$", re.MULTILINE)


def test_the_readme_tells_every_setting_with_its_default() -> None:
    told = {name: (default.strip(" `"), what) for name, default, what in ROW.findall((ROOT / "README.md").read_text())}
    assert told == {
        f"INTERLEDE_{name.upper()}": (
            "" if field.default in (None, ()) else str(field.default).removeprefix(f"{ROOT}/"),
            field.description,
        )
        for name, field in Settings.model_fields.items()
        if field.validation_alias is None
    }


def test_settings_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLEDE_MAX_TEXT_CHARS", "5")
    assert Settings().max_text_chars == 5


@pytest.mark.parametrize("results", ["", "s3:", "s3://", "s3:/bucket", "s3://Bucket", "s3://b"])
def test_a_place_for_results_that_cannot_be_is_refused(results: str) -> None:
    with pytest.raises(ValidationError):
        Settings(results=results)


@pytest.mark.parametrize("results", ["results", "/var/results", "s3://bucket", "s3://bucket-1/some/prefix"])
def test_a_folder_or_a_bucket_may_hold_results(results: str) -> None:
    assert Settings(results=results).results == results


def test_webhooks_are_off_by_default() -> None:
    assert isinstance(webhooks_of(Settings()), NoWebhooks)


def test_webhooks_go_to_the_hosts_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLEDE_WEBHOOK_SECRET", SECRET)
    monkeypatch.setenv("INTERLEDE_WEBHOOK_HOSTS", "a.example.org, *.example.com:8443,")
    settings = Settings()
    assert settings.webhook_hosts == ("a.example.org", "*.example.com:8443")
    for url in ("https://a.example.org/", "https://b.example.com:8443/"):
        webhooks_of(settings).check(url)
    with pytest.raises(InvalidOption, match="https"):
        webhooks_of(settings).check("http://a.example.org/")


def test_webhooks_go_over_http_where_the_environment_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLEDE_WEBHOOK_PRIVATE", "true")
    webhooks_of(Settings(webhook_secret=SECRET, webhook_hosts="localhost:9000")).check("http://localhost:9000/")


@pytest.mark.parametrize(
    ("secret", "hosts", "reason"),
    [
        (SECRET, "", "both or neither"),
        ("", "example.org", "both or neither"),
        (None, "example.org", "both or neither"),
        (SECRET[:-1], "example.org", "a webhook secret is whsec_"),
        (SECRET, "https://example.org", "'https://example.org' is not a host"),
        (SECRET, "a.example.org,127.0.0.1", r"'127\.0\.0\.1' is not a host"),
    ],
)
def test_webhooks_that_cannot_work_are_refused_and_no_secret_is_shown(
    secret: str | None, hosts: str, reason: str
) -> None:
    with pytest.raises(ValidationError, match=reason) as raised:
        Settings(webhook_secret=secret, webhook_hosts=hosts)
    assert SECRET[:-1] not in str(raised.value)


def test_a_secret_is_not_printed() -> None:
    settings = Settings(webhook_secret=SECRET, webhook_hosts="example.org")
    assert SECRET not in f"{settings} {settings!r} {settings.model_dump()}  {settings.model_dump_json()}"


@pytest.mark.parametrize("encryption", ["", "none", "aes256", "AES128"])
def test_an_encryption_that_s3_does_not_know_is_refused(encryption: str) -> None:
    with pytest.raises(ValidationError):
        Settings(s3_encryption=encryption)


@pytest.mark.parametrize("table", ["", "a", "a b", "arn:aws:dynamodb:eu-west-1:012345678912:table/usage"])
def test_a_table_of_keys_that_cannot_be_is_refused(table: str) -> None:
    with pytest.raises(ValidationError):
        Settings(usage_table=table)


def test_keys_on_lambda_are_kept_in_a_table_or_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "2048")
    with pytest.raises(ValidationError, match="INTERLEDE_USAGE_TABLE"):
        Settings(keys="required")
    assert Settings(keys="required", usage_table="usage").keys == "required"
    assert Settings().keys == "off"
