"""The very bundle, deployed by osls into an account that enforces its roles, and used through its API and queue."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError

from infra.bundle.build import Bundle
from tests.fakes.account import Account, Answer, account, no_account
from tests.fakes.ministack import AWS_ENV

STACK = "interlede-dev"
TEXT = b"The council voted on Tuesday to keep the night ferry."
PATIENCE_S = 60.0  # a start of a function, on a busy machine


@dataclass(frozen=True, slots=True)
class Deployment:
    """The stack, and what its outputs say."""

    account: Account
    outputs: dict[str, str]
    key: str

    def call(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        """Call the API."""
        shown = {"authorization": f"Bearer {self.key}"} | headers
        return self.account.call(self.outputs["HttpApiId"], method, path, body, **shown)

    def translate(self, text: bytes) -> Answer:
        """A text in English, in Portuguese."""
        return self.call("POST", "/v1/translations?target=pt", text, content_type="text/plain")

    def ask(self, path: str, **body: object) -> Answer:
        """Call the API with JSON."""
        return self.call("POST", path, json.dumps(body).encode(), content_type="application/json")

    @contextmanager
    def without(self, role: str, action: str) -> Iterator[None]:
        """Take a right from a role for a while."""
        iam = self.account.client("iam")
        name = _physical(self.account, role)
        (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
        document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
        less = [one | {"Action": [a for a in _listed(one["Action"]) if a != action]} for one in document["Statement"]]
        _put(iam, name, policy, [one for one in less if one["Action"]])
        try:
            yield
        finally:
            _put(iam, name, policy, document["Statement"])

    def logged(self, function: str) -> str:
        """All that a function has logged."""
        logs, group = self.account.client("logs"), f"/aws/lambda/{STACK}-{function}"
        streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
        events = [
            event["message"]
            for stream in streams
            for event in logs.get_log_events(logGroupName=group, logStreamName=stream["logStreamName"])["events"]
        ]
        return "\n".join(events)


@pytest.fixture(scope="module")
def deployment(bundle: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    if reason := no_account():
        pytest.skip(reason)
    with account(tmp_path_factory.mktemp("account")) as made:
        made.osls("deploy", "--stage", "dev", "--param", f"arch={bundle.target.name}")
        (stack,) = made.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        _allow_batches(made)
        outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
        key = made.created(outputs["UsageTable"], "--chars-per-month", "1000000", "--requests-per-minute", "1000")
        yield Deployment(made, outputs, key)


def test_the_api_answers_that_it_has_models(deployment: Deployment) -> None:
    answer = deployment.call("GET", "/healthz")
    assert (answer.status, answer.json()["pairs"]) == (200, 2)


def test_without_a_key_nothing_is_translated(deployment: Deployment) -> None:
    for other in ({"authorization": ""}, {"authorization": f"Bearer {deployment.key}x"}):
        answer = deployment.call("POST", "/v1/translations?target=pt", TEXT, content_type="text/plain", **other)
        assert answer.status in (401, 403)


def test_what_is_used_is_counted_on_all_surfaces(deployment: Deployment) -> None:
    def used() -> int:
        characters: int = deployment.call("GET", "/v1/usage").json()["characters"]
        return characters

    before, text = used(), "The mayor opened the new harbour."
    deployment.translate(text.encode())
    assert deployment.ask("/translate", q=text, source="en", target="pt").status == 200
    assert deployment.ask("/v2/translate", text=[text], target_lang="PT-BR").status == 200
    assert used() - before == 3 * len(text)


def test_a_text_is_translated_and_kept_in_the_bucket(deployment: Deployment) -> None:
    first, again = (deployment.translate(TEXT) for _ in range(2))
    assert first.body.decode() == again.body.decode()
    assert "balsa" in first.body.decode() or "ferry" in first.body.decode()
    assert [answer.headers["x-cache"] for answer in (first, again)] == ["miss", "hit"]


def test_an_article_is_found_again_and_not_sent_twice(deployment: Deployment) -> None:
    made = deployment.ask("/v1/articles", text=TEXT.decode(), target="pt")
    assert made.status == 200
    found = deployment.call("GET", f"/v1/articles/{made.json()['id']}")
    assert found.json()["translation"] == made.json()["translation"]
    again = deployment.call("GET", f"/v1/articles/{made.json()['id']}", if_none_match=found.headers["etag"])
    assert (again.status, again.body) == (304, b"")


def test_what_was_never_kept_is_unknown_without_the_right_to_list(deployment: Deployment) -> None:
    answer = deployment.call("GET", f"/v1/articles/{'0' * 64}")
    assert (answer.status, answer.json()["code"]) == (404, "unknown-article")


def test_a_job_goes_through_the_queue_to_the_worker(deployment: Deployment) -> None:
    accepted = deployment.ask("/v1/jobs", call="translations", request={"text": "The ferry sails.", "target": "pt"})
    assert accepted.status == 202
    job = eventually(lambda: _ended(deployment.call("GET", accepted.headers["location"])))
    assert job["state"] == "done"
    results = deployment.call("GET", f"{accepted.headers['location']}/results")
    assert results.status == 200
    assert b"ferry" in results.body or b"balsa" in results.body


def test_poison_ends_among_the_dead_letters_with_its_reason(deployment: Deployment) -> None:
    sqs = deployment.account.client("sqs")
    sqs.send_message(QueueUrl=deployment.outputs["JobQueueUrl"], MessageBody="poison")
    (message,) = eventually(lambda: _dead(deployment))
    assert message["Body"] == "poison"
    assert message["MessageAttributes"]["reason"]["StringValue"] == "not a task"


def test_without_the_right_to_write_results_answers_go_on_uncached_and_the_log_says_why(
    deployment: Deployment,
) -> None:
    with deployment.without("ApiRole", "s3:PutObject"):
        answers = [deployment.translate(b"Nobody may keep this sentence.") for _ in range(2)]
    assert [(answer.status, answer.headers["x-cache"]) for answer in answers] == [(200, "bypass")] * 2
    assert "AccessDenied" in deployment.logged("api")


def test_without_the_right_to_send_no_job_is_accepted(deployment: Deployment) -> None:
    with deployment.without("ApiRole", "sqs:SendMessageBatch"):
        refused = deployment.ask("/v1/jobs", call="translations", request={"text": "Nobody.", "target": "pt"})
    assert (refused.status, refused.json()["code"]) == (503, "queue-unavailable")


def test_no_text_gets_into_a_log(deployment: Deployment) -> None:
    deployment.translate(b"Zanzibar is mentioned nowhere else.")
    assert deployment.logged("api")
    assert "Zanzibar" not in deployment.logged("api") + deployment.logged("worker")


def test_results_are_read_over_tls_only(deployment: Deployment) -> None:
    deployment.translate(TEXT)
    bucket = deployment.outputs["ResultsBucket"]
    key = deployment.account.client("s3").list_objects_v2(Bucket=bucket)["Contents"][0]["Key"]
    reader = deployment.account.client("s3", **_reader(deployment.account))
    assert reader.get_object(Bucket=bucket, Key=key)["Body"].read()
    reader.meta.events.register("before-sign.s3", _say_it_came_in_the_clear)
    with pytest.raises(ClientError, match="AccessDenied"):
        reader.get_object(Bucket=bucket, Key=key)


def test_removed_it_leaves_nothing(deployment: Deployment) -> None:
    here = deployment.account
    told = AWS_ENV | {"AWS_ENDPOINT_URL": here.url, "AWS_CA_BUNDLE": str(here.certificate)}
    subprocess.run([sys.executable, "-m", "infra.removal", STACK], env=told, check=True, capture_output=True)
    here.osls("remove", "--stage", "dev")
    assert here.client("s3").list_buckets()["Buckets"] == []
    assert here.client("lambda").list_functions()["Functions"] == []
    assert here.client("dynamodb").list_tables()["TableNames"] == []


def eventually(look: Callable[[], Any]) -> Any:  # noqa: ANN401
    """What `look` gives as soon as that is something."""
    give_up_at = time.monotonic() + PATIENCE_S
    while not (seen := look()):
        assert time.monotonic() < give_up_at
        time.sleep(0.2)
    return seen


def _ended(answer: Answer) -> dict[str, Any] | None:
    job: dict[str, Any] = answer.json()
    return job if job["state"] in ("done", "failed") else None


def _dead(deployment: Deployment) -> list[dict[str, Any]] | None:
    sqs, url = deployment.account.client("sqs"), deployment.outputs["DeadLettersUrl"]
    return sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages")


def _say_it_came_in_the_clear(request: AWSRequest, **_: object) -> None:
    request.headers["X-Forwarded-Proto"] = "http"  # as a proxy that ends TLS would, and MiniStack goes by that


def _reader(here: Account) -> dict[str, str]:
    """The keys of somebody who may read all objects there are."""
    iam = here.client("iam")
    iam.create_user(UserName="reader")
    may = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [may]})
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=document)
    keys = iam.create_access_key(UserName="reader")["AccessKey"]
    return {"aws_access_key_id": keys["AccessKeyId"], "aws_secret_access_key": keys["SecretAccessKey"]}


def _physical(here: Account, resource: str) -> str:
    found = here.client("cloudformation").describe_stack_resource(StackName=STACK, LogicalResourceId=resource)
    name: str = found["StackResourceDetail"]["PhysicalResourceId"]
    return name


def _allow_batches(here: Account) -> None:
    """In AWS the right to send is that to send batches, which for MiniStack is one of its own."""
    iam = here.client("iam")
    for role in ("ApiRole", "WorkerRole"):
        name = _physical(here, role)
        (policy,) = iam.list_role_policies(RoleName=name)["PolicyNames"]
        statements = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]["Statement"]
        for one in statements:
            if "sqs:SendMessage" in _listed(one["Action"]):
                one["Action"] = [*_listed(one["Action"]), "sqs:SendMessageBatch"]
        _put(iam, name, policy, statements)


def _put(iam: Any, role: str, policy: str, statements: list[dict[str, Any]]) -> None:  # noqa: ANN401
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_role_policy(RoleName=role, PolicyName=policy, PolicyDocument=document)


def _listed(one_or_many: str | list[str]) -> list[str]:
    return one_or_many if isinstance(one_or_many, list) else [one_or_many]
