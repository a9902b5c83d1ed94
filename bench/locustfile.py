"""The callers of bench.load, as Locust runs them: each sends a text, and the next one as soon as it has its answer.

Who is refused sends the same text again when the answer tells to, or after a second. Every answer is a line of JSON.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gevent
from locust import FastHttpUser, constant, events, task
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment

REFUSED = (429, 503)
PATIENCE_S = 60.0
PAUSE_S = 1.0

_texts: Iterator[dict[str, str]] = iter(())
_answers: list[str] = []


@events.init_command_line_parser.add_listener
def _add_options(parser: LocustArgumentParser) -> None:
    parser.add_argument("--texts", help="JSON lines of kind and text, sent in this order")
    parser.add_argument("--answers", help="where the answers are written")
    parser.add_argument("--impatient", action="store_true", help="come back at once when refused")


@events.test_start.add_listener
def _begin(environment: Environment, **_: Any) -> None:  # noqa: ANN401
    global _texts
    given = Path(environment.parsed_options.texts).read_text("utf-8")
    _texts = iter([json.loads(line) for line in given.splitlines()])


@events.test_stop.add_listener
def _end(environment: Environment, **_: Any) -> None:  # noqa: ANN401
    Path(environment.parsed_options.answers).write_text("".join(_answers), "utf-8")


class Caller(FastHttpUser):
    """One of so many at a time, over a connection that it keeps."""

    wait_time = constant(0)
    network_timeout = PATIENCE_S

    @task
    def translate(self) -> None:
        """Send the next text until it is answered, or until the end."""
        work = next(_texts, None)
        if work is None:
            self.environment.runner.quit()
            raise RuntimeError("all texts have been sent; a faster server needs more of them")
        pause_s = self._send(work)
        while pause_s is not None and self.environment.runner.state == "running":
            gevent.sleep(0 if self.environment.parsed_options.impatient else pause_s)
            pause_s = self._send(work)

    def _send(self, work: dict[str, str]) -> float | None:
        """Send a text; gives the seconds to wait for before it is sent again, if it is refused."""
        body = {"text": work["text"], "source": "en", "target": "pt"}
        began_s = time.monotonic()
        with self.client.post("/v1/translations", json=body, name=work["kind"], catch_response=True) as response:
            status, cache = response.status_code, response.headers.get("X-Cache") if response.headers else None
            told = response.headers.get("Retry-After") if response.headers else None
            response.success()
        answer = {
            "kind": work["kind"],
            "chars": len(work["text"]),
            "status": status,
            "cache": cache,
            "retry_after": told,
            "began_s": began_s,
            "ended_s": time.monotonic(),
        }
        _answers.append(f"{json.dumps(answer)}\n")
        return float(told or PAUSE_S) if status in REFUSED else None
