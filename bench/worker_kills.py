"""Jobs under a worker that is killed again and again: `python -m bench.worker_kills [JOBS] [SECONDS BETWEEN KILLS]`.

Each job's answer is compared with what the call gives at once. Prints what became of them, and of their messages.
"""

import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice, product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from handler.schemas.v1.requests import TranslationRequest
from handler.settings import Settings
from handler.wiring import Services, build
from services.adapters.sqlite import SqliteQueue

_WHO = ("The council", "A court", "The ministry", "Her party", "The union", "A committee", "The mayor", "Parliament")
_DID = ("approved", "rejected", "postponed", "discussed", "welcomed", "criticised", "explained", "published", "signed")
_WHAT = ("the budget", "a new law", "the report", "the plan for the port", "the agreement", "a reform of schools")
_WHEN = ("on Monday", "on Tuesday", "on Friday", "last week")
_LOOK_EVERY_S = 0.1
_WATCH = (
    "CREATE TABLE received (body TEXT, at REAL)",
    """CREATE TRIGGER watch AFTER UPDATE OF receives ON messages WHEN new.receives > old.receives
       BEGIN INSERT INTO received VALUES (new.body, (julianday('now') - 2440587.5) * 86400); END""",
)


@dataclass
class Lives:
    """What the workers did: when each was started, and how many were killed."""

    started_at: list[float] = field(default_factory=list)
    kills: int = 0


def main(jobs: int, every_s: float) -> None:
    """Submit the jobs, have them done by workers that die, and print what came of it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        services = _services(folder / "results", folder / "queue.sqlite")
        queue = SqliteQueue(folder / "queue.sqlite")
        queue.depth()
        with closing(sqlite3.connect(folder / "queue.sqlite")) as db, db:
            for statement in _WATCH:
                db.execute(statement)
        items = [json.dumps({"text": text, "source": "en", "target": "pt"}) for text in _texts(jobs)]
        ids = [services.jobs.defer("translations", item).id for item in items]
        began, lives = time.monotonic(), Lives()
        _have_done(folder, queue, every_s, lives)
        took_s = time.monotonic() - began
        _report(folder, services, items, ids, lives, took_s)


def _texts(count: int) -> list[str]:
    whole = (" ".join(words) + "." for words in product(_WHO, _DID, _WHAT, _WHEN))
    return list(islice(whole, count))


def _services(results: Path, queue: Path) -> Services:
    return build(Settings(results=str(results), queue=str(queue)))


def _have_done(folder: Path, queue: SqliteQueue, every_s: float, lives: Lives) -> None:
    environment = {
        **os.environ,
        "INTERLEDE_RESULTS": str(folder / "results"),
        "INTERLEDE_QUEUE": str(folder / "queue.sqlite"),
    }
    while _is_left(queue):
        lives.started_at.append(time.time())
        worker = subprocess.Popen([sys.executable, "-m", "handler", "work"], env=environment, stderr=subprocess.DEVNULL)
        dies_at = time.monotonic() + every_s
        while time.monotonic() < dies_at and _is_left(queue):
            time.sleep(_LOOK_EVERY_S)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        lives.kills += _is_left(queue)


def _is_left(queue: SqliteQueue) -> bool:
    depth = queue.depth()
    return depth.waiting + depth.leased > 0


def _report(
    folder: Path, services: Services, items: Sequence[str], ids: Sequence[str], lives: Lives, took_s: float
) -> None:
    direct = _services(folder / "direct", folder / "unused.sqlite").operations["translations"]
    outcomes = Counter[str]()
    for item, job_id in zip(items, ids, strict=True):
        found = list(services.jobs.outcomes(services.jobs.find(job_id)))
        wanted = direct.run(TranslationRequest.model_validate_json(item)).answer.model_dump(mode="json")
        outcomes["doubled"] += len(found) > 1
        if not found:
            outcomes["lost"] += 1
        elif found[0][1].failed:
            outcomes["given up"] += 1
        else:
            outcomes["as at once" if _same(json.loads(found[0][1].body), wanted) else "different"] += 1
    with closing(sqlite3.connect(folder / "queue.sqlite")) as db:
        received = db.execute("SELECT body, at FROM received ORDER BY at").fetchall()
    firsts_s = [
        min(at for _, at in received if at >= started) - started
        for started in lives.started_at
        if any(at >= started for _, at in received)
    ]
    again = sum(count - 1 for count in Counter(body for body, _ in received).values())
    print(f"{len(items)} jobs in {took_s:.0f} s under {len(lives.started_at)} workers, {lives.kills} of them killed")
    print(f"from start to the first message: median {statistics.median(firsts_s):.2f} s, {min(firsts_s):.2f} s at best")
    print(f"messages received {len(received)} times, {again} of these after a worker had died over them")
    print(", ".join(f"{name} {outcomes[name]}" for name in ("as at once", "different", "given up", "doubled", "lost")))
    print(f"dead letters {services.run_task.queue.depth().dead}")


def _same(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether answers are the same, but for where they came from and what that took."""
    return {**ours, "cache": "", "decoded": 0} == {**theirs, "cache": "", "decoded": 0}


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000, float(sys.argv[2]) if len(sys.argv) > 2 else 2)
