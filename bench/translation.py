"""Speed, quality and cold start of translation on NTREX: `python -m bench.translation NTREX_DIR [--quick]`."""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from importlib.metadata import version
from itertools import groupby
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from sacrebleu import corpus_bleu, corpus_chrf

from bench.peers import PEERS
from handler.settings import Settings
from handler.wiring import build
from services.model import Language
from services.translate import TranslateTexts

ARTICLE_CHARS = 3_000
LINES_A_PARAGRAPH = 3
PAUSE_S = 0.5  # OpenMP lets its threads spin for 0.2 s after the work
QUIET_CORES = 0.05
SPEED_BARS = {1: 4.5, 2: 10.0}
CHRF_BAR, CHRF_MARGIN = 60.4, 0.2
FILES = {Language("en"): "en.txt", Language("pt"): "pt-BR.txt"}
LIBRARIES = ("argos-translate-lt", "ctranslate2", "sentencepiece", "fastapi", "uvicorn", "sacrebleu")
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True, slots=True)
class Extent:
    """How many articles and cold starts are timed."""

    articles: int | None
    cold_starts: int


FULL, QUICK = Extent(None, 5), Extent(5, 2)


@dataclass(frozen=True, slots=True)
class Spread:
    """A median, and the quarters around it."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        ordered = sorted(values)
        quarter = len(ordered) // 4
        return cls(median(ordered), ordered[quarter], ordered[-1 - quarter])


def read_lines(file: Path) -> list[str]:
    return file.read_text("utf-8").removesuffix("\n").split("\n")


def read_articles(folder: Path) -> Iterator[str]:
    """English articles of about ARTICLE_CHARS: the documents in their order, a few lines to a paragraph."""
    named = zip(read_lines(folder / "documents.tsv"), read_lines(folder / "en.txt"), strict=True)
    paragraphs = list[str]()
    for _, group in groupby(named, key=lambda pair: pair[0]):
        lines = [line.strip() for _, line in group]
        for start in range(0, len(lines), LINES_A_PARAGRAPH):
            paragraphs.append(" ".join(lines[start : start + LINES_A_PARAGRAPH]))
            if sum(map(len, paragraphs)) >= ARTICLE_CHARS:
                yield "\n\n".join(paragraphs)
                paragraphs = []


def race(articles: Sequence[str], cores: int) -> dict[str, list[float]]:
    """Characters per second of each peer on each article. They take turns; the first article is not counted."""
    speeds = {name: list[float]() for name in PEERS}
    order, shuffle = list(PEERS), Random(0).shuffle
    with ExitStack() as stack:
        running = {name: stack.enter_context(_start(name, cores)) for name in PEERS}
        for article in articles:
            shuffle(order)
            for name in order:
                time.sleep(PAUSE_S)
                speeds[name].append(len(article) / _translate(running[name], article))
    return {name: timed for name, (_, *timed) in speeds.items()}


def _start(name: str, cores: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "bench.peers", name, str(cores)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _translate(peer: "subprocess.Popen[str]", article: str) -> float:
    assert peer.stdin is not None
    assert peer.stdout is not None
    print(json.dumps(article), file=peer.stdin, flush=True)
    return float(peer.stdout.readline())


def others_busy_s() -> float:
    """Processor seconds since some moment that were not ours, nor those of peers that have ended."""
    with open("/proc/stat") as file:
        user, nice, system, _idle, _iowait, irq, softirq = map(int, file.readline().split()[1:8])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])


def speed(articles: Sequence[str], cores: int) -> dict[str, Any]:
    """Each peer's speed, and its ratio to the Argos library's and to the ceiling's on the same article."""
    began_s, others_s = time.perf_counter(), others_busy_s()
    speeds = race(articles, cores)
    others_cores = (others_busy_s() - others_s) / (time.perf_counter() - began_s)

    def ratio(name: str, peer: str) -> dict[str, float]:
        return asdict(Spread.of([a / b for a, b in zip(speeds[name], speeds[peer], strict=True)]))

    figures = {
        name: {
            "chars_per_s": asdict(Spread.of(speeds[name])),
            "to_argos_default": ratio(name, "argos-default"),
            "to_argos_tuned": ratio(name, "argos-tuned"),
            "to_ceiling": ratio(name, "ceiling"),
        }
        for name in PEERS
    }
    print(f"\nspeed on {cores} core(s), {len(articles) - 1} articles: median (middle half)")
    print(_quiet(others_cores))
    print(f"{'':14}" + "".join(f"{head:>24}" for head in ("characters/s", "x Argos", "x Argos tuned", "x ceiling")))
    for name, row in figures.items():
        cells = [f"{s['median']:,.2f} ({s['low']:,.2f}-{s['high']:,.2f})" for s in list(row.values())[1:]]
        chars = row["chars_per_s"]
        first = f"{chars['median']:,.0f} ({chars['low']:,.0f}-{chars['high']:,.0f})"
        print(f"{name:14}{first:>24}" + "".join(f"{cell:>24}" for cell in cells))
    reached = figures["http-api"]["to_argos_default"]["median"]
    print(
        _verdict(f"HTTP API to Argos as it comes {reached:.2f}, bar {SPEED_BARS[cores]}", reached >= SPEED_BARS[cores])
    )
    return {"others_cores": others_cores, "peers": figures}


def quality(folder: Path) -> dict[str, dict[str, float]]:
    """chrF and BLEU of both directions, each line a text of its own."""
    texts = {language: read_lines(folder / file) for language, file in FILES.items()}
    en, pt = FILES
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(results=f"{scratch}/results")
        translate = build(settings).translate
        print(f"\nquality on {len(texts[en])} lines")
        return {f"{a}-{b}": _score(translate, a, b, texts) for a, b in ((en, pt), (pt, en))}


def _score(
    translate: TranslateTexts, source: Language, target: Language, texts: dict[Language, list[str]]
) -> dict[str, float]:
    outputs = [item.text for item in translate(texts[source], source, target).result.items]
    chrf = corpus_chrf(outputs, [texts[target]]).score
    bleu = corpus_bleu(outputs, [texts[target]]).score
    figures = f"{source} -> {target}: chrF {chrf:.2f}, bar {CHRF_BAR} ± {CHRF_MARGIN}; BLEU {bleu:.2f}"
    print(_verdict(figures, abs(chrf - CHRF_BAR) <= CHRF_MARGIN))
    return {"chrf": chrf, "bleu": bleu}


def cold_starts(article: str, count: int) -> dict[str, Any]:
    """Medians over fresh processes, files and bytecode warm: one more start before makes them so."""
    starts = [_cold_start(article) for _ in range(count + 1)][1:]
    figures = {
        name: median(start[name] for start in starts) if isinstance(value, float) else value
        for name, value in starts[0].items()
    }
    print(f"\ncold start of handler.lambda_api, median of {count}")
    for name, value in figures.items():
        print(f"{name:20}{value:8.2f}" if isinstance(value, float) else f"{name:20}{' '.join(value) or 'none':>8}")
    return figures


def _cold_start(article: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as scratch:
        environment = os.environ | {"INTERLEDE_RESULTS": f"{scratch}/results"}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        command = [sys.executable, "-m", "bench.cold"]
        done = subprocess.run(command, input=article, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def _quiet(others_cores: float) -> str:
    doubt = "; too many to trust the figures" if others_cores > QUIET_CORES else ""
    return f"other processes kept {others_cores:.2f} cores busy{doubt}"


def _verdict(figures: str, met: bool) -> str:
    return f"{figures}: {'met' if met else 'MISSED'}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.translation", description=__doc__)
    parser.add_argument("ntrex", type=Path, help="folder with the NTREX-128 files and documents.tsv")
    parser.add_argument("--quick", action="store_true", help="time a few articles only")
    arguments = parser.parse_args()
    if not (arguments.ntrex / "documents.tsv").is_file():
        parser.error("name the folder with documents.tsv, en.txt and pt-BR.txt, as in make bench NTREX=/path/to/ntrex")
    extent = QUICK if arguments.quick else FULL
    articles = list(read_articles(arguments.ntrex))
    timed = articles[: extent.articles and extent.articles + 1]
    report = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "machine": {"cores": os.cpu_count(), "machine": platform.machine(), "python": platform.python_version()},
        "versions": {name: version(name) for name in LIBRARIES},
        "load_before": os.getloadavg(),
        "speed": {cores: speed(timed, cores) for cores in SPEED_BARS},
        "quality": quality(arguments.ntrex),
        "cold_start": cold_starts(articles[0], extent.cold_starts),
    }
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"translation-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime())}.json"
    file.write_text(json.dumps(report, indent=2) + "\n", "utf-8")
    print(f"\n{file.relative_to(Path.cwd())}" if file.is_relative_to(Path.cwd()) else f"\n{file}")


if __name__ == "__main__":
    main()
