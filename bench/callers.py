"""What callers of a server see on two cores: alone, among others, and behind a long article."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

from bench.contestants import Contestant, Cores, Server, running
from bench.measure import Latency, take_turns
from bench.texts import Pair, paragraphs, whole

HEAD_START_S = 0.1


@dataclass(frozen=True, slots=True)
class Request:
    """A text, and what it is: headline, paragraph or article."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Load:
    """What a server did for callers of whom each asks anew as soon as it has its answer."""

    chars_per_s: float
    latencies: dict[str, Latency]


@dataclass(frozen=True, slots=True)
class Crowd:
    """How long long articles took, and the headlines that another caller sent meanwhile."""

    article: Latency
    headline: Latency


def mixed(documents: Sequence[Sequence[Pair]]) -> list[Request]:
    """Every third document as an article, the others as a headline and paragraphs; shuffled, no line twice."""
    requests = list[Request]()
    for at, document in enumerate(documents):
        if at % 3 == 0:
            requests.append(Request("article", whole(document).text))
        else:
            headline, *lines = document
            requests.append(Request("headline", headline.text))
            requests += [Request("paragraph", paragraph.text) for paragraph in paragraphs(lines)]
    Random(0).shuffle(requests)
    return requests


def latencies(
    contestants: Mapping[str, Contestant], texts: Sequence[str], peaks_mb: dict[str, float]
) -> dict[str, list[float]]:
    """The seconds of one caller with each text."""
    with running(contestants, Cores.first(2), peaks_mb) as servers:
        return take_turns({name: _seconds_of(server) for name, server in servers.items()}, texts, 1)


def under_load(
    contestants: Mapping[str, Contestant], requests: Sequence[Request], callers: int, peaks_mb: dict[str, float]
) -> dict[str, Load]:
    """So many callers, until every request is answered; one server after the other."""
    with running(contestants, Cores.first(2), peaks_mb) as servers:
        return {name: _load(server, requests, callers) for name, server in servers.items()}


def behind_articles(
    contestants: Mapping[str, Contestant],
    articles: Sequence[str],
    headlines: Sequence[str],
    peaks_mb: dict[str, float],
) -> dict[str, Crowd]:
    """One caller sends each article, another one headline after the other as long as the article is not answered."""
    with running(contestants, Cores.first(2), peaks_mb) as servers:
        return {name: _crowd(server, articles, headlines) for name, server in servers.items()}


def _seconds_of(server: Server) -> Callable[[str], float]:
    return lambda text: server.ask(text).seconds


def _load(server: Server, requests: Sequence[Request], callers: int) -> Load:
    with ThreadPoolExecutor(callers) as pool:
        began = time.perf_counter()
        answers = list(pool.map(server.ask, [request.text for request in requests]))
        elapsed_s = time.perf_counter() - began
    seconds: dict[str, list[float]] = {}
    for request, answer in zip(requests, answers, strict=True):
        seconds.setdefault(request.kind, []).append(answer.seconds)
    chars = sum(len(request.text) for request in requests)
    return Load(chars / elapsed_s, {kind: Latency.of(timed) for kind, timed in sorted(seconds.items())})


def _crowd(server: Server, articles: Sequence[str], headlines: Sequence[str]) -> Crowd:
    share = len(headlines) // len(articles)
    articles_s, headlines_s = list[float](), list[float]()
    with ThreadPoolExecutor(1) as caller:
        for at, article in enumerate(articles):
            answer = caller.submit(server.ask, article)
            time.sleep(HEAD_START_S)
            for headline in headlines[at * share : (at + 1) * share]:
                if answer.done():
                    break
                headlines_s.append(server.ask(headline).seconds)
            articles_s.append(answer.result().seconds)
    return Crowd(Latency.of(articles_s), Latency.of(headlines_s))
