"""Traces of a Lambda function: each request and its steps as a subsegment, sent to the X-Ray daemon beside it.

The format is that of the X-Ray developer guide, "Segment documents" and "Sending trace data with the X-Ray daemon".
The X-Ray SDK ends in 2027, and takes a quarter of a second and an open socket to import (docs/adr/0012).
"""

import json
import os
import secrets
import socket
import time
from contextlib import suppress

from handler.telemetry import Exchange

_HEADER = b'{"format": "json", "version": 1}\n'
_MAX_LAPS = 50  # the daemon takes 64 kB
_DAEMON = "127.0.0.1:2000"


def send(exchange: Exchange) -> None:
    """Send a request or task, if its trace is sampled; a daemon that is not there is none of its concern."""
    # Lambda writes both into the environment: the header anew at each invocation.
    document = subsegment(exchange, os.environ.get("_X_AMZN_TRACE_ID", ""))
    if document is None:
        return
    host, _, port = os.environ.get("AWS_XRAY_DAEMON_ADDRESS", _DAEMON).rpartition(":")
    with suppress(OSError, ValueError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as daemon:
        daemon.setblocking(False)
        daemon.sendto(_HEADER + json.dumps(document).encode(), (host, int(port)))


def subsegment(exchange: Exchange, trace_header: str) -> dict[str, object] | None:
    """The document for a request or task within the trace of a header; None where that is not sampled."""
    trace = dict(part.strip().split("=", 1) for part in trace_header.split(";") if "=" in part)
    if trace.get("Sampled") != "1" or not {"Root", "Parent"} <= trace.keys():
        return None
    zero_s = time.time() - time.perf_counter()
    facts = {name: fact for name, fact in exchange.facts().items() if not name.endswith("_ms")}
    return {
        **_timed(exchange.kind, zero_s + exchange.began_s, exchange.seconds),
        "trace_id": trace["Root"],
        "parent_id": trace["Parent"],
        "type": "subsegment",
        "fault": exchange.failed,
        "error": 400 <= exchange.status < 500,
        "annotations": facts | {"request_id": exchange.id},
        "subsegments": [_timed(lap.step, zero_s + lap.began_s, lap.seconds) for lap in exchange.laps[:_MAX_LAPS]],
    }


def _timed(name: str, began_s: float, seconds: float) -> dict[str, object]:
    return {"id": secrets.token_hex(8), "name": name, "start_time": began_s, "end_time": began_s + seconds}
