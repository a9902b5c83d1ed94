import time

import pytest

from services.errors import InvalidLanguage, UnsupportedLanguagePair
from services.model import Language
from services.route import find_route, reachable
from tests.fakes.models import pair


def route(pairs: str, wanted: str) -> str:
    source, _, target = wanted.partition(">")
    hops = find_route([pair(one) for one in pairs.split()], Language(source), Language(target)).hops
    return " ".join(f"{hop.source}>{hop.target}" for hop in hops)


@pytest.mark.parametrize(
    ("pairs", "wanted", "hops"),
    [
        ("en>pt pt>en", "en>pt", "en>pt"),
        ("es>en en>pt", "es>pt", "es>en en>pt"),
        ("es>en en>pt es>pt", "es>pt", "es>pt"),
        ("es>fr fr>pt es>en en>pt", "es>pt", "es>en en>pt"),
        ("es>en en>fr fr>pt pt>es", "es>pt", "es>en en>fr fr>pt"),
        ("en>pt", "en>pt-BR", "en>pt"),
        ("en>pt-BR", "en>pt", "en>pt-BR"),
        ("en>pt en>pt-BR", "en>pt-BR", "en>pt-BR"),
        ("en>pt", "en-GB>pt", "en>pt"),
    ],
)
def test_the_shortest_route_is_taken(pairs: str, wanted: str, hops: str) -> None:
    assert route(pairs, wanted) == hops


@pytest.mark.parametrize(
    ("pairs", "wanted"), [("", "en>pt"), ("en>pt", "pt>en"), ("en>pt", "fr>pt"), ("en>pt pt>en", "pt>pt-BR")]
)
def test_a_pair_without_a_route_is_refused(pairs: str, wanted: str) -> None:
    with pytest.raises(UnsupportedLanguagePair):
        route(pairs, wanted)


def test_a_language_is_not_translated_into_itself() -> None:
    with pytest.raises(InvalidLanguage):
        route("en>pt pt>en", "en>en")


def test_the_order_of_the_installed_pairs_does_not_matter() -> None:
    assert route("es>fr fr>pt es>en en>pt", "es>pt") == route("en>pt es>en fr>pt es>fr", "es>pt")


def test_a_language_reaches_what_some_chain_of_models_leads_to() -> None:
    pairs = [pair(one) for one in ("es>en", "en>pt", "pt>en", "fr>es")]
    assert [str(target) for target in reachable(pairs, Language("es"))] == ["en", "pt"]


def test_a_circle_of_models_that_leads_nowhere_is_left() -> None:
    pairs = [pair(one) for one in ("en>es", "es>fr", "fr>es", "pt>en")]
    assert reachable(pairs, Language("en")) == [Language("es"), Language("fr")]


def test_of_a_hundred_languages_all_that_are_reachable_are_soon_known() -> None:
    languages = [f"{first}{second}" for first in "abcdefghij" for second in "abcdefghij"]
    pairs = [pair(one) for language in languages for one in (f"en>{language}", f"{language}>en")]
    began_s = time.process_time()
    assert {len(reachable(pairs, Language(language))) for language in languages} == {100}
    assert time.process_time() - began_s < 2
