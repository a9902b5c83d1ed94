"""What of the packaged template is there only where somebody asks for it."""

from typing import Any

import pytest

Template = dict[str, Any]


@pytest.fixture
def template(templates: dict[str, Template], stage: str) -> Template:
    return templates[stage]


def test_every_option_is_off_unless_it_is_asked_for(template: Template) -> None:
    defaults = {name: one["Default"] for name, one in template["Parameters"].items()}
    assert set(defaults.values()) <= {"", "off"}


@pytest.mark.parametrize(
    ("option", "parts"),
    [
        ("HasDomain", {"Domain", "DomainMapping"}),
        ("HasZone", {"DomainRecord"}),
        ("HasUrl", {"Url"}),
        ("HasPublicUrl", {"UrlPermission", "UrlInvokePermission"}),
        ("HasAlarmEmail", {"AlarmsByEmail"}),
    ],
)
def test_an_option_brings_its_parts(template: Template, option: str, parts: set[str]) -> None:
    assert {name for name, one in template["Resources"].items() if one.get("Condition") == option} == parts


def test_a_domain_of_one_s_own_closes_the_default_endpoint(template: Template) -> None:
    closed = template["Resources"]["HttpApi"]["Properties"]["DisableExecuteApiEndpoint"]
    assert closed == {"Fn::If": ["HasDomain", True, False]}


def test_a_function_url_wants_signatures_unless_it_is_public(template: Template) -> None:
    url = template["Resources"]["Url"]["Properties"]
    assert url["AuthType"] == {"Fn::If": ["HasPublicUrl", "NONE", "AWS_IAM"]}
    assert url["Qualifier"] == template["Resources"]["ApiSnapStartLambdaAlias"]["Properties"]["Name"]


@pytest.mark.parametrize("function", ["Api", "Worker"])
def test_concurrency_is_reserved_only_where_it_is_asked_for(template: Template, function: str) -> None:
    reserved = template["Resources"][f"{function}LambdaFunction"]["Properties"]["ReservedConcurrentExecutions"]
    ref = {"Ref": f"{function}ReservedConcurrency"}
    assert reserved == {"Fn::If": [f"Has{function}Reserved", ref, {"Ref": "AWS::NoValue"}]}


def test_the_gateway_throttles(template: Template) -> None:
    settings = template["Resources"]["HttpApiStage"]["Properties"]["DefaultRouteSettings"]
    assert 0 < int(settings["ThrottlingRateLimit"]) <= int(settings["ThrottlingBurstLimit"])


def test_the_access_log_tells_no_path_and_no_query_as_these_name_jobs_and_articles(template: Template) -> None:
    access_log = template["Resources"]["HttpApiStage"]["Properties"]["AccessLogSettings"]
    assert access_log["DestinationArn"] == {"Fn::GetAtt": ["HttpApiLogGroup", "Arn"]}
    told = access_log["Format"].lower()
    assert "$context.requestid" in told
    assert not any(word in told for word in ("path", "query", "routekey", "protocol", "authorizer"))


def test_the_webhooks_secret_is_read_from_secrets_manager_and_is_not_in_the_template(template: Template) -> None:
    for function in ("ApiLambdaFunction", "WorkerLambdaFunction"):
        environment = template["Resources"][function]["Properties"]["Environment"]["Variables"]
        condition, secret, nothing = environment["INTERLEDE_WEBHOOK_SECRET"]["Fn::If"]
        assert condition == "HasWebhooks"
        assert secret.startswith("{{resolve:secretsmanager:")
        assert nothing == {"Ref": "AWS::NoValue"}
