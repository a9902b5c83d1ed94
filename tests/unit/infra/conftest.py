from typing import Any

import pytest

from infra.template.packaging import STAGES


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
