"""The two functions of the packaged template, and what calls them."""

from pathlib import Path
from typing import Any

import pytest

from handler.settings import Settings
from infra.python313 import VERSION
from services.retention import RETENTION
from services.tasks import _MAX_LATE, LEASE_S

Resources = dict[str, dict[str, Any]]
FUNCTIONS = {"ApiLambdaFunction": "api", "WorkerLambdaFunction": "worker"}


def of_type(resources: Resources, kind: str) -> Resources:
    return {name: one["Properties"] for name, one in resources.items() if one["Type"] == kind}


@pytest.fixture
def functions(resources: Resources) -> Resources:
    return of_type(resources, "AWS::Lambda::Function")


def test_there_are_two_functions_each_with_a_role_of_its_own(functions: Resources, resources: Resources) -> None:
    assert functions.keys() == FUNCTIONS.keys()
    roles = [properties["Role"]["Fn::GetAtt"][0] for properties in functions.values()]
    assert sorted(roles) == sorted(of_type(resources, "AWS::IAM::Role"))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_runs_the_code_that_is_here(functions: Resources, function: str) -> None:
    module, _, name = functions[function]["Handler"].rpartition(".")
    assert name == "handler"
    assert Path(*module.split(".")).with_suffix(".py").is_file()
    assert functions[function]["Runtime"] == "python" + ".".join(map(str, VERSION))


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_is_traced_and_its_logs_are_kept_for_a_while(
    functions: Resources, resources: Resources, function: str, stage: str
) -> None:
    assert functions[function]["TracingConfig"] == {"Mode": "Active"}
    groups = {one["LogGroupName"]: one for one in of_type(resources, "AWS::Logs::LogGroup").values()}
    group = groups[f"/aws/lambda/interlede-{stage}-{FUNCTIONS[function]}"]
    assert group["RetentionInDays"] == {"dev": 14, "prod": 90}[stage]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_what_a_function_is_told_is_what_the_settings_read(functions: Resources, function: str, stage: str) -> None:
    environment = functions[function]["Environment"]["Variables"]
    fields = {f"INTERLEDE_{name.upper()}" for name in Settings.model_fields}
    assert {name for name in environment if name.startswith("INTERLEDE_")} <= fields
    assert environment["INTERLEDE_RESULTS"] == {"Fn::Sub": "s3://${Results}"}
    assert environment["INTERLEDE_QUEUE"] == {"Ref": "JobQueue"}
    assert environment["INTERLEDE_DEAD_LETTERS"] == {"Ref": "DeadLetters"}
    assert environment["POWERTOOLS_SERVICE_NAME"] == f"interlede-{stage}"


def test_an_answer_is_given_up_by_the_application_first_then_by_lambda_then_by_the_gateway(
    functions: Resources, resources: Resources
) -> None:
    (integration,) = of_type(resources, "AWS::ApiGatewayV2::Integration").values()
    deadline_ms = Settings.model_fields["deadline_ms"].default
    timeout_ms = functions["ApiLambdaFunction"]["Timeout"] * 1000
    assert deadline_ms + 2_000 <= timeout_ms < integration["TimeoutInMillis"] <= 30_000


def test_the_api_starts_from_a_snapshot_of_its_published_version_and_the_worker_does_not(
    functions: Resources, resources: Resources
) -> None:
    assert functions["ApiLambdaFunction"]["SnapStart"] == {"ApplyOn": "PublishedVersions"}
    assert "SnapStart" not in functions["WorkerLambdaFunction"]
    ((version, published),) = of_type(resources, "AWS::Lambda::Version").items()
    ((alias, named),) = of_type(resources, "AWS::Lambda::Alias").items()
    assert published["FunctionName"] == named["FunctionName"] == {"Ref": "ApiLambdaFunction"}
    assert named["FunctionVersion"] == {"Fn::GetAtt": [version, "Version"]}
    (integration,) = of_type(resources, "AWS::ApiGatewayV2::Integration").items()
    assert integration[1]["IntegrationUri"] == {
        "Fn::Join": [":", [{"Fn::GetAtt": ["ApiLambdaFunction", "Arn"]}, named["Name"]]]
    }
    assert resources[integration[0]]["DependsOn"] == alias


def test_a_version_goes_when_the_next_one_is_there_as_its_snapshot_costs_money(resources: Resources) -> None:
    (version,) = (one for one in resources.values() if one["Type"] == "AWS::Lambda::Version")
    assert version.get("DeletionPolicy", "Delete") == "Delete"


def test_all_routes_are_the_application_s(resources: Resources) -> None:
    (route,) = of_type(resources, "AWS::ApiGatewayV2::Route").values()
    assert route["RouteKey"] == "$default"


def test_the_worker_is_given_its_queue_and_answers_message_by_message(resources: Resources) -> None:
    (mapping,) = of_type(resources, "AWS::Lambda::EventSourceMapping").values()
    assert mapping["EventSourceArn"] == {"Fn::GetAtt": ["JobQueue", "Arn"]}
    assert mapping["FunctionName"] == {"Fn::GetAtt": ["WorkerLambdaFunction", "Arn"]}
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["Enabled"] is True
    assert mapping["ScalingConfig"]["MaximumConcurrency"] >= 2


def test_a_message_is_hidden_for_six_times_as_long_as_a_worker_lives(
    functions: Resources, resources: Resources
) -> None:
    timeout_s, queue = functions["WorkerLambdaFunction"]["Timeout"], resources["JobQueue"]["Properties"]
    assert queue["VisibilityTimeout"] >= 6 * timeout_s
    assert timeout_s > LEASE_S  # or the lease would never be extended, and a shorter one would do


def test_poison_is_buried_by_the_jobs_and_not_by_the_queue(resources: Resources) -> None:
    redrive = resources["JobQueue"]["Properties"]["RedrivePolicy"]
    assert redrive["deadLetterTargetArn"] == {"Fn::GetAtt": ["DeadLetters", "Arn"]}
    assert redrive["maxReceiveCount"] > _MAX_LATE


def test_messages_are_kept_as_long_as_their_jobs_and_dead_ones_longer(resources: Resources) -> None:
    kept_s = resources["JobQueue"]["Properties"]["MessageRetentionPeriod"]
    assert kept_s == RETENTION["jobs"].total_seconds()
    assert resources["DeadLetters"]["Properties"]["MessageRetentionPeriod"] > kept_s
