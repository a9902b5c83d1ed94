"""Work for later: a call, or a batch of them, and what has come of it."""

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from http import HTTPStatus
from typing import Annotated, Any, cast

from fastapi import APIRouter, Header, Query, Request
from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

from handler import openapi
from handler.calls import Operation
from handler.media import JSON, NDJSON, media_type
from handler.negotiation import (
    Call,
    body_of,
    check_encoding,
    invalid_option,
    options_of,
    validated_json,
    validated_options,
)
from handler.problems import BodyTooLarge, UnsupportedMediaType
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
from services.deadline import within
from services.errors import OutOfTime, QueueUnavailable, StoreUnavailable
from services.jobs import MAX_ITEMS, Job, State, Submission

_ACCEPTING_S = 20.0  # of the store and the queue; a batch of 10,000 headlines is written in 400 objects
_LINES = 200
_POLL_AFTER_S = "1"
_NO_JSON = "\ufffd"

_PREFERENCE = re.compile(r"(?:^|,)\s*(respond-async|wait)\s*(?:=\s*\"?(\d{1,6})\"?)?\s*(?=[,;]|$)", re.IGNORECASE)

Prefer = Annotated[
    str | None,
    Header(description="`respond-async` for a job at once, `wait=5` for one after so many seconds (RFC 7240)"),
]
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
            with spending(_ACCEPTING_S):
                jobs.check(body.webhook)
                submission = jobs.submission(body.call, idempotency_key)
                submission.add(item.model_dump_json(exclude_unset=True))
                return jobs.begin(submission, body.call, webhook=body.webhook)

        return accepted(await run_in_threadpool(accept))

    async def submit_batch(request: Request, idempotency_key: str | None) -> Response:
        check_encoding(request)
        given = dict(options_of(request))
        options = validated_options(
            BatchOptions, {name: given.pop(name) for name in ("call", "webhook") if name in given}
        )
        defaults = _defaults(services.operations[options.call], given)
        jobs.check(options.webhook)

        def submission_of() -> Submission:
            with spending(_ACCEPTING_S):
                return jobs.submission(options.call, idempotency_key)

        submission = await run_in_threadpool(submission_of)

        def add(lines: list[bytes]) -> None:
            with spending(_ACCEPTING_S):
                for line in lines:
                    submission.add(_item(line, defaults))

        waiting: list[bytes] = []
        async for line in _lines(request, limits.max_body_bytes, limits.max_batch_bytes):
            waiting.append(line)
            if len(waiting) == _LINES:
                await run_in_threadpool(add, waiting)
                waiting = []
        await run_in_threadpool(add, waiting)

        def begin() -> Job:
            with spending(_ACCEPTING_S):
                return jobs.begin(submission, options.call, is_batch=True, webhook=options.webhook)

        return accepted(await run_in_threadpool(begin))

    @routes.get("/{job_id}", responses={200: {"model": JobResponse}, **openapi.problems()})
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

        def lines() -> Iterator[str]:
            for index, outcome in jobs.outcomes(job, first, limit):
                yield result_line(index, outcome)

        return StreamingResponse(lines(), media_type=NDJSON, headers=_polling(job))

    @routes.delete("/{job_id}", responses={200: {"model": JobResponse}, **openapi.problems()})
    def cancel(job_id: str) -> Response:
        """End a job, and forget its items and results."""
        with spending(_ACCEPTING_S):
            return shown(jobs.cancel(job_id))

    def shown(job: Job) -> Response:
        is_over = job.state in (State.DONE, State.FAILED) and not job.is_batch
        outcome = next((outcome for _, outcome in jobs.outcomes(job)), None) if is_over else None
        return Response(JobResponse.of(job, outcome).model_dump_json(), media_type=JSON, headers=_polling(job))

    return routes


def accepted(job: Job, headers: Mapping[str, str] | None = None) -> Response:
    """The answer to who shall come back later (RFC 9110, section 15.3.3)."""
    return Response(
        JobResponse.of(job).model_dump_json(),
        HTTPStatus.ACCEPTED,
        {"Location": f"/v1/jobs/{job.id}", "Retry-After": _POLL_AFTER_S, **(headers or {})},
        JSON,
    )


def carry_out(services: Services, name: str, call: Call[Any], prefer: str | None) -> Response:
    """Make a call, or accept it as a job where that is preferred (RFC 7240), or where time is too short."""
    wishes = preferences(prefer)
    applied = {"Preference-Applied": "respond-async"} if "respond-async" in wishes else {}
    if applied and "wait" not in wishes:
        return _deferred(services, name, call, applied)
    try:
        with within(float(wishes.get("wait", "inf"))):
            reply = services.operations[name].run(call.body)
    except OutOfTime as out_of_time:
        try:
            return _deferred(services, name, call, applied)
        except (QueueUnavailable, StoreUnavailable):
            raise out_of_time from None
    return call.respond(reply.answer, reply.written, reply.headers)


def preferences(prefer: str | None) -> dict[str, str]:
    """What a Prefer value says, of the two preferences that are known: respond-async, and wait with whole seconds."""
    given = {name.lower(): value for name, value in _PREFERENCE.findall(prefer or "")}
    return {name: value for name, value in given.items() if name == "respond-async" or value}


def _deferred(services: Services, name: str, call: Call[Any], headers: Mapping[str, str]) -> Response:
    with spending(_ACCEPTING_S):
        return accepted(services.jobs.defer(name, call.body.model_dump_json(exclude_unset=True)), headers)


def _polling(job: Job) -> dict[str, str]:
    return {} if job.ended_at else {"Retry-After": _POLL_AFTER_S}


def _defaults(call: Operation[Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Options of a query string as members of a JSON body. Raises InvalidRequest."""
    fields, defaults = call.schema.model_fields, dict[str, Any]()
    for name, value in given.items():
        if name not in fields:
            raise invalid_option(name, "unknown option")
        field = fields[name]
        try:
            kind = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
            adapter: TypeAdapter[Any] = TypeAdapter(cast(Any, kind))
            defaults[name] = adapter.dump_python(adapter.validate_strings(value), mode="json")
        except ValidationError as exc:
            raise invalid_option(name, exc.errors(include_input=False, include_url=False)[0]["msg"]) from None
    return defaults


def _item(line: bytes, defaults: Mapping[str, Any]) -> str:
    """A line as a call takes it; one that is no object stays as it is, and the call says what is wrong with it."""
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _NO_JSON
    try:
        members = json.loads(text) if defaults else None
        whole = json.dumps({**defaults, **members}, ensure_ascii=False) if isinstance(members, dict) else text
        whole.encode()
    except (ValueError, RecursionError):  # no JSON, or half of a surrogate pair in it
        return text
    return whole


async def _lines(request: Request, max_line_bytes: int, max_bytes: int) -> AsyncIterator[bytes]:
    """The lines of a body as they arrive, but for empty ones. Raises BodyTooLarge."""
    line, received = bytearray(), 0
    async for block in request.stream():
        received += len(block)
        if received > max_bytes:
            raise BodyTooLarge(f"a batch has at most {max_bytes} bytes", max_batch_bytes=max_bytes)
        for n, piece in enumerate(block.split(b"\n")):
            if n:
                if whole := bytes(line.strip()):
                    yield whole
                line.clear()
            line += piece
            if len(line) > max_line_bytes:
                raise BodyTooLarge(f"a line has at most {max_line_bytes} bytes", max_body_bytes=max_line_bytes)
    if whole := bytes(line.strip()):
        yield whole


_RESULTS: dict[int | str, dict[str, Any]] = {
    200: {"content": {NDJSON: {"schema": {"type": "string"}}}, "description": "A line for each item that is done"},
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
