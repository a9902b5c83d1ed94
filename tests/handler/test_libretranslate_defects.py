"""What LibreTranslate, Argos and MinT are known to get wrong, and is right here."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient

from services.model import LanguagePair
from tests.fakes.models import BeamTranslator, MarkingTranslator
from tests.fakes.services import fake_services
from tests.fakes.stores import MemoryStore
from tests.handler.conftest import Serve

NO_BEAMS: Mapping[str, Sequence[str]] = {}
ADDRESSES = "Write to news_desk@the_times.example or @desk_of_news, or see https://x.example/a_b_c?d_e=f_g."


def translated(api: TestClient, q: object, format_: str = "text", **more: object) -> Any:  # noqa: ANN401
    body = {"q": q, "source": "en", "target": "pt", "format": format_, **more}
    answer = api.post("/translate", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["translatedText"]


def saying(serve: Serve, beams: Mapping[str, Sequence[str]] = NO_BEAMS) -> tuple[TestClient, BeamTranslator]:
    translator = BeamTranslator(beams)
    return serve(fake_services(translator)), translator


def test_tags_do_not_cut_a_sentence(serve: Serve) -> None:
    said = {"The president spoke to reporters yesterday.": ["O presidente falou com repórteres ontem."]}
    api, translator = saying(serve, said)
    html = translated(api, "<p>The president spoke to <b>reporters</b> yesterday.</p>", "html")
    assert html == "<p>O presidente falou com <b>repórteres</b> ontem.</p>"
    assert translator.texts == list(said)


def test_escaped_markup_stays_escaped(api: TestClient) -> None:
    html = translated(api, ["<p>Never use &lt;script&gt; at R&amp;D.</p>", "Fish &amp; chips"], "html")
    assert html == ["<p>[en&gt;pt Never use &lt;script&gt; at R&amp;D.]</p>", "[en&gt;pt Fish &amp; chips]"]


def test_text_is_no_markup(serve: Serve) -> None:
    api, _ = saying(serve, {"Fish &amp; chips": ["Peixe &amp; fritas"]})
    assert translated(api, "Fish &amp; chips") == "Peixe &amp; fritas"


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("the chancellor met the mayor of berlin", "o chanceler encontrou Angela Merkel em Berlim"),
        ("EU", "União Europeia"),
        ("Is it over?", "Acabou?"),
        ("It is over.", "Acabou."),
        ("It is over;", "Acabou;"),
        ("It is over", "Acabou"),
    ],
)
def test_a_translation_is_not_made_to_look_like_its_source(serve: Serve, source: str, target: str) -> None:
    api, _ = saying(serve, {source: [target]})
    assert translated(api, source) == target


@pytest.mark.parametrize("around", ["  {}  ", "\n\n{}\n", "\t{}\u00a0", "\n \n{}\n\n\n", "{}\n\n{}"])
def test_white_space_around_a_text_is_kept(serve: Serve, around: str) -> None:
    api, _ = saying(serve, {"Hello.": ["Olá."]})
    assert translated(api, around.format("Hello.", "Hello.")) == around.format("Olá.", "Olá.")


def test_a_text_and_a_list_are_not_taken_for_each_other(api: TestClient) -> None:
    assert translated(api, "a|b") == "[en>pt a|b]"
    assert translated(api, ["a", "b"]) == ["[en>pt a]", "[en>pt b]"]
    assert translated(api, "a") == "[en>pt a]"
    assert translated(api, ["a"]) == ["[en>pt a]"]


def test_a_text_is_translated_anew_by_another_model(serve: Serve) -> None:
    class Retrained(MarkingTranslator):
        def model_id(self, pair: LanguagePair) -> str:
            """Another version."""
            return f"retrained-{pair}"

        def translation(self, text: str, pair: LanguagePair) -> str:
            """In other words."""
            return super().translation(text, pair).replace("en", "new")

    store = MemoryStore()
    assert translated(serve(fake_services(objects=store)), "Hello.") == "[en>pt Hello.]"
    assert translated(serve(fake_services(Retrained(), objects=store)), "Hello.") == "[new>pt Hello.]"


def test_a_text_is_translated_anew_in_another_format(serve: Serve) -> None:
    api, _ = saying(serve, {"Fish & chips": ["Peixe & fritas"], "Fish &amp; chips": ["Peixe &amp;amp fritas"]})
    assert translated(api, "Fish &amp; chips", "html") == "Peixe &amp; fritas"
    assert translated(api, "Fish &amp; chips") == "Peixe &amp;amp fritas"


def test_limits_hold_for_what_is_known_already(serve: Serve) -> None:
    store = MemoryStore()
    assert serve(fake_services(objects=store)).post("/translate", json=_body("Hello.")).status_code == 200
    small = serve(fake_services(objects=store, max_text_chars=5))
    assert small.post("/translate", json=_body("Hello.")).json() == {
        "error": "Invalid request: request (6) exceeds text limit (5)"
    }


def test_underscores_in_addresses_and_handles_stay(serve: Serve) -> None:
    class Argos(MarkingTranslator):
        def translation(self, text: str, pair: LanguagePair) -> str:
            """As Argos decodes: each _ becomes a space."""
            return super().translation(text, pair).replace("_", " ")

    copied = translated(serve(fake_services(Argos())), ADDRESSES)
    for one in ("news_desk@the_times.example", "@desk_of_news", "https://x.example/a_b_c?d_e=f_g"):
        assert one in copied


def test_no_text_is_logged(api: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    translated(api, ["Vladivostok is far away."] * 2, "html")
    records = [record for record in caplog.records if "httpx" not in record.name]
    assert records
    assert not any("Vladivostok" in str(record.__dict__) for record in records)


def test_paragraphs_and_texts_of_a_call_are_translated_together_and_each_sentence_once(serve: Serve) -> None:
    jobs = list[int]()

    class Counting(MarkingTranslator):
        def batches(self, texts: Sequence[str], pair: LanguagePair, hypotheses: int = 1) -> list[list[int]]:
            """All that there is, as it is planned."""
            jobs.append(len(texts))
            return super().batches(texts, pair, hypotheses)

    translated(serve(fake_services(Counting())), ["One.\n\nTwo.\nThree.", "Four. One.", "Two."])
    assert jobs == [4]


def test_sentences_that_come_again_do_not_vanish(serve: Serve) -> None:
    api, _ = saying(serve, {"Hello.": ["Olá."], "Bye.": ["Tchau."]})
    assert translated(api, "Hello. Hello. Bye. Hello.") == "Olá. Olá. Tchau. Olá."
    assert translated(api, ["Hello.", "Hello.", "Bye."]) == ["Olá.", "Olá.", "Tchau."]
    assert translated(api, "<p>Hello.</p><p>Hello.</p>", "html") == "<p>Olá.</p><p>Olá.</p>"


def test_typographic_quotes_stay(serve: Serve) -> None:
    class Flattening(MarkingTranslator):
        def translation(self, text: str, pair: LanguagePair) -> str:
            """With typewriter quotes."""
            return super().translation(text, pair).translate(str.maketrans("“”‘’", "\"\"''"))

    said = translated(serve(fake_services(Flattening())), "He said “never again” and left.")
    assert "“never again”" in said


def _body(q: str) -> dict[str, str]:
    return {"q": q, "source": "en", "target": "pt"}
