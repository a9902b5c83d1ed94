"""An event loop for one thing."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

Result = TypeVar("Result")


def in_a_loop(answer: Coroutine[object, object, Result]) -> Result:
    """What comes of it in a loop of its own; asyncio.run would forget the one that Mangum left as the current one."""
    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(answer)
    finally:
        loop.close()
