"""Requests that run out of time, with the embedded models."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from handler.app import create_app
from handler.prometheus import Prometheus
from handler.settings import Settings
from handler.wiring import assemble, build
from services import deadline
from services.adapters.argos import ArgosTranslator
from services.adapters.files import FolderStore
from services.adapters.sqlite import SqliteQueue
from services.errors import OutOfTime
from services.lede import LedeRanker
from services.model import Content, Language, LanguagePair
from services.ports import Hypothesis
from services.schedule import FairPool
from services.translate import Options, Translation
from tests.fakes.models import FixedIdentifier

EN, PT = Language("en"), Language("pt")


def in_tries(folder: Path, text: str, seconds: float | None, options: Options) -> tuple[Translation, list[int]]:
    """A translation of which each try has so much time, and how much was done in the tries that failed."""
    translate, done = build(Settings(results=str(folder), workers=2)).translate, list[int]()
    translate([Content("This reads the model.")], EN, [PT])
    while True:
        try:
            with deadline.within(1_000 if seconds is None else seconds):
                return translate([Content(text)], EN, [PT], options).result.items[0], done
        except OutOfTime as exc:
            done.append(int(str(exc.facts["done"])))


@pytest.mark.parametrize("options", [Options(), Options(detailed=True), Options(alternatives=2), Options(story="a")])
def test_an_article_in_many_short_tries_is_the_same_as_in_one(tmp_path: Path, sample: Path, options: Options) -> None:
    text = sample.read_text(encoding="utf-8")
    whole, none = in_tries(tmp_path / "whole", text, None, options)
    assert none == []
    for seconds in (0, 0.02):
        tried, done = in_tries(tmp_path / str(seconds), text, seconds, options)
        assert tried == whole
        assert done == sorted(set(done))
        assert seconds or len(done) > 1


def long_article() -> str:
    """60,000 characters of sentences that differ."""
    return "\n\n".join(
        f"The council of the {n}th town voted on Tuesday to keep its night ferry. "
        f"The mayor said that {3 * n} boats would sail, and that the {n}th one was old."
        for n in range(1, 470)
    )[:60_000]


class Counting:
    """A translator that remembers what it decoded greedily."""

    def __init__(self, translator: ArgosTranslator) -> None:
        self.decoded = list[str]()
        self._translator = translator

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._translator, name)

    def translate(
        self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Hypothesis]]:
        """Translate, and remember."""
        if hypotheses == 1:
            self.decoded += texts
        return self._translator.translate(texts, pair, hypotheses, detailed)


def test_a_long_article_is_finished_by_new_processes_of_three_seconds_and_nothing_is_decoded_twice(
    tmp_path: Path,
) -> None:
    text, settings = long_article(), Settings(results=str(tmp_path), queue=str(tmp_path / "queue"))
    meter = Prometheus()
    counting = Counting(ArgosTranslator(settings.packages, 1, settings.max_model_bytes, meter))
    attempts = 0
    answer = None
    while answer is None or answer.status_code == 202:
        attempts += 1
        fresh = assemble(counting, FixedIdentifier(), {"lede": LedeRanker()}, FolderStore(tmp_path), FairPool(1),
            SqliteQueue(tmp_path / "queue"), meter, settings)  # fmt: skip
        began = time.monotonic()
        answer = TestClient(create_app(fresh)).post(
            "/v1/translations",
            json={"text": text, "source": "en", "target": "pt", "segments": True},
            headers={"prefer": "wait=3"},
        )
        assert time.monotonic() - began < 10
    assert answer.status_code == 200
    assert attempts > 1
    # A doubtful sentence is tried again clause by clause, greedily too, and how many are depends on the processor.
    assert len(counting.decoded) - len(set(counting.decoded)) <= len(counting.decoded) // 100
    assert answer.json()["translations"][0]["text"].count("\n\n") == text.count("\n\n")
