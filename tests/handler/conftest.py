from collections.abc import Callable, Iterator

import pytest
from fastapi.testclient import TestClient

from handler.app import create_app
from handler.wiring import Services
from tests.fakes.services import fake_services

Serve = Callable[[Services], TestClient]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Gives a client of the application over a bundle of services."""
    clients: list[TestClient] = []

    def client(services: Services) -> TestClient:
        clients.append(TestClient(create_app(services), raise_server_exceptions=False).__enter__())
        return clients[-1]

    yield client
    for one in clients:
        one.__exit__(None, None, None)


@pytest.fixture
def api(serve: Serve) -> TestClient:
    """The API over fakes."""
    return serve(fake_services())
