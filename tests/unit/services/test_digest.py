import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handler.wiring import Services
from services.digest import Digest, DigestArticle, DigestLength, Digests
from services.errors import (
    InvalidOption,
    InvalidText,
    TextTooLong,
    UndeterminedLanguage,
    UnsupportedLanguagePair,
)
from services.model import Content, Format, Language, LanguagePair
from services.ports import LanguageScore
from services.results import CacheState
from services.text.normalise import normalise
from services.text.words import words
from tests.fakes.models import MarkingTranslator
from tests.fakes.services import fake_services
from tests.fakes.stores import DownStore

EN, PT = Language("en"), Language("pt")
FIVE = DigestLength(sentences=5)
NOON = datetime(2024, 5, 6, 12, tzinfo=UTC)

FERRY = [
    "The ferry between Port Amsel and the island of Grell sailed again on Monday after a pause of three weeks.",
    "Engineers had found cracks in both propellers during a routine inspection of the ferry.",
    "Mayor Ines Carvalho called the return of the ferry a relief for the island and its shops.",
    "Shops on Grell had run out of fresh milk, bread and petrol.",
    "The harbour authority says the new propellers cost 1.2 million crowns, a third more than planned.",
    "Opposition members want to know why the authority ordered no spare propellers in 2019.",
    "A school class of thirty children was among the first passengers of the ferry.",
    "The inspection of a second ferry, the Amsel Star, begins next month.",
]
AGAIN = "On Monday, after a pause of three weeks, the ferry between Port Amsel and the island of Grell sailed again."
STRIKE = [
    "Nurses at four hospitals in Brandholm began a strike over pay on Thursday morning.",
    "Their union asks for nine per cent, and the county council offers five.",
    "Surgery is put off at all four hospitals while the nurses strike.",
    "The union says the strike will go on until the county council makes a better offer on pay.",
]
PORTUGUESE = {
    FERRY[0]: "A balsa entre Port Amsel e a ilha de Grell voltou a navegar na segunda-feira depois de três semanas.",
    FERRY[1]: "Os engenheiros tinham encontrado fissuras nas duas hélices numa inspeção de rotina.",
    FERRY[3]: "As lojas de Grell tinham ficado sem leite fresco, pão e gasolina.",
    FERRY[4]: "A autoridade portuária diz que as novas hélices custaram 1,2 milhões de coroas.",
    STRIKE[0]: "Os enfermeiros de quatro hospitais de Brandholm começaram uma greve salarial na quinta-feira.",
    STRIKE[2]: "As cirurgias foram adiadas nos quatro hospitais enquanto dura a greve dos enfermeiros.",
}


class KnowingTranslator(MarkingTranslator):
    """Knows the Portuguese of some English sentences, and marks the others."""

    def translation(self, text: str, pair: LanguagePair) -> str:
        """The Portuguese, if it is known."""
        return PORTUGUESE.get(text) or super().translation(text, pair)


class NoIdentifier:
    """Cannot tell."""

    def identify(self, text: str) -> list[LanguageScore]:
        """Nothing."""
        return []


def article(
    name: str, sentences: Sequence[str], language: Language | None = EN, hours: int | None = None
) -> DigestArticle:
    published = None if hours is None else NOON + timedelta(hours=hours)
    return DigestArticle(name, Content(" ".join(sentences)), language=language, published=published)


def digests(
    articles: Sequence[DigestArticle],
    length: DigestLength = FIVE,
    target: Language | None = None,
    services: Services | None = None,
    **options: object,
) -> Digests:
    services = services or fake_services(KnowingTranslator())
    return services.digest(articles, target, length, **options).result  # type: ignore[arg-type]


def digest(*articles: DigestArticle, sentences: int = 5, **options: object) -> Digest:
    (only,) = digests(articles, DigestLength(sentences=sentences), **options).digests  # type: ignore[arg-type]
    return only


STORIES = st.lists(
    st.lists(st.sampled_from([*FERRY, AGAIN, *STRIKE]), min_size=1, max_size=6), min_size=1, max_size=5
).map(lambda texts: [article(f"a{at}", text) for at, text in enumerate(texts)])


@given(STORIES, st.randoms(use_true_random=False), st.booleans())
def test_the_order_of_the_articles_does_not_change_what_is_said(
    articles: list[DigestArticle], random: Random, stories: bool
) -> None:
    shuffled = random.sample(articles, len(articles))
    said, said_again = (
        [sorted((sorted(words(s.text.lower(), EN)), s.score) for s in one.sentences) for one in found.digests]
        for found in (digests(articles, stories=stories), digests(shuffled, stories=stories))
    )
    assert sorted(said) == sorted(said_again)


@given(STORIES, st.integers(1, 8))
def test_no_sentence_is_there_twice_nor_more_than_asked_for(articles: list[DigestArticle], sentences: int) -> None:
    picked = digest(*articles, sentences=sentences).sentences
    assert len({sentence.text for sentence in picked}) == len(picked) <= sentences
    assert not {FERRY[0], AGAIN} <= {sentence.text for sentence in picked}
    assert all(0 <= sentence.score <= 1 for sentence in picked)


@given(STORIES, st.integers(1, 60), st.sampled_from([None, PT]))
def test_so_many_words_are_never_exceeded(articles: list[DigestArticle], most: int, target: Language | None) -> None:
    (only,) = digests(articles, DigestLength(words=most), target).digests
    assert len(only.text.split()) <= most
    assert sum(len(words(sentence.translation, only.language)) for sentence in only.sentences) <= most


@given(st.lists(st.text(), min_size=1, max_size=4), st.sampled_from(Format), st.booleans())
def test_each_sentence_stands_where_it_is_said_to(texts: list[str], format_: Format, stories: bool) -> None:
    articles = [
        DigestArticle(str(at), Content(f"The ferry sails. {text}".replace("\0", ""), format_), language=EN)
        for at, text in enumerate(texts)
    ]
    read = {one.id: fake_services().translate.plan(one.content, EN, [PT])[0].reading.shown().text for one in articles}
    for one in digests(articles, stories=stories).digests:
        for sentence in one.sentences:
            text = read[sentence.article]
            assert text[sentence.offset : sentence.offset + sentence.length] == sentence.text
            assert sentence.wide_before == len(text[: sentence.offset].encode("utf-16-le")) // 2 - sentence.offset


def test_offsets_are_in_the_text_after_normalising() -> None:
    text = "Cafe\u0301 owners in Port Amsel protest.\r\n\r\nThe ferry to Grell sailed again on Monday."
    picked = digest(DigestArticle("a", Content(text), language=EN), article("b", STRIKE)).sentences
    for sentence in (one for one in picked if one.article == "a"):
        assert normalise(text)[sentence.offset : sentence.offset + sentence.length] == sentence.text


def test_what_several_articles_say_comes_before_what_one_says() -> None:
    told = digest(
        article("a", [FERRY[2], FERRY[4]]),
        article("b", [FERRY[6], FERRY[4]]),
        article("c", [FERRY[7], FERRY[4]]),
        sentences=1,
    )
    assert told.text == FERRY[4]
    assert told.sentences[0].also_in == ("b", "c")


def test_near_duplicates_are_told_once_and_both_articles_are_named() -> None:
    told = digest(article("a", FERRY[:4]), article("b", [AGAIN, *FERRY[4:]]), sentences=8)
    (first,) = [sentence for sentence in told.sentences if sentence.text in (FERRY[0], AGAIN)]
    assert {first.article, *first.also_in} == {"a", "b"}


def test_an_article_that_gives_other_figures_does_not_say_the_same() -> None:
    other = FERRY[4].replace("1.2", "1.9")
    told = digest(article("a", FERRY), article("b", [other]), sentences=8)
    (cost,) = [sentence for sentence in told.sentences if "million" in sentence.text]
    assert cost.also_in == ()


def test_of_other_figures_the_newest_are_told() -> None:
    newer, newest = (FERRY[4].replace("1.2", figure) for figure in ("1.5", "1.9"))
    articles = [
        article("a", [FERRY[4]], hours=1),
        article("b", [*FERRY[:3], newest], hours=3),
        article("c", [newer], hours=2),
    ]
    for order in permutations(articles):
        (cost,) = [one for one in digest(*order).sentences if "million" in one.text]
        assert (cost.text, cost.article, cost.also_in) == (newest, "b", ())


def test_what_an_article_repeats_is_no_support() -> None:
    (first,) = digest(article("a", [FERRY[0], AGAIN]), article("b", STRIKE), sentences=1).sentences
    assert first.also_in == ()


def test_what_is_no_part_of_a_story_is_not_picked() -> None:
    told = digest(
        article("a", ["Subscribe to our newsletter.", FERRY[0]]), article("b", ["Subscribe to our newsletter."])
    )
    assert (told.text, told.unused) == (FERRY[0], ("b",))


def test_an_article_that_says_the_same_is_not_unused() -> None:
    told = digest(article("a", FERRY[:1]), article("b", [AGAIN]), article("c", STRIKE), sentences=1)
    assert told.articles == ("a", "b", "c")
    assert told.unused == ("c",)


def test_the_newest_article_comes_first_where_each_has_its_time() -> None:
    told = digest(
        article("a", FERRY[:2], hours=1), article("b", STRIKE[:2], hours=2), article("c", FERRY[4:6], hours=3)
    )
    assert [sentence.article for sentence in told.sentences] == sorted(
        (s.article for s in told.sentences), reverse=True
    )


def test_the_article_that_gives_most_comes_first_where_times_are_missing() -> None:
    told = digest(article("a", STRIKE[:1], hours=1), article("b", FERRY[:4]), sentences=5)
    assert [sentence.article for sentence in told.sentences] == ["b"] * 4 + ["a"]
    of_b = [sentence.position for sentence in told.sentences if sentence.article == "b"]
    assert of_b == sorted(of_b)


def test_the_title_and_the_query_say_what_counts() -> None:
    articles = [article("a", FERRY), article("b", [*STRIKE, *FERRY[:2]])]
    assert FERRY[5] not in digest(*articles, sentences=2).text
    assert FERRY[5] in digest(*articles, sentences=2, query="spare propellers, Opposition members").text
    plain, titled = (digest(*articles, sentences=12, title=title) for title in (None, "A school class on board"))
    before, after = ({s.text: s.score for s in one.sentences}[FERRY[6]] for one in (plain, titled))
    assert after > before


def test_a_query_is_heard_in_the_language_of_the_digest_too() -> None:
    articles = [article("a", FERRY), article("b", FERRY[:2])]
    told = digest(*articles, sentences=1, target=PT, query="leite fresco e pão")
    assert told.text == PORTUGUESE[FERRY[3]]


def test_only_what_is_picked_is_translated() -> None:
    translator = KnowingTranslator()
    told = digest(
        article("a", FERRY), article("b", FERRY[:3]), sentences=2, target=PT, services=fake_services(translator)
    )
    assert sorted(translator.texts) == sorted(sentence.text for sentence in told.sentences)
    assert told.text == " ".join(sentence.translation for sentence in told.sentences)


def test_what_articles_in_two_languages_say_is_told_once() -> None:
    portuguese = article("p", [PORTUGUESE[FERRY[0]], PORTUGUESE[FERRY[1]]], PT)
    told = digest(article("e", FERRY), portuguese, sentences=4, target=PT)
    first = next(one for one in told.sentences if one.translation == PORTUGUESE[FERRY[0]])
    assert {first.article, *first.also_in} == {"e", "p"}
    assert len({sentence.translation for sentence in told.sentences}) == 4


def test_of_what_is_said_in_two_languages_the_version_in_the_language_of_the_digest_is_told() -> None:
    own = "A balsa voltou na segunda-feira a ligar Port Amsel a Grell, depois de três semanas parada no porto."
    english, portuguese = article("e", [*FERRY[:4], FERRY[0]]), article("p", [PORTUGUESE[STRIKE[0]], own], PT)
    for articles in ([english, portuguese], [portuguese, english]):
        told = digest(*articles, sentences=6, target=PT)
        (ferry,) = [sentence for sentence in told.sentences if "Port Amsel" in sentence.translation]
        assert (ferry.article, ferry.translation, ferry.also_in) == ("p", own, ("e",))


@pytest.mark.parametrize(("own", "teller"), [("1,2 milhões", "p"), ("1,9 milhões", "e"), ("muitos milhões", "e")])
def test_a_translation_is_told_where_the_version_in_the_language_of_the_digest_lacks_its_figures(
    own: str, teller: str
) -> None:
    portuguese = PORTUGUESE[FERRY[4]].replace("1,2 milhões", own)
    told = digest(article("e", [FERRY[4]], hours=2), article("p", [portuguese], PT, hours=1), sentences=1, target=PT)
    assert told.sentences[0].article == teller


def test_names_and_numbers_tell_that_two_sentences_say_the_same() -> None:
    reported = "Ines Carvalho, mayor of the island, is glad about 30 new ferry trips to Grell."
    again = "There will be 30 trips to Grell, which delights Ines Carvalho."
    other = "There will be 60 ferries to Brandholm, which delights Joan Amis."
    told = digest(article("a", [reported]), article("b", [again]), article("c", [other]))
    assert {sentence.text for sentence in told.sentences} == {reported, other}
    assert next(one for one in told.sentences if one.text == reported).also_in == ("b",)


def test_so_much_of_each_other_language_is_translated_and_no_more() -> None:
    translator = KnowingTranslator()
    long = [f"{FERRY[at % 8][:-1]} on quay {at} of port {at * 7}." for at in range(80)]
    portuguese = article("p", list(PORTUGUESE.values()), PT)
    digest(article("e", long), portuguese, sentences=2, target=PT, services=fake_services(translator))
    asked = {text for _, texts in translator.asked for text in texts}
    assert 0 < len(asked.intersection(long)) <= DigestLength(sentences=2).points == 20


def test_what_must_be_copied_is_in_the_digest_and_in_its_translation() -> None:
    page = "<p>A clerk typed <code>a + b</code> into the form on Monday. The form was lost.</p>"
    html = DigestArticle("a", Content(page, Format.HTML), language=EN)
    told = digest(html, article("b", STRIKE), sentences=8, target=PT)
    first, second = (sentence for sentence in told.sentences if sentence.article == "a")
    assert (first.text, first.offset, second.offset) == ("A clerk typed a + b into the form on Monday.", 0, 45)
    assert "a + b" in first.translation


def test_stories_are_told_apart_and_the_one_of_most_articles_comes_first() -> None:
    articles = [
        article("strike", STRIKE),
        article("ferry", FERRY[:5]),
        article("ferries", [AGAIN, *FERRY[1:3], *FERRY[6:]]),
    ]
    found = digests(articles, DigestLength(sentences=2), stories=True)
    assert [one.articles for one in found.digests] == [("ferry", "ferries"), ("strike",)]
    assert [(one.id, one.digest) for one in found.articles] == [("strike", 1), ("ferry", 0), ("ferries", 0)]
    assert all(len(one.sentences) == 2 for one in found.digests)


def test_a_story_is_one_in_two_languages() -> None:
    articles = [
        article("ferry", [FERRY[0], FERRY[1], FERRY[3], FERRY[4]]),
        article("greve", [PORTUGUESE[STRIKE[0]], PORTUGUESE[STRIKE[2]]], PT),
        article("balsa", [PORTUGUESE[FERRY[at]] for at in (0, 1, 4)], PT),
        article("strike", [STRIKE[0], STRIKE[2]]),
    ]
    found = digests(articles, target=PT, stories=True)
    assert [one.articles for one in found.digests] == [("ferry", "balsa"), ("greve", "strike")]


def test_articles_in_several_languages_need_a_target() -> None:
    with pytest.raises(InvalidOption, match="en, pt"):
        digests([article("a", FERRY), article("b", [PORTUGUESE[FERRY[0]]], PT)])


@pytest.mark.parametrize(
    ("tags", "language"), [(["pt", "pt"], "pt"), (["pt-BR", "pt-BR"], "pt-BR"), (["pt-BR", "pt-PT"], "pt")]
)
def test_without_a_target_the_digest_is_in_the_language_of_the_articles(tags: list[str], language: str) -> None:
    told = digest(*(article(str(at), FERRY, Language(tag)) for at, tag in enumerate(tags)))
    assert str(told.language) == language
    assert all(sentence.translation == sentence.text for sentence in told.sentences)


def test_an_article_tells_its_language_how_it_was_found_and_the_model() -> None:
    first, second = digests([article("a", FERRY, None), article("b", FERRY, PT)], target=PT).articles
    assert first.detection is not None
    assert (str(first.language), first.detection.confidence, first.model) == ("en", 1.0, "marking-en-pt")
    assert (str(second.language), second.detection, second.model) == ("pt", None, None)
    assert first.sentences + second.sentences == 5


def test_an_article_without_a_language_that_can_be_told_is_digested_where_nothing_is_translated() -> None:
    services = fake_services(identifier=NoIdentifier())
    articles = [article("a", FERRY, None), article("b", FERRY, None)]
    assert len(digest(*articles, services=services).sentences) == 5
    with pytest.raises(UndeterminedLanguage):
        digests(articles, target=PT, services=services)


@pytest.mark.parametrize("text", ["", " \n", "🎉", "12 345."])
def test_an_article_without_words_is_refused_by_its_place(text: str) -> None:
    with pytest.raises(InvalidText) as refused:
        digests([article("a", FERRY), DigestArticle("b", Content(text))])
    assert refused.value.facts == {"article": 1}


def test_what_cannot_be_digested_is_refused() -> None:
    with pytest.raises(TextTooLong, match="at most 50"):
        digests([article(str(at), FERRY) for at in range(51)])
    with pytest.raises(InvalidOption, match="id of its own"):
        digests([article("a", FERRY), article("a", STRIKE)])
    with pytest.raises(UnsupportedLanguagePair):
        digests([article("a", FERRY, Language("fi")), article("b", FERRY)], target=PT)


@pytest.mark.parametrize("length", [{}, {"sentences": 0}, {"words": 0}, {"sentences": 1, "words": 1}])
def test_a_length_that_cannot_be_is_refused(length: dict[str, int]) -> None:
    with pytest.raises(InvalidOption):
        DigestLength(**length)


def test_whatever_can_change_the_digest_changes_its_key() -> None:
    services = fake_services()
    first, second = article("a", FERRY, hours=1), article("b", STRIKE)
    titled = replace(first, title="A headline")
    requests: list[tuple[object, ...]] = [
        ([first, second], PT, FIVE),
        ([second, first], PT, FIVE),
        ([replace(first, id="c"), second], PT, FIVE),
        ([titled, second], PT, FIVE),
        ([article("a", FERRY, hours=2), second], PT, FIVE),
        ([article("a", FERRY[1:], hours=1), second], PT, FIVE),
        ([replace(first, language=None), second], PT, FIVE),
        ([replace(first, content=Content(first.content.text, Format.MARKDOWN)), second], PT, FIVE),
        ([first, second], None, FIVE),
        ([first, second], Language("pt-BR"), FIVE),
        ([first, second], PT, DigestLength(sentences=4)),
        ([first, second], PT, DigestLength(words=5)),
        ([first, second], PT, FIVE, True),
        ([first, second], PT, FIVE, False, "ferry"),
        ([first, second], PT, FIVE, False, None, "ferry"),
    ]
    keys = [services.digest(*request).key for request in requests]  # type: ignore[arg-type]
    assert len(set(keys)) == len(requests)
    assert fake_services(MarkingTranslator("en>pt-BR")).digest(*requests[0]).key not in keys  # type: ignore[arg-type]


def test_a_digest_is_kept_and_a_store_that_is_down_only_costs_time() -> None:
    services, articles = fake_services(), [article("a", FERRY, None, hours=1), article("b", STRIKE)]
    first, again = (services.digest(articles, PT, FIVE) for _ in range(2))
    assert (first.cache, again.cache) == (CacheState.MISS, CacheState.HIT)
    assert first.result == again.result
    down = fake_services(objects=DownStore()).digest(articles, PT, FIVE)
    assert (down.cache, down.result) == (CacheState.BYPASS, first.result)


PRINT = """
import json, sys
from services.digest import DigestArticle, DigestLength
from services.model import Content, Language
from tests.fakes.services import fake_services
texts, en = json.load(sys.stdin), Language("en")
articles = [DigestArticle(str(at), Content(text), language=en) for at, text in enumerate(texts)]
print(fake_services().digest(articles, Language("pt"), DigestLength(sentences=8), True, "ferry").result)
"""


def test_every_process_picks_alike_whatever_its_hash_seed() -> None:
    texts = json.dumps([" ".join(sentences) for sentences in (FERRY, [AGAIN, *FERRY[2:]], STRIKE, STRIKE[::-1], FERRY)])
    outputs = set()
    for seed in range(4):
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONHASHSEED": str(seed)}
        command = [sys.executable, "-c", PRINT]
        outputs.add(subprocess.run(command, input=texts, env=env, check=True, capture_output=True, text=True).stdout)
    assert len(outputs) == 1


@pytest.mark.parametrize("stories", [False, True])
def test_fifty_articles_of_forty_sentences_take_a_moment(stories: bool) -> None:
    articles = [
        article(f"{at}", [f"{sentence[:-1]} {at} times {turn * at}." for turn in range(5) for sentence in FERRY])
        for at in range(50)
    ]
    start_s = time.process_time()
    digests(articles, stories=stories)
    assert time.process_time() - start_s < 2  # a fifth of a second, and ten times that on a machine that is busy
