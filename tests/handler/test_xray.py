import json
import socket
import time

import pytest

from handler import xray
from handler.telemetry import Exchange, Kind
from services.steps import Lap, Step

TRACE = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a8f3:0"


def exchange(status: int = 200) -> Exchange:
    """One that has just ended, with two steps."""
    began_s = time.perf_counter() - 0.05
    laps = [Lap(Step.DETECT, began_s, 0.01), Lap(Step.DECODE, began_s + 0.01, 0.03)]
    return Exchange(Kind.REQUEST, "r-1", "POST", "/v1/translations", status, began_s, 0.05, laps, "miss")


def test_a_sampled_request_reaches_the_daemon_as_a_subsegment_of_the_function(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.bind(("127.0.0.1", 0))
        daemon.settimeout(5)
        monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", f"127.0.0.1:{daemon.getsockname()[1]}")
        monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)
        xray.send(exchange())
        header, _, document = daemon.recv(65_536).partition(b"\n")
    assert json.loads(header) == {"format": "json", "version": 1}
    sent = json.loads(document)
    assert (sent["trace_id"], sent["parent_id"]) == ("1-5759e988-bd862e3fe1be46a994272793", "53995c3f42cd8ad8")
    assert (sent["type"], sent["name"], sent["fault"], sent["error"]) == ("subsegment", "request", False, False)
    assert sent["annotations"] == {
        "method": "POST",
        "route": "/v1/translations",
        "status": 200,
        "cache": "miss",
        "request_id": "r-1",
    }
    assert [one["name"] for one in sent["subsegments"]] == ["detect", "decode"]
    assert abs(sent["end_time"] - time.time()) < 5
    assert sent["end_time"] - sent["start_time"] == pytest.approx(0.05, abs=1e-3)
    ids = {sent["id"], *(one["id"] for one in sent["subsegments"])}
    assert len(ids) == 3
    assert all(len(one) == 16 and int(one, 16) >= 0 for one in ids)


@pytest.mark.parametrize(("status", "fault", "error"), [(404, False, True), (503, True, False)])
def test_whose_fault_it_was_is_told(status: int, fault: bool, error: bool) -> None:
    document = xray.subsegment(exchange(status), TRACE)
    assert document is not None
    assert (document["fault"], document["error"]) == (fault, error)


@pytest.mark.parametrize(
    "header",
    ["", "Root=1-5759e988-bd862e3fe1be46a994272793", TRACE.replace("Sampled=1", "Sampled=0"), ";=;", "Sampled=1"],
)
def test_what_is_not_sampled_is_not_told(header: str) -> None:
    assert xray.subsegment(exchange(), header) is None


def test_many_steps_fit_into_a_datagram() -> None:
    laps = [Lap(Step.STORE, 1.0, 0.001)] * 1_000
    document = xray.subsegment(Exchange(Kind.TASK, "r-1", "", "", 200, 1.0, 1.0, laps), TRACE)
    assert len(json.dumps(document)) < 60_000


@pytest.mark.parametrize("address", ["", "nowhere", "127.0.0.1:1", "127.0.0.1:x", "[::1]:2000"])
def test_a_daemon_that_is_not_there_is_no_trouble(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("AWS_XRAY_DAEMON_ADDRESS", address)
    monkeypatch.setenv("_X_AMZN_TRACE_ID", TRACE)
    xray.send(exchange())
