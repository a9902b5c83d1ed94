"""Work for later: a call, or a batch of them, and what has come of it."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from handler import openapi
from handler.auth import characters_of
from handler.batches import characters_in, defaults_of, item_of, portions
from handler.deferral import ACCEPTING_S, POLL_AFTER_S, accepted, file_with_story
from handler.media import JSON, NDJSON, media_type
from handler.negotiation import body_of, check_encoding, options_of, validated_json, validated_options
from handler.problems import UnsupportedMediaType
from handler.schemas.v1.jobs import (
    IDEMPOTENCY_KEY,
    REQUEST_EXAMPLE,
    BatchOptions,
    JobRequest,
    JobResponse,
    result_line,
)
from handler.wiring import Services
from services.bounded import spending
from services.errors import UnknownJob
from services.jobs import MAX_ITEMS, Job, Outcome, State, Submission

IdempotencyKey = Annotated[str | None, Header(max_length=200, description=IDEMPOTENCY_KEY)]


def router(services: Services) -> APIRouter:
    """The routes of /v1/jobs."""
    routes = APIRouter(prefix="/v1/jobs", tags=["jobs"])
    limits, jobs = services.limits, services.jobs

    @routes.post("", status_code=202, responses=openapi.accepted(JobResponse), openapi_extra=_BODY)
    async def submit(request: Request, idempotency_key: IdempotencyKey = None) -> Response:
        """Accept a call, or up to 10,000 lines of NDJSON with one each, to be done later."""
        media = media_type(request.headers.get("content-type", ""))
        if media == NDJSON:
            return await submit_batch(request, idempotency_key)
        if media != JSON:
            raise UnsupportedMediaType(f"send {JSON} or {NDJSON}; the content type was {media or 'none'}")
        body = validated_json(JobRequest, await body_of(request, limits.max_body_bytes), dict(options_of(request)))
        call = services.operations[body.call]
        item = validated_json(call.schema, json.dumps(body.request).encode(), {})

        def accept() -> Job:
            with spending(ACCEPTING_S), services.access.charging(characters_of(item.model_dump())) as charge:
                jobs.check(body.webhook)
                submission = jobs.submission(body.call, idempotency_key)
                submission.add(item.model_dump_json(exclude_unset=True))
                job = jobs.begin(submission, body.call, webhook=body.webhook)
                file_with_story(services, item, job)
                if submission.is_repeat:
                    charge.waive()
                return job

        return accepted(await run_in_threadpool(accept))

    async def submit_batch(request: Request, idempotency_key: str | None) -> Response:
        check_encoding(request)
        given = dict(options_of(request))
        options = validated_options(
            BatchOptions, {name: given.pop(name) for name in ("call", "webhook") if name in given}
        )
        defaults = defaults_of(services.operations[options.call], given)
        jobs.check(options.webhook)

        def submission_of() -> Submission:
            with spending(ACCEPTING_S):
                return jobs.submission(options.call, idempotency_key)

        submission = await run_in_threadpool(submission_of)
        total = longest = 0

        def add(lines: list[bytes]) -> None:
            nonlocal total, longest
            with spending(ACCEPTING_S):
                for line in lines:
                    item = item_of(line, defaults)
                    submission.add(item)
                    if not services.access.is_open:
                        total, longest = total + (characters := characters_in(item)), max(longest, characters)

        def begin() -> Job:
            with spending(ACCEPTING_S), services.access.charging(total, longest) as charge:
                job = jobs.begin(submission, options.call, is_batch=True, webhook=options.webhook)
                if submission.is_repeat:
                    charge.waive()
                return job

        try:
            async for lines in portions(request, limits.max_body_bytes, limits.max_batch_bytes):
                await run_in_threadpool(add, lines)
            return accepted(await run_in_threadpool(begin))
        except BaseException:
            if idempotency_key is None:  # with one the client may go on
                await run_in_threadpool(jobs.abandon, submission)
            raise

    @routes.get(
        "/{job_id}", responses={200: {"model": JobResponse, "headers": openapi.RETRY_AFTER}, **openapi.problems()}
    )
    def find(job_id: str) -> Response:
        """Tell how far a job is, and the answer of a single call that is done."""
        return shown(jobs.find(job_id))

    @routes.get("/{job_id}/results", responses=_RESULTS, response_class=StreamingResponse)
    def results(
        job_id: str,
        first: Annotated[int, Query(ge=0, lt=MAX_ITEMS, description="Place of the first item that is wanted")] = 0,
        limit: Annotated[int, Query(ge=1, le=MAX_ITEMS, description="How many items are wanted, at most")] = MAX_ITEMS,
    ) -> Response:
        """Give what is done of a job, a line for each item in their order; those not done yet are left out."""
        job = jobs.find(job_id)
        if job.state is State.CANCELLED:
            raise UnknownJob("the job was cancelled, and what came of it is gone")
        outcomes = jobs.outcomes(job, first, limit)
        if limits.max_answer_bytes is None:
            lines = (result_line(index, outcome) for index, outcome in outcomes)
            return StreamingResponse(lines, media_type=NDJSON, headers=_polling(job))
        page, next_one = _page(outcomes, limits.max_answer_bytes)
        more = {} if next_one is None else {"Link": f'</v1/jobs/{job.id}/results?first={next_one}>; rel="next"'}
        return Response(page, media_type=NDJSON, headers=_polling(job) | more)

    @routes.delete(
        "/{job_id}", responses={200: {"model": JobResponse, "headers": openapi.RETRY_AFTER}, **openapi.problems()}
    )
    def cancel(job_id: str) -> Response:
        """End a job, and forget its items and results."""
        with spending(ACCEPTING_S):
            return shown(jobs.cancel(job_id))

    def shown(job: Job) -> Response:
        is_over = job.state in (State.DONE, State.FAILED) and not job.is_batch
        outcome = next((outcome for _, outcome in jobs.outcomes(job)), None) if is_over else None
        return Response(JobResponse.of(job, outcome).model_dump_json(), media_type=JSON, headers=_polling(job))

    return routes


def _page(outcomes: Iterator[tuple[int, Outcome]], max_bytes: int) -> tuple[bytes, int | None]:
    """As many lines as an answer holds, one at least, and the place of the next item if there is one (RFC 8288)."""
    page = bytearray()
    for index, outcome in outcomes:
        line = result_line(index, outcome).encode()
        if page and len(page) + len(line) > max_bytes:
            return bytes(page), index
        page += line
    return bytes(page), None


def _polling(job: Job) -> dict[str, str]:
    return {} if job.ended_at else {"Retry-After": POLL_AFTER_S}


_RESULTS: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {NDJSON: {"schema": {"type": "string"}}},
        "description": "A line for each item that is done",
        "headers": openapi.RETRY_AFTER | openapi.LINK,
    },
    **openapi.problems(),
}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            JSON: {"schema": openapi.described(JobRequest), "example": REQUEST_EXAMPLE},
            NDJSON: {"schema": {"type": "string"}},
        },
    },
    "parameters": [
        openapi.query_parameter(name, option, "With NDJSON only")
        for name, option in openapi.described(BatchOptions)["properties"].items()
    ],
}
