"""What the calls of /v1/jobs take and give."""

import json
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field

from handler.schemas.v1.requests import STORY, Request
from services.jobs import Job, Outcome, State

CallName = Annotated[
    Literal["translations", "summaries", "articles", "digests"], Field(description="Which call of /v1 shall be made")
]
Webhook = Annotated[
    str | None,
    Field(max_length=2_000, description="URL that is told, signed, when the job has ended, if its host may be"),
]
IDEMPOTENCY_KEY = "Names the job: who sends it again begins no other"


class JobRequest(Request):
    """One call, to be made later."""

    call: CallName
    request: dict[str, Any] = Field(
        description="What the call takes as JSON", examples=[{"text": STORY, "target": "pt"}]
    )
    webhook: Webhook = None


class BatchOptions(BaseModel):
    """A batch's own options in the query string; all others are the call's, for lines that do not say otherwise."""

    call: CallName
    webhook: Webhook = None


class JobResponse(BaseModel):
    """A job, and what came of it where it is a single call."""

    id: str
    call: str
    state: State
    created_at: datetime
    ended_at: datetime | None
    expires_at: datetime = Field(description="When the job and all that belongs to it is forgotten")
    items: int
    done: int = Field(description="Items with an answer or a problem")
    failed: int = Field(description="Items with a problem")
    results: str = Field(
        description="Where the results are, those so far while it runs: NDJSON in the order of the items"
    )
    webhook_error: str | None = Field(description="Why the webhook could not be told")
    answer: dict[str, Any] | None = Field(default=None, description="What the single call answers")
    problem: dict[str, Any] | None = Field(default=None, description="Why the single call failed")

    @classmethod
    def of(cls, job: Job, outcome: Outcome | None = None) -> Self:
        """A job as it is shown."""
        told = {} if outcome is None else {"problem" if outcome.failed else "answer": json.loads(outcome.body)}
        return cls(
            id=job.id,
            call=job.call,
            state=job.state,
            created_at=job.created_at,
            ended_at=job.ended_at,
            expires_at=job.expires_at,
            items=job.items,
            done=job.done,
            failed=job.failed,
            results=f"/v1/jobs/{job.id}/results",
            webhook_error=job.webhook_error,
            **told,
        )


def result_line(index: int, outcome: Outcome) -> str:
    """A line of NDJSON: the place of an item, a status as HTTP has it, and the answer or the problem."""
    member = "problem" if outcome.failed else "answer"
    return f'{{"index":{index},"status":{outcome.status},"{member}":{outcome.body}}}\n'


REQUEST_EXAMPLE = {"call": "translations", "request": {"text": STORY, "target": "pt"}}
