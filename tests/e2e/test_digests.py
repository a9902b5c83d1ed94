"""Digests with the embedded models."""

import pytest
from fastapi.testclient import TestClient

ENGLISH = """The 28 tram is running again in Lisbon after nine days. A storm had brought down trees on the line. The
city council will plant forty new trees along the route before the summer."""
PORTUGUESE = """Depois de nove dias, o elétrico 28 está a funcionar novamente em Lisboa. Os moradores da Graça dizem
que a cidade demorou demasiado tempo. Os reparos custaram 1,2 milhão de euros."""
OTHER = """Nurses at four hospitals in Brandholm began a strike over pay on Thursday morning. Their union asks for
nine per cent, and the county council offers five. Surgery is put off at all four hospitals for now."""

BANK = """The central bank of Brazil raised its main interest rate to 12.75 percent on Wednesday, the third rise this
year. Governor Gabriel Galípolo said inflation had not come down as fast as the board had hoped. Analysts at Itaú had
expected a smaller step. Finance Minister Fernando Haddad called the rise premature."""
BANCO = """O Banco Central elevou nesta quarta-feira a taxa Selic para 12,75% ao ano, na terceira alta do ano. O
presidente da instituição, Gabriel Galípolo, afirmou que a inflação não cedeu no ritmo esperado pela diretoria. O
ministro da Fazenda, Fernando Haddad, classificou o aumento de prematuro. Sindicatos marcaram um protesto."""

ARTICLES = [
    {"id": "english", "title": "Lisbon tram line reopens after storm", "text": ENGLISH},
    {"id": "portuguese", "title": "Elétrico 28 volta a circular", "text": PORTUGUESE},
    {"id": "other", "title": "Nurses strike over pay", "text": OTHER},
]


def test_articles_in_two_languages_become_one_portuguese_digest(api: TestClient) -> None:
    answer = api.post("/v1/digests", json={"articles": ARTICLES[:2], "target": "pt", "sentences": 5}).json()
    (digest,) = answer["digests"]
    texts = {"english": ENGLISH, "portuguese": PORTUGUESE}
    for sentence in digest["sentences"]:
        text = texts[sentence["article"]]
        assert text[sentence["offset"] : sentence["offset"] + sentence["length"]] == sentence["text"]
        assert (sentence["translation"] == sentence["text"]) == (sentence["article"] == "portuguese")
    (reopened,) = [sentence for sentence in digest["sentences"] if "28" in sentence["translation"]]
    assert {reopened["article"], *reopened["also_in"]} == {"english", "portuguese"}
    assert "árvores" in digest["text"]
    assert [article["source"] for article in answer["articles"]] == ["en", "pt"]
    assert [bool(article["model"]) for article in answer["articles"]] == [True, False]


def test_stories_are_found_in_whatever_language_they_are_told(api: TestClient) -> None:
    answer = api.post("/v1/digests", json={"articles": ARTICLES, "target": "pt", "stories": True}).json()
    assert [digest["articles"] for digest in answer["digests"]] == [["english", "portuguese"], ["other"]]


@pytest.mark.parametrize(("target", "teller", "other"), [("pt", "banco", "bank"), ("en", "bank", "banco")])
def test_each_fact_is_told_once_by_who_told_it_in_the_language_of_the_digest(
    api: TestClient, target: str, teller: str, other: str
) -> None:
    articles = [{"id": "bank", "text": BANK}, {"id": "banco", "text": BANCO}]
    answer = api.post("/v1/digests", json={"articles": articles, "target": target, "sentences": 8}).json()
    sentences = answer["digests"][0]["sentences"]
    for fact in ("75", "Galípolo", "Haddad"):
        told = [sentence for sentence in sentences if fact in sentence["translation"]]
        assert [(one["article"], one["also_in"]) for one in told] == [(teller, [other])], fact
    assert len(sentences) == 5
