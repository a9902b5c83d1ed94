"""Feeds an archive through the queue: block by block a job, which is joined where an earlier run has begun it."""

import hashlib
import json
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from io import BytesIO
from tempfile import TemporaryFile
from threading import Event, Lock
from typing import Any, BinaryIO, TypeVar

from infra.bulk.inputs import Line, Unfit, blocks, document, is_input, is_lines, lines, output_name, parts, shared
from services.adapters.archives import Archive, File, NoPlace
from services.errors import QueueUnavailable, StoreUnavailable, UnknownJob
from services.jobs import Job, Jobs, Outcome

Value = TypeVar("Value")

_POLL_S, _SLOW_POLL_S, _SLOW_AFTER = 0.2, 2.0, 10
_PAUSES_S = (1.0, 2.0, 5.0, 15.0, 30.0, 30.0)
_MAX_GENERATIONS = 50  # a job a run, at most, within the days that jobs are kept
_MAX_FILE_BYTES = 6 * 1024 * 1024
_PARTS_AHEAD = 4


class Stopped(Exception):
    """The run is to end, here and now."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is made of what, and where it goes."""

    source: Archive
    target: Archive
    call: str
    options: Mapping[str, Any]
    name: str  # of the run: with the same name and content, a job is the same
    as_text: bool = False
    force: bool = False
    share: int = 1
    shares: int = 1

    def output(self, name: str) -> str:
        """The file of what comes of a file."""
        return output_name(name, self.as_text)


@dataclass(slots=True)
class Tally:
    """How far a run is, in files and bytes; and its failures, a line each, in a file."""

    failures: BinaryIO
    done: int = 0
    failed: int = 0
    size_bytes: int = 0
    _lock: Lock = field(default_factory=Lock)

    def count(self, size_bytes: int = 0, done: int = 0, failed: int = 0) -> None:
        """Add to it."""
        with self._lock:
            self.size_bytes += size_bytes
            self.done += done
            self.failed += failed

    def fail(self, name: str, status: int, code: str, line: int | None = None) -> None:
        """Note a file, or a line of it, for which there is no answer."""
        where: dict[str, Any] = {"name": name} if line is None else {"name": name, "line": line}
        with self._lock:
            self.failures.write(json.dumps({**where, "status": status, "code": code}).encode() + b"\n")


@dataclass(slots=True)
class _Asked:
    """Items that a job is to do, and those of them that the job has, by their places in it."""

    key: str
    items: Sequence[str]
    chosen: Sequence[int]
    job: Job
    was_over: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A plan that is carried out with so many blocks at a time; nothing but these is in memory."""

    plan: Plan
    jobs: Jobs
    tally: Tally
    at_once: int
    stop: Event = field(default_factory=Event)

    def __call__(self, tick: Callable[[], None], tick_s: float) -> None:
        """Do all that is not done, calling `tick` every while. Raises StoreUnavailable, QueueUnavailable."""
        pending = set[Future[None]]()
        files = shared(self.plan.source.files(), self.plan.share, self.plan.shares)
        with ThreadPoolExecutor(self.at_once, "block") as pool:
            try:
                for block in blocks(file for file in files if is_input(file.name)):
                    pending.add(pool.submit(self._lines if is_lines(block[0].name) else self._documents, block))
                    while len(pending) >= 2 * self.at_once:
                        pending = self._settled(pending, tick, tick_s)
                while pending:
                    pending = self._settled(pending, tick, tick_s)
            except BaseException:
                self.stop.set()
                for future in pending:
                    future.cancel()
                raise

    def report(self, name: str) -> None:
        """Write the failures, if there are any or a report of an earlier run has to go."""

        def write() -> None:
            self.tally.failures.seek(0)
            self.plan.target.write(name, self.tally.failures)

        if self.tally.failures.tell() or self._patiently(lambda: self.plan.target.there([name])):
            self._patiently(write)

    def _settled(self, pending: set[Future[None]], tick: Callable[[], None], tick_s: float) -> set[Future[None]]:
        done, left = wait(pending, tick_s, FIRST_COMPLETED)
        for future in done:
            future.result()
        tick()
        return left

    def _documents(self, block: Sequence[File]) -> None:
        """Have the files of a block done that are not, each a result."""
        missing = self._missing(block)
        if not missing:
            return
        # With those that are done: it may be a job of theirs that goes on.
        files, items = list[File](), list[str]()
        for file in block:
            try:
                items.append(document(file.name, self._read(file), self.plan.options))
                files.append(file)
            except Unfit as exc:
                if file in missing:
                    self.tally.fail(file.name, exc.status, exc.code)
                    self.tally.count(file.size_bytes, failed=1)
        wanted = [at for at, file in enumerate(files) if file in missing]
        for at, outcome in self._outcomes(self._asked(items, wanted), wanted) if wanted else ():
            file = files[at]
            is_written = self._keep(file.name, outcome)
            self.tally.count(file.size_bytes, done=is_written, failed=not is_written)

    def _lines(self, block: Sequence[File]) -> None:
        """Have a file of lines done, whose result has a line for each of them: written when all are there."""
        (file,) = block
        if not self._missing(block):
            return
        waiting, failed = deque[tuple[Sequence[Line], _Asked | None]](), 0
        with TemporaryFile() as read, TemporaryFile() as written:
            if not self._fetched(file, read):
                self.tally.fail(file.name, 404, "unreadable")
                self.tally.count(file.size_bytes, failed=1)
                return
            read.seek(0)
            for part in parts(lines(read, self.plan.options)):
                items = [line.body for line in part if isinstance(line.body, str)]
                waiting.append((part, self._asked(items, range(len(items))) if items else None))
                if len(waiting) > _PARTS_AHEAD:
                    failed += self._append(file, *waiting.popleft(), written)
            while waiting:
                failed += self._append(file, *waiting.popleft(), written)
            written.seek(0)
            is_written = self._write(file.name, written)
        self.tally.count(done=is_written and not failed, failed=bool(failed) or not is_written)

    def _append(self, file: File, part: Sequence[Line], asked: _Asked | None, written: BinaryIO) -> int:
        """Write what came of some lines, in their order, and say how many failed."""
        outcomes = dict(self._outcomes(asked, range(len(asked.items)))) if asked else {}
        at = failed = 0
        for line in part:
            told: dict[str, Any]
            if isinstance(line.body, Unfit):
                status, told = line.body.status, {"problem": {"status": line.body.status, "code": line.body.code}}
            else:
                outcome, at = outcomes[at], at + 1
                status, told = outcome.status, {"problem" if outcome.failed else "answer": json.loads(outcome.body)}
            if status >= 400:
                failed += 1
                self.tally.fail(file.name, status, told["problem"]["code"], line.number)
            elif self.plan.as_text:
                told = {"text": text_of(told["answer"])}
            name = {} if line.id is None else {"id": line.id}
            result = {"line": line.number, **name, "status": status, **told}
            written.write(json.dumps(result, ensure_ascii=False).encode() + b"\n")
            self.tally.count(line.size_bytes)
        return failed

    def _missing(self, block: Sequence[File]) -> list[File]:
        if self.plan.force:
            return list(block)
        names = [self.plan.output(file.name) for file in block]
        there = self._patiently(lambda: self.plan.target.there(names))
        return [file for file, name in zip(block, names, strict=True) if name not in there]

    def _read(self, file: File) -> bytes:
        """A file. Raises Unfit."""
        if file.size_bytes > _MAX_FILE_BYTES:
            raise Unfit(413, "body-too-large")
        content = BytesIO()
        if not self._fetched(file, content):
            raise Unfit(404, "unreadable")
        return content.getvalue()

    def _fetched(self, file: File, into: BinaryIO) -> bool:
        """Copy a file, and nothing else, and say whether it can be read."""

        def fetch() -> bool:
            into.seek(0)
            into.truncate()  # of what came before an earlier attempt broke off
            return self.plan.source.read(file.name, into)

        return self._patiently(fetch)

    def _keep(self, name: str, outcome: Outcome) -> bool:
        """Write an answer, or note the failure; says which."""
        body = json.loads(outcome.body)
        if outcome.failed:
            self.tally.fail(name, outcome.status, body["code"])
            return False
        content = text_of(body).encode() if self.plan.as_text else outcome.body.encode()
        return self._write(name, BytesIO(content))

    def _write(self, name: str, content: BinaryIO) -> bool:
        def write() -> None:
            content.seek(0)
            self.plan.target.write(self.plan.output(name), content)

        try:
            self._patiently(write)
        except NoPlace:
            self.tally.fail(name, 409, "no-place")
            return False
        return True

    def _asked(self, items: Sequence[str], wanted: Sequence[int]) -> _Asked:
        """Have some of the items done: by the job that has them all, if there is one, or by one of their own."""
        every = range(len(items))
        key = self._key(items)
        if len(wanted) < len(items) and not self._known(key):
            items_wanted = [items[at] for at in wanted]
            return self._joined(self._key(items_wanted), items, wanted)
        return self._joined(key, items, every)

    def _outcomes(self, asked: _Asked, wanted: Sequence[int]) -> Iterator[tuple[int, Outcome]]:
        """What comes of the items that are wanted, each once.

        What failed in a job that was over before this run is tried again, and so is what a job has lost.
        """
        left = set(wanted)
        for _ in range(_MAX_GENERATIONS):
            for place, outcome in self._followed(asked.job):
                at = asked.chosen[place]
                if at in left and not (outcome.failed and asked.was_over):
                    left.remove(at)
                    yield at, outcome
            if not left:
                return
            again = self._key([asked.items[at] for at in sorted(left)], after=asked.key)
            asked = self._joined(again, asked.items, sorted(left))
        lost = json.dumps({"code": "gave-up"})
        yield from ((at, Outcome(503, lost)) for at in sorted(left))

    def _joined(self, key: str, items: Sequence[str], chosen: Sequence[int]) -> _Asked:
        """The job of this name, begun if it is not."""
        known = self._known(key)
        if known and known.queued_at:
            return _Asked(key, items, chosen, known, known.ended_at is not None)

        def begin() -> Job:
            submission = self.jobs.submission(self.plan.call, key)
            for at in chosen:
                submission.add(items[at])
            return self.jobs.begin(submission, self.plan.call, is_batch=True)

        return _Asked(key, items, chosen, self._patiently(begin), False)

    def _known(self, key: str) -> Job | None:
        return self._patiently(lambda: self.jobs.known(self.plan.call, key))

    def _followed(self, job: Job) -> Iterator[tuple[int, Outcome]]:
        """What came of the items of a job, task by task, until it has ended, was cancelled or has expired."""
        starts = [sum(job.sizes[:task]) for task in range(len(job.sizes))]
        seen = set[int]()
        for polled in range(1_000_000_000):
            try:
                job = self._patiently(lambda job_id=job.id: self.jobs.find(job_id))  # type: ignore[misc]
            except UnknownJob:
                return
            for task in range(len(job.sizes)):
                if task in seen or not job.has_finished(task):
                    continue
                seen.add(task)
                yield from self._patiently(
                    lambda job=job, task=task: list(self.jobs.outcomes(job, starts[task], job.sizes[task]))  # type: ignore[misc]
                )
            if job.ended_at:
                return
            if self.stop.wait(_POLL_S if polled < _SLOW_AFTER else _SLOW_POLL_S):
                raise Stopped

    def _key(self, items: Sequence[str], after: str = "") -> str:
        """Names the job of these items in this run, or the one after another job of theirs."""
        return hashlib.sha256(json.dumps([self.plan.name, after, *items]).encode()).hexdigest()

    def _patiently(self, attempt: Callable[[], Value]) -> Value:
        """What an attempt gives, made again after a while where the store or the queue is down."""
        for pause_s in _PAUSES_S:
            if self.stop.is_set():
                raise Stopped
            try:
                return attempt()
            except (StoreUnavailable, QueueUnavailable):
                if self.stop.wait(pause_s):
                    raise Stopped from None
        return attempt()


def text_of(answer: Mapping[str, Any]) -> str:
    """What people read of an answer: its translations, or its summary, in the target language where there is one."""
    if "translations" in answer:
        return "\n".join(_content(one) for one in answer["translations"])
    summary = answer["summary"]
    texts = [one["translation"] or one["text"] for one in summary["sentences"]]
    if "translation" not in answer:
        return "".join(f"{text}\n" for text in texts)
    headline = [answer["title"]] if answer.get("title") else []
    return "\n\n".join([*headline, "\n".join(f"* {text}" for text in texts), _content(answer["translation"])])


def _content(translation: Mapping[str, Any]) -> str:
    return next(str(translation[kind]) for kind in ("text", "html", "markdown") if translation.get(kind) is not None)


def named(source: str, target: str, call: str, options: Mapping[str, Any], force: bool) -> str:
    """A name for a run: the same for the same, but each time another one where all is to be done again."""
    again = f"{time.time_ns()}" if force else ""
    told = json.dumps([source, target, call, options, again], sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()
