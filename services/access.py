"""Who may ask, how much, and what was used: the one door for all surfaces."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from services.api_keys import KeyLimits, digest_of
from services.callers import NOBODY, Caller, current_caller
from services.clock import utc_now
from services.errors import InvalidKey, MissingKey, QuotaExceeded, ServiceError, TextTooLong, TooManyRequests
from services.known_keys import KnownKeys
from services.ports import Count, Meter
from services.usage import UsageBook, minute_of, month_of, next_month

log = logging.getLogger(__name__)

_REFUSALS: dict[type[ServiceError], Count] = {
    MissingKey: Count.REFUSED_WITHOUT_KEY,
    InvalidKey: Count.REFUSED_KEY,
    TextTooLong: Count.REFUSED_LENGTH,
    TooManyRequests: Count.REFUSED_RATE,
    QuotaExceeded: Count.REFUSED_QUOTA,
}


@dataclass(frozen=True, slots=True)
class Usage:
    """What a caller has used in the month that ends at a time; nothing is counted where no keys are needed."""

    caller: Caller
    characters: int
    resets_at: datetime

    @property
    def limits(self) -> KeyLimits:
        """What the caller may ask for."""
        return self.caller.key.limits if self.caller.key else KeyLimits()


@dataclass(slots=True)
class Charge:
    """What an answer is to be charged with."""

    characters: int

    def waive(self) -> None:
        """Charge nothing, as the same was charged before."""
        self.characters = 0


@dataclass(frozen=True, slots=True)
class Access:
    """Lets callers in, and counts what they are answered. Where `keys` is None it lets everybody in and counts nothing.

    An answer is charged with the characters of its request, whether or not it was kept: who asks cannot tell, and
    shall not learn what others have asked. A request that fails is charged with none, and counts as a request.
    """

    keys: KnownKeys | None
    usage_book: UsageBook
    meter: Meter
    now: Callable[[], datetime] = utc_now

    @property
    def is_open(self) -> bool:
        """Whether no keys are needed."""
        return self.keys is None

    def identify(self, key: str | None) -> Caller:
        """Who shows a key. Raises MissingKey, InvalidKey, KeysUnavailable."""
        if self.keys is None:
            return NOBODY
        if not key:
            raise self._refusal(MissingKey("this installation answers to those who show an API key"))
        found = self.keys.find(digest_of(key))
        fault = found.fault(self.now()) if found else "unknown"
        if found is None or fault is not None:
            log.warning("key refused", extra={"reason": fault, "key": found.id if found else None})
            raise self._refusal(InvalidKey("the API key is not valid here"))
        return Caller(found.owner, found)

    @contextmanager
    def charging(self, characters: int, longest: int | None = None) -> Iterator[Charge]:
        """Do within what the current caller asks for, and charge it when it is answered: when nothing was raised.

        `characters` are those of all texts in code points, for each target language once; `longest` is the largest of
        several requests that come as one. Raises TextTooLong, QuotaExceeded, TooManyRequests.
        """
        caller, charge = current_caller(), Charge(characters)
        if self.keys is None or caller.key is None:
            yield charge
            return
        limits, owner, now = caller.key.limits, caller.key.owner, self.now()
        self._check_length(limits.chars_per_request, characters if longest is None else longest)
        month, is_answered = month_of(owner, now), False
        if not self.usage_book.hold(month, characters, limits.chars_per_month):
            raise self._refusal(_quota_exceeded(limits.chars_per_month, now))
        try:
            if limits.requests_per_minute is not None:
                self._check_rate(owner, limits.requests_per_minute, now)
            yield charge
            is_answered = True
        finally:
            self.usage_book.settle(month, characters, charge.characters if is_answered else 0)

    def usage(self) -> Usage:
        """What the current caller has used. Raises UsageUnavailable."""
        caller, now = current_caller(), self.now()
        characters = self.usage_book.total(month_of(caller.key.owner, now)) if caller.key else 0
        return Usage(caller, characters, next_month(now))

    def _check_length(self, limit: int | None, chars: int) -> None:
        if limit is not None and chars > limit:
            detail = f"a request with this key has at most {limit:,} characters, and this one has {chars:,}"
            raise self._refusal(TextTooLong(detail, max_chars=limit, chars=chars))

    def _check_rate(self, owner: str, limit: int, now: datetime) -> None:
        minute = minute_of(owner, now)
        if not self.usage_book.take(minute, limit):
            raise self._refusal(_too_many(limit, now))

    def _refusal(self, error: ServiceError) -> ServiceError:
        self.meter.count(_REFUSALS[type(error)])
        return error


def _too_many(limit: int, now: datetime) -> TooManyRequests:
    wait_s = ceil(60 - now.second - now.microsecond / 1e6)
    return TooManyRequests(
        f"with this key there are at most {limit:,} requests in a minute; the next one begins in {wait_s} s",
        max_requests_per_minute=limit,
        retry_after_s=wait_s,
    )


def _quota_exceeded(limit: int | None, now: datetime) -> QuotaExceeded:
    begins = next_month(now)
    return QuotaExceeded(
        f"with this key there are at most {limit:,} characters in a month, and fewer are left; "
        f"the next month begins on {begins:%Y-%m-%d}",
        max_chars_per_month=limit,
        retry_after_s=ceil((begins - now) / timedelta(seconds=1)),
    )
