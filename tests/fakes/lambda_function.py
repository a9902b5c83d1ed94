"""A function for Lambda that does what its event asks for; it imports the standard library only."""

import os
import time
from types import ModuleType
from typing import Any

snapshot: ModuleType | None
try:
    import snapshot_restore_py as snapshot
except ImportError:  # it is the runtime's
    snapshot = None

hooks: list[str] = []
calls: list[Any] = []


def handler(event: Any, context: Any) -> Any:  # noqa: ANN401
    """Sleep, fill memory for a while, fail or end the process; then answer the event and tell of this environment."""
    calls.append(event)
    what = event.get("do") if isinstance(event, dict) else None
    if what == "sleep":
        time.sleep(event["seconds"])
    elif what == "fill":
        memory = b"x" * (event["mb"] * 2**20)
        time.sleep(event.get("seconds", 0))
        del memory
    elif what == "fail":
        raise ValueError("as asked")
    elif what == "exit":
        os._exit(3)
    return {
        "event": event if len(event) < 1000 else None,
        "length": len(event),
        "calls": len(calls),
        "hooks": hooks,
        "pid": os.getpid(),
        "left_ms": context.get_remaining_time_in_millis(),
        "environment": {name: value for name, value in os.environ.items() if name.startswith(("AWS_", "LAMBDA_", "_"))},
    }


if snapshot:
    snapshot.register_before_snapshot(hooks.append, "before snapshot")
    snapshot.register_after_restore(hooks.append, "after restore")
