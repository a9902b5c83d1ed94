"""The alarms and the dashboard of the packaged template."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from handler.cloudwatch import NAMESPACE, CloudWatch
from handler.telemetry import Exchange, Kind
from services.ports import Count
from services.steps import Lap, Step

Resources = dict[str, dict[str, Any]]
API, WORKER, GATEWAY = "ApiLambdaFunction", "WorkerLambdaFunction", "HttpApi"
# What issue 6 asks to be told of: metric, and whose it is.
WATCHED = [
    ("AWS/ApiGateway", "5xx", GATEWAY),
    ("AWS/ApiGateway", "Latency", GATEWAY),
    ("AWS/Lambda", "Errors", API),
    ("AWS/Lambda", "Errors", WORKER),
    ("AWS/Lambda", "Throttles", API),
    ("AWS/Lambda", "Throttles", WORKER),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", "JobQueue"),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "DeadLetters"),
    ("Interlede", "StoreBypassed", "service"),
    ("Interlede", "TaskFailures", "service"),
]
RUNBOOK = Path("docs/deploy.md")


@pytest.fixture
def alarms(resources: Resources) -> Resources:
    return {name: one["Properties"] for name, one in resources.items() if one["Type"] == "AWS::CloudWatch::Alarm"}


def watched(alarm: dict[str, Any]) -> tuple[str, str, str]:
    (dimension,) = alarm["Dimensions"]
    value = dimension["Value"]
    owner = value.get("Ref") or value["Fn::GetAtt"][0] if isinstance(value, dict) else dimension["Name"]
    return alarm["Namespace"], alarm["MetricName"], owner


def test_there_is_an_alarm_for_all_that_may_go_wrong_and_for_nothing_else(alarms: Resources) -> None:
    assert sorted(map(watched, alarms.values())) == sorted(WATCHED)


def test_each_alarm_and_its_end_are_told_and_silence_is_no_alarm(alarms: Resources) -> None:
    for alarm in alarms.values():
        assert alarm["AlarmActions"] == alarm["OKActions"] == [{"Ref": "Alarms"}]
        assert alarm["TreatMissingData"] == "notBreaching"


def test_latency_is_that_of_one_answer_of_twenty_and_below_the_deadline(alarms: Resources) -> None:
    assert alarms["LatencyAlarm"]["ExtendedStatistic"] == "p95"
    assert float(alarms["LatencyAlarm"]["Threshold"]) < 25_000


def test_the_application_s_own_metrics_are_this_stage_s(alarms: Resources, stage: str) -> None:
    for name in ("StoreBypassAlarm", "TaskFailuresAlarm"):
        assert alarms[name]["Dimensions"] == [{"Name": "service", "Value": f"interlede-{stage}"}]


def test_the_runbook_says_what_to_do_about_each_alarm(alarms: Resources) -> None:
    runbook = RUNBOOK.read_text("utf-8")
    assert set(re.findall(r"`(\w+Alarm)`", runbook)) == set(alarms)


def test_alarms_of_this_account_only_are_told_and_over_tls(resources: Resources) -> None:
    allow, deny = resources["AlarmsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert allow["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert allow["Condition"] == {"StringEquals": {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}}
    assert deny["Effect"] == "Deny"
    assert deny["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_the_dashboard_and_the_alarms_show_what_is_counted(
    resources: Resources, stage: str, capfd: pytest.CaptureFixture[str]
) -> None:
    body = resources["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    named = {name.partition(".")[0] for name in re.findall(r"\$\{(\w[\w.]*)\}", body)}
    assert named <= resources.keys()
    widgets = json.loads(body)["widgets"]
    metrics = [metric for widget in widgets for metric in widget["properties"]["metrics"]]
    own = [metric for metric in metrics if metric[0] == NAMESPACE]
    assert all(metric[2:4] == ["service", f"interlede-{stage}"] for metric in own)
    assert {metric[1] for metric in own} <= counted(capfd)
    places = [(widget["x"], widget["y"]) for widget in widgets]
    assert len(set(places)) == len(places)
    assert {metric[1] for metric in metrics} >= {name for _, name, _ in WATCHED}


def counted(capfd: pytest.CaptureFixture[str]) -> set[str]:
    """The names of all metrics that the functions write into their logs."""
    metrics = CloudWatch("any")
    for count in Count:
        metrics.count(count)
    laps = [Lap(step, 0, 1) for step in Step]
    for kind in Kind:
        for cache in ("hit", "partial", "miss", "bypass"):
            metrics.observe(Exchange(kind, "", "", "", 500, 0, 1, laps, cache))
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    return {metric["Name"] for line in lines for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
