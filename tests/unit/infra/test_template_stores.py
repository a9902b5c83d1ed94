"""The buckets, queues and the table of the packaged template."""

from typing import Any

import pytest

from infra.lifecycle import rules

Resources = dict[str, dict[str, Any]]
BUCKETS = ["Results", "Models", "AccessLogs", "ServerlessDeploymentBucket"]


def properties(resources: Resources, name: str) -> dict[str, Any]:
    found: dict[str, Any] = resources[name]["Properties"]
    return found


def statements(resources: Resources, name: str, kind: str) -> list[dict[str, Any]]:
    """Those of the policies on a bucket, queue or topic."""
    return [
        statement
        for one in resources.values()
        if one["Type"] == kind and {"Ref": name} in one["Properties"].values()
        for statement in one["Properties"]["PolicyDocument"]["Statement"]
    ]


def test_these_are_all_buckets(resources: Resources) -> None:
    assert {name for name, one in resources.items() if one["Type"] == "AWS::S3::Bucket"} == set(BUCKETS)


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_private_and_encrypted(resources: Resources, bucket: str) -> None:
    blocked = properties(resources, bucket)["PublicAccessBlockConfiguration"]
    assert set(blocked.values()) == {True}
    assert len(blocked) == 4
    (encryption,) = properties(resources, bucket)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert encryption["ServerSideEncryptionByDefault"]["SSEAlgorithm"] == "AES256"


@pytest.mark.parametrize("bucket", BUCKETS)
def test_a_bucket_is_reached_over_tls_only(resources: Resources, bucket: str) -> None:
    denied = [one for one in statements(resources, bucket, "AWS::S3::BucketPolicy") if one["Effect"] == "Deny"]
    (statement,) = denied
    assert statement["Principal"] == "*"
    assert statement["Action"] == "s3:*"
    assert len(statement["Resource"]) == 2
    assert str(statement["Condition"]["Bool"]["aws:SecureTransport"]).lower() == "false"


def test_results_expire_as_the_lifecycle_rules_say_that_are_printed_for_any_bucket(resources: Resources) -> None:
    printed = {(rule["ID"], rule["Filter"]["Prefix"], rule["Expiration"]["Days"]) for rule in rules()["Rules"]}
    configured = properties(resources, "Results")["LifecycleConfiguration"]["Rules"]
    assert {(rule["Id"], rule["Prefix"], rule["ExpirationInDays"]) for rule in configured} == printed
    assert len(configured) == len(printed)
    assert {rule["Status"] for rule in configured} == {"Enabled"}


def test_of_what_is_withdrawn_no_older_version_stays(resources: Resources) -> None:
    results = properties(resources, "Results")
    assert "VersioningConfiguration" not in results
    assert "ObjectLockEnabled" not in results
    assert "ReplicationConfiguration" not in results


@pytest.mark.parametrize("bucket", ["Results", "Models", "ServerlessDeploymentBucket"])
def test_who_reads_a_bucket_is_logged_in_another_that_only_the_logging_service_writes(
    resources: Resources, bucket: str, stage: str
) -> None:
    assert properties(resources, bucket)["LoggingConfiguration"]["DestinationBucketName"] == {"Ref": "AccessLogs"}
    allowed = [one for one in statements(resources, "AccessLogs", "AWS::S3::BucketPolicy") if one["Effect"] == "Allow"]
    assert [one["Principal"] for one in allowed] == [{"Service": "logging.s3.amazonaws.com"}]
    (rule,) = properties(resources, "AccessLogs")["LifecycleConfiguration"]["Rules"]
    assert int(rule["ExpirationInDays"]) == {"dev": 14, "prod": 90}[stage]


@pytest.mark.parametrize("queue", ["JobQueue", "DeadLetters"])
def test_a_queue_is_encrypted_and_reached_over_tls_only(resources: Resources, queue: str) -> None:
    assert properties(resources, queue)["SqsManagedSseEnabled"] is True
    (policy,) = (one["Properties"] for one in resources.values() if one["Type"] == "AWS::SQS::QueuePolicy")
    assert {"Ref": queue} in policy["Queues"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Action"], statement["Principal"]) == ("Deny", "sqs:*", "*")
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_usage_is_paid_by_request_expires_and_can_be_restored_in_prod(resources: Resources, stage: str) -> None:
    table = properties(resources, "Usage")
    assert table["BillingMode"] == "PAY_PER_REQUEST"
    assert table["TimeToLiveSpecification"]["Enabled"] is True
    assert table["SSESpecification"] == {"SSEEnabled": True}
    assert table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is (stage == "prod")


def test_in_prod_what_is_kept_outlives_the_stack(resources: Resources, stage: str) -> None:
    policies = {resources[name]["DeletionPolicy"] for name in ("Results", "Models", "AccessLogs", "Usage")}
    assert policies == {"Retain" if stage == "prod" else "Delete"}


def test_whatever_can_bear_tags_says_whose_it_is(resources: Resources, stage: str) -> None:
    tags = properties(resources, "ApiLambdaFunction")["Tags"]
    assert {one["Key"]: one["Value"] for one in tags} == {"service": "interlede", "stage": stage}
