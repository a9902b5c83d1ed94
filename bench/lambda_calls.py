"""One instance of the Lambda entry, without Lambda: started, and called with what comes as JSON, [PATH, BODY] a line.

The first line out tells of the start, the others of a call each: seconds, processor seconds, bytes logged, memory. It
needs nothing but the handler on its path, so that the Python and the files of a bundle can run it, too.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

Handler = Callable[[dict[str, Any], object], dict[str, Any]]


def call(handler: Handler, path: str, body: dict[str, Any]) -> None:
    """Have an event of an HTTP API handled. Raises RuntimeError unless it is answered with 200."""
    event = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "localhost"},
        "requestContext": {"http": {"method": "POST", "path": path, "sourceIp": "127.0.0.1"}, "stage": "$default"},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
    answer = handler(event, SimpleNamespace())
    if answer["statusCode"] != 200:
        raise RuntimeError(f"{path}: {answer['statusCode']}")


def resident_mb() -> float:
    """The memory that this process holds."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


def main() -> None:
    """Serve until the end of the input."""
    with os.fdopen(os.dup(1), "w") as out, tempfile.TemporaryFile() as log:
        os.dup2(log.fileno(), 1)  # Lambda takes the log from both
        os.dup2(log.fileno(), 2)

        def timed(work: Callable[[], object]) -> None:
            logged, began_s, began_cpu_s = os.fstat(1).st_size, time.perf_counter(), time.process_time()
            work()
            spent = {"s": time.perf_counter() - began_s, "cpu_s": time.process_time() - began_cpu_s}
            sys.stdout.flush()
            spent |= {"log_bytes": os.fstat(1).st_size - logged, "mb": resident_mb()}
            print(json.dumps(spent), file=out, flush=True)

        def start() -> None:
            nonlocal handler
            from handler.lambda_api import handler

        handler: Any = None
        timed(start)
        for line in sys.stdin:
            path, body = json.loads(line)
            timed(lambda path=path, body=body: call(handler, path, body))


if __name__ == "__main__":
    main()
