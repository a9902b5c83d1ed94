"""DeepL's own clients, unmodified, against a server of ours."""

from collections.abc import Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import deepl
import pytest
from deepl.api_data import MultilingualGlossaryDictionaryEntries

from tests.fakes.node import node
from tests.fakes.processes import process

# The model is sure of this, so that the rounding of no processor turns it.
VOTE = "The council voted on Tuesday to keep the night ferry."
VOTO = "O conselho votou na terça-feira para manter o ferry noturno."


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a served API."""
    with process(tmp_path_factory.mktemp("server")) as served:
        yield served.url


@pytest.fixture
def client(server: str) -> Iterator[deepl.DeepLClient]:
    with closing(deepl.DeepLClient("some-key", server_url=server)) as found:
        yield found


def test_a_text_and_several(client: deepl.DeepLClient) -> None:
    one = client.translate_text(VOTE, target_lang="PT-BR")
    assert isinstance(one, deepl.TextResult)
    assert (one.text, one.detected_source_lang) == (VOTO, "EN")
    assert (one.billed_characters, one.model_type_used) == (len(VOTE), None)
    several = client.translate_text(
        [VOTE, "A greve durou três dias."], target_lang="EN-GB", model_type=deepl.ModelType.QUALITY_OPTIMIZED
    )
    assert isinstance(several, list)
    assert [text.detected_source_lang for text in several] == ["EN", "PT"]
    assert several[0].text == VOTE
    assert "strike lasted three days" in several[1].text
    assert several[1].model_type_used == "quality_optimized"


def test_tags(client: deepl.DeepLClient) -> None:
    html = client.translate_text(
        f"<p>{VOTE.replace('Tuesday', '<b>Tuesday</b>')}</p>", target_lang="PT-BR", tag_handling="html"
    )
    assert isinstance(html, deepl.TextResult)
    assert html.text == f"<p>{VOTO.replace('terça-feira', '<b>terça-feira</b>')}</p>"
    xml = client.translate_text(
        "<document><meta><title>The council's vote</title></meta><content><par>This is the first sentence. "
        "It is <x>VOTE &amp; GO</x> day.</par></content></document>",
        source_lang="EN",
        target_lang="PT-PT",
        tag_handling="xml",
        split_sentences=deepl.SplitSentences.NO_NEWLINES,
        outline_detection=False,
        splitting_tags=["par", "title"],
        non_splitting_tags=["b"],
        ignore_tags="x",
        preserve_formatting=True,
        formality=deepl.Formality.PREFER_LESS,
        context="Politics.",
    )
    assert isinstance(xml, deepl.TextResult)
    assert xml.text.startswith("<document><meta><title>")
    assert "<par>Esta é a primeira frase. " in xml.text
    assert "<x>VOTE &amp; GO</x>" in xml.text
    assert xml.text.endswith("</par></content></document>")


def test_languages_and_usage(client: deepl.DeepLClient) -> None:
    assert [one.code for one in client.get_source_languages()] == ["EN", "PT"]
    targets = client.get_target_languages()
    assert [(one.code, one.supports_formality) for one in targets] == [
        (code, False) for code in ("EN-GB", "EN-US", "PT-BR", "PT-PT")
    ]
    pairs = [(one.source_lang, one.target_lang) for one in client.get_glossary_languages()]
    assert pairs == [("en", "pt"), ("pt", "en")]
    usage = client.get_usage()
    assert (usage.character.count, usage.character.limit) == (0, 1_000_000_000_000)
    assert not usage.any_limit_reached
    assert not usage.document.valid


def test_glossaries_of_one_pair(client: deepl.DeepLClient) -> None:
    entries = {"ferry": "barca", "night ferry": "barca da noite"}
    made = client.create_glossary("desk", "EN", "PT", entries)
    assert (made.ready, made.entry_count, made.source_lang, made.target_lang) == (True, 2, "EN", "PT")
    assert client.get_glossary(made.glossary_id).creation_time == made.creation_time
    assert made.glossary_id in [one.glossary_id for one in client.list_glossaries()]
    assert client.get_glossary_entries(made) == entries
    found = client.translate_text("The ferry is late.", source_lang="EN", target_lang="PT-BR", glossary=made)
    assert isinstance(found, deepl.TextResult)
    assert "barca" in found.text
    from_csv = client.create_glossary_from_csv(
        "csv", "EN", "PT", 'ferry,barca\n"tram, the",elétrico,EN,PT\nx,y,DE,EN\n'
    )
    assert client.get_glossary_entries(from_csv) == {"ferry": "barca", "tram, the": "elétrico"}
    for one in (made, from_csv):
        client.delete_glossary(one)
    with pytest.raises(deepl.GlossaryNotFoundException):
        client.get_glossary(made.glossary_id)
    with pytest.raises(deepl.DeepLException, match="Unsupported glossary source and target language pair"):
        client.create_glossary("desk", "EN", "EN", entries)


def test_glossaries_of_several_pairs(client: deepl.DeepLClient) -> None:
    to_pt, to_en = (
        MultilingualGlossaryDictionaryEntries("EN", "PT", {"ferry": "barca"}),
        MultilingualGlossaryDictionaryEntries("PT", "EN", {"barca": "ferry"}),
    )
    made = client.create_multilingual_glossary("desks", [to_pt, to_en])
    assert [(one.source_lang, one.entry_count) for one in made.dictionaries] == [("EN", 1), ("PT", 1)]
    client.update_multilingual_glossary_name(made, "other desks")
    more = MultilingualGlossaryDictionaryEntries("EN", "PT", {"tram": "elétrico"})
    assert client.update_multilingual_glossary_dictionary(made, more).dictionaries[0].entry_count == 2
    assert client.replace_multilingual_glossary_dictionary(made, to_pt).entry_count == 1
    (entries,) = client.get_multilingual_glossary_entries(made, "EN", "PT").dictionaries
    assert entries.entries == "ferry\tbarca"
    assert [one.name for one in client.list_multilingual_glossaries() if one.glossary_id == made.glossary_id] == [
        "other desks"
    ]
    found = client.translate_text("The ferry is late.", source_lang="EN", target_lang="PT-PT", glossary_ids=[made])
    assert isinstance(found, deepl.TextResult)
    assert "barca" in found.text
    client.delete_multilingual_glossary_dictionary(made, source_lang="PT", target_lang="EN")
    assert len(client.get_multilingual_glossary(made.glossary_id).dictionaries) == 1
    client.delete_multilingual_glossary(made)
    with pytest.raises(deepl.GlossaryNotFoundException):
        client.get_multilingual_glossary(made.glossary_id)


def test_a_document(client: deepl.DeepLClient, tmp_path: Path) -> None:
    story, translated = tmp_path / "story.txt", tmp_path / "story.pt.txt"
    story.write_text(VOTE)
    status = client.translate_document_from_filepath(story, translated, source_lang="EN", target_lang="PT-BR")
    assert (status.done, status.billed_characters) == (True, len(VOTE))
    assert translated.read_text() == VOTO


def test_a_document_step_by_step(client: deepl.DeepLClient) -> None:
    handle = client.translate_document_upload(VOTE, filename="story.md", target_lang="PT-BR", formality="default")
    status = client.translate_document_wait_until_done(handle, timeout_s=60)
    assert status.done
    out = BytesIO()
    client.translate_document_download(handle, out)
    assert out.getvalue().decode() == VOTO
    with pytest.raises(deepl.DeepLException, match="Document not found"):
        client.translate_document_get_status(deepl.DocumentHandle(handle.document_id, "0" * 64))
    with pytest.raises(deepl.DeepLException, match="Invalid file"):
        client.translate_document_upload(b"x", filename="story.docx", target_lang="PT-BR")


def test_what_is_refused(client: deepl.DeepLClient) -> None:
    refusals: list[tuple[str, dict[str, Any]]] = [
        ("target_lang.*not supported", {"target_lang": "XX"}),
        ("source_lang.*not supported", {"target_lang": "PT-BR", "source_lang": "XX"}),
        ("Target language.*formality", {"target_lang": "PT-BR", "formality": "more"}),
        ("split_sentences", {"target_lang": "PT-BR", "split_sentences": "invalid"}),
        ("Style rule not found", {"target_lang": "PT-BR", "style_rule": "7ff9bfd6-cd85-4190-8503-d6215a321519"}),
    ]
    for message, options in refusals:
        with pytest.raises(deepl.DeepLException, match=message):
            client.translate_text(VOTE, **options)
    with pytest.raises(deepl.DeepLException, match="not offered by this server"):
        client.rephrase_text(VOTE, target_lang="EN-US")
    with pytest.raises(deepl.DeepLException, match="not offered by this server"):
        client.get_all_style_rules()


def test_the_client_for_node(server: str, tmp_path: Path) -> None:
    told = node("deepl_client.cjs", server, str(tmp_path))
    assert (told["text"]["text"], told["text"]["detectedSourceLang"]) == (VOTO, "en")
    assert told["text"]["billedCharacters"] == len(VOTE)
    assert [one["modelTypeUsed"] for one in told["list"]] == ["latency_optimized"] * 2
    assert told["html"]["text"] == f"<p>{VOTO.replace('terça-feira', '<b>terça-feira</b>')}</p>"
    assert told["xml"]["text"].startswith("<a><t>")
    assert "<x>Settings</x>" in told["xml"]["text"]
    assert [one["code"] for one in told["sources"]] == ["en", "pt"]
    assert [one["code"] for one in told["targets"]] == ["en-GB", "en-US", "pt-BR", "pt-PT"]
    assert told["usage"] == [0, 1_000_000_000_000, False]
    assert {"sourceLang": "en", "targetLang": "pt"} in told["pairs"]
    assert (told["glossary"]["ready"], told["glossary"]["entryCount"]) == (True, 2)
    assert (told["glossary"]["creationTime"], told["listed"]) == ("number", True)
    assert told["entries"] == {"ferry": "barca", "tram": "elétrico"}
    assert "barca" in told["termed"]["text"]
    assert told["gone"][0] == "GlossaryNotFoundError"
    assert [one["entryCount"] for one in told["several"]] == [2, 1]
    assert (told["renamed"], told["csv"]) == ("other desks", {"barca": "ferry", "elétrico, o": "tram"})
    assert [one["sourceLangCode"] for one in told["fewer"]] == ["en"]
    assert (told["status"]["status"], told["document"]) == ("done", told["html"]["text"])
    assert "target_lang" in told["language"][1]
    assert "Target language" in told["formality"][1]
    assert "not offered by this server" in told["rephrase"][1]
