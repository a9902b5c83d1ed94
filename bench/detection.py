"""Language detection on NTREX: `python -m bench.detection NTREX_DIR`."""

import resource
import sys
import time
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import groupby, islice
from pathlib import Path

from services.adapters.fasttext import FastTextIdentifier, default_model_path
from services.detect import DetectLanguage
from services.model import Language

ROUNDS = 20
UNSPACED = frozenset({"ja", "zh"})
SOME = {"2": ("en", "pt"), "5": ("en", "pt", "es", "fr", "de")}


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a document; a headline is its document's first."""

    text: str
    primary: str
    headline: bool


@dataclass(slots=True)
class Tally:
    """Texts in an installed language (inside), and in another (outside)."""

    inside: int = 0
    right: int = 0
    refused: int = 0
    reliable: int = 0
    reliable_right: int = 0
    outside: int = 0
    taken_in: int = 0
    taken_in_reliably: int = 0

    def row(self) -> str:
        """The shares, in per cent."""
        pairs = [
            (self.right, self.inside),
            (self.refused, self.inside),
            (self.reliable, self.inside),
            (self.reliable_right, self.reliable),
            (self.taken_in, self.outside),
            (self.taken_in_reliably, self.outside),
        ]
        return "".join(f"{100 * part / whole:11.2f}" if whole else f"{'-':>11}" for part, whole in pairs)


def read(folder: Path) -> Iterator[Line]:
    """Every line of every language."""
    names = (folder / "documents.tsv").read_text("utf-8").splitlines()
    first = [at == 0 for _, group in groupby(names) for at, _ in enumerate(group)]
    for path in sorted(folder.glob("*.txt")):
        lines = path.read_text("utf-8").split("\n")[: len(first)]
        for text, headline in zip(lines, first, strict=True):
            yield Line(text, Language(path.stem).primary, headline)


def some_words(line: Line, count: int) -> str:
    """Words from the third on, as a line begins with a capital; two characters count as a word without spaces."""
    if line.primary in UNSPACED:
        return line.text[4 : 4 + 2 * count]
    words = line.text.split()
    return " ".join(words[2 : 2 + count] or words)


def tally(detect: DetectLanguage, texts: list[tuple[str, str]], among: Collection[str]) -> Tally:
    """Texts with their primary subtags against the languages installed."""
    installed = [Language(tag) for tag in among]
    result = Tally()
    for text, primary in texts:
        found = detect(text, installed)
        named = found.language.primary if found.language else None
        if primary in among:
            result.inside += 1
            result.right += named == primary
            result.refused += named not in among
            result.reliable += found.reliable
            result.reliable_right += found.reliable and named == primary
        else:
            result.outside += 1
            result.taken_in += named in among
            result.taken_in_reliably += found.reliable and named in among
    return result


def rss_mb() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def us_per_call(call: Callable[[str], object], texts: list[str]) -> float:
    """The best of some rounds, in processor time."""
    best_s = float("inf")
    for _ in range(ROUNDS):
        start_s = time.process_time()
        for text in texts:
            call(text)
        best_s = min(best_s, time.process_time() - start_s)
    return best_s / len(texts) * 1e6


def main(folder: Path) -> None:
    before_mb, start_s = rss_mb(), time.perf_counter()
    identifier = FastTextIdentifier(default_model_path())
    identifier.identify("a")
    load_ms = (time.perf_counter() - start_s) * 1e3
    print(f"load {load_ms:.1f} ms, {rss_mb() - before_mb:.1f} MB more memory ({rss_mb():.1f} MB in all)")

    lines = list(read(folder))
    headlines = [line for line in lines if line.headline]
    body = list(islice((line for line in lines if not line.headline), 0, None, 5))
    kinds: dict[str, list[tuple[str, str]]] = {
        "headlines": [(line.text, line.primary) for line in headlines],
        "CAPITALS": [(line.text.upper(), line.primary) for line in headlines],
        "body lines": [(line.text, line.primary) for line in body],
    }
    for count in (1, 2, 3, 5):
        kinds[f"{count} words"] = [(some_words(line, count), line.primary) for line in body]

    detect = DetectLanguage(identifier)
    everything = sorted({line.primary for line in lines})
    names = ("right", "refused", "reliable", "and right", "taken in", "reliably")
    for among in (*SOME.values(), everything):
        print(f"\namong {' '.join(among)}, per cent\n{'':12}" + "".join(f"{name:>11}" for name in names))
        for kind, texts in kinds.items():
            print(f"{kind:12}{tally(detect, texts, among).row()}")

    installed = [Language(tag) for tag in everything]
    article = " ".join(line.text for line in lines[:30])
    print()
    for kind, timed in {
        "headline": [line.text for line in headlines[::10]],
        "article": [article],
        "megabyte": [article * (1_000_000 // len(article))],
    }.items():
        whole, model = us_per_call(lambda t: detect(t, installed), timed), us_per_call(identifier.identify, timed)
        print(f"{kind:12}{whole:9.0f} µs a call, of which the identifier {model:.0f} µs")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
