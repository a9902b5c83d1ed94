"""`python -m infra.bulk` with the real models: to the end, killed in the middle, and from S3 to S3 over SQS."""

import json
import os
import pty
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest

from services.adapters.archives import S3Archive
from tests.fakes.ministack import AWS_ENV, BUCKET, make_queue, ministack


def environment(tmp_path: Path, **more: str) -> dict[str, str]:
    local = {"INTERLEDE_RESULTS": str(tmp_path / "results"), "INTERLEDE_QUEUE": str(tmp_path / "queue.sqlite")}
    return {**os.environ, **local, **more}


def bulk(env: dict[str, str], *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra.bulk", *map(str, arguments)]
    return subprocess.run(
        command, env=env, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=240
    )


def archive_of(folder: Path, count: int) -> Path:
    """Articles that differ, each of about a dozen sentences."""
    folder.mkdir()
    for n in range(count):
        sentences = (f"The council of town {n} voted on day {day} to keep ferry number {n + day}." for day in range(12))
        (folder / f"{n:03}.txt").write_text(" ".join(sentences))
    return folder


def results(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.json"))}


def test_a_folder_is_translated_by_one_command(tmp_path: Path) -> None:
    source = tmp_path / "in"
    source.mkdir()
    (source / "a.txt").write_text("The council voted on Tuesday to keep the night ferry.")
    (source / "a.html").write_text("<p>The <b>vote</b> is on Tuesday.</p>")
    (source / "broken.json").write_text("{")
    env = environment(tmp_path)
    ran = bulk(env, source, tmp_path / "out", "--target", "pt", "--as", "text", "--yes", "segments=true")
    assert ran.returncode == 1, ran.stderr
    assert "3 files to do" in ran.stdout
    assert "list prices of eu-west-1" in ran.stdout
    assert "2 done, 1 failed, 0 skipped" in ran.stdout
    assert (
        tmp_path / "out" / "a.txt.txt"
    ).read_text() == "O conselho votou na terça-feira para manter o ferry noturno."
    assert "<b>votação</b>" in (tmp_path / "out" / "a.html.txt").read_text()
    failure = {"name": "broken.json", "status": 400, "code": "malformed-body"}
    assert json.loads((tmp_path / "out" / "failures.ndjson").read_text()) == failure


@pytest.mark.parametrize(
    ("arguments", "status", "complaint"),
    [
        ([], 2, "say --yes to begin"),
        (["--dry-run"], 0, ""),
        (["--yes", "nope=1"], 2, "nope"),
        (["--yes", "--target", "!"], 1, "what failed is in failures.ndjson"),
        (["--yes", "nonsense"], 2, "an option looks like name=value"),
        (["--share", "3/2"], 2, "a share looks like 2/8"),
    ],
)
def test_nothing_begins_that_was_not_agreed_to_or_cannot_be(
    tmp_path: Path, arguments: list[str], status: int, complaint: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("The vote is on Tuesday.")
    ran = bulk(environment(tmp_path), tmp_path / "in", tmp_path / "out", "--target", "pt", *arguments)
    assert ran.returncode == status
    assert complaint in ran.stderr
    assert "Traceback" not in ran.stderr
    assert results(tmp_path / "out") == {}


@pytest.mark.parametrize(("source", "target"), [("in", "in"), ("in", "in/out"), ("in/sub", "in"), ("none", "out")])
def test_places_that_cannot_be_are_refused(tmp_path: Path, source: str, target: str) -> None:
    (tmp_path / "in").mkdir()
    ran = bulk(environment(tmp_path), tmp_path / source, tmp_path / target, "--target", "pt", "--yes")
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)


def test_an_empty_folder_is_done(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    ran = bulk(environment(tmp_path), tmp_path / "in", tmp_path / "out", "--target", "pt")
    assert (ran.returncode, ran.stdout) == (0, "0 files to do, about 0 characters; 0 done already, 0 left out\n")


def test_a_run_that_is_killed_is_gone_on_with_and_nothing_is_lost_or_written_twice(tmp_path: Path) -> None:
    source, out, env = archive_of(tmp_path / "in", 120), tmp_path / "out", environment(tmp_path)
    command = [sys.executable, "-m", "infra.bulk", str(source), str(out), "--target", "pt", "--yes"]
    with subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        give_up_at = time.monotonic() + 60
        while not 10 <= len(list(out.glob("*.json"))) < 110 and time.monotonic() < give_up_at:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    written = {path.name: path.stat().st_mtime_ns for path in out.glob("*.json")}
    assert 10 <= len(written) < 120
    assert all(json.loads(text) for text in results(out).values())
    begun = {path.name for path in (tmp_path / "results" / "jobs").iterdir()}
    with closing(sqlite3.connect(tmp_path / "queue.sqlite")) as queue, queue:
        queue.execute("UPDATE messages SET since = 0, until = 0")  # as if the dead worker's leases had lapsed
    ran = bulk(env, source, out, "--target", "pt", "--yes")
    assert ran.returncode == 0, ran.stderr
    assert f"{120 - len(written)} done, 0 failed, {len(written)} skipped" in ran.stdout
    assert sorted(results(out)) == [f"{n:03}.txt.json" for n in range(120)]
    assert {name: (out / name).stat().st_mtime_ns for name in written} == written
    assert all(f"{n}" in json.loads(text)["translations"][0]["text"] for n, text in enumerate(results(out).values()))
    now = {path.name for path in (tmp_path / "results" / "jobs").iterdir()}
    assert begun <= now  # the jobs under way were joined: none was begun for the blocks that they have
    assert len(now) <= 120 / 10


def test_on_a_terminal_it_asks_first_and_shows_how_far_it_is(tmp_path: Path) -> None:
    source = archive_of(tmp_path / "in", 3)
    command = [sys.executable, "-m", "infra.bulk", str(source), str(tmp_path / "out"), "--target", "pt"]

    def answered(answer: bytes) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        with closing(os.fdopen(ours, "rb+", buffering=0)) as terminal:
            with subprocess.Popen(
                command, env=environment(tmp_path), stdin=theirs, stdout=subprocess.PIPE, stderr=theirs
            ) as process:
                os.close(theirs)
                terminal.write(answer)
                process.communicate(timeout=60)
            return process.returncode, terminal.read(4096).decode()

    assert answered(b"no\n")[0] == 2
    assert not (tmp_path / "out").exists()
    status, shown = answered(b"y\n")
    assert status == 0
    assert "3 done, 0 failed of 3 files" in shown
    assert "\r" in shown


def test_a_run_that_is_interrupted_says_how_to_go_on(tmp_path: Path) -> None:
    source, out = archive_of(tmp_path / "in", 200), tmp_path / "out"
    command = [sys.executable, "-m", "infra.bulk", str(source), str(out), "--target", "pt", "--yes"]
    with subprocess.Popen(
        command,
        env=environment(tmp_path),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # what runs in the background ignores it
    ) as process:
        give_up_at = time.monotonic() + 60
        while not list(out.glob("*.json")) and time.monotonic() < give_up_at:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        said = process.communicate(timeout=60)[1]
    assert process.returncode == 130
    assert said.endswith("stopped; run it again to go on\n")
    assert "Traceback" not in said


@contextmanager
def worker(env: dict[str, str]) -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-m", "handler", "work"], env=env, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()


def test_from_s3_to_s3_over_sqs_with_a_worker_of_its_own(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in AWS_ENV.items():
        monkeypatch.setenv(name, value)
    with ministack(tmp_path_factory.mktemp("ministack")) as url:
        env = environment(
            tmp_path,
            INTERLEDE_RESULTS=f"s3://{BUCKET}/results",
            INTERLEDE_QUEUE=make_queue(url, uuid.uuid4().hex),
            INTERLEDE_DEAD_LETTERS=make_queue(url, uuid.uuid4().hex),
            INTERLEDE_S3_ENDPOINT_URL=url,
            INTERLEDE_SQS_ENDPOINT_URL=url,
        )
        source, target = S3Archive(BUCKET, "in", url), S3Archive(BUCKET, "out", url)
        for n in range(30):
            source.write(f"sub {n % 3}/{n}.txt", BytesIO(f"The vote of town {n} is on Tuesday.".encode()))
        source.write("lines.ndjson", BytesIO(b'{"text": "The vote is on Tuesday."}\n'))
        with worker(env):
            ran = bulk(env, f"s3://{BUCKET}/in", f"s3://{BUCKET}/out", "--target", "pt", "--yes")
        assert ran.returncode == 0, ran.stderr
        assert "31 done, 0 failed" in ran.stdout
        assert "nothing to pay" not in ran.stdout
        assert sorted(file.name for file in target.files()) == sorted(
            [*(f"sub {n % 3}/{n}.txt.json" for n in range(30)), "lines.ndjson.ndjson"]
        )
        again = bulk(env, f"s3://{BUCKET}/in", f"s3://{BUCKET}/out", "--target", "pt", "--yes")
        assert again.stdout.startswith("0 files to do, about 0 characters; 31 done already")
