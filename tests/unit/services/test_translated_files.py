"""Translated files under names that cannot be guessed."""

import pytest

from services.adapters.results import JsonResults
from services.errors import UnknownFile
from services.model import Content, Format
from services.translated_files import TranslatedFiles, is_name
from tests.fakes.meters import RecordingMeter
from tests.fakes.stores import MemoryStore


@pytest.fixture
def files() -> TranslatedFiles:
    return TranslatedFiles(JsonResults(MemoryStore(), RecordingMeter()))


def test_a_file_is_found_by_its_whole_name(files: TranslatedFiles) -> None:
    content = Content("<p>Olá.</p>", Format.HTML)
    name = files.keep("story_pt.html", content)
    assert files.find(name) == content
    assert files.keep("story_pt.html", content) != name


@pytest.mark.parametrize("wrong", ["story_pt.html", "../{}", "{}/", "{} ", "{}\n", "{}x", ""])
def test_by_no_other_name(files: TranslatedFiles, wrong: str) -> None:
    name = files.keep("story_pt.html", Content("Olá."))
    with pytest.raises(UnknownFile):
        files.find(wrong.format(name))


@pytest.mark.parametrize("name", ["", "a/b", "a b", "ação.txt", "x" * 151])
def test_a_name_that_would_not_be_found_is_none(files: TranslatedFiles, name: str) -> None:
    assert not is_name(name)
    with pytest.raises(ValueError, match="a name has"):
        files.keep(name, Content("Olá."))
