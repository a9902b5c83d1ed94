"""Whether memory stays flat over many requests of every kind: `python -m bench.soak NTREX [--requests N]`.

The server is a process of its own on loopback, with an empty folder and with jobs; the plot is written as SVG.
"""

import argparse
import http.client
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median
from typing import Any

from bench.contestants import HOST, INTERLEDE, ROOT, Cores, serving
from bench.texts import Pair, read_documents, whole

# Remembered sentences fill 32 MB over many more requests; what would grow without end shows better beside less.
SERVER = replace(INTERLEDE, environment={"INTERLEDE_SENTENCE_CACHE_BYTES": "2000000"})
CALLERS = 4
SAMPLES = 200
WIDTH, HEIGHT, EDGE = 800, 300, 40


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent, and the statuses that are right for it."""

    kind: str
    method: str
    path: str
    body: Any
    statuses: tuple[int, ...] = (200,)


@dataclass(frozen=True, slots=True)
class Sample:
    """How much memory the server had in RAM after so many requests, and the files that it had open."""

    requests: int
    memory_mb: float
    open_files: int


def mixed(documents: Sequence[Sequence[Pair]], random: Random) -> Iterator[Request]:
    """Without end: new headlines and revised stories, repeated articles, summaries, digests, jobs and mistakes."""
    headlines = [document[0].text for document in documents]
    articles = [whole(document).text[:3_000] for document in documents]
    while True:
        article, number = random.choice(articles), random.randrange(10**9)
        new = f"{random.choice(headlines)} ({number})"
        revised = article.replace(". ", f". Update {number}: ", 1)
        yield from random.sample(
            [
                Request("headline", "POST", "/v1/translations", {"text": new, "source": "en", "target": "pt"}),
                Request("headline", "POST", "/v1/translations", {"text": new + ".", "target": "pt"}),
                Request("again", "POST", "/v1/translations", {"text": article, "source": "en", "target": "pt"}),
                Request("again", "POST", "/v1/articles", {"text": article, "source": "en", "target": "pt"}),
                Request("summary", "POST", "/v1/summaries", {"text": revised, "keywords": 5}),
                Request("html", "POST", "/v1/translations", {"html": f"<p><b>{new}</b></p>", "target": "pt"}),
                Request(
                    "story",
                    "POST",
                    "/v1/translations",
                    {"text": revised, "source": "en", "target": "pt", "story": str(articles.index(article))},
                ),
                Request(
                    "job",
                    "POST",
                    "/v1/jobs",
                    {"call": "translations", "request": {"text": new, "source": "en", "target": "pt"}},
                    (202,),
                ),
                Request("mistake", "POST", "/v1/translations", {"text": new, "target": "xx"}, (404,)),
                Request("mistake", "GET", f"/v1/articles/{number}", None, (404,)),
            ],
            10,
        )


def ask(port: int, request: Request) -> str:
    """Send a request on a connection of its own, and say whether the answer was one of those expected."""
    connection = http.client.HTTPConnection(HOST, port, timeout=120)
    body = None if request.body is None else json.dumps(request.body)
    connection.request(request.method, request.path, body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    response.read()
    connection.close()
    return request.kind if response.status in request.statuses else f"{request.kind}: {response.status}"


def soak(port: int, pid: int, requests: Iterator[Request], count: int) -> tuple[list[Sample], Counter[str]]:
    """Have a few callers send so many requests."""
    samples, kinds, every = [sample(pid, 0)], Counter[str](), max(1, count // SAMPLES)
    with ThreadPoolExecutor(CALLERS) as callers:
        for done in range(every, count + 1, every):
            kinds.update(callers.map(lambda request: ask(port, request), list(islice(requests, every))))
            samples.append(sample(pid, done))
    return samples, kinds


def sample(pid: int, requests: int) -> Sample:
    """What Linux knows of a process."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    resident_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:"))
    return Sample(requests, resident_kb / 1024, len(list(Path(f"/proc/{pid}/fd").iterdir())))


def plot(samples: Sequence[Sample]) -> str:
    """Memory over requests, as SVG."""
    last, top_mb = samples[-1].requests, 1.1 * max(one.memory_mb for one in samples)
    points = " ".join(
        f"{EDGE + one.requests / last * (WIDTH - EDGE):.1f},{(HEIGHT - EDGE) * (1 - one.memory_mb / top_mb):.1f}"
        for one in samples
    )
    marks = "".join(
        f'<text x="0" y="{(HEIGHT - EDGE) * (1 - mb / top_mb):.0f}">{mb}</text>' for mb in range(0, int(top_mb), 100)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-size="12">'
        f'<polyline points="{points}" fill="none" stroke="black"/>{marks}'
        f'<text x="{EDGE}" y="{HEIGHT - 10}">MB resident over {last:,} requests</text></svg>\n'
    )


def slope_mb(samples: Sequence[Sample]) -> float:
    """MB for each 10,000 requests over the second half: the median of the slopes of all pairs (Theil-Sen)."""
    half = samples[len(samples) // 2 :]
    slopes = [
        (b.memory_mb - a.memory_mb) / (b.requests - a.requests) for at, a in enumerate(half) for b in half[at + 1 :]
    ]
    return 10_000 * median(slopes)


def main() -> None:
    """Print a table, and write the plot."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ntrex", type=Path)
    parser.add_argument("--requests", type=int, default=20_000)
    arguments = parser.parse_args()
    requests = mixed(read_documents(arguments.ntrex), Random(0))
    with serving(SERVER, Cores.first(2)) as server:
        for request in islice(requests, 200):  # models, caches and threads
            ask(server.port, request)
        began = time.monotonic()
        samples, kinds = soak(server.port, server.pid, requests, arguments.requests)
        elapsed_s = time.monotonic() - began
    file = ROOT / "bench" / "soak.svg"
    file.write_text(plot(samples), "utf-8")
    quarters = [samples[len(samples) * at // 4 - (at > 0)] for at in range(5)]
    print(f"{arguments.requests:,} requests in {elapsed_s:.0f} s by {CALLERS} callers")
    print("  ".join(f"{kind} {count:,}" for kind, count in sorted(kinds.items())))
    print("| requests | MB resident | open files |\n|---|---|---|")
    for one in quarters:
        print(f"| {one.requests:,} | {one.memory_mb:.0f} | {one.open_files} |")
    print(f"second half: {slope_mb(samples):+.1f} MB for each 10,000 requests; {file.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
