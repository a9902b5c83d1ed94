"""Sentence boundaries found again in NTREX: `python -m bench.segmentation NTREX_DIR`.

A document's lines are joined by a space, and the line ends are to be found again. One line end in twelve carries no
stop, being a headline's: no splitter that goes by stops finds it, and with no other fault it would reach 0.96.
So there are three figures: all line ends; all, the headline on a line of its own, as it comes in real texts; and
the line ends that carry a stop.
"""

import re
import sys
import time
from dataclasses import dataclass
from itertools import accumulate, groupby
from pathlib import Path
from statistics import mean

from services.model import Language
from services.text.segment import segment

ROUNDS = 5
STOPPED = re.compile(r"""[.!?…。！？؟۔][)\]}”’»›」』）】"'“‘«]*\Z""")


@dataclass(frozen=True, slots=True)
class Score:
    """Boundaries that are in a text, that were found, and that are both."""

    true: int
    found: int
    both: int

    @property
    def precision(self) -> float:
        return self.both / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        return self.both / self.true if self.true else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.both / (self.true + self.found) if self.true + self.found else 0.0


def documents(names: list[str], lines: list[str]) -> list[list[str]]:
    """The lines of each document, stripped; the first is its headline."""
    groups = groupby(zip(names, lines, strict=True), key=lambda pair: pair[0])
    return [[line.strip() for _, line in group] for _, group in groups]


def ends(lines: list[str]) -> set[int]:
    """Where each line but the last ends once the lines are joined by one character."""
    return set(accumulate((1 + len(line) for line in lines[1:-1]), initial=len(lines[0])) if len(lines) > 1 else ())


def score(docs: list[list[str]], language: Language, after_headline: str = " ", stopped_only: bool = False) -> Score:
    """The boundaries of all documents of a language, pooled; a space joins the lines.

    With `stopped_only`, places where a line ends without a stop count neither for nor against.
    """
    true = found = both = 0
    for lines in docs:
        expected, text = ends(lines), after_headline.join([lines[0], " ".join(lines[1:])])
        actual = {end for _, end in segment(text, language).spans[:-1]}
        if stopped_only:
            unstopped = {end for end in expected if not STOPPED.search(text[max(0, end - 12) : end])}
            expected, actual = expected - unstopped, actual - unstopped
        true, found, both = true + len(expected), found + len(actual), both + len(expected & actual)
    return Score(true, found, both)


def chars_per_s(text: str, language: Language) -> float:
    """The best of some rounds over one text, in processor time: other work on the machine does not count."""
    best_s = float("inf")
    for _ in range(ROUNDS):
        start_s = time.process_time()
        segment(text, language)
        best_s = min(best_s, time.process_time() - start_s)
    return len(text) / best_s


def main(folder: Path) -> None:
    """Print a row for each language, and the means: precision, recall and F1 of all line ends, then the other F1s."""
    names = (folder / "documents.tsv").read_text(encoding="utf-8").splitlines()
    print("language precision recall     F1 own line stopped Mchar/s")
    rows = []
    for file in sorted(folder.glob("*.txt")):
        language = Language.parse(file.stem)
        docs = documents(names, file.read_text(encoding="utf-8").removesuffix("\n").split("\n"))
        joined = score(docs, language)
        others = (score(docs, language, after_headline="\n").f1, score(docs, language, stopped_only=True).f1)
        speed = chars_per_s(" ".join(line for lines in docs for line in lines), language) / 1e6
        rows.append((joined.precision, joined.recall, joined.f1, *others, speed))
        show(file.stem, rows[-1])
    show("mean", tuple(map(mean, zip(*rows, strict=True))))


def show(name: str, row: tuple[float, ...]) -> None:
    precision, recall, f1, own_line, stopped, speed = row
    print(f"{name:8} {precision:9.4f} {recall:6.4f} {f1:6.4f} {own_line:8.4f} {stopped:7.4f} {speed:7.1f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
