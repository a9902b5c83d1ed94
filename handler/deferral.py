"""A call that is made at once, or accepted as a job."""

import re
from collections.abc import Mapping
from http import HTTPStatus
from math import inf
from types import MappingProxyType
from typing import Annotated, Any

from fastapi import Header
from pydantic import BaseModel
from starlette.responses import Response

from handler.auth import characters_of
from handler.media import JSON, TEXT
from handler.negotiation import Call
from handler.schemas.v1.jobs import JobResponse
from handler.wiring import Services
from services.access import Charge
from services.bounded import spending
from services.deadline import within
from services.errors import OutOfTime, QueueUnavailable, StoreUnavailable
from services.jobs import Job

ACCEPTING_S = 20.0
"""What accepting a job may take of the store and the queue; a batch of 10,000 headlines is written in 400 objects."""

POLL_AFTER_S = "1"

_WAIT = re.compile(r'wait *= *"?([0-9]{1,6})"?')

Prefer = Annotated[
    str | None,
    Header(description="`respond-async` for a job at once, `wait=5` for one after so many seconds (RFC 7240)"),
]


def accepted(job: Job, headers: Mapping[str, str] = MappingProxyType({}), media: str = JSON) -> Response:
    """The answer to who shall come back later (RFC 9110, section 15.3.3); one line for callers who read plain text."""
    place = f"/v1/jobs/{job.id}"
    all_headers = {"Location": place, "Retry-After": POLL_AFTER_S, **headers}
    if media == TEXT:
        return Response(f"accepted: see {place}\n", HTTPStatus.ACCEPTED, all_headers, TEXT)
    return Response(JobResponse.of(job).model_dump_json(), HTTPStatus.ACCEPTED, all_headers, JSON)


def carry_out(services: Services, name: str, call: Call[Any], prefer: str | None) -> Response:
    """Make a call, or accept it as a job where that is preferred (RFC 7240), or where time is too short."""
    is_async, wait_s = preferences(prefer)
    applied = {"Preference-Applied": "respond-async"} if is_async else {}
    with services.access.charging(characters_of(call.body.model_dump())) as charge:
        if is_async and wait_s is None:
            return _deferred(services, name, call, applied, charge)
        try:
            with within(inf if wait_s is None else wait_s):
                reply = services.operations[name].run(call.body)
        except OutOfTime as out_of_time:
            try:
                return _deferred(services, name, call, applied, charge)
            except (QueueUnavailable, StoreUnavailable):
                raise out_of_time from None
        return call.respond(reply.answer, reply.written, reply.headers)


def file_with_story(services: Services, body: BaseModel, job: Job) -> None:
    """Have a job end with the story that its call is a version of, if it is one of any."""
    if story := getattr(body, "story", None):
        services.stories.file_job(story, job.id)


def preferences(prefer: str | None) -> tuple[bool, int | None]:
    """Whether a Prefer value has respond-async, and the seconds of its wait; the rest of it is ignored."""
    given = [one.partition(";")[0].strip().lower() for one in (prefer or "").split(",")]
    waits = [match for match in map(_WAIT.fullmatch, given) if match]
    return "respond-async" in given, int(waits[0][1]) if waits else None


def _deferred(services: Services, name: str, call: Call[Any], headers: Mapping[str, str], charge: Charge) -> Response:
    with spending(ACCEPTING_S):
        submission = services.jobs.deferral(name, call.body.model_dump_json(exclude_unset=True))
        job = services.jobs.begin(submission, name)
        file_with_story(services, call.body, job)
    if submission.is_repeat:
        charge.waive()
    return accepted(job, headers, call.answer)
