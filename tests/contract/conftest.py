from collections.abc import Iterator

import pytest

from tests.fakes.ministack import AWS_ENV, ministack


@pytest.fixture(autouse=True)
def aws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials for the server of the tests, and for no other."""
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in AWS_ENV.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session")
def aws_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server of S3 and SQS."""
    with ministack(tmp_path_factory.mktemp("ministack")) as url:
        yield url
