"""Feed an archive through the queue: `python -m infra.bulk SOURCE TARGET --target pt`; run it again to go on."""

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from tempfile import TemporaryFile
from typing import Any

from pydantic import ValidationError

from handler.settings import Settings
from handler.wiring import Services, build
from infra.bulk.run import Plan, Run, Tally, named
from infra.bulk.survey import Survey, described, duration, surveyed
from infra.prices import CORE_MB
from services.adapters.archives import Archive, archive
from services.errors import ServiceError

CALLS = ("translations", "summaries", "articles")
_OPTION = re.compile(r"(?P<name>[a-z_]+)=(?P<value>.*)", re.DOTALL)
_TICK_S, _LINE_EVERY_S = 0.5, 30.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command: 0 when all is done, 1 where something failed, 2 where nothing could be done, 130 if ended."""
    try:
        given = _parser().parse_intermixed_args(arguments)
        settings = Settings()
        options = _options(given)
        source = _archive(given.input, settings)
        target = _archive(given.output, settings)
        _check_apart(given.input, given.output)
        services = build(settings)
        _check(services, given.call, options)
        plan = Plan(
            source=source,
            target=target,
            call=given.call,
            options=options,
            name=named(given.input, given.output, given.call, options, given.force),
            as_text=given.as_ == "text",
            force=given.force,
            share=given.share[0],
            shares=given.share[1],
        )
        return _carry_out(plan, services, settings, given)
    except ValidationError as exc:
        faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in exc.errors())
        return _refused("; ".join(faults))
    except (ServiceError, ValueError, OSError) as exc:
        return _refused(str(exc))
    except KeyboardInterrupt:
        print("\nstopped; run it again to go on", file=sys.stderr)
        return 130


def _carry_out(plan: Plan, services: Services, settings: Settings, given: argparse.Namespace) -> int:
    is_local = settings.dead_letters is None
    survey = surveyed(plan)
    cores = settings.workers or len(os.sched_getaffinity(0))
    print(described(survey, given.concurrency, given.memory_mb, cores, is_local), flush=True)
    if given.dry_run or not survey.files:
        return 0
    if not given.yes and not _agreed():
        return 2
    report = "failures.ndjson" if plan.shares == 1 else f"failures-{plan.share}-of-{plan.shares}.ndjson"
    workers = max(settings.workers_of_jobs, 1) if is_local else 0
    with TemporaryFile() as failures, replace(services.pump, workers=workers).at_work():
        tally = Tally(failures)
        run, progress = Run(plan, services.jobs, tally, given.jobs), _Progress(survey, tally)
        try:
            run(progress, _TICK_S)
        finally:
            progress.end()
        run.report(report)
    print(f"{tally.done:,} done, {tally.failed:,} failed, {survey.done:,} skipped")
    if tally.failed:
        print(f"what failed is in {report}", file=sys.stderr)
    return 1 if tally.failed else 0


@dataclass(slots=True)
class _Progress:
    """Says how far a run is: on one line of a terminal, or on a line every while."""

    survey: Survey
    tally: Tally
    _began_s: float = field(default_factory=time.monotonic)
    _said_s: float = 0.0
    _is_terminal: bool = field(default_factory=sys.stderr.isatty)

    def __call__(self) -> None:
        """Say it, if it is time."""
        now_s = time.monotonic()
        if now_s - self._said_s >= (_TICK_S if self._is_terminal else _LINE_EVERY_S):
            self._said_s = now_s
            print(self._line(), end="" if self._is_terminal else "\n", file=sys.stderr, flush=True)

    def end(self) -> None:
        """Say it for the last time."""
        print(self._line(), file=sys.stderr, flush=True)

    def _line(self) -> str:
        elapsed_s = max(time.monotonic() - self._began_s, 1e-9)
        rate = self.tally.size_bytes / elapsed_s
        left_bytes = max(self.survey.size_bytes - self.tally.size_bytes, 0)
        left = duration(left_bytes / rate) if rate else "?"
        told = (
            f"{self.tally.done:,} done, {self.tally.failed:,} failed of {self.survey.files:,} files; "
            f"{rate * self.survey.chars_per_byte:,.0f} characters/s, {left} left"
        )
        return f"\r\x1b[K{told}" if self._is_terminal else told


def _options(given: argparse.Namespace) -> dict[str, Any]:
    """The options of the call; a value is JSON, or else a string. Raises ValueError."""
    options: dict[str, Any] = {
        name: value for name, value in (("source", given.source), ("target", given.target)) if value
    }
    for text in given.option:
        option = _OPTION.fullmatch(text)
        if not option:
            raise ValueError(f"an option looks like name=value, and not like {text}")
        try:
            options[option["name"]] = json.loads(option["value"])
        except ValueError:
            options[option["name"]] = option["value"]
    return options


def _check(services: Services, call: str, options: Mapping[str, Any]) -> None:
    """Raises ValidationError for options that no request can have."""
    services.operations[call].schema.model_validate({"text": "x", **options})


def _archive(place: str, settings: Settings) -> Archive:
    return archive(place, settings.s3_endpoint_url)


def _check_apart(source: str, target: str) -> None:
    """Raises ValueError where results would be taken for inputs, or written among them."""

    def whole(place: str) -> str:
        return (place if place.startswith("s3:") else os.path.realpath(place)).rstrip("/") + "/"

    if whole(source).startswith(whole(target)) or whole(target).startswith(whole(source)):
        raise ValueError("keep input and output apart: neither may be in the other")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        print("nobody can be asked; say --yes to begin", file=sys.stderr)
        return False
    return input("Begin? [y/N] ").strip().lower() in ("y", "yes")


def _refused(why: str) -> int:
    print(f"bulk: {why}", file=sys.stderr)
    return 2


def _share(text: str) -> tuple[int, int]:
    share = re.fullmatch(r"([1-9]\d{0,3})/([1-9]\d{0,3})", text)
    if not share or int(share[1]) > int(share[2]):
        raise argparse.ArgumentTypeError("a share looks like 2/8")
    return int(share[1]), int(share[2])


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("give a whole number from 1 on")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.bulk", description=__doc__)
    parser.add_argument("input", help="a folder or s3://bucket/prefix with .txt .html .htm .md .json .ndjson .jsonl")
    parser.add_argument("output", help="a folder or s3://bucket/prefix: a result for each file, by its name")
    parser.add_argument("option", nargs="*", help="more options of the call, as name=value")
    parser.add_argument("--call", choices=CALLS, default="translations", help="(default: %(default)s)")
    parser.add_argument("--target", help="into which language")
    parser.add_argument("--source", help="from which language, if it is not to be detected")
    parser.add_argument("--as", dest="as_", choices=("json", "text"), default="json", help="(default: %(default)s)")
    parser.add_argument("--dry-run", action="store_true", help="count and estimate, and begin nothing")
    parser.add_argument("--yes", action="store_true", help="begin without asking")
    parser.add_argument("--force", action="store_true", help="do what is done already, too")
    parser.add_argument("--jobs", type=_positive, default=16, help="blocks under way at a time (default: %(default)s)")
    parser.add_argument(
        "--share", type=_share, default=(1, 1), help="2/8: do the second eighth; others do the rest at the same time"
    )
    parser.add_argument(
        "--concurrency", type=_positive, default=100, help="functions at a time, to estimate (default: %(default)s)"
    )
    parser.add_argument(
        "--memory-mb", type=_positive, default=CORE_MB, help="a function's, to estimate (default: %(default)s)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
