import boto3
import pytest

from handler.settings import Settings
from handler.wiring import build
from services.text.terms import Glossary, Table
from tests.fakes.ministack import BUCKET


@pytest.mark.usefixtures("aws")
@pytest.mark.parametrize("encryption", ["AES256", "bucket"])
def test_results_are_kept_in_s3_with_the_encryption_that_is_wanted(ministack_url: str, encryption: str) -> None:
    place = f"s3://{BUCKET}/{encryption.lower()}"
    services = build(Settings(results=place, s3_endpoint_url=ministack_url, s3_encryption=encryption))
    services.glossaries.keep("terms", Table(Glossary.of([("cat", "gato")])))
    s3 = boto3.client("s3", endpoint_url=ministack_url)
    [kept] = s3.list_objects_v2(Bucket=BUCKET, Prefix=f"{encryption.lower()}/glossaries/")["Contents"]
    head = s3.head_object(Bucket=BUCKET, Key=kept["Key"])
    assert head.get("ServerSideEncryption") == (None if encryption == "bucket" else encryption)
