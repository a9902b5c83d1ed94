"""Keys that were seen lately, so that a request costs no look-up, and a store that is down not all callers."""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from services.api_keys import ApiKey
from services.bounded import Breaker
from services.errors import KeysUnavailable
from services.ports import Count, KeyStore, Meter

log = logging.getLogger(__name__)

FRESH_S = 60.0
"""After so long at most a key that is revoked is refused."""
STALE_S = 900.0
"""For so long a key that was valid is let in while the store is down."""
_MAX_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class _Known:
    key: ApiKey
    since_s: float


class KnownKeys:
    """Finds keys in a store, or in memory for FRESH_S, and for STALE_S while the store is down. Thread-safe.

    Of unknown keys nothing is remembered. `clock` gives seconds that never go back.
    """

    def __init__(
        self,
        store: KeyStore,
        meter: Meter,
        clock: Callable[[], float] = time.monotonic,
        breaker: Breaker | None = None,
    ) -> None:
        self._store = store
        self._meter = meter
        self._clock = clock
        self._breaker = breaker or Breaker(clock)
        self._known = OrderedDict[str, _Known]()
        self._lock = Lock()

    def find(self, digest: str) -> ApiKey | None:
        """The key of a digest, revoked and expired ones too. Raises KeysUnavailable."""
        known = self._remembered(digest)
        if known and self._clock() < known.since_s + FRESH_S:
            return known.key
        try:
            key = self._looked_up(digest)
        except KeysUnavailable as exc:
            if known and self._clock() < known.since_s + STALE_S:
                log.warning("key not looked up, and taken as it was: %s", exc.detail, extra={"code": exc.code})
                return known.key
            raise
        self._remember(digest, key)
        return key

    def _looked_up(self, digest: str) -> ApiKey | None:
        if not self._breaker.lets_through():
            raise KeysUnavailable("the key store failed just now, and is left alone for a while")
        try:
            key = self._store.find(digest)
        except KeysUnavailable:
            self._meter.count(Count.KEYS_FAILED)
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return key if key and key.is_of(digest) else None

    def _remembered(self, digest: str) -> _Known | None:
        with self._lock:
            return self._known.get(digest)

    def _remember(self, digest: str, key: ApiKey | None) -> None:
        with self._lock:
            self._known.pop(digest, None)
            if key is not None:
                self._known[digest] = _Known(key, self._clock())
                if len(self._known) > _MAX_KNOWN:
                    self._known.popitem(last=False)
