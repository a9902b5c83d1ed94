"""How the time and the cost of 1 million and 100 million articles scale on SQS and Lambda: measured, then simulated.

Usage: python -m bench.scale NTREX [--quick] > table

Measured here: processor seconds of an article, requests of a task to the store, and what it takes to amend one object
from several threads (S3 is MiniStack). Simulated, with a seed: everything else. Limits are those of AWS's
documentation, each named beside its figure.
"""

import heapq
import json
import math
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from statistics import mean, median

from bench.measure import Watch, arguments, write_report
from bench.texts import articles, read_documents
from handler.prometheus import Prometheus
from handler.settings import Settings
from handler.wiring import Services, assemble
from infra.bulk.costs import S3_S, SQS_S, Requests, of_feeder, of_worker
from infra.bulk.survey import FEEDER_REQUESTS_S, duration
from infra.prices import CORE_MB, compute_cost
from services.adapters.argos import ArgosTranslator
from services.adapters.fasttext import FastTextIdentifier, default_model_path
from services.adapters.files import FolderStore
from services.adapters.results import JsonResults
from services.adapters.s3 import S3Store
from services.adapters.sqlite import SqliteQueue
from services.deadline import within
from services.errors import StoreUnavailable
from services.jobs import Job, utc_now
from services.lede import LedeRanker
from services.ports import NOTHING, Count, Stored
from services.schedule import FairPool
from tests.fakes.ministack import AWS_ENV, BUCKET, ministack

ARTICLE_CHARS, TASK_ARTICLES = 3_500, 5
TASKS_A_JOB = 16  # of infra.bulk, about: a block of 64 to 114 such articles
# S3 user guide, "Best practices design patterns: optimizing Amazon S3 performance": at least so many a second for each
# partitioned prefix; it splits prefixes by itself while it answers 503.
S3_PUT_S, S3_GET_S = 3_500, 5_500
# SQS developer guide, "Amazon SQS standard queue quotas": about so many messages received and not deleted.
SQS_IN_FLIGHT = 120_000
# Lambda developer guide, "Configuring scaling behavior for SQS event source mappings": five at first, up to 300 more a
# minute, 1,000 at most for one mapping; and "Lambda quotas": 1,000 in an account, until more are asked for.
FIRST_FUNCTIONS, MORE_A_MINUTE, MAX_OF_MAPPING = 5, 300, 1_000
COLD_S = 0.7  # import and the models' reading, of bench/cold.py: 0.37 and 0.30 s
CONCURRENCIES = (10, 100, 1_000, 3_000, 10_000)
# As in services.adapters.results: of an amendment.
TRIES, PAUSE_S = 12, 0.01


@dataclass(frozen=True, slots=True)
class Design:
    """What could be otherwise; the defaults are what the code does, on a bucket of a single partition."""

    name: str = "as it is"
    task_articles: int = TASK_ARTICLES
    batch: int = 1
    partitions: float = 1  # among which the busiest prefix's requests are spread
    keeps_each: bool = True  # the result of each article, beside the task's
    memory_mb: int = CORE_MB
    s3_s: float = S3_S

    def requests(self) -> Requests:
        """Of the worker, a task."""
        asked = of_worker(self.task_articles, self.batch)
        less = 0 if self.keeps_each else self.task_articles
        return replace(asked, s3_get=asked.s3_get - less, s3_put=asked.s3_put - less)

    def all_requests(self) -> Requests:
        """Of the worker and the feeder, an article."""
        feeding = of_feeder(TASKS_A_JOB, TASKS_A_JOB * self.task_articles) * (1 / TASKS_A_JOB)
        return (self.requests() + feeding) * (1 / self.task_articles)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Seconds until all is done, seconds of functions, and US dollars."""

    elapsed_s: float
    function_s: float
    cost: float


@dataclass(frozen=True, slots=True)
class Contention:
    """What came of amending one object from several sides: amendments a second, writes for each, share given up."""

    per_s: float
    writes: float
    given_up: float


class CountingStore(FolderStore):
    """Counts its calls."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.calls = Counter[str]()

    def get(self, key: str) -> Stored | None:
        self.calls["GET"] += 1
        return super().get(key)

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        self.calls["PUT"] += 1
        return super().put(key, value, over)


class NoMeter:
    """Counts nothing."""

    def count(self, event: Count) -> None:
        pass


def measured(texts: Sequence[str]) -> tuple[list[float], Counter[str]]:
    """Processor seconds of each article, in tasks of five on one thread, and the requests of such a task."""
    with tempfile.TemporaryDirectory() as folder:
        store = CountingStore(Path(folder) / "results")
        services = assembled(store, SqliteQueue(Path(folder) / "queue.sqlite"))
        _task(services, texts[:1])  # reads the models
        seconds = list[float]()
        for at in range(1, len(texts) - TASK_ARTICLES + 1, TASK_ARTICLES):
            seconds.append(_task(services, texts[at : at + TASK_ARTICLES], store) / TASK_ARTICLES)
        return seconds, store.calls


def assembled(store: CountingStore, queue: SqliteQueue) -> Services:
    """The real thing on one thread."""
    settings, telemetry = Settings(), Prometheus()
    return assemble(
        ArgosTranslator(settings.packages, 1, settings.max_model_bytes, telemetry),
        FastTextIdentifier(default_model_path()),
        {"lede": LedeRanker()},
        store,
        FairPool(1),
        queue,
        telemetry,
        settings,
    )


def _task(services: Services, texts: Sequence[str], store: CountingStore | None = None) -> float:
    submission = services.jobs.submission("translations")
    for text in texts:
        submission.add(json.dumps({"text": text, "source": "en", "target": "pt"}, ensure_ascii=False))
    job = services.jobs.begin(submission, "translations", is_batch=True)
    if len(job.sizes) != 1:
        raise ValueError("these articles do not fit into one task")
    (message,) = services.pump.queue.receive(1, 5, 60)
    if store:
        store.calls.clear()
    began = time.process_time()
    with within(60):
        services.run_task(message)
    elapsed_s = time.process_time() - began
    if services.jobs.find(job.id).failed:
        raise ValueError("a task failed")
    if store:
        store.calls["GET"] -= 1  # that of the line above
    return elapsed_s


def amended(callers: int, times: int) -> Contention:
    """Measured: one job's object in MiniStack, of 256 tasks, amended by threads that do nothing else."""
    os.environ.update(AWS_ENV)
    with tempfile.TemporaryDirectory() as folder, ministack(Path(folder)) as url:
        store = CountedWrites(BUCKET, endpoint_url=url)
        results = JsonResults(store, NoMeter())
        results.keep("jobs/one", Job("one", "translations", utc_now(), (5,) * 100_000))
        results.amend("jobs/one", Job, lambda job: replace(job, is_queued=True) if job else _lost())
        store.writes = 0
        per_caller = max(1, times // callers)

        def work(caller: int) -> int:
            given_up = 0
            for task in range(caller * per_caller, (caller + 1) * per_caller):

                def finished(job: Job | None, task: int = task) -> Job:
                    return job.finished(task, 0, utc_now()) if job else _lost()

                try:
                    results.amend("jobs/one", Job, finished)
                except StoreUnavailable:
                    given_up += 1
            return given_up

        began = time.perf_counter()
        with ThreadPoolExecutor(callers) as pool:
            given_up = sum(pool.map(work, range(callers)))
        elapsed_s = time.perf_counter() - began
    asked = per_caller * callers
    return Contention((asked - given_up) / elapsed_s, store.writes / max(1, asked - given_up), given_up / asked)


class CountedWrites(S3Store):
    """Counts its writes, those in vain as well."""

    writes = 0

    def put(self, key: str, value: bytes, over: str | None = NOTHING) -> bool:
        self.writes += 1
        return super().put(key, value, over)


def _lost() -> Job:
    raise ValueError("the job is not there")


def contended(workers: int, work_s: float, s3_s: float, seconds: float = 300) -> Contention:
    """Simulated: so many workers, each busy for some time and then to amend one object; given up after 12 tries.

    A write counts when it is answered, if nobody else's did since the read was answered.
    """
    chance, version = Random(0), 0
    done = writes = given_up = 0
    events = [(chance.uniform(0, work_s), worker, "read", 0, 0) for worker in range(workers)]
    heapq.heapify(events)
    while events:
        now_s, worker, what, tried, seen = heapq.heappop(events)
        if now_s > seconds:
            break
        if what == "read":  # answered in a while, with the version of then
            heapq.heappush(events, (now_s + s3_s, worker, "write", tried, -1))
        elif what == "write":
            writes += 1
            heapq.heappush(events, (now_s + s3_s, worker, "answer", tried, version))
        elif seen == version:
            version, done = version + 1, done + 1
            heapq.heappush(events, (now_s + chance.expovariate(1 / work_s), worker, "read", 0, 0))
        elif tried + 1 == TRIES:
            given_up += 1
            heapq.heappush(events, (now_s + 1 + 2 * s3_s, worker, "read", 0, 0))  # the message comes again
        else:
            pause_s = chance.uniform(0, PAUSE_S * 2 ** min(tried, 5))
            heapq.heappush(events, (now_s + pause_s, worker, "read", tried + 1, 0))
    return Contention(done / seconds, writes / max(done, 1), given_up / max(done + given_up, 1))


def simulated(article_count: int, concurrency: int, cpu_s: Sequence[float], design: Design) -> Outcome:
    """Event by event: functions that come one after the other, each with a batch of tasks at a time.

    A task asks S3 all at once for a place among the requests of the partition, and waits for it, as a client does that
    is told to slow down; the feeder is taken to be fast enough.
    """
    chance, requests = Random(0), design.requests()
    mappings = math.ceil(concurrency / MAX_OF_MAPPING)
    tasks = math.ceil(article_count / design.task_articles)
    first, more_s = FIRST_FUNCTIONS * mappings, MORE_A_MINUTE * mappings / 60
    scale = max(1.0, CORE_MB / design.memory_mb)
    functions = min(concurrency, tasks)
    queue = [(max(0.0, (n - first) / more_s) + COLD_S * scale, n, 0) for n in range(functions)]  # already a heap
    function_s, last_s = functions * COLD_S * scale, 0.0
    waiting_s = (requests.s3_get + requests.s3_put) * design.s3_s + SQS_S
    put_s, get_s = (count / (limit * design.partitions) for count, limit in _limits(requests))
    puts_free_s = gets_free_s = 0.0
    left = tasks
    while queue:
        now_s, function, in_batch = heapq.heappop(queue)
        if not in_batch:
            in_batch = min(design.batch, left)
            left -= in_batch
        if not in_batch:
            continue
        puts_free_s, gets_free_s = max(puts_free_s, now_s) + put_s, max(gets_free_s, now_s) + get_s
        done_s = max(puts_free_s, gets_free_s)
        done_s += sum(chance.choices(cpu_s, k=design.task_articles)) * scale + waiting_s
        function_s += done_s - now_s
        last_s = max(last_s, done_s)
        heapq.heappush(queue, (done_s, function, in_batch - 1))
    return Outcome(last_s, function_s, _cost(article_count, function_s, design))


def computed(article_count: int, concurrency: int, cpu_s: Sequence[float], design: Design) -> Outcome:
    """The same in one formula: functions come evenly until there are enough, and none waits but for the partition."""
    requests, scale = design.requests(), max(1.0, CORE_MB / design.memory_mb)
    mappings = math.ceil(concurrency / MAX_OF_MAPPING)
    tasks = article_count / design.task_articles
    task_s = mean(cpu_s) * design.task_articles * scale + (requests.s3_get + requests.s3_put) * design.s3_s + SQS_S
    limit_per_s = min(limit * design.partitions / count for count, limit in _limits(requests))
    rate_per_s = min(concurrency / task_s, limit_per_s)
    first, more_s = FIRST_FUNCTIONS * mappings, MORE_A_MINUTE * mappings / 60
    enough = min(concurrency, rate_per_s * task_s)
    ramp_s = max(0.0, (enough - first) / more_s)
    done_in_ramp = (first + enough) / 2 * ramp_s / task_s if ramp_s else 0
    if done_in_ramp >= tasks:  # over before all functions have come
        elapsed_s = (math.sqrt(first**2 + 2 * more_s * tasks * task_s) - first) / more_s
    else:
        elapsed_s = ramp_s + (tasks - done_in_ramp) / rate_per_s
    growing_s = min(elapsed_s, max(0.0, (concurrency - first) / more_s))
    held_s = growing_s * (first + more_s * growing_s / 2) + (elapsed_s - growing_s) * concurrency
    function_s = held_s if rate_per_s == limit_per_s else tasks * task_s
    return Outcome(elapsed_s, function_s, _cost(article_count, function_s, design))


def _limits(requests: Requests) -> list[tuple[float, int]]:
    return [(requests.s3_put, S3_PUT_S), (requests.s3_get, S3_GET_S)]


def _cost(article_count: int, function_s: float, design: Design) -> float:
    return compute_cost(function_s, design.memory_mb) + (design.all_requests() * article_count).cost()


def table(cpu_s: Sequence[float], design: Design) -> list[str]:
    """Time, cost and how much of each limit is used, by concurrency."""
    lines = [
        "| functions at a time | 1 million: time | cost | articles/s | S3 PUT of 3,500/s | S3 GET of 5,500/s "
        "| SQS in flight of 120,000 | functions of 1,000 | feeders | binds first | 100 million: time | cost |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for concurrency in CONCURRENCIES:
        small = simulated(1_000_000, concurrency, cpu_s, design)
        large = computed(100_000_000, concurrency, cpu_s, design)
        free = replace(design, partitions=1e9)  # what would be asked of S3 if it let through everything
        asked_per_s = concurrency * 1_000_000 / computed(1_000_000, concurrency, cpu_s, free).function_s
        requests = design.requests() * (1 / design.task_articles)
        feeding = of_feeder(TASKS_A_JOB, TASKS_A_JOB * design.task_articles) * (1 / TASKS_A_JOB / design.task_articles)
        uses = {
            "S3 PUT": asked_per_s * requests.s3_put / S3_PUT_S / design.partitions,
            "S3 GET": asked_per_s * requests.s3_get / S3_GET_S / design.partitions,
            "SQS in flight": concurrency * design.batch / SQS_IN_FLIGHT,
            "account": concurrency / MAX_OF_MAPPING,
        }
        per_s = 100_000_000 / large.elapsed_s
        feeders = per_s * (feeding.s3_get + feeding.s3_put + feeding.sqs) / FEEDER_REQUESTS_S
        over = {name: use for name, use in uses.items() if use > 1}
        binds = " and ".join(over) if over else "functions"
        lines.append(
            f"| {concurrency:,} | {duration(small.elapsed_s)} | ${small.cost:,.2f} | {per_s:,.0f} "
            + "".join(f"| {use:.0%} " for use in uses.values())
            + f"| {feeders:,.1f} | {binds} | {duration(large.elapsed_s)} | ${large.cost:,.0f} |"
        )
    return lines


def remedies(cpu_s: Sequence[float]) -> list[str]:
    """What else could be done, by 1 million articles."""
    spread = Design("requests spread over 4 partitions", partitions=4)
    designs = [
        Design(),
        Design("messages ten at a time", batch=10),
        Design("tasks of 25 articles", task_articles=25),
        Design("no result kept for each article", keeps_each=False),
        spread,
        replace(spread, name="spread, and no result kept for each article", keeps_each=False),
        replace(spread, name="the same with half the memory", keeps_each=False, memory_mb=CORE_MB // 2),
        replace(spread, name="spread, S3 taking 100 ms", s3_s=0.1),
        replace(spread, name="spread, S3 taking 100 ms, half the memory", s3_s=0.1, memory_mb=CORE_MB // 2),
    ]
    lines = ["| | PUT an article | 1,000 functions: time | cost | 3,000 functions: time | cost | in flight |"]
    lines.append("|---|---|---|---|---|---|---|")
    for design in designs:
        few, many = (simulated(1_000_000, concurrency, cpu_s, design) for concurrency in (1_000, 3_000))
        lines.append(
            f"| {design.name} | {design.all_requests().s3_put:.2f} | {few.elapsed_s:,.0f} s | ${few.cost:,.2f} "
            f"| {many.elapsed_s:,.0f} s | ${many.cost:,.2f} | {3_000 * design.batch:,} |"
        )
    return lines


def main() -> None:
    """Measure, simulate, print tables in Markdown."""
    ntrex, count = arguments("bench.scale", __doc__, 11, 36)
    watch = Watch()
    texts = [pair.text[:ARTICLE_CHARS] for pair in articles(read_documents(ntrex), ARTICLE_CHARS)][:count]
    cpu_s, requests = measured(texts)
    chars_per_s = ARTICLE_CHARS / median(cpu_s)
    print(f"{len(texts)} articles: {median(cpu_s):.3f} s of one core each, {chars_per_s:,.0f} characters/s")
    expected = of_worker(TASK_ARTICLES)
    print(f"a task of {TASK_ARTICLES}: {dict(requests)}; taken: {expected.s3_get:.0f} GET, {expected.s3_put:.0f} PUT")
    if (requests["GET"], requests["PUT"]) != (expected.s3_get, expected.s3_put):
        sys.exit("infra/bulk/costs.py counts other requests than the code makes")
    for partitions in (1, 16):
        print(f"\nTime and cost, the bucket in {partitions} partitions")
        print("\n".join(table(cpu_s, Design(partitions=partitions))))
    for design in (Design(), Design(partitions=4)):
        formula, events = (model(1_000_000, 1_000, cpu_s, design) for model in (computed, simulated))
        print(f"\n1,000 functions: {events.elapsed_s:.0f} s by events, {formula.elapsed_s:.0f} s by the formula")
    print("\n1 million articles, otherwise")
    print("\n".join(remedies(cpu_s)))
    task_s = mean(cpu_s) * TASK_ARTICLES + (expected.s3_get + expected.s3_put) * S3_S
    print("\nOne job's object, amended at the end of each task")
    print("| tasks of one job at a time | tasks/s, without contention | tasks/s | writes a task | given up |")
    print("|---|---|---|---|---|---|")
    for workers in (4, 8, 16, 32, 64, 128, 256, 480, 1_000):
        one = contended(workers, task_s, S3_S)
        print(
            f"| {workers:,} | {workers / (task_s + 2 * S3_S):,.1f} | {one.per_s:,.1f} | {one.writes:.1f} "
            f"| {one.given_up:.1%} |"
        )
    print("\nThe same measured: MiniStack, threads that do nothing else")
    print("| threads | amendments/s | writes each | given up |\n|---|---|---|---|")
    for callers in (1, 4, 16, 32):
        found = amended(callers, 192)
        print(f"| {callers} | {found.per_s:,.0f} | {found.writes:.1f} | {found.given_up:.1%} |")
    watch.others_cores()
    write_report("scale", {"cpu_s": cpu_s, "chars_per_s": chars_per_s, "requests": dict(requests)})


if __name__ == "__main__":
    main()
