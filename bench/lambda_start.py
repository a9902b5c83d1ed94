"""Starts of the Lambda functions in AWS's Runtime Interface Emulator: `python -m bench.lambda_start [--quick]`.

The times of initialisation are those that the emulator reports; those of calls are its caller's.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from json import dumps, loads
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

from bench.measure import Spread, Verdict, print_table, write_report
from infra.emulator.configuration import FULL_CORE_MB, Configuration
from infra.emulator.cpu import limits_cpu
from infra.emulator.events import HttpRequest, Stamp, event_of
from infra.emulator.function import Function
from infra.emulator.local import ROLE
from infra.emulator.sandbox import Answered, Sandbox
from infra.emulator.tools import ARCHITECTURE, Tools, ToolsMissing, set_up
from infra.python313 import NoPython313
from infra.wheels import WheelUnavailable

TOP = Path(__file__).parents[1]
NAIVE = Path(__file__).with_name("naive")
SAMPLE = TOP / "handler" / "sample.txt"
MEMORY_MB = (512, 1024, 1769, 3008)
WARM_CALLS = 30
TOP_ROWS = 15
_IMPORTED = re.compile(r"import time:\s*(\d+) \|\s*\d+ \|\s*(\S+)")

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Extent:
    """How many fresh environments are measured: at full processor, and at each memory size."""

    starts: int
    starts_by_memory: int


FULL, QUICK = Extent(9, 5), Extent(2, 1)


@dataclass(frozen=True, slots=True)
class Texts:
    """What is translated first."""

    headline: str
    paragraph: str
    article: str

    @classmethod
    def of(cls, article: str) -> "Texts":
        headline, paragraph, *_ = (line for line in article.splitlines() if line.strip())
        return cls(headline, paragraph, article)


def event(path: str, body: Mapping[str, str] | None = None) -> bytes:
    """An event of an HTTP API: a GET, or a POST of JSON."""
    fields = [("host", "localhost"), ("user-agent", "bench"), ("accept", "application/json")]
    content = dumps(body).encode() if body else b""
    if body:
        fields.append(("content-type", "application/json"))
    request = HttpRequest("POST" if body else "GET", path, "", fields, content, "127.0.0.1")
    return dumps(event_of(request, Stamp("bench", "Root=1-0-0", time.time()))).encode()


def call_s(sandbox: Sandbox, payload: bytes) -> float:
    """The seconds until the answer. Raises RuntimeError unless it is a 200."""
    began_s = time.perf_counter()
    outcome = sandbox.invoke(payload)
    elapsed_s = time.perf_counter() - began_s
    if not isinstance(outcome, Answered) or loads(outcome.payload)["statusCode"] != 200:
        raise RuntimeError(str(outcome)[:500])
    return elapsed_s


def translation(text: str) -> bytes:
    return event("/v1/translations", {"text": text, "source": "en", "target": "pt"})


def paragraph_first(sandbox: Sandbox, texts: Texts) -> Figures:
    """A life that begins with a paragraph; then come a summary and headlines."""
    figures = {
        "first paragraph": call_s(sandbox, translation(texts.paragraph)),
        "first summary": call_s(sandbox, event("/v1/summaries", {"text": texts.article, "source": "en"})),
    }
    # Numbers keep the headlines apart, or they would be known.
    warm = [call_s(sandbox, translation(f"{texts.headline} {n}")) for n in range(WARM_CALLS)]
    return figures | {"warm headline": median(warm)}


def headline_first(sandbox: Sandbox, texts: Texts) -> Figures:
    """A life that begins with a headline."""
    return {"first headline": call_s(sandbox, translation(texts.headline))}


def health_first(sandbox: Sandbox, texts: Texts) -> Figures:
    """A life that begins with no work at all."""
    return {"first answer": call_s(sandbox, event("/healthz"))}


def life(open_function: Callable[[], Function], begin: Callable[[Sandbox, Texts], Figures], texts: Texts) -> Figures:
    """What one fresh environment takes, in seconds, and holds, in MB."""
    with open_function() as function:
        sandbox = function.start()
        if sandbox.init_ms is None:
            raise RuntimeError("the emulator does not say how long the initialisation took")
        return {
            "init": sandbox.init_ms / 1000,
            **begin(sandbox, texts),
            "peak MB": sandbox.peak_bytes / 2**20,
        }


def lives(
    kinds: Mapping[str, tuple[Callable[[], Function], Callable[[Sandbox, Texts], Figures]]], texts: Texts, count: int
) -> dict[str, list[Figures]]:
    """So many lives of each kind, in turns, after one of each that fills the caches of files."""
    told: dict[str, list[Figures]] = {name: [] for name in kinds}
    for at in range(count + 1):
        for name, (open_function, begin) in kinds.items():
            figures = life(open_function, begin, texts)
            if at:
                told[name].append(figures)
    return told


def spreads(lives_of_kind: Sequence[Figures]) -> dict[str, Spread]:
    return {name: Spread.of([figures[name] for figures in lives_of_kind]) for name in lives_of_kind[0]}


def import_times(bundle: Path, tools: Tools, environment: Mapping[str, str]) -> list[tuple[str, float, int]]:
    """Packages that the API's handler imports, by the milliseconds that their own modules take, and how many."""
    command = [str(tools.python), "-P", "-X", "importtime", "-c", "import handler.lambda_api"]
    settings = {"PYTHONPATH": str(bundle), "PATH": os.environ["PATH"], **environment}
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=True, cwd=bundle)
    packages: dict[str, tuple[float, int]] = {}
    for own_us, module in _IMPORTED.findall(done.stderr):
        name = module.partition(".")[0]
        ms, modules = packages.get(name, (0.0, 0))
        packages[name] = ms + int(own_us) / 1000, modules + 1
    rows = [(name, ms, modules) for name, (ms, modules) in packages.items()]
    return sorted(rows, key=lambda row: -row[1])


def naive_function(tools: Tools, home: str) -> Configuration:
    """The naive handler, over what pip installs for it; installed if it is not there. Raises CalledProcessError."""
    requirements, tree = NAIVE / "requirements.txt", TOP / ".tools" / "naive"
    wanted, stamp = requirements.read_text(), tree / "requirements.txt"
    if not stamp.is_file() or stamp.read_text() != wanted:
        print(f"setting up {tree} (once; about 430 MB)", flush=True)
        shutil.rmtree(tree, ignore_errors=True)
        pip = [str(tools.python), "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
        subprocess.run([*pip, "--target", tree, "--requirement", requirements], check=True)
        stamp.write_text(wanted)
    folders = {f"XDG_{kind}_HOME": home for kind in ("DATA", "CONFIG", "CACHE")}
    return Configuration("naive", "naive_lambda.handler", tree, more_paths=(NAIVE,), environment=folders)


def full_processor(
    base: Configuration, naive: Configuration, tools: Tools, texts: Texts, count: int
) -> tuple[dict[str, Any], list[Verdict]]:
    """Ours, ours as SnapStart restores it, and the naive handler, in turns."""
    opened = partial(Function, tools=tools, role=ROLE, log=lambda line: None)
    told = lives(
        {
            "paragraph first": (partial(opened, base), paragraph_first),
            "headline first": (partial(opened, base), headline_first),
            "SnapStart": (partial(opened, replace(base, snapstart=True)), headline_first),
            "naive": (partial(opened, naive), health_first),
        },
        texts,
        count,
    )
    figures = {name: spreads(of_kind) for name, of_kind in told.items()}
    ours, others = ([figures["init"] for figures in told[name]] for name in ("paragraph first", "naive"))
    ratios = Spread.of_ratios(ours, others)
    paragraph = figures["paragraph first"]["first paragraph"].median
    headline = figures["SnapStart"]["first headline"].median
    verdicts = [
        Verdict("init, s", median(ours), 1.0, at_most=True),
        Verdict("init, to the naive handler's", ratios.median, 0.5, at_most=True),
        Verdict("first paragraph after init, s", paragraph, 0.6, at_most=True),
        Verdict("first headline after a restore, s", headline, 0.1, at_most=True),
    ]
    return {"figures": figures, "init_to_naive": ratios}, verdicts


def by_memory(base: Configuration, tools: Tools, texts: Texts, count: int) -> dict[str, dict[str, Spread]]:
    """Ours with the share of the processor that each memory size stands for; nothing where none can be given."""
    opened = partial(Function, tools=tools, role=ROLE, log=lambda line: None)
    kinds = {
        f"{memory_mb} MB": (partial(opened, replace(base, memory_mb=memory_mb, cpu_by_memory=True)), paragraph_first)
        for memory_mb in MEMORY_MB
    }
    told = lives(kinds, texts, count) if limits_cpu() else {}
    return {name: spreads(of_size) for name, of_size in told.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.lambda_start", description=__doc__)
    parser.add_argument("--bundle", type=Path, default=TOP / ".bundle" / str(ARCHITECTURE), help="unpacked")
    parser.add_argument("--quick", action="store_true", help="measure little, to see that it works")
    options = parser.parse_args()
    bundle, extent, texts = options.bundle.absolute(), QUICK if options.quick else FULL, Texts.of(SAMPLE.read_text())
    if not (bundle / "handler").is_dir():
        sys.exit(f"no bundle in {bundle}; `make bundle` makes it")
    try:
        tools = set_up(TOP / ".tools")
    except (ToolsMissing, NoPython313, WheelUnavailable) as exc:
        sys.exit(f"error: {exc}")
    with TemporaryDirectory() as results:
        environment = {"INTERLEDE_RESULTS": results}
        base = Configuration("api", "handler.lambda_api.handler", bundle, environment=environment)
        load_before = os.getloadavg()
        print(f"starts at full processor, {extent.starts} of each kind: median (middle half), seconds")
        full, verdicts = full_processor(base, naive_function(tools, results), tools, texts, extent.starts)
        print_table(full["figures"])
        print(f"\n{extent.starts_by_memory} starts at each memory size, seconds")
        sizes = by_memory(base, tools, texts, extent.starts_by_memory)
        print(
            f"by control groups, a core for {FULL_CORE_MB} MB" if sizes else "none: no control group can be made here"
        )
        print_table(sizes)
        print(f"\nwhat the API imports: {TOP_ROWS} packages, own ms and modules (-X importtime, which adds some)")
        imports = import_times(bundle, tools, environment)
        print("\n".join(f"{name:28}{ms:8.1f}{modules:6}" for name, ms, modules in imports[:TOP_ROWS]))
    print("\n" + "\n".join(map(str, verdicts)))
    report = {"load_before": load_before, "full": full, "by_memory": sizes, "imports": imports}
    write_report("lambda_start", report | {"verdicts": verdicts})


if __name__ == "__main__":
    main()
