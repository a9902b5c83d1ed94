"""What the tests of DeepL's surface share."""

from typing import Any

from httpx2 import Response
from pydantic import BaseModel, ConfigDict

from handler.accounts import Account, Usage
from handler.schemas.deepl.answers import ErrorOut
from handler.wiring import Services
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


class Ledger:
    """Accounts that remember what they are told; a key is let in by its name, and one account has its limit."""

    def __init__(self, *keys: str, limit: int = 1_000) -> None:
        self.keys, self.limit = keys, limit
        self.counted: list[tuple[str, int]] = []

    def admit(self, key: str | None) -> Account:
        if key not in self.keys:
            raise WrongKey("no such key")
        return Account(f"account of {key[0]}")

    def check(self, account: Account, characters: int) -> None:
        if self.usage(account).character_count + characters > self.limit:
            raise QuotaExceeded("no more characters in this period")

    def count(self, account: Account, characters: int) -> None:
        self.counted.append((account.name, characters))

    def usage(self, account: Account) -> Usage:
        return Usage(sum(count for name, count in self.counted if name == account.name), self.limit)


from handler.deepl.refusals import Refusal  # noqa: E402


def WrongKey(detail: str) -> Refusal:  # noqa: N802
    return Refusal(403, "Authorization failure, check auth_key")


def QuotaExceeded(detail: str) -> Refusal:  # noqa: N802
    return Refusal(456, "Quota for this billing period has been exceeded.")
