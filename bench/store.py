"""What kept results save, and what their store costs: `python -m bench.store [--quick]`.

A first article against a repeated one, answered by the application from a local folder; then our reads and writes of a
result against boto3's own of the same bytes, by turns, on SeaweedFS where it is installed and else on MiniStack.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

import boto3
from fastapi.testclient import TestClient

from bench.measure import PAUSE_S, Latency, Verdict, Watch, print_table, write_report
from handler.app import create_app
from handler.prometheus import Prometheus
from handler.settings import Settings
from handler.wiring import build
from services.adapters.results import JsonResults
from services.adapters.s3 import S3Store
from services.bounded import BoundedStore, spending
from services.keys import result_key
from services.model import Content, Language
from services.results import CacheState, Effort, Results
from services.translate import Translations
from tests.fakes.ministack import AWS_ENV, BUCKET, ministack
from tests.fakes.seaweed import find_weed, seaweed

ARTICLE = Path("handler/sample.txt")
REPEATED_BAR, OVERHEAD_BAR_MS = 20.0, 2.0
REPEATS = 20
WARM_UP = 20


def repeated(articles: int) -> tuple[dict[str, Latency], float]:
    """Latencies of first and of repeated articles, and the median ratio. Sentences are not remembered."""
    text = ARTICLE.read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as folder:
        services = build(Settings(results=folder, sentence_cache_bytes=0))
        firsts, again = list[float](), list[float]()
        with TestClient(create_app(services), raise_server_exceptions=False) as api:
            _post(api, "The models are loaded.", CacheState.MISS)
            for n in range(articles):
                time.sleep(PAUSE_S)
                firsts.append(_post(api, f"{text}\nVersion {n}.", CacheState.MISS))
                time.sleep(PAUSE_S)
                again += [_post(api, f"{text}\nVersion {n}.", CacheState.HIT) for _ in range(REPEATS)]
    figures = {"first article": Latency.of(firsts), "repeated article": Latency.of(again)}
    return figures, median(firsts) / median(again)


def _post(api: TestClient, text: str, expected: CacheState) -> float:
    began = time.perf_counter()
    answer = api.post("/v1/translations", json={"text": text, "source": "en", "target": "pt"})
    elapsed_s = time.perf_counter() - began
    if (answer.status_code, answer.headers["x-cache"]) != (200, expected):
        raise RuntimeError(f"{answer.status_code}, X-Cache: {answer.headers['x-cache']}")
    return elapsed_s


@contextmanager
def server() -> Iterator[tuple[str, str]]:
    """The name and the URL of an S3 server."""
    weed = find_weed()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        running = seaweed(weed, Path(folder)) if weed else ministack(Path(folder))
        with running as url:
            yield "SeaweedFS" if weed else "MiniStack", url


def race(runners: Mapping[str, Callable[[int], object]], rounds: int) -> dict[str, list[float]]:
    """The seconds of each in each round, in an order drawn anew each time; the first few are not counted."""
    seconds, order, random = {name: list[float]() for name in runners}, list(runners), Random(0)
    for n in range(WARM_UP + rounds):
        random.shuffle(order)
        for name in order:
            began = time.perf_counter()
            runners[name](n)
            seconds[name].append(time.perf_counter() - began)
    return {name: timed[WARM_UP:] for name, timed in seconds.items()}


def against_boto3(url: str, result: Translations, rounds: int) -> dict[str, dict[str, list[float]]]:
    """Seconds of our hits and boto3's reads of the same object, and of our writes and boto3's of the same bytes."""
    counters, s3 = Prometheus(), boto3.client("s3", endpoint_url=url)
    results = Results(JsonResults(BoundedStore(S3Store(BUCKET, "", url), counters, 10), counters), counters)

    def ask(key: str, compute: Callable[[], tuple[Translations, Effort]], expected: CacheState) -> None:
        with spending(1):
            if results(key, Translations, compute).cache is not expected:
                raise RuntimeError("the store was bypassed")

    def unexpected() -> tuple[Translations, Effort]:
        raise RuntimeError("no hit")

    def read(_: int) -> bytes:
        value: bytes = s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
        return value

    key = result_key("translations", of="benchmark")
    ask(key, lambda: (result, Effort()), CacheState.MISS)
    value = read(0)
    reads = {"boto3": read, "interlede": lambda _: ask(key, unexpected, CacheState.HIT)}
    options = {"Bucket": BUCKET, "Body": value, "IfNoneMatch": "*", "ServerSideEncryption": "AES256"}
    writes: dict[str, Callable[[int], Any]] = {
        "boto3": lambda n: s3.put_object(Key=result_key("translations", theirs=n), **options),
        "interlede": lambda n: results.store.keep(result_key("translations", ours=n), result),
    }
    return {"hit": race(reads, rounds), "write": race(writes, rounds)}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.store", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="measure little, to see that it works")
    is_quick = parser.parse_args().quick
    os.environ.update(AWS_ENV)
    watch = Watch()
    figures, ratio = repeated(2 if is_quick else 10)
    print(f"an article of {len(ARTICLE.read_text(encoding='utf-8'))} characters, from a local folder: p50 / p95")
    print_table({name: {"latency": _ms(latency)} for name, latency in figures.items()})
    verdicts = [Verdict("repeated articles, times as fast as first ones", ratio, REPEATED_BAR)]
    with tempfile.TemporaryDirectory() as folder:
        services = build(Settings(results=folder))
        content = Content(ARTICLE.read_text(encoding="utf-8"))
        result = services.translate([content], Language("en"), [Language("pt")]).result
    with server() as (name, url):
        races = against_boto3(url, result, 100 if is_quick else 1_000)
    others_cores = watch.others_cores()
    print(f"\nits translation in S3 ({name}), by turns: p50 / p95")
    for what, seconds in races.items():
        latencies = {who: Latency.of(timed) for who, timed in seconds.items()}
        print_table({f"{what}, {who}": {"latency": _ms(latency)} for who, latency in latencies.items()})
        for at in ("p50", "p95"):
            over_ms = 1000 * (getattr(latencies["interlede"], f"{at}_s") - getattr(latencies["boto3"], f"{at}_s"))
            if at == "p50":
                verdicts.append(Verdict(f"{what}, ms over boto3's", over_ms, OVERHEAD_BAR_MS, at_most=True))
            else:
                print(f"{what}, p95: {over_ms:.2f} ms over boto3's")
        figures |= {f"{what}, {who}": latency for who, latency in latencies.items()}
    print(*verdicts, sep="\n")
    write_report("store", {"server": name, "others_cores": others_cores, "latencies": figures, "verdicts": verdicts})


def _ms(latency: Latency) -> str:
    return f"{1000 * latency.p50_s:.2f} / {1000 * latency.p95_s:.2f} ms"


if __name__ == "__main__":
    main()
