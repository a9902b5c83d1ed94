"""How well a digest finds what is said twice, and the stories among articles; its ROUGE; and how long it takes.

Usage: python -m bench.digests NTREX [--sets FOLDER...]

A set is a file of JSON lines, `{"texts": [...], "summaries": [...]}`, in one language: articles of one story, and what
people made of all of them. Every contestant has as many words as these have on the mean. ROUGE is that of
bench.summaries, the mean over the people.
"""

import argparse
import json
import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations, zip_longest
from pathlib import Path
from statistics import mean
from tempfile import TemporaryDirectory

from bench.summaries import KINDS, Figure, detected, scorer, show
from handler.settings import Settings
from handler.wiring import build
from services.consensus import ALIKE, names, sameness
from services.digest import SAME_STORY, DigestArticle, DigestLength
from services.lede import LedeRanker
from services.model import Content, Language
from services.text.likeness import linked, profiles
from services.text.normalise import normalise
from services.text.salience import rarity, terms, vectors
from services.text.segment import segment
from services.text.words import words

LANGUAGES = ("en", "pt-BR", "de", "ru", "zh", "ja")
FEW, SOME, MANY = 1, 4, 30
MIN_LINES = 8
OURS = "digest"
# One document of each story that several of them tell is enough to tell documents apart.
SAME_STORIES = (
    "Hurricane Rosa",
    "Kanye",
    "Livingston",
    "Kavanaugh|West Virginia|Trump|Graham",
    "North Korea|fell in love",
    "Indonesia|tsunami",
    "Ryder",
    "Macedonia",
    "Sturridge|Aguero",
)
Texts = dict[str, list[str]]


def documents(folder: Path, tag: str) -> Texts:
    """The lines of each document."""
    found: Texts = {}
    names = (folder / "documents.tsv").read_text(encoding="utf-8").splitlines()
    for name, line in zip(names, (folder / f"{tag}.txt").read_text(encoding="utf-8").splitlines(), strict=True):
        found.setdefault(name, []).append(line)
    return found


def distinct(english: Texts) -> list[str]:
    """The documents long enough, and no two of one story."""
    dropped = set[str]()
    for story in SAME_STORIES:
        told = [name for name in sorted(english) if any(word in english[name][0] for word in story.split("|"))]
        dropped.update(told[1:])
    return [name for name in sorted(english) if len(english[name]) >= MIN_LINES and name not in dropped]


def duplicates(one: Texts, other: Texts, language: Language, threshold: float) -> tuple[float, int, int]:
    """Of lines in two wordings: the share found to say the same; of different lines, how many, and of how many."""
    same, different = list[float](), list[float]()
    for name in sorted(one):
        first, second = ([terms(line, language) for line in texts[name]] for texts in (one, other))
        weights = rarity(first + second)
        a, b = vectors(first, weights), vectors(second, weights)
        named, others = ([names(line, language) for line in texts[name]] for texts in (one, other))
        for i in range(len(a)):
            for j in range(len(b)):
                (same if i == j else different).append(sameness(a[i], b[j], named[i], others[j], weights))
    found = sum(value >= threshold for value in same) / len(same)
    return found, sum(value >= threshold for value in different), len(different)


def translated(texts: Texts, source: Language, target: Language) -> Texts:
    """The lines of each document in another language, by the embedded models."""
    with TemporaryDirectory() as results:
        translate = build(Settings(results=results)).translate
        route = translate.route(source, target, detected=True)
        assert route
        lines = list(chain.from_iterable(texts.values()))
        found = iter(translate.sentences(lines, route, detailed=False).items)
    return {name: [next(found).text for _ in of_one] for name, of_one in texts.items()}


def stories(
    folder: Path, names: Sequence[str], split: Callable[[list[list[str]]], list[list[list[str]]]], threshold: float
) -> Iterator[tuple[int, int, int, int]]:
    """For few, some and many documents, each in two halves: halves put together, wrongly so, and not at all."""
    chance = random.Random(5)
    for count in (FEW, SOME, MANY):
        right = wrong = missed = 0
        for tag in LANGUAGES:
            texts, language = documents(folder, tag), Language(tag)
            for _ in range(max(2, 24 // count)):
                halves = [
                    half
                    for name in chance.sample(names, count)
                    for half in split([terms(line, language) for line in texts[name]])
                ]
                place = {at: group for group, found in enumerate(linked(profiles(halves), threshold)) for at in found}
                for a, b in combinations(range(len(halves)), 2):
                    of_one, together = a // 2 == b // 2, place[a] == place[b]
                    right, wrong = right + (of_one and together), wrong + (together and not of_one)
                    missed += of_one and not together
        yield count, right, wrong, missed


def took_ms(lines: Sequence[str], find_stories: bool, rounds: int = 5) -> float:
    """The least CPU time of a digest of 50 articles of 40 sentences in one language, HTTP left out."""
    best = float("inf")
    for _ in range(rounds):
        with TemporaryDirectory() as results:
            services = build(Settings(results=results))
            chance = random.Random(3)
            articles = [
                DigestArticle(str(at), Content("\n\n".join(chance.choices(lines, k=40))), language=Language("en"))
                for at in range(50)
            ]
            start_s = time.process_time()
            services.digest(articles, None, DigestLength(sentences=5), find_stories)
            best = min(best, (time.process_time() - start_s) * 1000)
    return best


def rouge(files: Iterable[Path]) -> None:
    """Print a table for each set: ours, each lead, and `lede` over the articles one after the other."""
    for file in files:
        stories = [json.loads(line) for line in file.read_text("utf-8").splitlines() if line.strip()]
        language = detected(file.name, (text for story in stories for text in story["texts"]))
        found: dict[str, list[list[float]]] = {}
        for story in stories:
            summaries = ["\n".join(segment(normalise(text), language).texts) for text in story["summaries"]]
            max_words = round(mean(len(words(summary, language)) for summary in summaries))
            for name, picked in contestants(story["texts"], language, max_words).items():
                scores = [scorer(language).score(summary, "\n".join(picked)) for summary in summaries]
                row = [100 * mean(score[kind].fmeasure for score in scores) for kind in KINDS]
                found.setdefault(name, []).append(row)
        print(f"\n{file.stem}: {len(stories)} stories, {language}; ROUGE-1, 2, L, and ours to each, ± standard error")
        for name, rows in found.items():
            paired = [[a - b for a, b in zip(*two, strict=True)] for two in zip(found[OURS], rows, strict=True)]
            means, differences = ([Figure.of(column) for column in zip(*of, strict=True)] for of in (rows, paired))
            show(f"{name:28}", means, differences)


def contestants(texts: Sequence[str], language: Language, max_words: int) -> dict[str, list[str]]:
    """What each makes of the articles of a story, in sentences."""
    split = [list(segment(normalise(text), language).texts) for text in texts]
    longest = max(split, key=lambda sentences: sum(map(len, sentences)))
    by_turns = [one for turn in zip_longest(*split) for one in turn if one is not None]
    joined = list(chain.from_iterable(split))
    ranked = [joined[pick.position] for pick in LedeRanker().top(joined, len(joined), language, None)]
    with TemporaryDirectory() as results:
        articles = [DigestArticle(str(at), Content(text), language=language) for at, text in enumerate(texts)]
        answer = build(Settings(results=results)).digest(articles, None, DigestLength(words=max_words))
    return {
        OURS: [sentence.text for digest in answer.result.digests for sentence in digest.sentences],
        "lead of the first article": fitting(split[0], language, max_words),
        "lead of the longest article": fitting(longest, language, max_words),
        "leads by turns": fitting(by_turns, language, max_words),
        "lede over all": sorted(fitting(ranked, language, max_words), key=joined.index),
    }


def fitting(sentences: Sequence[str], language: Language, max_words: int) -> list[str]:
    """Those of the sentences, each tried in its turn, that have so many words together at most."""
    picked, left = list[str](), max_words
    for sentence in sentences:
        size = DigestLength(words=max_words).cost(sentence, language)
        if size <= left:
            picked.append(sentence)
            left -= size
    return picked


def main() -> None:
    """Print the figures of bench/README.md."""
    parser = argparse.ArgumentParser(prog="python -m bench.digests", description=__doc__)
    parser.add_argument("ntrex", type=Path, help="a folder with the NTREX-128 files")
    parser.add_argument("--sets", type=Path, nargs="*", default=[], help="folders with .jsonl files, each a set")
    arguments = parser.parse_args()
    folder = arguments.ntrex
    rouge(sorted(file for sets in arguments.sets for file in sets.glob("*.jsonl")))
    pt, english = Language("pt"), documents(folder, "en")
    portuguese, brazilian = documents(folder, "pt"), documents(folder, "pt-BR")
    pairs: Mapping[str, tuple[Texts, Texts, Language]] = {
        "two people's Portuguese": (portuguese, brazilian, pt),
        "our Portuguese and a person's": (translated(english, Language("en"), pt), portuguese, pt),
        "our English and a person's": (translated(portuguese, pt, Language("en")), english, Language("en")),
    }
    print("\nsays the same: threshold, found of two wordings of a line, of different lines of a document")
    for name, pair in pairs.items():
        for threshold in (0.35, 0.4, ALIKE, 0.5, 0.55):
            found, wrong, total = duplicates(*pair, threshold)
            print(f"  {name}  {threshold:.2f}  {found:.1%}  {wrong} of {total}")
    names = distinct(documents(folder, "en"))
    splits: dict[str, Callable[[list[list[str]]], list[list[list[str]]]]] = {
        "first and second half": lambda text: [text[: len(text) // 2], text[len(text) // 2 :]],
        "every second line": lambda text: [text[::2], text[1::2]],
    }
    print("one story: threshold, documents in a request: halves together, wrongly together, apart")
    for threshold in (0.1, SAME_STORY, 0.14):
        for name, split in splits.items():
            for count, right, wrong, missed in stories(folder, names, split, threshold):
                print(f"  {threshold:.2f}  {name}, {count}: {right}, {wrong}, {missed}")
    lines = [line for text in documents(folder, "en").values() for line in text]
    print(f"50 articles of 40 sentences: {took_ms(lines, False):.0f} ms, with stories {took_ms(lines, True):.0f} ms")


if __name__ == "__main__":
    main()
