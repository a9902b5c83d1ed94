from typing import Any

import pytest

from infra.template.packaging import STAGES, package, read
from infra.tools.kit import NODE, NPM, missing


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The CloudFormation template of each stage, as osls makes it."""
    if reason := missing([NODE, NPM]):
        pytest.skip(reason)
    return {stage: read(package(stage, tmp_path_factory.mktemp(stage))) for stage in STAGES}


@pytest.fixture(params=STAGES)
def stage(request: pytest.FixtureRequest) -> str:
    """The name of a stage."""
    name: str = request.param
    return name


@pytest.fixture
def resources(templates: dict[str, dict[str, Any]], stage: str) -> dict[str, dict[str, Any]]:
    """What a stage is made of, by logical ids."""
    named: dict[str, dict[str, Any]] = templates[stage]["Resources"]
    return named
