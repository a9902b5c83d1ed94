"""`python -m infra.emulator`: runs the bundle as on Lambda, without AWS, until it is told to stop."""

import argparse
import os
import re
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from infra.emulator.configuration import FULL_CORE_MB
from infra.emulator.cpu import limits_cpu
from infra.emulator.local import Stack, running
from infra.emulator.ministack import has_ministack, ministack
from infra.emulator.rie import RieFailed
from infra.emulator.seaweed import find_weed, seaweed
from infra.emulator.servers import AWS_ENV
from infra.emulator.tools import ARCHITECTURE, ToolsMissing, set_up
from infra.python313 import NoPython313
from infra.wheels import WheelUnavailable

_TOP = Path(__file__).parents[2]
# What AWS's emulator says itself; its reports repeat the memory size and tell no time of initialisation.
_NOISE = re.compile(r"\(rapid\)|^(START|END|REPORT) RequestId")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; gives the exit status."""
    options = _parser().parse_args(arguments)
    bundle: Path = options.bundle.absolute()
    if not (bundle / "handler" / "lambda_api.py").is_file():
        print(f"error: no bundle in {bundle}; `make bundle` makes it", file=sys.stderr)
        return 1
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    os.environ.update(AWS_ENV)
    try:
        _run(options, bundle, stop)
    except (ToolsMissing, NoPython313, WheelUnavailable, RieFailed, RuntimeError, OSError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    return 0


def _run(options: argparse.Namespace, bundle: Path, stop: Event) -> None:
    tools = set_up(options.tools)
    with ExitStack() as resources:
        scratch = Path(resources.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        s3_url, sqs_url = _servers(resources, scratch)
        stack = Stack(
            bundle,
            s3_url,
            sqs_url,
            memory_mb=options.memory,
            timeout_s=options.timeout,
            concurrency=options.concurrency,
            snapstart=options.snapstart,
            cpu_by_memory=options.cpu_by_memory,
            visibility_s=6 * options.timeout,
            environment=dict(pair.split("=", 1) for pair in options.env),
        )
        log = print if options.verbose else _print_what_functions_say
        at_work = resources.enter_context(running(stack, tools, log, options.host, options.port))
        print(f"S3: {s3_url}\nSQS: {sqs_url or 'none: install ministack for jobs'}\nAPI: {at_work.url}", flush=True)
        print(f"{options.memory} MB, {_processor(options)}, {options.concurrency} calls at a time", flush=True)
        stop.wait()


def _servers(resources: ExitStack, scratch: Path) -> tuple[str, str | None]:
    """Start those that are installed; gives the URLs for S3 and SQS. Raises RuntimeError."""
    weed, has_sqs = find_weed(), has_ministack()
    sqs_url = s3_url = None
    for name in ("s3", "sqs"):
        (scratch / name).mkdir()
    if has_sqs:
        sqs_url = s3_url = resources.enter_context(ministack(scratch / "sqs"))
    if weed:
        s3_url = resources.enter_context(seaweed(weed, scratch / "s3"))
    if s3_url is None:
        raise RuntimeError("neither SeaweedFS nor MiniStack is there; `make setup` installs them")
    return s3_url, sqs_url


def _processor(options: argparse.Namespace) -> str:
    if not options.cpu_by_memory:
        return "all cores there are"
    if not limits_cpu():
        return "all cores there are, as no control group (version 1) can be made here"
    return f"{options.memory / FULL_CORE_MB:.2f} cores by a control group"


def _print_what_functions_say(line: str) -> None:
    if not _NOISE.search(line):
        print(line, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.emulator", description=__doc__)
    add = parser.add_argument
    add(
        "--bundle",
        type=Path,
        default=_TOP / ".bundle" / (ARCHITECTURE or "x86_64"),
        help="unpacked (default: %(default)s)",
    )
    add("--tools", type=Path, default=_TOP / ".tools", help="where AWS's emulator is kept (default: %(default)s)")
    add("--host", default="127.0.0.1", help="where to listen (default: %(default)s)")
    add("--port", type=int, default=9000, help="0 for any (default: %(default)s)")
    add("--memory", type=int, default=FULL_CORE_MB, help="MB, past which a function is killed (default: %(default)s)")
    add("--timeout", type=int, default=30, help="seconds (default: %(default)s)")
    add("--concurrency", type=int, default=4, help="reserved concurrency of each function (default: %(default)s)")
    add("--cpu-by-memory", action="store_true", help=f"a core for {FULL_CORE_MB} MB, by control groups")
    add("--snapstart", action="store_true", help="run SnapStart's hooks, initialise the API as for a snapshot")
    add("--env", action="append", default=[], metavar="NAME=VALUE", help="one more variable of the functions")
    add("--verbose", action="store_true", help="print what AWS's emulator says, too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
