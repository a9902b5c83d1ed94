"""The lifecycle rules, as real servers take them."""

import json
import subprocess
import sys

import boto3
import pytest

from infra.lifecycle import rules
from services.retention import RETENTION
from tests.fakes.ministack import BUCKET

pytestmark = pytest.mark.usefixtures("aws")


@pytest.mark.parametrize("server", ["ministack", "seaweed"])
def test_a_bucket_takes_the_rules_that_are_printed(request: pytest.FixtureRequest, server: str) -> None:
    s3 = boto3.client("s3", endpoint_url=request.getfixturevalue(f"{server}_url"))
    printed = subprocess.run([sys.executable, "-m", "infra.lifecycle", "desk"], capture_output=True, check=True).stdout
    s3.put_bucket_lifecycle_configuration(Bucket=BUCKET, LifecycleConfiguration=json.loads(printed))
    kept = s3.get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
    days = {rule["Filter"]["Prefix"]: rule["Expiration"]["Days"] for rule in kept}
    assert days == {f"desk/{kind}/": age.days for kind, age in RETENTION.items()}
    s3.delete_bucket_lifecycle(Bucket=BUCKET)


def test_without_a_prefix_the_rules_are_for_the_whole_bucket_and_glossaries_stay() -> None:
    prefixes = [rule["Filter"]["Prefix"] for rule in rules()["Rules"]]
    assert "translations/" in prefixes
    assert not any(prefix.startswith(("/", "glossaries")) for prefix in prefixes)
