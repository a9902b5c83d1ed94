"""Empties the buckets that go with a stack, which CloudFormation does not: `python -m infra.removal interlede-dev`.

For `make remove`; the account and region are those of the environment. What a stack retains is left alone and named.
"""

import sys
from collections.abc import Iterator
from typing import Any

from services.adapters.aws import Connection, translated
from services.errors import ServiceError, StoreUnavailable


def removable(stack: str, cloudformation: Any) -> tuple[list[str], list[str]]:  # noqa: ANN401
    """The buckets of a stack that go with it, and those that stay."""
    template = cloudformation.get_template(StackName=stack)["TemplateBody"]["Resources"]
    resources = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    buckets = [one for one in resources if one["ResourceType"] == "AWS::S3::Bucket" and "PhysicalResourceId" in one]
    stays = {name for name, one in template.items() if one.get("DeletionPolicy") == "Retain"}
    going = [one["PhysicalResourceId"] for one in buckets if one["LogicalResourceId"] not in stays]
    return going, [one["PhysicalResourceId"] for one in buckets if one["LogicalResourceId"] in stays]


def empty(bucket: str, s3: Any) -> int:  # noqa: ANN401
    """Delete all objects of a bucket with all their versions, and say how many these were."""
    deleted = 0
    for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        batch = list(_versions(page))
        if batch:
            refused = s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True}).get("Errors")
            if refused:
                sys.exit(f"{bucket}: {len(refused)} objects cannot be deleted: {refused[0]['Code']}")
        deleted += len(batch)
    return deleted


def _versions(page: dict[str, Any]) -> Iterator[dict[str, str]]:
    for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ())):
        yield {"Key": one["Key"], "VersionId": one["VersionId"]}


def main(stack: str) -> None:
    s3 = Connection("s3", read_timeout_s=60, max_attempts=5)()
    going, staying = removable(stack, Connection("cloudformation", read_timeout_s=60, max_attempts=5)())
    for bucket in going:
        print(f"{bucket}: {empty(bucket, s3)} objects deleted")
    for bucket in staying:
        print(f"{bucket}: stays, as the stack says")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m infra.removal STACK")
    try:
        with translated(StoreUnavailable, "AWS", "empty the buckets"):
            main(sys.argv[1])
    except ServiceError as exc:
        sys.exit(f"{exc}: {exc.__cause__}")
