"""The whole way of a request, with the embedded models."""

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from infra.models.recipe import DIRECTIONS

PLAIN = {"content-type": "text/plain"}


def translated(api: TestClient, text: str, source: str = "en", target: str = "pt") -> str:
    answer = api.post(f"/v1/translations?source={source}&target={target}", content=text.encode(), headers=PLAIN)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_story_is_translated_into_portuguese_and_back(api: TestClient) -> None:
    # The models are sure of these, so that the rounding of no processor turns them (infra/models/recipe.py).
    english, portuguese = DIRECTIONS
    story, news = f"{english.sentence}\n\nGood morning.\n", f"{english.translation}\n\nBom dia.\n"
    assert translated(api, story) == news
    assert translated(api, portuguese.sentence, "pt", "en") == portuguese.translation


def test_a_story_is_the_same_in_whatever_company_its_sentences_come(api: TestClient, sample: Path) -> None:
    text = sample.read_text(encoding="utf-8")
    whole = translated(api, text)
    paragraphs = text.split("\n\n")
    assert "\n\n".join(translated(api, paragraph) for paragraph in paragraphs) == whole


def test_typographic_marks_are_read_and_come_back(api: TestClient) -> None:
    answer = translated(api, "“We won’t go – ever,” said the mayor’s office.")
    assert answer.startswith("“Nós não ")
    assert "”, disse" in answer
    assert " – " in answer


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("The club lost £1.2 million last year.", "£"),
        ("Write to press@example.org before Friday.", "press@example.org"),
        ("The mayor wrote on https://example.org/a_b?c=1 that she was sorry.", "https://example.org/a_b?c=1"),
        ("Fans of @joe_smith thanked him with #ThankYouJoe yesterday.", "@joe_smith"),
        ("We won 🎉 and the town is happy.", "🎉"),
    ],
)
def test_what_must_be_copied_is_copied(api: TestClient, text: str, kept: str) -> None:
    answer = translated(api, text)
    assert answer.count(kept) == 1
    assert "euro" not in answer


@pytest.mark.parametrize(
    ("html", "answer"),
    [
        (
            "<p>The president spoke to <b>reporters</b> on Monday.</p>",
            "<p>O presidente falou com <b>repórteres</b> na segunda-feira.</p>",
        ),
        (
            '<p>The <a href="/b?a=1&amp;b=2">red house</a> is <em>old</em>.</p><!-- wp:x --><p>It is &lt;b&gt;.</p>',
            '<p>A <a href="/b?a=1&amp;b=2">casa vermelha</a> é <em>antiga</em>.</p><!-- wp:x --><p>É o &lt;b&gt;.</p>',
        ),
        ('<html lang="en"><title>Good morning</title></html>', '<html lang="pt"><title>Bom dia</title></html>'),
        (
            '<img src=x alt="A red house"><pre>Good morning</pre>',
            '<img src=x alt="Uma casa vermelha"><pre>Good morning</pre>',
        ),
    ],
)
def test_html_is_translated_in_whole_sentences_with_each_tag_around_its_words(
    api: TestClient, html: str, answer: str
) -> None:
    done = api.post("/v1/translations", json={"html": html, "source": "en", "target": "pt"})
    assert done.json()["translations"][0]["html"] == answer


def test_names_with_letters_that_the_model_does_not_know_come_through(api: TestClient) -> None:
    answer = translated(api, "Angela Müller met Recep Tayyip Erdoğan in Gdańsk on Monday.")
    assert all(name in answer for name in ("Angela Müller", "Recep Tayyip Erdoğan", "Gdańsk", "segunda-feira"))


def test_underscores_are_left_alone(api: TestClient) -> None:
    assert "press_office" in translated(api, "Write to the press_office before the end of the week.")


@pytest.mark.parametrize(
    "text", ["Hello", "No.", "BREAKING", "Olá", "x", "Mr.", "(", "... and then", "日本", "a" * 600]
)
def test_however_short_or_strange_a_text_is_it_has_an_answer(api: TestClient, text: str) -> None:
    assert api.post("/v1/articles", json={"text": text, "source": "en", "target": "pt"}).status_code == 200


def test_an_endless_sentence_is_not_cut_off(api: TestClient, sample: Path) -> None:
    story = re.sub(r"[.\n]+ ?", ", ", sample.read_text(encoding="utf-8").replace('"', ""))
    text = " ".join(f"{story} and this was the end of chapter {number}," for number in range(101, 116))
    assert len(text) > 20_000
    answer = translated(api, text)
    assert len(answer) > 0.9 * len(text)
    assert all(str(number) in answer for number in range(101, 116))


def test_an_article_is_summarised_by_every_method(api: TestClient, sample: Path) -> None:
    text = sample.read_text(encoding="utf-8")
    for method in ("edmundson", "kl", "lede", "lexrank", "lsa", "luhn", "reduction", "sumbasic", "textrank"):
        answer = api.post("/v1/summaries", json={"text": text, "method": method, "sentences": 3})
        sentences = answer.json()["summary"]["sentences"]
        assert [text[s["offset"] : s["offset"] + s["length"]] for s in sentences] == [s["text"] for s in sentences]
        assert [s["position"] for s in sentences] == sorted({s["position"] for s in sentences})
        assert len(sentences) == 3


def test_the_language_of_a_story_is_detected(api: TestClient, sample: Path) -> None:
    detected = api.post("/v1/detections", json={"text": sample.read_text(encoding="utf-8")}).json()
    assert (detected["language"], detected["reliable"]) == ("en", True)
    french = api.post("/v1/detections", json={"text": "Le ministre a démissionné hier soir après le vote."}).json()
    assert french["language"] == "fr"
