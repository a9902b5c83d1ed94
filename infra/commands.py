"""How a command that makes something ends."""

import sys
from collections.abc import Callable
from pathlib import Path


def outcome(make: Callable[[], None], root: Path, *failures: type[Exception]) -> int:
    """Make it under a folder, and give the exit status: 1 after one sentence for what may fail, 130 if interrupted."""
    try:
        make()
    except failures as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 1
    except OSError as exc:
        print(f"error: {exc}; check the free space and the rights under {root}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; run it again to go on", file=sys.stderr)
        return 130
    return 0
