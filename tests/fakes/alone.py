"""Runs a handler of an unpacked bundle, and nothing beside it: `python3.13 -I alone.py TREE MODULE`.

Takes events as JSON lines, answers each with a line, and ends with a line of the files that were opened.
"""

import json
import os
import sys
import sysconfig
from importlib import import_module
from types import SimpleNamespace

opened = set()


def note(event, arguments):
    if event == "open" and isinstance(arguments[0], str | bytes):
        opened.add(os.path.abspath(os.fsdecode(arguments[0])))
    if event in ("ctypes.dlopen", "import") and arguments and arguments[1 if event == "import" else 0]:
        opened.add(os.path.abspath(arguments[1 if event == "import" else 0]))


def main(tree, module):
    standard = [sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), os.path.join(sysconfig.get_path("stdlib"), "lib-dynload")]
    sys.path[:] = [tree, *standard]
    sys.dont_write_bytecode = True
    sys.addaudithook(note)
    handler = import_module(module).handler
    out = sys.stdout
    for line in sys.stdin:
        context = SimpleNamespace(aws_request_id="1", get_remaining_time_in_millis=lambda: 30_000)
        print(json.dumps(handler(json.loads(line), context)), file=out, flush=True)
    print(json.dumps(sorted(opened)), file=out, flush=True)


main(*sys.argv[1:])
