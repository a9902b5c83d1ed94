"""Our server against LibreTranslate's and bergamot-translator's: `python -m bench.servers NTREX_DIR [--quick]`."""

import os
import sys
from dataclasses import asdict, dataclass
from typing import Any

from bench.callers import behind_articles, latencies, mixed, under_load
from bench.contestants import (
    BERGAMOT,
    INTERLEDE,
    LIBRETRANSLATE_DEFAULT,
    LIBRETRANSLATE_ONE_THREAD,
    LIBRETRANSLATE_TUNED,
    Contestant,
)
from bench.measure import Latency, Spread, Verdict, Watch, arguments, print_table, write_report
from bench.races import CEILING, OURS, WARM_UP_ARTICLES, Race, deal_rounds, race_articles, race_rounds
from bench.setup import BERGAMOT_PACKAGE, LIBRETRANSLATE, pins
from bench.texts import Pair, articles, paragraphs, read_documents

LIBRE, TUNED, BERGAMOT_WORKER = "libretranslate", "libretranslate-tuned", "bergamot"
BOTH = {OURS: INTERLEDE, LIBRE: LIBRETRANSLATE_DEFAULT}
ON_ONE_CORE = {OURS: INTERLEDE, LIBRE: LIBRETRANSLATE_ONE_THREAD, BERGAMOT_WORKER: BERGAMOT}
ON_TWO_CORES = BOTH | {TUNED: LIBRETRANSLATE_TUNED}
CALLERS = 8
LEVELS = (1, 4, 16)
LONG_ARTICLE_CHARS = 30_000

Documents = list[list[Pair]]
Peaks = dict[str, float]


@dataclass(frozen=True, slots=True)
class Extent:
    """How much is measured; None is everything."""

    articles: int | None
    rounds: int | None
    passes: int
    short_texts: int | None
    mixed_documents: int | None
    long_articles: int | None


FULL, QUICK = Extent(None, None, 2, None, None, None), Extent(WARM_UP_ARTICLES + 4, 2, 1, 9, 9, 1)


def articles_race(title: str, contestants: dict[str, Contestant], cores: int, pairs: list[Pair], peaks: Peaks) -> Race:
    print(f"\n{title}: median (middle half)")
    race = race_articles(contestants, pairs, cores, peaks)
    print_table(race.figures())
    return race


def callers_race(documents: Documents, extent: Extent, peaks: Peaks) -> Race:
    print(f"\narticles, {CALLERS} callers at the same moment, 2 cores: median (middle half)")
    texts = [pair.text for pair in articles(documents)]
    passes = [deal_rounds(texts, CALLERS, seed)[: extent.rounds] for seed in range(extent.passes)]
    race = race_rounds(ON_TWO_CORES, passes, peaks)
    print_table(race.figures())
    return race


def short_texts(documents: Documents, extent: Extent, peaks: Peaks) -> dict[str, Any]:
    """Headlines and paragraphs, from one caller."""
    print("\nlatency of one caller, 2 cores")
    some = documents[: extent.short_texts]
    kinds = {
        "headline": [headline.text for headline, *_ in some],
        "paragraph": [paragraphs(lines)[0].text for _, *lines in some],
    }
    watch = Watch()
    seconds = {kind: latencies(BOTH, texts, peaks) for kind, texts in kinds.items()}
    others_cores = watch.others_cores()
    found = {kind: {name: Latency.of(timed) for name, timed in of.items()} for kind, of in seconds.items()}
    print_table({name: {f"{kind} p50 / p95": found[kind][name] for kind in kinds} for name in BOTH})
    ratios = {kind: Spread.of_ratios(of[OURS], of[LIBRE]) for kind, of in seconds.items()}
    return {"others_cores": others_cores, "latency": found, "ours_to_libretranslate": ratios}


def concurrency(documents: Documents, extent: Extent, peaks: Peaks) -> dict[str, Any]:
    """Headlines, paragraphs and articles mixed, from more and more callers."""
    print("\nheadlines, paragraphs and articles mixed, 2 cores")
    requests = mixed(documents[: extent.mixed_documents])
    watch = Watch()
    loads = {callers: under_load(BOTH, requests, callers, peaks) for callers in LEVELS}
    others_cores = watch.others_cores()
    print_table(
        {
            f"{name}, {callers} at once": {"characters/s": load.chars_per_s}
            | {f"{kind} p50 / p95": latency for kind, latency in load.latencies.items()}
            for callers, of in loads.items()
            for name, load in of.items()
        }
    )
    return {"others_cores": others_cores, "loads": loads}


def fairness(documents: Documents, extent: Extent, peaks: Peaks) -> dict[str, Any]:
    """Headlines of one caller while another one's long article is being translated."""
    print(f"\nheadlines during an article of {LONG_ARTICLE_CHARS:,} characters, 2 cores")
    long_articles = list(articles([lines for _, *lines in documents], LONG_ARTICLE_CHARS))[: extent.long_articles]
    headlines = [headline.text for headline, *_ in documents]
    watch = Watch()
    crowds = behind_articles(BOTH, [article.text for article in long_articles], headlines, peaks)
    others_cores = watch.others_cores()
    print_table(
        {
            name: {
                "headline p50 / p95": crowd.headline,
                "headlines": str(crowd.headline.count),
                "article p50 / p95": crowd.article,
            }
            for name, crowd in crowds.items()
        }
    )
    return {"others_cores": others_cores, "crowds": crowds}


def main() -> None:
    ntrex, extent = arguments("bench.servers", __doc__, QUICK, FULL)
    if not (LIBRETRANSLATE.is_dir() and BERGAMOT_PACKAGE.is_dir()):
        sys.exit("the peers are not there; `python -m bench.setup` sets them up")
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("two cores are needed: one for the servers of the race on one core, and another for the caller")
    documents, peaks = read_documents(ntrex), Peaks()
    pairs = list(articles(documents))[: extent.articles]
    load_before = os.getloadavg()
    one = articles_race("articles, 1 caller, 1 core, 1 thread", ON_ONE_CORE, 1, pairs, peaks)
    two = articles_race("articles, 1 caller, 2 cores", ON_TWO_CORES, 2, pairs, peaks)
    several = callers_race(documents, extent, peaks)
    short = short_texts(documents, extent, peaks)
    report = {
        "extent": extent,
        "load_before": load_before,
        "one_core": asdict(one) | {"figures": one.figures()},
        "two_cores": asdict(two) | {"figures": two.figures()},
        f"{CALLERS}_callers": asdict(several) | {"figures": several.figures()},
        "short_texts": short,
        "concurrency": concurrency(documents, extent, peaks),
        "fairness": fairness(documents, extent, peaks),
        "peak_mb": peaks,
    }
    print("\npeak memory, both models loaded (bergamot: one)")
    print_table({name: {"MB": peak_mb} for name, peak_mb in peaks.items()})
    headline = short["ours_to_libretranslate"]["headline"].median
    verdicts = [
        Verdict("1 core, x LibreTranslate", one.lead(LIBRE).median, 4.5),
        Verdict("1 core, x bergamot-translator", one.lead(BERGAMOT_WORKER).median, 4.0),
        Verdict("1 core, x bare CTranslate2", one.lead(CEILING).median, 0.9),
        Verdict("2 cores, 1 caller, x LibreTranslate", two.lead(LIBRE).median, 10.0),
        Verdict("2 cores, 1 caller, x bare CTranslate2", two.lead(CEILING).median, 0.9),
        Verdict(f"2 cores, {CALLERS} callers, x LibreTranslate", several.lead(LIBRE).median, 10.0),
        Verdict("latency of a headline, x LibreTranslate", headline, 0.5, at_most=True),
        Verdict("peak memory, MB", peaks[OURS], 300.0, at_most=True),
    ]
    print("\n" + "\n".join(map(str, verdicts)))
    write_report("servers", report | {"peers": pins(), "verdicts": verdicts})


if __name__ == "__main__":
    main()
