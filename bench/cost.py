"""What a million characters cost on Lambda, by memory size: `python -m bench.cost NTREX [--bundle FOLDER] [--quick]`.

The Lambda entry is a process that has the share of the processor that Lambda gives to so much memory, by a control
group: an instance of each size for articles and headlines, and another one that is started as for a snapshot. Without
a bundle it is run by this Python, from here. S3 is not asked: what Lambda would wait for it is assumed. The prices are
those of infra/prices.py.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from statistics import mean, median
from typing import Any

import psutil

from bench.contestants import ROOT, Cores, on_cores
from bench.measure import Watch, write_report
from bench.races import CEILING
from bench.scale import CountingStore, assembled
from bench.texts import articles, read_documents
from infra.bulk.costs import S3_S, Requests
from infra.emulator.cpu import cpu_share, limits_cpu
from infra.emulator.tools import set_up
from infra.prices import CORE_MB, GB_MB, MONTH_S, PRICES, compute_cost
from services.adapters.sqlite import SqliteQueue
from services.model import Content, Language

SIZES_MB = (512, 1024, 1769, 3008)
ROUNDS, ARTICLES, HEADLINES, CALIBRATION = 3, 6, 16, 5
QUIET_CHARS_S = 17_537  # bare CTranslate2 on one core of the quiet machine of 22 November 2026 (bench/README.md)
A_REQUEST = Requests(s3_get=1, s3_put=1, invocations=1)
WAIT_S = (A_REQUEST.s3_get + A_REQUEST.s3_put) * S3_S
T4G_SMALL_CORES = 2 * 0.2  # what it may use all the time without paying more: EC2 user guide, "baseline utilization"
_SCRIPT = ROOT / "bench" / "lambda_calls.py"


@dataclass(frozen=True, slots=True)
class Spent:
    """What a start or a call took."""

    s: float
    cpu_s: float
    log_bytes: int
    mb: float


@dataclass(frozen=True, slots=True)
class Instance:
    """One that was started and is to be called."""

    start: Spent
    translate: Callable[[str], Spent]


@dataclass(slots=True)
class Size:
    """What was measured of a memory size. Seconds are those of the quiet machine, as far as bare CTranslate2 tells."""

    memory_mb: int
    articles: list[tuple[int, Spent]] = field(default_factory=list)
    headlines: list[tuple[int, Spent]] = field(default_factory=list)
    cold: list[tuple[Spent, Spent]] = field(default_factory=list)
    restored: list[tuple[Spent, Spent]] = field(default_factory=list)

    def warm_s(self, kind: str) -> float:
        """Seconds of the median text, with what S3 is waited for."""
        return median(spent.s for _, spent in getattr(self, kind)) + WAIT_S

    def chars(self, kind: str) -> float:
        """Characters of a text on the mean."""
        return mean(chars for chars, _ in getattr(self, kind))

    def chars_per_gb_s(self, kind: str) -> float:
        """Without waiting for S3."""
        texts: Sequence[tuple[int, Spent]] = getattr(self, kind)
        return median(chars / spent.s for chars, spent in texts) / (self.memory_mb / GB_MB)

    def cost(self, kind: str, arm: bool = False) -> float:
        """Of a million characters, all told."""
        log_bytes = mean(spent.log_bytes for _, spent in getattr(self, kind))
        of_text = compute_cost(self.warm_s(kind), self.memory_mb, arm) + of_request(log_bytes)
        return of_text * 1e6 / self.chars(kind)

    def start_cost(self, restored: bool) -> float:
        """What is paid before an instance can answer: the initialisation, or the restoring."""
        if restored:
            return PRICES.snapstart_restore_gb * self.memory_mb / GB_MB
        return compute_cost(median(start.s for start, _ in self.cold), self.memory_mb)

    def cold_cost(self, kind: str, restored: bool) -> float:
        """Of a million characters, each text by an instance of its own."""
        first_s = median(first.s for _, first in (self.restored if restored else self.cold))
        more_s = max(0.0, first_s - self.warm_s("headlines") + WAIT_S)
        more = self.start_cost(restored) + compute_cost(more_s, self.memory_mb)
        return self.cost(kind) + more * 1e6 / self.chars(kind)


def of_request(log_bytes: float) -> float:
    """What is paid for a request beside the time: Lambda, gateway, S3, log, and a unit of use written down."""
    return A_REQUEST.cost() + PRICES.http_api_request + PRICES.logs_gb * log_bytes / 1e9 + PRICES.dynamodb_write


@contextmanager
def instance(memory_mb: int, bundle: Path | None, snapstart: bool = False) -> Iterator[Instance]:
    """Start one, with an empty folder for results."""
    share = cpu_share(memory_mb / CORE_MB)
    python = str(set_up(ROOT / ".tools").python) if bundle else sys.executable
    with tempfile.TemporaryDirectory() as results:
        environment = os.environ | {
            "PYTHONPATH": str(bundle or ROOT),
            "INTERLEDE_RESULTS": results,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(memory_mb),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start" if snapstart else "on-demand",
        }
        command = share.command([python, "-P", str(_SCRIPT)])
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        with subprocess.Popen(command, cwd=bundle or ROOT, env=environment, **pipes) as process:
            given, had = process.stdin, process.stdout

            def translate(text: str) -> Spent:
                body = {"text": text, "source": "en", "target": "pt"}
                print(json.dumps(["/v1/translations", body]), file=given, flush=True)
                return Spent(**json.loads(had.readline()))

            yield Instance(Spent(**json.loads(had.readline())), translate)
            given.close()
        share.close()


def measure(size: Size, bundle: Path | None, bodies: Sequence[str], headlines: Sequence[str], speed: float) -> None:
    """A cold instance that is then warm, and one made for a snapshot; SPEED is this machine's by the quiet one's."""
    first, second, *others = headlines
    with instance(size.memory_mb, bundle) as it:
        size.cold.append((_scaled(it.start, speed), _scaled(it.translate(first), speed)))
        it.translate(second)
        size.articles += [(len(text), _scaled(it.translate(text), speed)) for text in bodies]
        size.headlines += [(len(text), _scaled(it.translate(text), speed)) for text in others]
    with instance(size.memory_mb, bundle, snapstart=True) as it:
        size.restored.append((_scaled(it.start, speed), _scaled(it.translate(first), speed)))


def _scaled(spent: Spent, speed: float) -> Spent:
    return Spent(spent.s * speed, spent.cpu_s * speed, spent.log_bytes, spent.mb)


def counted_requests(text: str) -> Requests:
    """What a translation asks of the store."""
    with tempfile.TemporaryDirectory() as folder:
        store = CountingStore(Path(folder) / "results")
        services = assembled(store, SqliteQueue(Path(folder) / "queue.sqlite"))
        services.translate([Content(text)], Language("en"), [Language("pt")])
        return Requests(s3_get=store.calls["GET"], s3_put=store.calls["PUT"], invocations=1)


def warm_table(sizes: Sequence[Size]) -> Iterator[str]:
    """Speed, time and cost of warm instances."""
    yield (
        "| MB | cores | article, s | in processor seconds | headline, ms | characters/GB-s of articles, of headlines "
        "| $ a million characters of articles, of headlines | on arm64 | MB held |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for size in sizes:
        held_mb = max(spent.mb for _, spent in size.articles)
        yield (
            f"| {size.memory_mb:,} | {size.memory_mb / CORE_MB:.2f} | {size.warm_s('articles'):.2f} "
            f"| {median(spent.cpu_s for _, spent in size.articles):.2f} "
            f"| {1000 * size.warm_s('headlines'):.0f} "
            f"| {size.chars_per_gb_s('articles'):,.0f}, {size.chars_per_gb_s('headlines'):,.0f} "
            f"| {size.cost('articles'):.4f}, {size.cost('headlines'):.3f} "
            f"| {size.cost('articles', arm=True):.4f}, {size.cost('headlines', arm=True):.3f} | {held_mb:.0f} |"
        )


def cold_table(sizes: Sequence[Size]) -> Iterator[str]:
    """Time and cost where each answer wants an instance of its own: started, and restored from a snapshot."""
    yield (
        "| MB | initialisation, s | first headline, s | a million starts, $ | articles, headlines, $ "
        "| first headline of a restored one, s | a million restorings, $ | articles, headlines, $ "
        "| the snapshot, $ a month |"
    )
    yield "|---|---|---|---|---|---|---|---|---|"
    for size in sizes:
        start_s, first_s = (median(pair[at].s for pair in size.cold) for at in (0, 1))
        restored_s = median(first.s for _, first in size.restored)
        started, restored = (
            f"{1e6 * size.start_cost(how):,.0f} | {size.cold_cost('articles', how):.3f}, "
            f"{size.cold_cost('headlines', how):.2f}"
            for how in (False, True)
        )
        cache = PRICES.snapstart_cache_gb_s * size.memory_mb / GB_MB * MONTH_S
        yield (
            f"| {size.memory_mb:,} | {start_s:.2f} | {first_s:.2f} | {started} | {restored_s:.2f} | {restored} "
            f"| {cache:.2f} |"
        )


def parts_table(size: Size) -> Iterator[str]:
    """What the cost of one text is made of, in dollars for a million of them."""
    yield "| $ a million texts | time of work | waiting for S3 | S3 PUT | S3 GET | HTTP API | DynamoDB | Lambda | log |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for kind in ("articles", "headlines"):
        log_bytes = mean(spent.log_bytes for _, spent in getattr(size, kind))
        parts = (
            compute_cost(size.warm_s(kind) - WAIT_S, size.memory_mb),
            compute_cost(WAIT_S, size.memory_mb),
            A_REQUEST.s3_put * PRICES.s3_put,
            A_REQUEST.s3_get * PRICES.s3_get,
            PRICES.http_api_request,
            PRICES.dynamodb_write,
            PRICES.lambda_request,
            PRICES.logs_gb * log_bytes / 1e9,
        )
        yield f"| {kind} ({size.chars(kind):,.0f} characters) | {' | '.join(f'{1e6 * part:.2f}' for part in parts)} |"


def others_table(size: Size, core_chars_s: float) -> Iterator[str]:
    """Against those who charge by the character, and a server that is always on."""
    yield "| | articles | headlines |\n|---|---|---|"
    for name, price in (("Amazon Translate", PRICES.amazon_translate_char), ("DeepL", PRICES.deepl_char)):
        times = (f"{price * 1e6 / size.cost(kind):,.0f} times as much" for kind in ("articles", "headlines"))
        yield f"| {name}, ${1e6 * price:g} a million characters | {' | '.join(times)} |"
    month = PRICES.t4g_small_h * MONTH_S / 3600
    even = (f"{month / size.cost(kind) * 1e6:,.0f} characters a month" for kind in ("articles", "headlines"))
    yield f"| t4g.small, ${month:.2f} a month, costs the same at | {' | '.join(even)} |"
    capacity = T4G_SMALL_CORES * core_chars_s * MONTH_S
    yield f"| and can do, if its cores are as fast | {capacity:,.0f} characters a month | |"


def speed_now(texts: Sequence[str]) -> float:
    """Bare CTranslate2 on one core, by processor time, against the quiet machine; the first text is not counted."""
    share = cpu_share(1.0)
    command = share.command([sys.executable, "-m", "bench.peers", CEILING])
    with on_cores(Cores.first(1).contestants):
        process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    with process:
        spent_s = [_after(process, text) for text in texts]
    share.close()
    return sum(map(len, texts[1:])) / (spent_s[-1] - spent_s[0]) / QUIET_CHARS_S


def _after(process: "subprocess.Popen[str]", text: str) -> float:
    """The processor seconds of a peer when it has translated one more text."""
    print(json.dumps(text), file=process.stdin, flush=True)
    process.stdout.readline()
    return sum(psutil.Process(process.pid).cpu_times()[:2])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.cost", description=__doc__)
    parser.add_argument("ntrex", type=Path, help="folder with the NTREX-128 files and documents.tsv")
    parser.add_argument("--bundle", type=Path, help="an unpacked bundle, run by the Python of the emulator")
    parser.add_argument("--quick", action="store_true", help="measure little, to see that it works")
    options = parser.parse_args()
    if not limits_cpu():
        sys.exit("nothing can be given a share of the processor here: it takes root and control groups of version 1")
    documents, watch = read_documents(options.ntrex), Watch()
    headlines = [document[0].text for document in documents][: HEADLINES + 2]
    bodies = [pair.text for pair in islice(articles([lines for _, *lines in documents]), ARTICLES + CALIBRATION)]
    known, bodies = bodies[:CALIBRATION], bodies[CALIBRATION:]
    if counted_requests(bodies[0]) != A_REQUEST:
        sys.exit("a translation asks other things of the store than is taken here")
    sizes, speeds = [Size(memory_mb) for memory_mb in SIZES_MB], list[float]()
    bundle = options.bundle and options.bundle.absolute()
    for at in range(1 if options.quick else ROUNDS):
        for size in Random(at).sample(sizes, len(sizes)):
            speeds.append(speed_now(known))
            measure(size, bundle, bodies[: 1 if options.quick else None], headlines, speeds[-1])
    print(f"this machine's speed: {median(speeds):.2f} ({min(speeds):.2f}-{max(speeds):.2f}) of the quiet one's")
    (of_one_core,) = (size for size in sizes if size.memory_mb == CORE_MB)
    core_chars_s = median(chars / spent.cpu_s for chars, spent in of_one_core.articles)
    print(f"articles: {core_chars_s:,.0f} characters a processor second at the speed of the quiet one")
    tables = warm_table(sizes), cold_table(sizes), parts_table(of_one_core), others_table(of_one_core, core_chars_s)
    for table in (*tables, PRICES.table()):
        print("\n" + "\n".join(table))
    watch.others_cores()
    write_report("cost", {"speeds": speeds, "sizes": sizes})


if __name__ == "__main__":
    main()
