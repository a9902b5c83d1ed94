"""The one place where a request's key, and what it asks for, are handed over before it is done."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from handler.wiring import Services

Admitted = Callable[[str | None, int], AbstractContextManager[object]]


def gate(services: Services) -> Admitted:
    """Lets in who shows a key (None: shows none) for so many characters, for as long as it takes: today everybody."""

    def admitted(key: str | None, characters: int) -> AbstractContextManager[object]:
        return nullcontext()

    return admitted
