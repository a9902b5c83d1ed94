"""The steps of infra/Dockerfile, done in a clean folder as there may be no Docker here; what comes of them answers."""

import json
import platform
import shlex
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from string import Template

import pytest
from dockerfile_parse import DockerfileParser

from infra.python313 import VERSION, NoPython313, find_python313
from infra.tools.kit import ROOT

DOCKERFILE = ROOT / "infra" / "Dockerfile"
ARCH = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
TASK_ROOT = "/var/task"  # as AWS's image has it
# What the runtime of that image does with the command, short of Lambda: it imports it, and calls it with an event.
RUNTIME = """
import importlib, json, sys, types
sys.path.insert(0, ".")
module, _, name = sys.argv[1].rpartition(".")
handler = getattr(importlib.import_module(module), name)
context = types.SimpleNamespace(get_remaining_time_in_millis=lambda: 30_000, aws_request_id="1")
print("ANSWER", json.dumps(handler(json.load(sys.stdin), context)))
"""


@dataclass(slots=True)
class Stage:
    """A stage of a build: its files below a folder, where it works in, what its variables are."""

    root: Path
    variables: dict[str, str] = field(default_factory=lambda: {"LAMBDA_TASK_ROOT": TASK_ROOT, "ARCH": ARCH})
    folder: str = TASK_ROOT
    command: list[str] = field(default_factory=list)

    def place(self, path: str) -> Path:
        """Where a path of the image is."""
        return self.root / Path(self.folder, path).relative_to("/")


def build(context: Path, folder: Path, path: Path) -> Stage:
    """Do all steps that the Dockerfile has, `path` being where its commands are found, and give the last stage."""
    stages: dict[str, Stage] = {}
    for step in DockerfileParser(str(DOCKERFILE)).structure:
        if step["instruction"] == "COMMENT":
            continue
        if step["instruction"] == "FROM":
            name = step["value"].partition(" AS ")[2] or "last"
            stages[name] = stage = Stage(folder / name)
            stage.place("").mkdir(parents=True)
            continue
        words = shlex.split(Template(step["value"]).safe_substitute(stage.variables))
        match step["instruction"], words:
            case "ARG", [default]:
                stage.variables.setdefault(*default.split("="))
            case "WORKDIR", [place]:
                stage.folder = place
                stage.place("").mkdir(parents=True)
            case "COPY", [*source_stage, source, target]:
                origin = stages[source_stage[0].partition("=")[2]].place(source) if source_stage else context / source
                _copy(origin, stage.place(target))
            case "RUN", command:
                subprocess.run(command, cwd=stage.place(""), env={"PATH": str(path)}, check=True)
            case "CMD", _:
                stage.command = json.loads(step["value"])
            case other:
                raise AssertionError(f"this cannot do {other}")
    return stage


def _copy(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, dirs_exist_ok=True)
    else:
        shutil.copy(source, target)


@pytest.mark.usefixtures("bundle")
def test_an_image_of_these_steps_translates(tmp_path: Path) -> None:
    try:
        python = find_python313()
    except NoPython313 as exc:
        pytest.skip(str(exc))
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "python").symlink_to(python)
    image = build(ROOT, tmp_path / "stages", programs)
    (command,) = image.command
    event = json.loads(Path("tests/handler/events/api_gateway_v2.json").read_text("utf-8"))
    event |= {"rawQueryString": "target=pt", "body": "The council voted on Tuesday.", "isBase64Encoded": False}
    event["rawPath"] = event["requestContext"]["http"]["path"] = "/v1/translations"
    event["requestContext"]["http"]["method"] = "POST"
    event["headers"] = {"content-type": "text/plain", "host": "interlede.example"}
    ran = subprocess.run(
        [python, "-I", "-c", RUNTIME, command],
        cwd=image.place(TASK_ROOT),
        env={"INTERLEDE_RESULTS": str(tmp_path / "results"), "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"},
        input=json.dumps(event),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    (line,) = [line for line in ran.stdout.splitlines() if line.startswith("ANSWER ")]
    answer = json.loads(line.removeprefix("ANSWER "))
    assert answer["statusCode"] == 200
    assert answer["body"].strip().endswith("terça-feira.")


def test_the_context_is_the_bundle_and_nothing_else() -> None:
    assert DOCKERFILE.with_name("Dockerfile.dockerignore").read_text("utf-8").split() == [
        "*",
        "!.bundle/interlede-*.zip",
    ]


def test_the_image_has_the_interpreter_that_the_bundle_is_made_for() -> None:
    bases = {step["value"].split()[0] for step in _froms()}
    assert bases == {f"public.ecr.aws/lambda/python:{'.'.join(map(str, VERSION))}"}


def _froms() -> list[dict[str, str]]:
    return [step for step in DockerfileParser(str(DOCKERFILE)).structure if step["instruction"] == "FROM"]
