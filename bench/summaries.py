"""ROUGE and speed of summaries: `python -m bench.summaries FOLDER... [--limit ARTICLES] [--quick]`.

A set is a file of JSON lines, `{"text": ..., "summary": ...}` and perhaps `"title"`, in one language. Every method
picks three of the same sentences, and they stand in the order of the text. ROUGE is rouge-score's: 1, 2 and
summary-level L (rougeLsum), F; English with Porter's stemmer, other languages by our words, as the library's tokenizer
drops letters with accents.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from math import sqrt
from pathlib import Path
from statistics import mean, stdev

from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import DefaultTokenizer, Tokenizer

from services.adapters.fasttext import FastTextIdentifier, default_model_path
from services.adapters.sumy import MAX_SENTENCES, sumy_rankers
from services.detect import DetectLanguage
from services.errors import InvalidOption
from services.lede import LedeRanker
from services.model import Language
from services.ports import Pick, SentenceRanker
from services.text.normalise import normalise
from services.text.segment import segment
from services.text.words import words

SENTENCES = 3
LONGEST = min(MAX_SENTENCES.values())
KINDS = ("rouge1", "rouge2", "rougeLsum")
MAX_ROUGE1_BELOW_LEAD = 1.0
TIMED_SENTENCES, ROUNDS = 2_000, 7
MAX_S, MIN_TIMES_FASTER, MAX_IMPORT_S = 0.1, 300, 0.06
DETECTED_ARTICLES = 20
IMPORT = """
import sys, time
import fastapi
start_s = time.perf_counter()
import services.lede
print(time.perf_counter() - start_s, *({"numpy", "nltk", "scipy", "sumy"} & set(sys.modules)))
"""


class Lead:
    """The first sentences: what every method has to beat."""

    def top(
        self,
        sentences: Sequence[str],
        count: int,
        language: Language | None,
        title: str | None,
        query: str | None = None,
        last: Collection[int] = (),
    ) -> list[Pick]:
        return [Pick(position, 1.0) for position in range(min(count, len(sentences)))]


RANKERS: Mapping[str, SentenceRanker] = {"lead": Lead(), "lede": LedeRanker(), **sumy_rankers()}
PEERS = tuple(name for name in RANKERS if name != "lede")


@dataclass(frozen=True, slots=True)
class Article:
    """The sentences of a text, and what a person made of it."""

    sentences: tuple[str, ...]
    title: str | None
    summary: str


@dataclass(frozen=True, slots=True)
class Set:
    """Articles in one language."""

    name: str
    language: Language
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean and its standard error, in points of ROUGE."""

    mean: float
    error: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Figure":
        return cls(mean(values), stdev(values) / sqrt(len(values)) if len(values) > 1 else 0.0)


class OurWords(Tokenizer):  # type: ignore[misc]
    """Words with their accents, and pairs of characters where there are no spaces."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def tokenize(self, text: str) -> list[str]:
        return words(text.lower(), self._language)


def read_sets(folders: Sequence[Path], limit: int | None) -> Iterator[Set]:
    """Each file of the folders; articles too short to choose from, or too long for some method, are left out."""
    for file in sorted(file for folder in folders for file in folder.glob("*.jsonl")):
        lines = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
        language = detected(file.name, (line["text"] for line in lines))
        articles = (
            Article(
                tuple(segment(normalise(line["text"]), language).texts),
                normalise(line["title"]) if line.get("title") else None,
                "\n".join(segment(normalise(line["summary"]), language).texts),
            )
            for line in lines
        )
        fit = (article for article in articles if SENTENCES < len(article.sentences) <= LONGEST and article.summary)
        yield Set(file.stem, language, tuple(islice(fit, limit)))


def detected(name: str, texts: Iterable[str]) -> Language:
    """The language of a set of that name, told by its first texts; ends the program where it cannot be told."""
    detect = DetectLanguage(FastTextIdentifier(default_model_path()))
    language = detect("\n".join(islice(texts, DETECTED_ARTICLES)), ()).language
    if language is None:
        raise SystemExit(f"{name}: no language can be told")
    return language


def scorer(language: Language) -> RougeScorer:
    """ROUGE for a language."""
    tokenizer = DefaultTokenizer(use_stemmer=True) if language.primary == "en" else OurWords(language)
    return RougeScorer(list(KINDS), tokenizer=tokenizer)


def scores(articles: Set, ranker: SentenceRanker) -> list[list[float]] | None:
    """The three figures of each article; None if the method lacks the language."""
    rouge, rows = scorer(articles.language), list[list[float]]()
    for article in articles.articles:
        try:
            picks = ranker.top(article.sentences, SENTENCES, articles.language, article.title)
        except InvalidOption:
            return None
        summary = "\n".join(article.sentences[position] for position in sorted(pick.position for pick in picks))
        found = rouge.score(article.summary, summary)
        rows.append([100 * found[kind].fmeasure for kind in KINDS])
    return rows


def quality(sets: Sequence[Set]) -> bool:
    """Print a table for each set and one for their mean; whether the bars are met."""
    means: dict[str, list[list[Figure]]] = {name: [] for name in RANKERS}
    differences: dict[str, list[list[Figure]]] = {name: [] for name in RANKERS}
    for articles in sets:
        lead = scores(articles, RANKERS["lead"]) or []
        print(f"\n{articles.name}: {len(articles.articles)} articles, {articles.language}")
        for name, ranker in RANKERS.items():
            if (rows := scores(articles, ranker)) is None:
                print(f"{name:10} lacks what it needs for the language")
                continue
            means[name].append([Figure.of(column) for column in zip(*rows, strict=True)])
            paired = [[a - b for a, b in zip(row, first, strict=True)] for row, first in zip(rows, lead, strict=True)]
            differences[name].append([Figure.of(column) for column in zip(*paired, strict=True)])
            show(name, means[name][-1], differences[name][-1])
    print(f"\nmean of {len(sets)} sets")
    overall = {name: _over(rows) for name, rows in means.items() if len(rows) == len(sets)}
    for name, figures in overall.items():
        show(name, figures, _over(differences[name]))
    best = {name: [figure.mean for figure in figures] for name, figures in overall.items()}
    above = all(
        ours > peer for name in PEERS if name in best for ours, peer in zip(best["lede"], best[name], strict=True)
    )
    worst = min(row[0].mean for row in differences["lede"])
    return all(
        [
            verdict("lede is above the lead and every other method on the mean of the sets", above),
            verdict(
                f"no set more than a point of ROUGE-1 below the lead; worst {worst:+.2f}",
                worst >= -MAX_ROUGE1_BELOW_LEAD,
            ),
        ]
    )


def _over(rows: Sequence[Sequence[Figure]]) -> list[Figure]:
    return [
        Figure(mean(figure.mean for figure in column), sqrt(sum(figure.error**2 for figure in column)) / len(column))
        for column in zip(*rows, strict=True)
    ]


def show(name: str, figures: Sequence[Figure], paired: Sequence[Figure]) -> None:
    """A row: ROUGE-1, 2 and L, and each paired difference with its standard error."""
    columns = "".join(f"{figure.mean:8.2f}" for figure in figures)
    differences = "" if name == "lead" else "".join(f"{figure.mean:+9.2f} ± {figure.error:.2f}" for figure in paired)
    print(f"{name:10}{columns}  {differences}")


def speed(sets: Sequence[Set], with_lexrank: bool) -> bool:
    """Time one text of many sentences in processor seconds: the best round, against sumy's LexRank as it comes."""
    english = [articles for articles in sets if articles.language.primary == "en"] or sets
    texts = [text for articles in english for article in articles.articles for text in article.sentences]
    texts = texts[:TIMED_SENTENCES]
    ranker, language = RANKERS["lede"], english[0].language
    ours_s = min(_time(lambda: ranker.top(texts, SENTENCES, language, None)) for _ in range(ROUNDS))
    print(f"\n{len(texts)} sentences, {sum(len(words(text, language)) for text in texts):,} words, one core")
    met = [verdict(f"lede {ours_s:.4f} s, bar {MAX_S} s", ours_s < MAX_S)]
    if with_lexrank:
        lexrank_s = _time(lambda: _lexrank(texts, language))
        times = lexrank_s / ours_s
        met.append(
            verdict(
                f"sumy's LexRank {lexrank_s:.1f} s: {times:.0f} times, bar {MIN_TIMES_FASTER}",
                times >= MIN_TIMES_FASTER,
            )
        )
    took_s, *heavy = subprocess.run(
        [sys.executable, "-c", IMPORT], check=True, capture_output=True, text=True
    ).stdout.split()
    met.append(
        verdict(
            f"import {float(took_s):.3f} s, bar {MAX_IMPORT_S} s; heavy {heavy}",
            float(took_s) < MAX_IMPORT_S and not heavy,
        )
    )
    return all(met)


def _time(work: Callable[[], object]) -> float:
    start_s = time.process_time()
    work()
    return time.process_time() - start_s


def _lexrank(texts: Sequence[str], language: Language) -> None:
    """Sumy itself, without our adapter, which would refuse so long a text."""
    from sumy.models.dom import ObjectDocumentModel, Paragraph, Sentence
    from sumy.summarizers.lex_rank import LexRankSummarizer

    class Words:
        def to_words(self, text: str) -> tuple[str, ...]:
            return tuple(words(text.lower(), language))

    sentences = [Sentence(text, Words()) for text in texts]
    LexRankSummarizer()(ObjectDocumentModel([Paragraph(sentences)]), SENTENCES)


def verdict(figures: str, met: bool) -> bool:
    print(f"{figures}: {'met' if met else 'MISSED'}")
    return met


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.summaries", description=__doc__)
    parser.add_argument("folders", type=Path, nargs="+", help="folders with .jsonl files, each a set")
    parser.add_argument("--limit", type=int, help="articles of each set, the first")
    parser.add_argument("--quick", action="store_true", help="without LexRank's time, which is most of a minute")
    arguments = parser.parse_args()
    sets = [articles for articles in read_sets(arguments.folders, arguments.limit) if articles.articles]
    if not sets:
        parser.error("no .jsonl file with articles in these folders")
    print(
        f"{'':10}"
        + "".join(f"{head:>8}" for head in ("R-1", "R-2", "R-L"))
        + "      against the lead, ± standard error"
    )
    met = [quality(sets), speed(sets, with_lexrank=not arguments.quick)]
    sys.exit(not all(met))


if __name__ == "__main__":
    main()
