"""What the tests of DeepL's surface share."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from httpx2 import Response
from pydantic import BaseModel, ConfigDict

from handler.accounts import Account, Usage
from handler.problems import InvalidRequest
from handler.schemas.deepl.answers import ErrorOut
from handler.wiring import Services
from services.errors import ServiceError
from services.tasks import LEASE_S


def told(answer: Response, model: type[BaseModel], status: int = 200) -> Any:  # noqa: ANN401
    """An answer in the shape of a model, with nothing else in it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert len(answer.headers["x-trace-id"]) == 32
    strict = type("Strict", (model,), {"model_config": ConfigDict(extra="forbid")})
    return strict.model_validate_json(answer.content)


def refusal(answer: Response) -> tuple[int, str, str | None]:
    """The status, the message and the detail of an error in DeepL's shape."""
    error = told(answer, ErrorOut, answer.status_code)
    return answer.status_code, error.message, error.detail


def work(services: Services) -> None:
    """Do all that waits."""
    while messages := services.run_task.queue.receive(10, 0, LEASE_S):
        assert [services.run_task(message) for message in messages] == [True] * len(messages)


def refused(code: str) -> ServiceError:
    """What accounts refuse."""
    error = InvalidRequest("refused")
    error.code = code
    return error


_acting = ContextVar[Account]("acting")


class Ledger:
    """Accounts that remember what they are charged; keys are let in by name, and each has the same limit."""

    def __init__(self, *keys: str, limit: int = 1_000) -> None:
        self.keys, self.limit = keys, limit
        self.charged: list[tuple[str, int]] = []

    def identify(self, key: str | None) -> Account:
        """The account of a key."""
        if key not in self.keys:
            raise refused("invalid-key" if key else "missing-key")
        return Account(f"account {self.keys.index(key)}")

    @contextmanager
    def acting_for(self, account: Account) -> Iterator[None]:
        """Do all within for an account."""
        token = _acting.set(account)
        try:
            yield
        finally:
            _acting.reset(token)

    @contextmanager
    def charging(self, characters: int) -> Iterator[None]:
        """Charge what is done within."""
        if self.usage().character_count + characters > self.limit:
            raise refused("quota-exceeded")
        yield
        self.charged.append((_acting.get().name, characters))

    def usage(self) -> Usage:
        """What the account has used."""
        own = _acting.get().name
        return Usage(sum(characters for name, characters in self.charged if name == own), self.limit)
