"""`python -m handler`, as make run and make demo call it."""

import json
import os
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from handler.__main__ import _listen


def handler(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "handler", *map(str, arguments)]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, text=True, check=False)


@pytest.fixture
def port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture
def server(port: int, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A served API: its address, and what it printed before it served."""
    command = [sys.executable, "-m", "handler", "serve", "--port", str(port)]
    environment = {**os.environ, "INTERLEDE_RESULTS": str(tmp_path)}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        printed = []
        for line in process.stdout:
            printed.append(line)
            if line.startswith("Serving on "):
                break
        yield f"http://127.0.0.1:{port}", "".join(printed)
        process.terminate()


def test_serving_begins_with_a_translated_and_summarised_sample(server: tuple[str, str]) -> None:
    address, printed = server
    assert "sample.txt: en -> pt" in printed
    assert "terça-feira" in printed
    assert "In 3 sentences" in printed
    assert printed.count("\n  * ") == 3
    request = urllib.request.Request(
        f"{address}/v1/translations?target=pt",
        b"The council voted on Tuesday to keep the night ferry.",
        {"content-type": "text/plain"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        assert answer.read().decode() == "O conselho votou na terça-feira para manter o ferry noturno."


def test_a_file_is_shown_translated_and_summarised(tmp_path: Path) -> None:
    story = tmp_path / "história.txt"
    story.write_text("Greve termina\n\nOs professores voltaram às aulas na segunda-feira. A greve durou três dias.\n")
    shown = handler("demo", story, "en", INTERLEDE_RESULTS=str(tmp_path / "results"))
    assert shown.returncode == 0
    assert "história.txt: pt -> en" in shown.stdout
    assert "The strike lasted three days." in shown.stdout


def test_a_page_is_shown_with_its_markup(tmp_path: Path) -> None:
    page = tmp_path / "story.html"
    page.write_text(
        "<p translate='no'>Stay.</p><p>The strike lasted <b>three</b> days.</p><script>a = 'The end.'</script>"
    )
    shown = handler("demo", page, "pt", INTERLEDE_RESULTS=str(tmp_path / "results"))
    assert shown.returncode == 0
    assert (
        "<p translate='no'>Stay.</p><p>A greve durou <b>três</b> dias.</p><script>a = 'The end.'</script>"
        in shown.stdout
    )
    assert "* A greve durou três dias." in shown.stdout


@pytest.mark.parametrize(
    ("content", "target", "complaint"),
    [
        (None, "pt", "No such file"),
        (b"The vote is on Tuesday, they said.", "zz", "no installed model leads from en to zz"),
        (b"The vote is on Tuesday, they said.", "!", "a language tag looks like"),
        (b"\xff\xfe", "pt", "codec can't decode"),
    ],
)
def test_what_cannot_be_shown_ends_in_one_sentence(
    tmp_path: Path, content: bytes | None, target: str, complaint: str
) -> None:
    story = tmp_path / "story.txt"
    if content is not None:
        story.write_bytes(content)
    shown = handler("demo", story, target, INTERLEDE_RESULTS=str(tmp_path / "results"))
    assert shown.returncode == 1
    assert complaint in shown.stderr
    assert shown.stderr.count("\n") == 1


def test_a_port_that_is_taken_is_said_to_be(port: int, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", port))):
        served = handler("serve", "--port", str(port), INTERLEDE_RESULTS=str(tmp_path))
    assert served.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in served.stderr


def test_an_answer_on_a_kept_connection_is_not_held_back(port: int) -> None:
    with closing(_listen("127.0.0.1", port)) as listener, closing(socket.create_connection(("127.0.0.1", port))):
        accepted, _ = listener.accept()
        with closing(accepted):
            assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_openapi_describes_every_call_and_both_ways_in(server: tuple[str, str]) -> None:
    with urllib.request.urlopen(f"{server[0]}/openapi.json", timeout=60) as answer:
        described = json.load(answer)
    for path in ("/v1/translations", "/v1/summaries", "/v1/articles", "/v1/detections"):
        assert set(described["paths"][path]["post"]["requestBody"]["content"]) == {
            "application/json",
            "text/plain",
            "text/html",
            "text/markdown",
        }
    assert set(described["paths"]) >= {"/v1/articles/{article_id}", "/v1/languages", "/healthz"}
