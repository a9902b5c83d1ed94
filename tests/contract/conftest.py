from collections.abc import Iterator

import pytest

from tests.fakes.ministack import ministack


@pytest.fixture(scope="session")
def s3_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real S3 server."""
    with ministack(tmp_path_factory.mktemp("ministack")) as url:
        yield url
