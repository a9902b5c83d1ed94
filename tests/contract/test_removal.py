"""What is emptied before a stack is removed, on a real server."""

import json

import boto3
import pytest

from infra.removal import empty, removable

pytestmark = pytest.mark.usefixtures("aws")

TEMPLATE = {
    "Resources": {
        "Going": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Delete"},
        "Staying": {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain"},
        "Queue": {"Type": "AWS::SQS::Queue"},
    }
}


def test_buckets_that_go_with_their_stack_are_known_from_those_that_stay(ministack_url: str) -> None:
    cloudformation = boto3.client("cloudformation", endpoint_url=ministack_url)
    cloudformation.create_stack(StackName="some", TemplateBody=json.dumps(TEMPLATE))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="some", WaiterConfig={"Delay": 1})
    (going,), (staying,) = removable("some", cloudformation)
    assert "going" in going.lower()
    assert "staying" in staying.lower()
    cloudformation.delete_stack(StackName="some")


def test_a_bucket_is_emptied_of_older_versions_and_marks_of_deletion_as_well(ministack_url: str) -> None:
    s3 = boto3.client("s3", endpoint_url=ministack_url)
    s3.create_bucket(Bucket="full", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_bucket_versioning(Bucket="full", VersioningConfiguration={"Status": "Enabled"})
    for body in (b"first", b"second"):
        s3.put_object(Bucket="full", Key="twice", Body=body)
    s3.put_object(Bucket="full", Key="gone", Body=b"")
    s3.delete_object(Bucket="full", Key="gone")
    assert empty("full", s3) == 4
    s3.delete_bucket(Bucket="full")
