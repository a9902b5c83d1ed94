"""Runs one handler of an unpacked bundle with nothing beside it: `python3.13 -I alone.py TREE MODULE`.

Takes events as JSON lines and answers each with a line. `null` asks what was opened so far: files, and what the
process has mapped.
"""

import json
import os
import re
import sys
import sysconfig
import time
from importlib import import_module
from types import SimpleNamespace
from typing import Any

opened: set[str] = set()
answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)  # metrics leave by standard output


def note(event: str, arguments: tuple[Any, ...]) -> None:
    """Remember files that are opened, or loaded as extension modules (Python, "Audit events table")."""
    at = {"open": 0, "import": 1, "ctypes.dlopen": 0}.get(event)
    if at is not None and isinstance(arguments[at], str | bytes) and arguments[at]:
        opened.add(os.path.abspath(os.fsdecode(arguments[at])))


def report() -> dict[str, Any]:
    """What was opened and mapped, and where the standard library is."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        mapped = set(re.findall(r" (/.+)$", maps.read(), re.MULTILINE))
    return {"opened": sorted(opened), "mapped": sorted(mapped), "standard": sysconfig.get_path("stdlib")}


def main(tree: str, module: str) -> None:
    """Answer until there are no more events."""
    standard = sysconfig.get_path("stdlib")
    sys.path[:] = [tree, standard, os.path.join(standard, "lib-dynload")]
    sys.dont_write_bytecode = True
    sys.addaudithook(note)
    started = time.perf_counter()
    handler = import_module(module).handler
    answer({"import_s": time.perf_counter() - started})
    for line in sys.stdin:
        event = json.loads(line)
        context = SimpleNamespace(aws_request_id="1", get_remaining_time_in_millis=lambda: 300_000)
        answer(report() if event is None else handler(event, context))


def answer(value: object) -> None:
    """One line."""
    answers.write(json.dumps(value) + "\n")
    answers.flush()


main(*sys.argv[1:])
