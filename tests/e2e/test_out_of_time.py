"""Requests that run out of time, with the embedded models."""

from pathlib import Path

import pytest

from handler.settings import Settings
from handler.wiring import build
from services import deadline
from services.errors import OutOfTime
from services.model import Content, Language
from services.translate import Options, Translation

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
