"""Whose request it is, and what it is charged: the one place where a key and a count of characters are handed over."""

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
    """Those who may ask. An implementation neither logs a key nor gives it back; it may block."""

    def admit(self, key: str | None) -> Account:
        """Whose key it is. Raises ServiceError for one that is missing or wrong, and for too many requests."""
        ...

    def check(self, account: Account, characters: int) -> None:
        """Raises ServiceError where so many characters would be more than the account may have worked on."""
        ...

    def count(self, account: Account, characters: int) -> None:
        """Charge an account for a request that is answered."""
        ...

    def usage(self, account: Account) -> Usage:
        """What an account has used."""
        ...


_UNLIMITED = 1_000_000_000_000  # as DeepL writes it
_EVERYBODY = Account("everybody")


class OpenAccounts:
    """Lets everybody in, as one account, and counts nothing."""

    def admit(self, key: str | None) -> Account:
        """Everybody."""
        return _EVERYBODY

    def check(self, account: Account, characters: int) -> None:
        """Nothing."""

    def count(self, account: Account, characters: int) -> None:
        """Nothing."""

    def usage(self, account: Account) -> Usage:
        """None, of as much as there can be."""
        return Usage(0, _UNLIMITED)
