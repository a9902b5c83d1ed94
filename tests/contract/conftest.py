import socket
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from services.adapters.dynamodb import DynamoAccess
from services.adapters.sqlite_access import SqliteAccess
from services.ports import KeyStore, UsageCounter
from tests.fakes.access import DownAccess, MemoryAccess
from tests.fakes.ministack import make_access_table


class AccessStore(KeyStore, UsageCounter, Protocol):
    """Keys and what they use."""


@pytest.fixture(params=["memory", "sqlite", "dynamodb"])
def open_access(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], AccessStore]:
    """Opens one and the same store, empty at first, as processes of their own would."""
    match request.param:
        case "memory":
            memory = MemoryAccess()
            return lambda: memory
        case "sqlite":
            return lambda: SqliteAccess(tmp_path / "not" / "yet" / "there.db", patience_s=30)
        case _:
            request.getfixturevalue("aws")
            url, table = request.getfixturevalue("ministack_url"), f"access-{uuid.uuid4().hex}"
            make_access_table(url, table)
            return lambda: DynamoAccess(table, url)


@pytest.fixture
def access_store(open_access: Callable[[], AccessStore]) -> AccessStore:
    """An empty store of each kind."""
    return open_access()


@pytest.fixture(params=["memory", "sqlite", "dynamodb: nobody listens", "dynamodb: no such table"])
def down_access_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AccessStore]:
    """A store that cannot be reached."""
    match request.param:
        case "memory":
            yield DownAccess()
        case "sqlite":
            (tmp_path / "file").touch()
            yield SqliteAccess(tmp_path / "file" / "access.sqlite")
        case "dynamodb: nobody listens":
            with socket.socket() as taken:
                taken.bind(("127.0.0.1", 0))
                yield DynamoAccess("access", f"http://127.0.0.1:{taken.getsockname()[1]}")
        case _:
            yield DynamoAccess("no-such-table", request.getfixturevalue("ministack_url"))
