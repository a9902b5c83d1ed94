"""Counters and times of a process that lives long, as Prometheus reads them; a log line for each request."""

import logging

from prometheus_client import CollectorRegistry, Counter, Histogram, Summary, generate_latest

from handler.telemetry import Exchange
from services.ports import Count

log = logging.getLogger(__name__)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"})
_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25)


class Prometheus:
    """Keeps the ports Telemetry and Exposing. Labels have few values, and none that a caller makes up. Thread-safe."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._events = {event: Counter(f"interlede_{event}", _ABOUT[event], registry=self._registry) for event in Count}
        self._exchanges = Counter(
            "interlede_exchanges",
            "Requests answered, and tasks done",
            ["kind", "method", "route", "status"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "interlede_exchange_seconds",
            "What they took",
            ["kind", "route"],
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._steps = Summary("interlede_step_seconds", "What their steps took", ["step"], registry=self._registry)
        self._caches = Counter(
            "interlede_answers", "Answers, by where they came from", ["cache"], registry=self._registry
        )

    def count(self, event: Count, times: int = 1) -> None:
        """Count so many more."""
        self._events[event].inc(times)

    def observe(self, exchange: Exchange) -> None:
        """Count a request or task with its time, and log it."""
        method = exchange.method if exchange.method in _METHODS else "other"
        self._exchanges.labels(exchange.kind, method, exchange.route, exchange.status).inc()
        self._seconds.labels(exchange.kind, exchange.route).observe(exchange.seconds)
        for lap in exchange.laps:
            self._steps.labels(lap.step).observe(lap.seconds)
        if exchange.cache:
            self._caches.labels(exchange.cache).inc()
        log.info("%s ended", exchange.kind, extra=exchange.facts())

    def exposition(self) -> bytes:
        """All of it in the text format of Prometheus, version 0.0.4."""
        return generate_latest(self._registry)


_ABOUT = {
    Count.CHARACTERS: "Characters of the sentences that translations were made of",
    Count.SENTENCES_DECODED: "Sentences that a model had to read",
    Count.SENTENCES_RETRIED: "Clauses whose first translation was doubtful",
    Count.SENTENCES_FLAGGED: "Clauses whose last translation was doubtful",
    Count.MODELS_LOADED: "Models read from disk",
    Count.STORE_BYPASSED: "Results that were not looked up, or not kept",
    Count.STORE_FAILED: "Calls of the store that failed",
    Count.STORE_SHUNNED: "Calls of the store that were not made, since those before had failed",
    Count.RESULT_UNREADABLE: "Kept results that could not be read, and were taken for missing",
    Count.REFUSED_WITHOUT_KEY: "Requests refused as they showed no key",
    Count.REFUSED_KEY: "Requests refused as their key is unknown, revoked or expired",
    Count.REFUSED_LENGTH: "Requests refused as they are longer than their key may send",
    Count.REFUSED_RATE: "Requests refused as their key has made too many in a minute",
    Count.REFUSED_QUOTA: "Requests refused as their key has too few characters left in the month",
    Count.KEYS_FAILED: "Calls of the key store that failed",
    Count.USAGE_FAILED: "Calls of the usage counter that failed",
    Count.USAGE_DEFERRED: "Answers that were to be counted later, as the counter was down",
    Count.USAGE_LOST: "Of these, those that were not counted, as they may have been before",
}
