import json
import logging
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import ctranslate2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.adapters.argos import ArgosTranslator
from services.errors import EngineFailed
from services.model import Language, LanguagePair
from tests.fakes.meters import RecordingMeter
from tests.packages import write_package

ROOT = Path(__file__).parents[4]
EMBEDDED = ROOT / ".models" / "packages"
EN_PT = LanguagePair(Language("en"), Language("pt"))
SENTENCE = "The prime minister said the new law will come into force next year."
TRANSLATION = "O primeiro-ministro disse que a nova lei entrará em vigor no próximo ano."

# A process of its own: translates what it reads (JSON) from English into Portuguese, and writes it (JSON).
TRANSLATE = """
import json, sys
from pathlib import Path
from services.adapters.argos import ArgosTranslator
from services.model import Language, LanguagePair
from tests.fakes.meters import RecordingMeter
folder = Path(sys.argv[1])
pair = LanguagePair(Language("en"), Language("pt"))
translator = ArgosTranslator(folder, 2, 10**9, RecordingMeter())
found = translator.translate(json.load(sys.stdin), pair)
json.dump([translator.model_id(pair), [best.text for best, in found]], sys.stdout)
"""


def news(count: int) -> list[str]:
    """Different invented sentences, in no order."""
    who = ["The mayor", "A court in Porto", "The finance minister", "Police", "The bank", "NATO", "Dr. O'Connor"]
    said = ["said", "announced on Monday that", "denied that", "confirmed", "warned", "hopes that"]
    what = [
        "the old bridge will stay closed",
        "prices rose by 3.5% in March",
        '"nobody was hurt" in the fire',
        "the match was lost 2-1",
        "more than 1,200 homes have no power",
        "talks would go on in Geneva",
        "https://example.org/a_b is wrong",
        "a vaccine could be ready next year",
        "the strike ends tonight",
        "he had never met the president",
        "the €40 million contract was legal",
        "it rained",
    ]
    return random.Random(5).sample([f"{a} {b} {c}." for a, b, c in product(who, said, what)], count)


def translator(folder: Path, workers: int = 2) -> ArgosTranslator:
    return ArgosTranslator(folder, workers, 10**9, RecordingMeter())


def said(argos: ArgosTranslator, texts: list[str], pair: LanguagePair) -> list[str]:
    """The greedy translations."""
    return [best.text for (best,) in argos.translate(texts, pair)]


def pair(source: str, target: str) -> LanguagePair:
    return LanguagePair(Language(source), Language(target))


def in_a_process(code: str, folder: Path, texts: list[str], **environment: str) -> tuple[str, list[str]]:
    """The model id and the translations that a new process gives."""
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)],
        input=json.dumps(texts),
        env={"PATH": os.environ["PATH"], "HOME": "/proc/nope", **environment},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    model_id, translations = json.loads(done.stdout)
    return model_id, translations


@pytest.fixture(scope="module")
def embedded() -> ArgosTranslator:
    return translator(EMBEDDED)


@pytest.fixture(scope="module")
def without_map(tmp_path_factory: pytest.TempPathFactory) -> ArgosTranslator:
    """The embedded English -> Portuguese package, but for its vocabulary map."""
    folder = tmp_path_factory.mktemp("without_map")
    embedded = EMBEDDED / "translate-en_pt-1_0"
    (folder / "en_pt" / "model").mkdir(parents=True)
    for file in ["metadata.json", "sentencepiece.model", *(f"model/{f.name}" for f in (embedded / "model").iterdir())]:
        if file != "model/vmap.txt":
            (folder / "en_pt" / file).symlink_to(embedded / file)
    return translator(folder)


# Texts in, texts out


def test_each_text_is_translated_in_its_place_and_repeats_stay(embedded: ArgosTranslator) -> None:
    texts = [SENTENCE, "Hello.", SENTENCE, "", "Hello."]
    assert said(embedded, texts, EN_PT) == [TRANSLATION, "Olá.", TRANSLATION, "", "Olá."]


@pytest.mark.parametrize("bpe", [False, True], ids=["sentencepiece", "bpe"])
def test_no_texts_and_blank_texts_have_blank_translations(tmp_path: Path, bpe: bool) -> None:
    write_package(tmp_path / "en_pt", bpe=bpe)
    argos = translator(tmp_path)
    assert said(argos, [], EN_PT) == []
    assert said(argos, ["", " \n\t\u00a0 "], EN_PT) == ["", ""]


def test_links_say_which_piece_came_from_which(embedded: ArgosTranslator) -> None:
    text = " The  president\tspoke to reporters on Monday."
    ((best,),) = embedded.translate([text], EN_PT)
    links = {best.text[c:d].strip(): text[a:b].strip() for a, b, c, d in best.links}
    assert links["presidente"] == "president"
    assert links["falou"] == "spoke"
    assert "Monday".endswith(links["segunda"])
    assert {d for *_, d in best.links} >= {len(best.text)}
    assert all(0 <= a <= b <= len(text) and 0 <= c <= d <= len(best.text) for a, b, c, d in best.links)


@pytest.mark.parametrize(("bpe", "prefix"), [(False, ""), (False, "__pt__"), (True, ""), (True, "__pt__")])
def test_links_of_a_spelling_model_are_the_letters_themselves(tmp_path: Path, bpe: bool, prefix: str) -> None:
    write_package(tmp_path / "en_pt", bpe=bpe, target_prefix=prefix)
    ((best,),) = translator(tmp_path).translate(["Hello you."], EN_PT)
    assert best.text == "Hello you."
    assert len(best.links) > 2
    assert all(a == c and b == d for a, b, c, d in best.links)


def test_hypotheses_come_best_first_and_one_of_them_is_the_greedy_one(embedded: ArgosTranslator) -> None:
    ((greedy,), *_) = embedded.translate([SENTENCE], EN_PT)
    (several, short) = embedded.translate([SENTENCE, "Hi."], EN_PT, hypotheses=4)
    assert greedy.text == several[0].text == TRANSLATION
    assert len({one.text for one in several}) == 4
    assert [one.score for one in several] == sorted((one.score for one in several), reverse=True)
    assert 1 <= len(short) <= 4
    assert all(one.score <= 0 for one in several)


def test_characters_without_a_piece_are_told(embedded: ArgosTranslator) -> None:
    assert embedded.unknown("aãüğ<é", EN_PT) == {"ü", "ğ", "<"}


def test_the_least_recently_used_model_makes_room_and_is_read_again_when_it_is_needed(tmp_path: Path) -> None:
    for source, target in (("en", "pt"), ("pt", "en"), ("es", "en")):
        write_package(tmp_path / f"{source}_{target}", source, target)
    size_bytes = sum(file.stat().st_size for file in (tmp_path / "en_pt" / "model").iterdir())
    argos = ArgosTranslator(tmp_path, 1, 2 * size_bytes, RecordingMeter())
    for one in (EN_PT, pair("pt", "en"), EN_PT, pair("es", "en")):
        assert said(argos, ["Hi."], one) == ["Hi."]
    assert list(argos._engines) == [EN_PT, pair("es", "en")]
    assert said(argos, ["Hi."], pair("pt", "en")) == ["Hi."]
    alone = ArgosTranslator(tmp_path, 1, 1, RecordingMeter())
    assert said(alone, ["Hi."], EN_PT) == ["Hi."]
    assert list(alone._engines) == [EN_PT]


def test_a_model_that_is_being_read_makes_no_other_pair_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for source, target in (("en", "pt"), ("pt", "en")):
        write_package(tmp_path / f"{source}_{target}", source, target)
    argos, reading, go_on, load = translator(tmp_path), Event(), Event(), ArgosTranslator._load

    def slow(self: ArgosTranslator, package: Any) -> Any:  # noqa: ANN401
        if package.from_code == "en":
            reading.set()
            assert go_on.wait(10)
        return load(self, package)

    monkeypatch.setattr(ArgosTranslator, "_load", slow)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(said, argos, ["Hi."], EN_PT)
        assert reading.wait(10)
        assert said(argos, ["Oi."], pair("pt", "en")) == ["Oi."]
        go_on.set()
        assert waiting.result(10) == ["Hi."]


def test_underscores_stay(embedded: ArgosTranslator) -> None:
    text = "Hello foo_bar and https://example.org/a_b"
    assert said(embedded, [text], EN_PT) == ["Olá foo_bar e https://example.org/a_b"]


@pytest.mark.parametrize("space", ["\v", "\n", "\f", "\u00a0", "\u2028", "   ", " \t "], ids=ascii)
def test_white_space_of_any_kind_parts_words(embedded: ArgosTranslator, space: str) -> None:
    assert said(embedded, [SENTENCE.replace(" ", space)], EN_PT) == [TRANSLATION]


@pytest.mark.parametrize(
    "text", ["漢字", "a\u2581b", "\u2581", "🎉👩‍👩‍👧", "مرحبا بالعالم", "</s> <unk>", "a\0b", "@@ x@@ y"], ids=ascii
)
def test_odd_texts_are_answered_without_a_sign_of_the_unknown(embedded: ArgosTranslator, text: str) -> None:
    (translation,) = said(embedded, [text], EN_PT)
    assert "⁇" not in translation
    assert "<unk>" not in translation


@given(st.lists(st.text(), max_size=3))
@settings(max_examples=30, deadline=None)
def test_any_texts_have_as_many_translations(embedded: ArgosTranslator, texts: list[str]) -> None:
    assert len(said(embedded, texts, EN_PT)) == len(texts)


def test_unknown_characters_are_copied(tmp_path: Path) -> None:
    write_package(tmp_path / "en_pt")
    assert said(translator(tmp_path), ["Łódź, 漢 and 🎉"], EN_PT) == ["Łódź, 漢 and 🎉"]


@pytest.mark.parametrize("metadata", [{}, {"bpe": True}, {"target_prefix": ">>por<<"}, {"with_map": True}], ids=str)
def test_a_text_longer_than_a_window_is_whole(tmp_path: Path, metadata: dict[str, str]) -> None:
    write_package(tmp_path / "en_pt", **metadata)
    for text in ("abcdefg" * 200, "漢" * 600):
        assert said(translator(tmp_path), [text], EN_PT)[0].replace(" ", "") == text


def test_a_model_that_never_ends_is_stopped(tmp_path: Path) -> None:
    write_package(tmp_path / "en_pt", ends=False)
    (translation,) = said(translator(tmp_path), ["abc"], EN_PT)
    assert 256 < len(translation) <= 512  # a window of 256 pieces has room to grow


# Packages


@pytest.mark.parametrize("with_map", [False, True])
def test_a_bpe_package_translates(tmp_path: Path, with_map: bool) -> None:
    write_package(tmp_path / "en_pt", bpe=True, with_map=with_map)
    text = 'The dog, the cat & a "fish" all went on.'
    assert said(translator(tmp_path), [text], EN_PT) == [text]


@pytest.mark.parametrize("bpe", [False, True], ids=["sentencepiece", "bpe"])
def test_a_target_prefix_is_sent_and_never_shows(tmp_path: Path, bpe: bool) -> None:
    write_package(tmp_path / "en_pt", target_prefix=">>por<<", bpe=bpe)
    assert said(translator(tmp_path), ["Hello there.", "", "No."], EN_PT) == ["Hello there.", "", "No."]


def test_a_target_prefix_that_the_model_does_not_know_never_shows(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "en_pt", target_prefix=">>por<<")
    metadata = json.loads((folder / "metadata.json").read_text())
    (folder / "metadata.json").write_text(json.dumps(metadata | {"target_prefix": ">>xyz<<"}))
    assert said(translator(tmp_path), ["Hello there."], EN_PT) == ["Hello there."]


def test_packages_follow_one_another(tmp_path: Path) -> None:
    write_package(tmp_path / "en_pt", "en", "pt", turn=str.swapcase)
    write_package(tmp_path / "pt_fr", "pt", "fr", turn=lambda piece: piece.replace("O", "0"))
    argos = translator(tmp_path)
    assert said(argos, said(argos, ["Good bye"], EN_PT), pair("pt", "fr")) == ["g00D BYE"]


def test_argos_codes_become_tags_and_names_come_from_the_metadata(tmp_path: Path) -> None:
    write_package(tmp_path / "en_zt", "en", "zt", from_name="English", to_name="Chinese (traditional)")
    write_package(tmp_path / "pb_en", "pb", "en", from_name="Portuguese (Brazil)", to_name="English")
    write_package(tmp_path / "zz_en", "nb", "en", from_name="", to_name="English")
    argos = translator(tmp_path)
    assert set(argos.pairs()) == {pair("en", "zh-Hant"), pair("pt-BR", "en"), pair("nb", "en")}
    assert argos.languages() == {
        Language("en"): "English",
        Language("zh-Hant"): "Chinese (traditional)",
        Language("pt-BR"): "Portuguese (Brazil)",
        Language("nb"): "nb",
    }


def test_no_folder_is_no_packages(tmp_path: Path) -> None:
    assert not translator(tmp_path / "missing").pairs()


def test_what_is_no_translation_package_is_passed_by_in_silence(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write_package(tmp_path / "en_pt")
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_text("a file")
    (tmp_path / "sbd").mkdir()
    (tmp_path / "sbd" / "metadata.json").write_text('{"type": "sbd", "from_codes": ["en"]}')
    assert list(translator(tmp_path).pairs()) == [EN_PT]
    assert caplog.records == []


BROKEN: dict[str, Callable[[Path], object]] = {
    "invalid JSON": lambda folder: (folder / "metadata.json").write_text("{secret"),
    "not UTF-8": lambda folder: (folder / "metadata.json").write_bytes(b'{"secret": "\xff"}'),
    "a list": lambda folder: (folder / "metadata.json").write_text('["secret"]'),
    "no codes": lambda folder: (folder / "metadata.json").write_text('{"from_name": "secret"}'),
    "one language": lambda folder: (folder / "metadata.json").write_text('{"from_code": "en", "to_code": "en"}'),
    "odd code": lambda folder: (folder / "metadata.json").write_text('{"from_code": "secret/", "to_code": "en"}'),
    "no tokenizer": lambda folder: (folder / "sentencepiece.model").unlink(),
}


@pytest.mark.parametrize("damage", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_package_is_left_out_and_logged(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, damage: Callable[[Path], object]
) -> None:
    damage(write_package(tmp_path / "broken", "en", "fr"))
    write_package(tmp_path / "whole")
    argos = translator(tmp_path)
    assert (list(argos.pairs()), said(argos, ["Hi."], EN_PT)) == ([EN_PT], ["Hi."])
    (record,) = caplog.records
    assert vars(record)["package"] == "broken"
    assert "secret" not in logging.Formatter().format(record)


def test_a_package_that_may_not_be_read_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_package(tmp_path / "en_pt")
    (tmp_path / "lost+found").mkdir()
    is_file = Path.is_file

    def refuse(path: Path) -> bool:
        if path.parent.name == "lost+found":  # root may read everything, so the refusal is played
            raise PermissionError(path)
        return is_file(path)

    monkeypatch.setattr(Path, "is_file", refuse)
    assert list(translator(tmp_path).pairs()) == [EN_PT]


UNREADABLE: dict[str, Callable[[Path], object]] = {
    "no model": lambda folder: shutil.rmtree(folder / "model"),
    "no weights": lambda folder: (folder / "model" / "model.bin").unlink(),
    "truncated weights": lambda folder: os.truncate(folder / "model" / "model.bin", 10_000),
    "empty weights": lambda folder: os.truncate(folder / "model" / "model.bin", 0),
    "truncated tokenizer": lambda folder: os.truncate(folder / "sentencepiece.model", 100),
    "broken BPE codes": lambda folder: (
        (folder / "sentencepiece.model").unlink(),
        (folder / "bpe.model").write_text("#version: 0.2\nt h e\n"),
    ),
}


@pytest.mark.parametrize("damage", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_an_unreadable_model_is_an_engine_that_failed_each_time(
    tmp_path: Path, damage: Callable[[Path], object]
) -> None:
    damage(write_package(tmp_path / "broken", "en", "fr"))
    write_package(tmp_path / "whole")
    argos = translator(tmp_path)
    for _ in range(2):
        with pytest.raises(EngineFailed) as failed:
            said(argos, ["Hi."], pair("en", "fr"))
        assert failed.value.__cause__ is not None
        assert failed.value.facts == {"pair": "en-fr"}
    assert said(argos, ["Hi."], EN_PT) == ["Hi."]


def test_a_pair_without_a_package_is_an_engine_that_failed(tmp_path: Path) -> None:
    for ask in (translator(tmp_path).model_id, lambda missing: said(translator(tmp_path), ["Hi."], missing)):
        with pytest.raises(EngineFailed):
            ask(EN_PT)


@pytest.mark.parametrize("versions", [("1.9", "1.10"), ("1.10", "1.9"), ("", "1.10"), ("1.10", "a1")], ids=str)
def test_the_highest_version_serves_a_pair(tmp_path: Path, versions: tuple[str, str]) -> None:
    for folder, version in zip("ab", versions, strict=True):
        write_package(tmp_path / folder, package_version=version)
    assert translator(tmp_path).model_id(EN_PT).startswith("en_pt-1.10-")


# The model's id


CHANGES: dict[str, Callable[[Path], object]] = {
    file: lambda folder, file=file: (folder / file).write_bytes((folder / file).read_bytes() + b"\n")
    for file in ("metadata.json", "sentencepiece.model", "model/model.bin", "model/vmap.txt", "model/config.json")
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_the_model_id_changes_with_what_decides_the_answer(tmp_path: Path, change: Callable[[Path], object]) -> None:
    folder = write_package(tmp_path / "en_pt", with_map=True)
    before = translator(tmp_path).model_id(EN_PT)
    change(folder)
    assert translator(tmp_path).model_id(EN_PT) != before


def test_the_model_id_and_the_answer_do_not_change_with_sentence_splitters(tmp_path: Path) -> None:
    folder = write_package(tmp_path / "en_pt")
    before = translator(tmp_path).model_id(EN_PT)
    for stray in ("stanza", "minisbd"):
        (folder / stray).mkdir()
        (folder / stray / "model.onnx").write_bytes(b"nothing")
    argos = translator(tmp_path)
    assert (argos.model_id(EN_PT), said(argos, ["Hi. You."], EN_PT)) == (before, ["Hi. You."])


# The same answer, always


def test_the_answer_does_not_depend_on_company(embedded: ArgosTranslator) -> None:
    texts = news(500)
    answers = dict(zip(texts, said(embedded, texts, EN_PT), strict=True))
    shuffled = random.Random(6).sample(texts, len(texts))
    one_worker = translator(EMBEDDED, workers=1)
    assert dict(zip(shuffled, said(one_worker, shuffled, EN_PT), strict=True)) == answers
    for text in texts[:50]:
        assert said(embedded, [text], EN_PT) == [answers[text]]
    for start in range(0, 100, 7):
        group = shuffled[start : start + 7]
        assert said(embedded, group, EN_PT) == [answers[text] for text in group]


def test_the_answer_does_not_depend_on_company_without_a_vocabulary_map(without_map: ArgosTranslator) -> None:
    turned_by_padding = [  # in a batch with a longer sentence these come out in other words
        "Farmers in the north confirmed talks would go on in Geneva.",
        "Farmers in the north said he had never met the president.",
        "Police hopes that he had never met the president.",
    ]
    texts = turned_by_padding + news(300)
    answers = dict(zip(texts, said(without_map, texts, EN_PT), strict=True))
    shuffled = random.Random(6).sample(texts, len(texts))
    assert dict(zip(shuffled, said(without_map, shuffled, EN_PT), strict=True)) == answers
    for text in texts[:25]:
        assert said(without_map, [text], EN_PT) == [answers[text]]


def test_every_process_gives_the_same_id_and_answer_whatever_its_hash_seed(embedded: ArgosTranslator) -> None:
    texts = news(20)
    here = (embedded.model_id(EN_PT), said(embedded, texts, EN_PT))
    assert in_a_process(TRANSLATE, EMBEDDED, texts, PYTHONHASHSEED="1") == here
    assert in_a_process(TRANSLATE, EMBEDDED, texts, PYTHONHASHSEED="2") == here


@pytest.mark.parametrize("bpe", [False, True], ids=["sentencepiece", "bpe"])
def test_many_threads_share_one_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bpe: bool) -> None:
    write_package(tmp_path / "en_pt", bpe=bpe)
    argos, barrier, loaded = translator(tmp_path), Barrier(8), []
    load = ctranslate2.Translator
    monkeypatch.setattr(ctranslate2, "Translator", lambda *a, **options: loaded.append(a) or load(*a, **options))

    def ask(number: int) -> tuple[list[LanguagePair], list[str]]:
        barrier.wait()
        if number % 2:  # the packages are first read now by one way in, now by the other
            return list(argos.pairs()), said(argos, [f"number {number}"], EN_PT)
        translations = said(argos, [f"number {number}"], EN_PT)
        return list(argos.pairs()), translations

    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(ask, range(8)))
    assert answers == [([EN_PT], [f"number {number}"]) for number in range(8)]
    assert len(loaded) == 1


# Small and offline


def test_importing_the_adapter_imports_no_engine() -> None:
    absent = {"argostranslate", "ctranslate2", "sentencepiece", "sacremoses", "numpy"}
    code = f"import sys, services.adapters.argos; sys.exit(', '.join({absent!r} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("bpe", [False, True], ids=["sentencepiece", "bpe"])
def test_a_translation_opens_no_socket_and_imports_nothing_heavy(tmp_path: Path, bpe: bool) -> None:
    write_package(tmp_path / "packages" / "en_pt", bpe=bpe)
    absent = {"torch", "stanza", "spacy", "minisbd", "onnxruntime", "argostranslate.translate", "argostranslate.sbd"}
    code = f"""
import os, sys
def refuse(event, arguments):
    if event.startswith("socket.") and event != "socket.__new__":
        os._exit(77)
sys.addaudithook(refuse)
{TRANSLATE}
sys.exit(", ".join({absent!r} & set(sys.modules)) or 0)
"""
    assert in_a_process(code, tmp_path / "packages", ["Hi."])[1] == ["Hi."]


def test_nothing_is_made_in_the_home_folder_and_the_environment_stays(tmp_path: Path) -> None:
    write_package(tmp_path / "packages" / "en_pt")
    (tmp_path / "home").mkdir()
    code = f"""
import os
names = ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "ARGOS_PACKAGES_DIR")
before = [os.environ.get(name) for name in names]
{TRANSLATE}
assert [os.environ.get(name) for name in names] == before
"""
    for environment in ({}, {"XDG_CACHE_HOME": str(tmp_path / "home" / "cache")}):
        assert in_a_process(code, tmp_path / "packages", ["Hi."], HOME=str(tmp_path / "home"), **environment)[1] == [
            "Hi."
        ]
    assert list((tmp_path / "home").iterdir()) == []


def test_no_text_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_package(tmp_path / "en_pt", turn=str.swapcase)
    caplog.set_level(logging.DEBUG)
    for name in list(logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    said(translator(tmp_path), ["A secret."], EN_PT)
    with pytest.raises(EngineFailed):
        said(translator(tmp_path), ["A secret.", None], EN_PT)  # type: ignore[list-item]
    assert "secret" not in caplog.text.lower()
