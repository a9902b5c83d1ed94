"""Whole runs over fakes: what is written, what fails, and what a second run does."""

import json
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from typing import Any, BinaryIO

import pytest

from handler.wiring import Services
from infra.bulk.run import Plan, Run, Tally, named, text_of
from infra.bulk.survey import surveyed
from services import jobs
from services.adapters.archives import Archive, File, FolderArchive
from services.errors import StoreUnavailable
from services.model import LanguagePair
from tests.fakes.models import MarkingTranslator, pair
from tests.fakes.services import fake_services
from tests.fakes.stores import MemoryStore


class ForgetfulArchive(FolderArchive):
    """Breaks one promise: it lists files of hostile names, which are not there."""

    def files(self) -> Iterator[File]:
        """Those of the folder, and three more."""
        yield from super().files()
        yield from (File("../../escape.txt", 3), File("/etc/passwd.txt", 3), File("gone.txt", 3))


class BrittleArchive(FolderArchive):
    """Breaks one promise: it is down every other time."""

    calls = 0

    def write(self, name: str, content: BytesIO) -> None:  # type: ignore[override]
        """Write, or fail."""
        self.calls += 1
        if self.calls % 2:
            raise StoreUnavailable("down")
        super().write(name, content)


class InterruptedArchive(FolderArchive):
    """Breaks one promise: each file breaks off in the middle when it is read for the first time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._begun = set[str]()

    def read(self, name: str, into: BinaryIO) -> bool:
        """Copy a file, or half of it."""
        if name in self._begun:
            return super().read(name, into)
        self._begun.add(name)
        whole = BytesIO()
        super().read(name, whole)
        into.write(whole.getvalue()[: len(whole.getvalue()) // 2])
        raise StoreUnavailable("down")


class RenewedTranslator(MarkingTranslator):
    """Has a model of one version after another."""

    version = 1

    def model_id(self, pair: LanguagePair) -> str:
        """`1-marking-en-pt`."""
        return f"{self.version}-{super().model_id(pair)}"

    def translation(self, text: str, pair: LanguagePair) -> str:
        """The text marked with the version, too."""
        return f"{self.version}{super().translation(text, pair)}"


@pytest.fixture
def translator() -> MarkingTranslator:
    return MarkingTranslator()


@pytest.fixture
def objects() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def services(translator: MarkingTranslator, objects: MemoryStore) -> Iterator[Services]:
    """Services whose worker is at work."""
    built = fake_services(translator, objects=objects)
    stop = Event()
    worker = Thread(target=built.pump.work, args=(stop,), daemon=True)
    worker.start()
    yield built
    stop.set()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    return folder


def run(services: Services, source: Path | Archive, target: Path | Archive, **settings: Any) -> Tally:  # noqa: ANN401
    options: Mapping[str, Any] = {"target": "pt"}
    plan = Plan(
        FolderArchive(source) if isinstance(source, Path) else source,
        FolderArchive(target) if isinstance(target, Path) else target,
        settings.pop("call", "translations"),
        options,
        settings.pop("name", "run"),
        **settings,
    )
    tally = Tally(BytesIO())
    carried_out = Run(plan, services.jobs, tally, 4)
    carried_out(lambda: None, 0.05)
    carried_out.report("failures.ndjson")
    return tally


def texts(folder: Path) -> dict[str, str]:
    return {
        str(path.relative_to(folder)): path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def jobs_of(objects: MemoryStore) -> set[str]:
    return {key for key in objects.values if key.startswith("jobs/")}


def decoded(translator: MarkingTranslator) -> list[str]:
    return sorted(text for _, asked in translator.asked for text in asked)


def test_each_file_has_a_result_of_its_name(services: Services, source: Path, tmp_path: Path) -> None:
    (source / "a.txt").write_text("One.")
    (source / "a.html").write_text("<p>Two.</p>")
    (source / "sub").mkdir()
    (source / "sub" / "a.md").write_text("# Three")
    (source / "left out.pdf").write_text("x")
    tally = run(services, source, tmp_path / "out", as_text=True)
    assert texts(tmp_path / "out") == {
        "a.html.txt": "<p>[en&gt;pt Two.]</p>",
        "a.txt.txt": "[en>pt One.]",
        "sub/a.md.txt": "# [en>pt Three]",
    }
    assert (tally.done, tally.failed) == (3, 0)


def test_a_second_run_does_what_is_missing_and_nothing_else(
    services: Services, source: Path, tmp_path: Path, translator: MarkingTranslator
) -> None:
    for n in range(300):
        (source / f"{n}.txt").write_text(f"Text {n}.")
    assert run(services, source, tmp_path / "out").done == 300
    assert len(decoded(translator)) == 300
    (source / "new.txt").write_text("New.")
    (tmp_path / "out" / "7.txt.json").unlink()
    (tmp_path / "out" / "8.txt.json").write_text("mine")
    assert run(services, source, tmp_path / "out").done == 2
    assert decoded(translator).count("Text 7.") == 1
    assert len(decoded(translator)) == 301
    assert (tmp_path / "out" / "8.txt.json").read_text() == "mine"


def test_with_force_all_is_written_again(services: Services, source: Path, tmp_path: Path) -> None:
    (source / "a.txt").write_text("One.")
    run(services, source, tmp_path / "out")
    (tmp_path / "out" / "a.txt.json").write_text("mine")
    assert run(services, source, tmp_path / "out", force=True, name="other").done == 1
    assert "One." in (tmp_path / "out" / "a.txt.json").read_text()
    assert named("a", "b", "c", {}, False) == named("a", "b", "c", {}, False)
    assert named("a", "b", "c", {}, True) != named("a", "b", "c", {}, True)


def test_what_was_done_within_the_week_is_taken_over_but_with_force(
    objects: MemoryStore, source: Path, tmp_path: Path
) -> None:
    (source / "a.txt").write_text("One.")
    translator, out = RenewedTranslator(), tmp_path / "out"
    services = fake_services(translator, objects=objects)

    def ran(force: bool) -> str:
        run(services, source, out, force=force, name=named("in", "out", "translations", {}, force), as_text=True)
        return (out / "a.txt.txt").read_text()

    with services.pump.at_work():
        assert ran(force=False) == "1[en>pt One.]"
        translator.version = 2
        (out / "a.txt.txt").unlink()
        assert ran(force=False) == "1[en>pt One.]"
        assert len(jobs_of(objects)) == 1
        assert ran(force=True) == "2[en>pt One.]"
        translator.version = 3
        assert ran(force=True) == "3[en>pt One.]"
        assert len(jobs_of(objects)) == 3


def test_a_job_of_more_tasks_than_groups_is_read_to_its_end(
    services: Services,
    objects: MemoryStore,
    source: Path,
    tmp_path: Path,
    translator: MarkingTranslator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "GROUPS", 3)
    (source / "l.ndjson").write_text("".join(json.dumps({"text": f"Text {n}."}) + "\n" for n in range(250)))
    assert run(services, source, tmp_path / "out", as_text=True).done == 1
    read = [json.loads(line)["text"] for line in (tmp_path / "out" / "l.ndjson.ndjson").read_text().splitlines()]
    assert read == [f"[en>pt Text {n}.]" for n in range(250)]
    assert len(decoded(translator)) == 250
    assert len(jobs_of(objects)) == 1


def test_lines_have_their_results_in_their_order_with_their_ids(
    services: Services, source: Path, tmp_path: Path
) -> None:
    many = "".join(json.dumps({"id": f"x{n}", "text": f"Text {n}."}) + "\n" for n in range(600))
    (source / "l.ndjson").write_text(many + 'nope\n{"text": "Last.", "target": "zz"}\n')
    tally = run(services, source, tmp_path / "out", as_text=True)
    read = [json.loads(line) for line in (tmp_path / "out" / "l.ndjson.ndjson").read_text().splitlines()]
    assert read[:600] == [
        {"line": n + 1, "id": f"x{n}", "status": 200, "text": f"[en>pt Text {n}.]"} for n in range(600)
    ]
    assert [(line["line"], line["status"], line["problem"]["code"]) for line in read[600:]] == [
        (601, 400, "malformed-body"),
        (602, 404, "unsupported-language-pair"),
    ]
    assert (tally.done, tally.failed) == (0, 1)
    reported = [json.loads(line) for line in (tmp_path / "out" / "failures.ndjson").read_text().splitlines()]
    assert [(one["name"], one["line"], one["code"]) for one in reported] == [
        ("l.ndjson", 601, "malformed-body"),
        ("l.ndjson", 602, "unsupported-language-pair"),
    ]


def test_what_fails_is_reported_without_its_text_and_tried_again_by_the_next_run(
    services: Services, source: Path, tmp_path: Path
) -> None:
    (source / "bad.txt").write_bytes(b"\xff\xfe secret")
    (source / "good.txt").write_text("Good.")
    (source / "pair.json").write_text('{"text": "secret", "target": "zz"}')
    (source / "shape.json").write_text('{"words": "secret"}')
    for _ in range(3):
        tally = run(services, source, tmp_path / "out")
        assert tally.failed == 3
        report = (tmp_path / "out" / "failures.ndjson").read_text()
        assert "secret" not in report
        assert sorted((one["name"], one["code"]) for one in map(json.loads, report.splitlines())) == [
            ("bad.txt", "malformed-body"),
            ("pair.json", "unsupported-language-pair"),
            ("shape.json", "invalid-request"),
        ]
    (source / "bad.txt").write_text("Better.")
    (source / "pair.json").write_text('{"text": "Better."}')
    (source / "shape.json").unlink()
    assert run(services, source, tmp_path / "out").failed == 0
    assert (tmp_path / "out" / "failures.ndjson").read_text() == ""


def test_what_failed_once_is_tried_again_with_whatever_is_missing_by_then(
    services: Services, source: Path, tmp_path: Path, translator: MarkingTranslator
) -> None:
    for name in "abc":
        (source / f"{name}.json").write_text(json.dumps({"text": f"{name}.", "target": "es"}))
    assert run(services, source, tmp_path / "out").failed == 3
    translator._pairs.append(pair("en>es"))  # a model that was missing
    assert run(services, source, tmp_path / "out").done == 3
    (tmp_path / "out" / "b.json.json").unlink()
    assert run(services, source, tmp_path / "out", as_text=True).done == 3
    assert run(services, source, tmp_path / "out").done == 1
    assert "[en>es b.]" in (tmp_path / "out" / "b.json.json").read_text()
    assert (tmp_path / "out" / "b.json.txt").read_text() == "[en>es b.]"


def test_a_job_that_was_cancelled_is_begun_again(
    services: Services, objects: MemoryStore, source: Path, tmp_path: Path
) -> None:
    (source / "a.txt").write_text("One.")
    run(services, source, tmp_path / "first")
    (key,) = jobs_of(objects)
    services.jobs.cancel(key.removeprefix("jobs/"))
    assert run(services, source, tmp_path / "second").done == 1


def test_hostile_names_are_left_out_and_a_file_that_goes_is_reported(
    services: Services, source: Path, tmp_path: Path
) -> None:
    (source / "a.txt").write_text("One.")
    tally = run(services, ForgetfulArchive(source), tmp_path / "out" / "deep")
    assert (tally.done, tally.failed) == (1, 1)
    assert sorted(texts(tmp_path / "out")) == ["deep/a.txt.json", "deep/failures.ndjson"]
    plan = Plan(ForgetfulArchive(source), FolderArchive(tmp_path / "new"), "translations", {}, "x")
    assert surveyed(plan).left_out == 2


def test_a_result_whose_place_is_taken_is_a_failure_and_no_end(
    services: Services, source: Path, tmp_path: Path
) -> None:
    (source / "a.txt").write_text("One.")
    (source / "b.txt").write_text("Two.")
    (tmp_path / "out" / "a.txt.json").mkdir(parents=True)
    tally = run(services, source, tmp_path / "out")
    assert (tally.done, tally.failed) == (1, 1)
    assert "no-place" in (tmp_path / "out" / "failures.ndjson").read_text()


def test_an_archive_that_is_down_for_a_while_is_waited_for(
    services: Services, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.bulk.run._PAUSES_S", (0.01, 0.01))
    (source / "a.txt").write_text("One.")
    (source / "b.txt").write_text("Two.")
    assert run(services, source, BrittleArchive(tmp_path / "out")).done == 2


def test_a_file_whose_reading_breaks_off_is_read_anew(
    services: Services, source: Path, tmp_path: Path, translator: MarkingTranslator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.bulk.run._PAUSES_S", (0.01, 0.01))
    (source / "a.txt").write_text("The first text.")
    (source / "l.ndjson").write_text("".join(json.dumps({"text": f"Line {n}."}) + "\n" for n in range(4)))
    assert run(services, InterruptedArchive(source), tmp_path / "out").done == 2
    assert decoded(translator) == ["Line 0.", "Line 1.", "Line 2.", "Line 3.", "The first text."]


def test_an_empty_archive_is_done(services: Services, source: Path, tmp_path: Path) -> None:
    assert run(services, source, tmp_path / "out").done == 0
    assert not (tmp_path / "out").exists()


def test_a_survey_counts_by_names_and_characters_by_a_sample(source: Path, tmp_path: Path) -> None:
    for n in range(100):
        (source / f"{n}.txt").write_text("ção" * 10)
    (source / "x.pdf").touch()
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "1.txt.json").touch()
    plan = Plan(FolderArchive(source), FolderArchive(tmp_path / "out"), "translations", {}, "x")
    survey = surveyed(plan)
    assert (survey.files, survey.done, survey.left_out, survey.chars) == (99, 1, 1, 99 * 30)


@pytest.mark.parametrize("call", ["summaries", "articles"])
def test_the_text_of_other_calls_is_what_people_read(
    services: Services, source: Path, tmp_path: Path, call: str
) -> None:
    (source / "a.txt").write_text("The first sentence is here. The second one follows it.")
    run(services, source, tmp_path / "out", call=call, as_text=True)
    assert "[en>pt The first sentence is here.]" in (tmp_path / "out" / "a.txt.txt").read_text()


def test_a_summary_in_its_own_language_is_its_sentences() -> None:
    assert text_of({"summary": {"sentences": [{"text": "One.", "translation": None}]}}) == "One.\n"
