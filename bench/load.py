"""More and more callers, until there are too many, and then one alone: `python -m bench.load NTREX [--emulator URL]`.

The callers are Locust's, in a process and an environment of their own (.tools/locust, made at the first run). Without
a URL our server is started as `make run` does it, with an empty folder for results; the URL is that of a running
`python -m infra.emulator`. Four headlines to an article, no sentence twice.
"""

import argparse
import hashlib
import json
import math
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any
from urllib.parse import urlsplit

import psutil

from bench.contestants import INTERLEDE, ROOT, Cores, Server, serving
from bench.measure import Watch, write_report
from bench.spans import Request, requests
from bench.texts import read_documents

LOCUST, PINS = ROOT / ".tools" / "locust", ROOT / "bench" / "locust.txt"
LEVELS = (1, 10, 50, 200)
MIN_TEXTS, TEXTS_A_S = 200, 60
ALONE, WARM_UP = 40, 10
REST_S = 10.0
_SAMPLES_EVERY_S = 0.2
_FUNCTION = "handler.lambda_api.handler"


@dataclass(frozen=True, slots=True)
class System:
    """What is put under load: a server to be asked, and the processes that do the work."""

    server: Server
    processes: Callable[[], list[psutil.Process]]

    def memory_mb(self) -> float:
        """Resident, of all of them; what they share counts for each."""
        return sum(_of(process, lambda one: one.memory_info().rss) for process in self.processes()) / 2**20

    def cpu_s(self) -> float:
        """Processor seconds of those that run now."""
        return sum(_of(process, lambda one: sum(one.cpu_times()[:2])) for process in self.processes())


@dataclass(frozen=True, slots=True)
class Answer:
    """One that a caller has had; the status is 0 where there was none."""

    kind: str
    chars: int
    status: int
    cache: str | None
    retry_after: str | None
    began_s: float
    ended_s: float

    @property
    def seconds(self) -> float:
        return self.ended_s - self.began_s


@dataclass(frozen=True, slots=True)
class Step:
    """What came of so many callers. The rates are those of the time given; answers that came after it count as well."""

    callers: int
    answers: list[Answer]
    until_s: float
    seconds: float
    cpu_s: float
    peak_mb: float
    memory_mb: float

    def figures(self) -> dict[str, str]:
        """A row of the table."""
        done = [one for one in self.answers if one.status == 200]
        in_time = [one for one in done if one.ended_s <= self.until_s]
        chars = sum(one.chars for one in done)
        known = sum(one.cache != "miss" for one in done)
        statuses = Counter(one.status for one in self.answers)
        refusals = sum(statuses[status] for status in (429, 503))
        told = sum(one.retry_after is not None for one in self.answers if one.status in (429, 503))
        return {
            "answers/s": f"{len(in_time) / self.seconds:,.1f}",
            "characters/s": f"{sum(one.chars for one in in_time) / self.seconds:,.0f}",
            "characters/core-s": f"{chars / self.cpu_s:,.0f}",
            **{f"{kind} p50/p95/p99, s": _percentiles(done, kind) for kind in ("headline", "article")},
            "statuses": ", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items())),
            "refused with Retry-After": f"{told:,} of {refusals:,}",
            "known": f"{known / max(1, len(done)):.1%}",
            "MB at most, at the end": f"{self.peak_mb:.0f}, {self.memory_mb:.0f}",
        }


def set_up_locust() -> Path:
    """Locust's command in its own environment, which is made if it is not there."""
    stamp, wanted = LOCUST / "pins.sha256", hashlib.sha256(PINS.read_bytes()).hexdigest()
    if not (stamp.is_file() and stamp.read_text() == wanted):
        print(f"== setting up {LOCUST.relative_to(ROOT)} (once; about 85 MB)", flush=True)
        shutil.rmtree(LOCUST, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", LOCUST], check=True)
        pip = [str(LOCUST / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
        subprocess.run([*pip, "-r", PINS], check=True)
        stamp.write_text(wanted)
    return LOCUST / "bin" / "locust"


def run_step(
    system: System, locust: Path, callers: int, seconds: int, texts: Iterator[Request], impatient: bool
) -> Step:
    """Have so many callers ask for so long, and wait for the answers that are under way then."""
    with TemporaryDirectory() as scratch:
        given, had = Path(scratch, "texts"), Path(scratch, "answers")
        some = islice(texts, max(MIN_TEXTS, TEXTS_A_S * seconds))
        given.write_text("".join(f"{json.dumps(asdict(text))}\n" for text in some), "utf-8")
        command = [
            *(str(locust), "-f", str(ROOT / "bench" / "locustfile.py"), "--headless", "--only-summary"),
            *("-H", f"http://127.0.0.1:{system.server.port}", "-u", str(callers), "-r", str(callers)),
            *("--run-time", f"{seconds}s", "--stop-timeout", "90", "--texts", str(given), "--answers", str(had)),
            *(["--impatient"] if impatient else []),
        ]
        before_s = system.cpu_s()
        with _watching(system) as samples_mb:
            ended = subprocess.run(command, capture_output=True, text=True, check=False)
        if ended.returncode not in (0, 1) or not had.is_file():  # 1: some were refused
            raise RuntimeError(f"Locust failed:\n{ended.stderr[-2_000:]}")
        answers = [Answer(**json.loads(line)) for line in had.read_text("utf-8").splitlines()]
    until_s = min(answer.began_s for answer in answers) + seconds
    cpu_s = system.cpu_s() - before_s
    return Step(callers, answers, until_s, seconds, cpu_s, max(samples_mb), system.memory_mb())


def alone(system: System, texts: Iterator[Request]) -> list[float]:
    """The seconds of headlines, one after the other."""
    headlines = (text for text in texts if text.kind == "headline")
    return sorted(system.server.ask(text.text).seconds for text in islice(headlines, ALONE))


@contextmanager
def our_server(places: int | None) -> Iterator[System]:
    """Uvicorn with our application, on two cores like those who ask it."""
    environment = {} if places is None else {"INTERLEDE_MAX_REQUESTS": str(places)}
    with serving(replace(INTERLEDE, environment=environment), Cores.first(2)) as server:
        process = psutil.Process(server.pid)
        yield System(server, lambda: [process])


def emulated(url: str) -> System:
    """The API's functions below the process that listens at the URL. Raises ValueError if there is none."""
    port = urlsplit(url).port
    listening = (one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN and one.laddr)
    pid = next((one.pid for one in listening if one.laddr.port == port), None)
    if not port or not pid:
        raise ValueError(f"nothing on this machine listens at {url}")
    emulator = psutil.Process(pid)

    def functions() -> list[psutil.Process]:
        below = emulator.children(recursive=True)
        return [one for one in below if _of(one, lambda it: _FUNCTION in it.cmdline() and it.cmdline()[1] == "-P")]

    return System(Server(INTERLEDE, port, pid), functions)


@contextmanager
def _watching(system: System) -> Iterator[list[float]]:
    """How much memory there is in use, all the time."""
    samples_mb, stop = [system.memory_mb()], Event()

    def sample() -> None:
        while not stop.wait(_SAMPLES_EVERY_S):
            samples_mb.append(system.memory_mb())

    thread = Thread(target=sample)
    thread.start()
    try:
        yield samples_mb
    finally:
        stop.set()
        thread.join()


def _of(process: psutil.Process, what: Callable[[psutil.Process], float]) -> float:
    """Something of a process, 0 if it has ended meanwhile."""
    try:
        return what(process)
    except (psutil.NoSuchProcess, IndexError):
        return 0


def _percentiles(answers: Sequence[Answer], kind: str) -> str:
    ordered = sorted(one.seconds for one in answers if one.kind == kind)
    if not ordered:
        return "-"
    return " / ".join(f"{ordered[math.ceil(share * len(ordered)) - 1]:.2f}" for share in (0.5, 0.95, 0.99))


def measured(system: System, texts: Iterator[Request], options: argparse.Namespace) -> dict[str, Any]:
    """Print a table in Markdown, and give what is in it."""
    locust = set_up_locust()
    for text in islice(texts, WARM_UP):
        system.server.ask(text.text)
    before, before_mb, rows = alone(system, texts), system.memory_mb(), dict[str, dict[str, str]]()
    print(f"a headline alone: {1000 * before[ALONE // 2]:.0f} ms, {before_mb:.0f} MB")
    for callers in options.callers:
        step = run_step(system, locust, callers, options.seconds, texts, options.impatient)
        rows[f"{callers:,}"] = row = step.figures()
        if len(rows) == 1:
            print(f"| callers | {' | '.join(row)} |\n|{'---|' * (len(row) + 1)}")
        print(f"| {callers:,} | {' | '.join(row.values())} |", flush=True)
    after = alone(system, texts)
    time.sleep(REST_S)
    ratio, after_mb = after[ALONE // 2] / before[ALONE // 2], system.memory_mb()
    print(f"a headline alone after that: {1000 * after[ALONE // 2]:.0f} ms, {ratio:.2f} times as long as before")
    print(f"{REST_S:.0f} s later: {after_mb:.0f} MB", flush=True)
    return {"before_s": before, "after_s": after, "before_mb": before_mb, "after_mb": after_mb, "steps": rows}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.load", description=__doc__)
    parser.add_argument("ntrex", type=Path, help="folder with the NTREX-128 files and documents.tsv")
    parser.add_argument("--emulator", metavar="URL", help="of a running `python -m infra.emulator`")
    parser.add_argument("--seconds", type=int, default=25, help="of each step (default: %(default)s)")
    parser.add_argument("--callers", type=int, nargs="+", default=LEVELS, help="steps (default: 1 10 50 200)")
    parser.add_argument("--places", type=int, help="INTERLEDE_MAX_REQUESTS of our server")
    parser.add_argument("--impatient", action="store_true", help="callers that come back at once when refused")
    options = parser.parse_args()
    texts, watch = requests(read_documents(options.ntrex)), Watch()
    if options.emulator:
        figures = measured(emulated(options.emulator), texts, options)
    else:
        with our_server(options.places) as system:
            figures = measured(system, texts, options)
    figures["others_cores"] = watch.others_cores()
    write_report("load", figures | {"emulator": bool(options.emulator), "places": options.places})


if __name__ == "__main__":
    main()
