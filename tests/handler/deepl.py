"""What the tests of DeepL's surface share."""

from typing import Any

from httpx2 import Response
from pydantic import BaseModel, ConfigDict

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
