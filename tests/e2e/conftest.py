from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from handler.app import create_app
from handler.settings import Settings
from handler.wiring import Services, build
from infra.bundle.build import Bundle
from tests.fakes.bundle import bundle_for_this_machine


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """The real services: the embedded models, and results in a folder of this test run."""
    return build(Settings(results=str(tmp_path_factory.mktemp("results"))))


@pytest.fixture(scope="session")
def api(services: Services) -> Iterator[TestClient]:
    """The real API in this process."""
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def sample() -> Path:
    """The article that `make run` shows."""
    return Path("handler/sample.txt")


@pytest.fixture(scope="session")
def bundle() -> Bundle:
    """What Lambda would run, up to date, for this machine."""
    return bundle_for_this_machine()
