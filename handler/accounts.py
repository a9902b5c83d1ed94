"""Whose request it is, and what it is charged: the one place where a key and a count of characters are handed over."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Account:
    """Who asks: a name that may be stored, and is not the key."""

    name: str


@dataclass(frozen=True, slots=True)
class Usage:
    """The characters of an account in this period, and how many there may be."""

    character_count: int
    character_limit: int


class Accounts(Protocol):
    """Those who may ask. An implementation neither logs a key nor gives it back."""

    def identify(self, key: str | None) -> Account:
        """Whose key it is; it may block. Raises ServiceError for one that is missing or wrong."""
        ...

    def acting_for(self, account: Account) -> AbstractContextManager[object]:
        """Do all within for an account."""
        ...

    def charging(self, characters: int) -> AbstractContextManager[object]:
        """Do within what is worth so many characters, and charge it unless something is raised.

        Raises ServiceError, before anything is done, where the account may not have that much, or asks too often.
        """
        ...

    def usage(self) -> Usage:
        """What the account has used."""
        ...


_UNLIMITED = 1_000_000_000_000  # as DeepL writes it
_EVERYBODY = Account("everybody")


class OpenAccounts:
    """Lets everybody in, as one account, and counts nothing."""

    def identify(self, key: str | None) -> Account:
        """Everybody."""
        return _EVERYBODY

    def acting_for(self, account: Account) -> AbstractContextManager[object]:
        """As ever."""
        return nullcontext()

    def charging(self, characters: int) -> AbstractContextManager[object]:
        """Nothing."""
        return nullcontext()

    def usage(self) -> Usage:
        """None, of as much as there can be."""
        return Usage(0, _UNLIMITED)


OPEN = OpenAccounts()
"""Where no keys are needed."""
