"""POST /v2/translate."""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient

from handler.schemas.deepl.answers import GlossaryOut, TranslateResponse
from services.model import LanguagePair
from services.ports import Hypothesis
from tests.fakes.models import FixedIdentifier, MarkingTranslator, WordIdentifier
from tests.fakes.services import fake_services
from tests.fakes.stores import DownStore
from tests.handler.conftest import Serve
from tests.handler.deepl import refusal, told

URL = "/v2/translate"


class Upper(MarkingTranslator):
    """Translates into capitals, word for word, and refuses nothing."""

    def translation(self, text: str, pair: LanguagePair) -> str:
        return text.upper()


@pytest.fixture
def upper(serve: Serve) -> TestClient:
    return serve(fake_services(Upper()))


def translated(api: TestClient, *texts: str, **options: object) -> list[str]:
    body = {"text": texts, "target_lang": "PT-BR", "source_lang": "EN", **options}
    return [one.text for one in told(api.post(URL, json=body), TranslateResponse).translations]


def test_json_and_form_say_the_same(api: TestClient) -> None:
    body = {"text": ["Hello.", "Yes."], "target_lang": "PT-BR", "show_billed_characters": True}
    form = {"text": ["Hello.", "Yes."], "target_lang": "pt-br", "show_billed_characters": "1"}
    answers = api.post(URL, json=body), api.post(URL, data=form), api.post(URL, params=form)
    for answer in answers:
        assert told(answer, TranslateResponse)
        assert answer.json() == {
            "translations": [
                {"detected_source_language": "EN", "text": "[en>pt Hello.]", "billed_characters": 6},
                {"detected_source_language": "EN", "text": "[en>pt Yes.]", "billed_characters": 4},
            ]
        }


def test_one_text_needs_no_list(api: TestClient) -> None:
    assert api.post(URL, json={"text": "Hello.", "target_lang": "PT-PT"}).json() == {
        "translations": [{"detected_source_language": "EN", "text": "[en>pt Hello.]"}]
    }


def test_what_was_not_asked_for_is_not_told_and_the_rest_is(api: TestClient) -> None:
    asked = {"model_type": "prefer_quality_optimized", "tag_handling": "html", "tag_handling_version": "v2"}
    body = {"text": ["<p>Hello.</p>"], "target_lang": "PT-BR", **asked}
    (one,) = api.post(URL, json=body).json()["translations"]
    assert one == {
        "detected_source_language": "EN",
        "text": "<p>[en&gt;pt Hello.]</p>",
        "model_type_used": "quality_optimized",
        "tag_handling_version": "v2",
    }


def test_texts_are_each_in_their_own_language_and_in_their_order(serve: Serve) -> None:
    api = serve(fake_services(MarkingTranslator("en>fr", "pt>fr"), WordIdentifier(pt="olá")))
    answer = api.post(URL, json={"text": ["olá", "hello", "olá olá", "42", ""], "target_lang": "FR"})
    assert [(one.detected_source_language, one.text) for one in told(answer, TranslateResponse).translations] == [
        ("PT", "[pt>fr olá]"),
        ("EN", "[en>fr hello]"),
        ("PT", "[pt>fr olá olá]"),
        ("EN", "42"),
        ("EN", ""),
    ]


def test_a_text_in_the_language_that_is_wanted_stays(serve: Serve) -> None:
    api = serve(fake_services(identifier=FixedIdentifier("pt")))
    answer = told(api.post(URL, json={"text": ["Olá a todos."], "target_lang": "PT-BR"}), TranslateResponse)
    assert (answer.translations[0].text, answer.translations[0].detected_source_language) == ("Olá a todos.", "PT")
    assert translated(api, "Hello.", target_lang="EN-GB") == ["Hello."]
    assert translated(api, "Hello.", target_lang="EN") == ["Hello."]


def test_a_short_text_that_looks_like_another_language_is_translated_all_the_same(serve: Serve) -> None:
    api = serve(fake_services(identifier=FixedIdentifier("fr")))
    answer = told(api.post(URL, json={"text": ["Menu"], "target_lang": "PT-BR"}), TranslateResponse)
    assert answer.translations[0].text == "[en>pt Menu]"


def test_a_language_that_no_model_reads_is_refused(serve: Serve) -> None:
    api = serve(fake_services(identifier=FixedIdentifier("fr")))
    body = {"text": ["Une phrase assez longue pour être sûre."], "target_lang": "PT-BR"}
    assert refusal(api.post(URL, json=body)) == (400, "no installed model leads from fr to pt-BR", None)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"target_lang": "PT-BR"}, "Parameter 'text' not specified."),
        ({"text": [], "target_lang": "PT-BR"}, "Value for 'text' not supported."),
        ({"text": [5], "target_lang": "PT-BR"}, "Value for 'text' not supported."),
        ({"text": ["secret"]}, "Parameter 'target_lang' not specified."),
        ({"text": ["secret"], "target_lang": "XX"}, "Value for 'target_lang' not supported."),
        ({"text": ["secret"], "target_lang": "EN-AU"}, "Value for 'target_lang' not supported."),
        ({"text": ["secret"], "target_lang": "secret!"}, "Value for 'target_lang' not supported."),
        (
            {"text": ["secret"], "target_lang": "PT-BR", "source_lang": "EN-US"},
            "Value for 'source_lang' not supported.",
        ),
        ({"text": ["secret"], "target_lang": "PT-BR", "source_lang": "XX"}, "Value for 'source_lang' not supported."),
        ({"text": ["secret"], "target_lang": "PT-BR", "formality": "very"}, "Value for 'formality' not supported."),
        (
            {"text": ["secret"], "target_lang": "PT-BR", "formality": "more"},
            "Target language 'PT-BR' doesn't support formality.",
        ),
        (
            {"text": ["secret"], "target_lang": "PT-BR", "split_sentences": "2"},
            "Value for 'split_sentences' not supported.",
        ),
        ({"text": ["secret"], "target_lang": "PT-BR", "tag_handling": "md"}, "Value for 'tag_handling' not supported."),
        (
            {"text": ["secret"], "target_lang": "PT-BR", "model_type": "best"},
            "Value for 'model_type' not supported.",
        ),
        (
            {"text": ["secret"], "target_lang": "PT-BR", "custom_instructions": ["secret"]},
            "Value for 'custom_instructions' not supported.",
        ),
        (
            {"text": ["secret"], "target_lang": "PT-BR", "glossary_id": "secret"},
            "Value for 'glossary_id' not supported.",
        ),
        (
            {"text": ["a<b>"], "target_lang": "PT-BR", "tag_handling": "xml", "tag_handling_version": "v2"},
            "Tag handling parsing failed, please check input.",
        ),
        ({"text": ["\0"], "target_lang": "PT-BR"}, "the text holds a NUL character; is it binary, or UTF-16?"),
    ],
)
def test_what_cannot_be_is_refused_in_deepls_words(api: TestClient, body: Mapping[str, Any], message: str) -> None:
    answer = api.post(URL, json=body)
    assert refusal(answer)[:2] == (400, message)
    assert "secret" not in answer.text


@pytest.mark.parametrize("option", ["style_id", "translation_memory_id"])
def test_what_is_not_offered_is_not_found(api: TestClient, option: str) -> None:
    body = {"text": ["Hello."], "target_lang": "PT-BR", option: "7ff9bfd6-cd85-4190-8503-d6215a321519"}
    status, message, detail = refusal(api.post(URL, json=body))
    assert (status, message.endswith("not found"), detail and detail.endswith("not offered by this server")) == (
        404,
        True,
        True,
    )


@pytest.mark.parametrize(
    "options",
    [
        {"formality": "default"},
        {"formality": "prefer_more"},
        {"context": "At the zoo.", "preserve_formatting": True},
        {"preserve_formatting": "1", "enable_beta_languages": True, "unheard_of": 5},
        {"model_type": "latency_optimized"},
    ],
)
def test_what_makes_no_difference_here_is_taken(api: TestClient, options: Mapping[str, object]) -> None:
    assert translated(api, "hello there", **options) == ["[en>pt hello there]"]


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("One.\nTwo three", {}, "[en>pt One.]\n[en>pt Two three]"),
        ("One\ntwo. Three", {"split_sentences": "nonewlines"}, "[en>pt One\ntwo.] [en>pt Three]"),
        ("One.\nTwo. Three", {"split_sentences": "0"}, "[en>pt One.\nTwo. Three]"),
        ("a<br>b", {}, "[en>pt a<br>b]"),
    ],
)
def test_what_ends_a_sentence_can_be_said(
    api: TestClient, text: str, options: Mapping[str, object], expected: str
) -> None:
    assert translated(api, text, **options) == [expected]


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [
        ("Press <i>Continue</i> to go on.", {}, "PRESS <i>CONTINUE</i> TO GO ON."),
        ("Open <x>Settings</x> now.", {"ignore_tags": ["x"]}, "OPEN <x>Settings</x> NOW."),
        ("Open <x>Settings</x> <y>a</y> now.", {"ignore_tags": "x,y"}, "OPEN <x>Settings</x> <y>a</y> NOW."),
        (
            "<d><t>One</t><p>two</p></d>",
            {"outline_detection": False, "splitting_tags": "t"},
            "<d><t>ONE</t><p>TWO</p></d>",
        ),
        ("1 &lt; 2 &amp; <b>c</b>", {}, "1 &lt; 2 &amp; <b>C</b>"),
        ("a<!-- b --> c &company; <![CDATA[d]]>", {}, "A<!-- b --> C &company; <![CDATA[d]]>"),
    ],
)
def test_xml_keeps_its_tags(upper: TestClient, text: str, options: Mapping[str, object], expected: str) -> None:
    assert translated(upper, text, tag_handling="xml", **options) == [expected]


@pytest.mark.parametrize("options", [{"non_splitting_tags": ["par"]}, {"outline_detection": False}])
def test_a_sentence_goes_through_tags_that_do_not_split(serve: Serve, options: Mapping[str, object]) -> None:
    translator = MarkingTranslator()
    api = serve(fake_services(translator))
    translated(api, "<par>The firm said it </par><par>was gone.</par>", tag_handling="xml", **options)
    assert set(translator.texts) == {"The firm said it was gone."}


def test_html_keeps_what_it_says_is_not_to_be_translated(upper: TestClient) -> None:
    page = '<h1>My first</h1><p translate="no">My second.</p><p class="notranslate">My third.</p><x-a>My fourth</x-a>'
    expected = page.replace("My first", "MY FIRST")
    assert translated(upper, page, tag_handling="html", ignore_tags=["X-A"]) == [expected]


def test_only_what_is_outside_of_tags_is_billed_and_only_where_tags_are_handled(api: TestClient) -> None:
    title = '<h1 style="color:red;">An 𝄞 title</h1>'

    def billed(**options: str) -> int:
        body = {"text": [title], "target_lang": "PT-BR", "show_billed_characters": True, **options}
        return int(api.post(URL, json=body).json()["translations"][0]["billed_characters"])

    assert [billed(), billed(tag_handling="xml"), billed(tag_handling="html")] == [len(title), 10, 10]


# The defects of other servers, none of which is one of ours.


def test_an_inline_tag_does_not_cut_a_sentence(serve: Serve) -> None:
    for tag_handling in ("html", "xml"):
        translator = MarkingTranslator()
        page = "<p>The president spoke to <b>reporters</b> on Monday.</p>"
        translated(serve(fake_services(translator)), page, tag_handling=tag_handling)
        assert translator.texts[0] == "The president spoke to reporters on Monday."
        assert "reporters" not in translator.texts


@pytest.mark.parametrize("tag_handling", ["html", "xml"])
def test_escaped_markup_stays_escaped(upper: TestClient, tag_handling: str) -> None:
    page = "<p>Use &lt;script&gt; &amp; run.</p>"
    assert translated(upper, page, tag_handling=tag_handling) == ["<p>USE &lt;script&gt; &amp; RUN.</p>"]


class Faithful(MarkingTranslator):
    """Copies."""

    def translation(self, text: str, pair: LanguagePair) -> str:
        return text


@pytest.mark.parametrize(
    "text",
    [
        "  der kanzler traf den Bürgermeister von Berlin?  ",
        "EU",
        "\n\nWrite to a_b@example.org, @some_body.\n",
        "“Yes” – she said…",
        "Again. Again. Again.",
    ],
)
def test_case_punctuation_and_white_space_are_the_translations_own(serve: Serve, text: str) -> None:
    assert translated(serve(fake_services(Faithful())), text) == [text]


def test_one_text_and_two_are_not_the_same_request(api: TestClient) -> None:
    assert translated(api, "a|b") == ["[en>pt a|b]"]
    assert translated(api, "a", "b") == ["[en>pt a]", "[en>pt b]"]


# Limits, time and glossaries.


def test_what_is_too_large_is_413(serve: Serve) -> None:
    api = serve(fake_services(max_text_chars=10, max_texts=2, max_body_bytes=200))
    for texts in (["Hello there, you."], ["a", "b", "c"], ["x" * 300]):
        status, message, _ = refusal(api.post(URL, json={"text": texts, "target_lang": "PT-BR"}))
        assert (status, message.split()[0]) == (413, "a")


class Slow(MarkingTranslator):
    """Takes 50 ms for each text."""

    def translate(
        self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1, detailed: bool = True
    ) -> list[list[Hypothesis]]:
        time.sleep(0.05 * len(texts))
        return super().translate(texts, pair, hypotheses, detailed)


def test_who_asks_again_after_503_gets_what_was_finished_meanwhile(serve: Serve) -> None:
    translator = Slow()
    api = serve(fake_services(translator, deadline_ms=200))
    texts = [f"Number {n}." for n in range(12)]
    answers = [api.post(URL, json={"text": texts, "target_lang": "PT-BR"})]
    while answers[-1].status_code != 200:
        assert refusal(answers[-1])[0] == 503
        assert answers[-1].headers["retry-after"] == "1"
        assert len(answers) < 12
        answers.append(api.post(URL, json={"text": texts, "target_lang": "PT-BR"}))
    assert len(answers) > 1
    assert len(translator.texts) == len(set(translator.texts)) == 12


def glossary(api: TestClient, entries: str, target: str = "PT") -> str:
    body = {"name": "desk", "source_lang": "EN", "target_lang": target, "entries": entries, "entries_format": "tsv"}
    return str(told(api.post("/v2/glossaries", json=body), GlossaryOut, 201).glossary_id)


def test_glossaries_are_used_the_first_before_the_others(serve: Serve) -> None:
    api = serve(fake_services(Faithful()))
    first, second = glossary(api, "tram\telétrico"), glossary(api, "tram\tbonde\nferry\tbarca")
    text = "The tram and the ferry."
    assert translated(api, text, glossary_id=first) == ["The elétrico and the ferry."]
    assert translated(api, text, glossary_ids=[first, second]) == ["The elétrico and the barca."]
    assert translated(api, text, glossary_ids=f"{second},{first}") == ["The bonde and the barca."]


def test_glossaries_that_cannot_be_used_are_refused(serve: Serve) -> None:
    api = serve(fake_services(MarkingTranslator("en>pt", "en>es")))
    known, unknown = glossary(api, "tram\telétrico"), "def3a26b-3e84-45b3-84ae-0c0aaf3525f7"
    body = {"text": ["Hello."], "target_lang": "PT-BR", "source_lang": "EN"}
    refusals = [
        ({"glossary_id": known, "glossary_ids": [known]}, 400, "glossary_id and glossary_ids cannot be used together"),
        (
            {"glossary_id": known, "source_lang": None},
            400,
            "Use of a glossary requires the source_lang parameter to be specified",
        ),
        ({"glossary_id": known, "target_lang": "ES"}, 404, "Glossary dictionary not found"),
        ({"glossary_id": unknown}, 404, "Glossary not found"),
        ({"glossary_ids": [known] * 6}, 400, "Value for 'glossary_ids' not supported."),
    ]
    for options, status, message in refusals:
        assert refusal(api.post(URL, json=body | options))[:2] == (status, message)


def test_without_a_store_texts_are_translated_and_glossaries_are_not_forgotten(serve: Serve) -> None:
    api = serve(fake_services(objects=DownStore()))
    assert translated(api, "Hello.") == ["[en>pt Hello.]"]
    body = {"text": ["Hello."], "target_lang": "PT-BR", "source_lang": "EN"}
    answer = api.post(URL, json=body | {"glossary_id": "def3a26b-3e84-45b3-84ae-0c0aaf3525f7"})
    assert refusal(answer)[0] == 503
