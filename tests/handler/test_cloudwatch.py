import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from handler.cloudwatch import CloudWatch
from handler.telemetry import Exchange, Kind
from services.ports import Count
from services.steps import Lap, Step


def exchange(
    kind: Kind = Kind.REQUEST, status: int = 200, cache: str | None = "miss", laps: Sequence[Lap] = ()
) -> Exchange:
    """One of 50 milliseconds."""
    return Exchange(kind, "r-1", "POST", "/v1/translations", status, 10.0, 0.05, laps, cache)


def told(capfd: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines of the log, each of which has to be in the Embedded Metric Format."""
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    for line in lines:
        (directive,) = line["_aws"]["CloudWatchMetrics"]
        assert directive["Namespace"] == "Interlede"
        assert directive["Dimensions"] == [["service"]]
        assert all(metric["Name"] in line for metric in directive["Metrics"])
    return lines


def metrics(line: Mapping[str, Any]) -> dict[str, list[float]]:
    """The metrics of a line."""
    return {metric["Name"]: line[metric["Name"]] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}


def test_a_request_is_one_line_with_its_metrics_and_facts(capfd: pytest.CaptureFixture[str]) -> None:
    cloudwatch = CloudWatch("interlede-dev")
    cloudwatch.count(Count.CHARACTERS, 300)
    cloudwatch.count(Count.CHARACTERS, 40)
    cloudwatch.count(Count.SENTENCES_FLAGGED, 0)
    cloudwatch.observe(exchange(laps=[Lap(Step.DECODE, 10.0, 0.02), Lap(Step.DECODE, 10.02, 0.01)]))
    (line,) = told(capfd)
    assert metrics(line) == {
        "Characters": [300, 40],
        "Requests": [1],
        "RequestTime": [50],
        "CacheMiss": [1],
        "DecodeTime": [30],
        "ColdStart": [1],
    }
    facts = {"request_id": "r-1", "method": "POST", "route": "/v1/translations", "status": 200, "cache": "miss"}
    assert line.items() >= ({"service": "interlede-dev"} | facts).items()


def test_what_was_told_is_not_told_again_and_a_start_is_cold_once(capfd: pytest.CaptureFixture[str]) -> None:
    cloudwatch = CloudWatch("interlede-dev")
    cloudwatch.count(Count.STORE_BYPASSED)
    cloudwatch.observe(exchange(cache="bypass"))
    cloudwatch.observe(exchange(status=503, cache=None))
    first, second = told(capfd)
    assert metrics(first).keys() >= {"StoreBypassed", "CacheBypass", "ColdStart"}
    assert metrics(second).keys() == {"Requests", "RequestTime", "ServerErrors"}
    assert "cache" not in second


@pytest.mark.parametrize(
    ("status", "names"), [(200, {"Tasks", "TaskTime"}), (503, {"Tasks", "TaskTime", "TaskFailures"})]
)
def test_a_task_has_metrics_of_its_own(capfd: pytest.CaptureFixture[str], status: int, names: set[str]) -> None:
    CloudWatch("interlede-dev").observe(exchange(Kind.TASK, status, None))
    (line,) = told(capfd)
    assert metrics(line).keys() - {"ColdStart"} == names


def test_many_events_of_one_request_are_all_told(capfd: pytest.CaptureFixture[str]) -> None:
    cloudwatch = CloudWatch("interlede-dev")
    for _ in range(250):
        cloudwatch.count(Count.STORE_FAILED)
    cloudwatch.observe(exchange())
    assert sum(sum(metrics(line).get("StoreFailed", [])) for line in told(capfd)) == 250
