"""Metrics of a Lambda function: one line of its log for each request, in CloudWatch's Embedded Metric Format."""

from threading import Lock

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from handler import xray
from handler.telemetry import Exchange, Kind
from services.ports import Count
from services.steps import seconds_by_step

NAMESPACE = "Interlede"


class CloudWatch:
    """Keeps the port Telemetry. What is counted goes with the next request or task that ends.

    That line is the log of the request, too: a second one would cost as much as a headline's translation. Metrics have
    the dimension `service`; the facts of the request are members beside them.
    """

    def __init__(self, service: str) -> None:
        self._metrics = AmazonCloudWatchEMFProvider(namespace=NAMESPACE, service=service)
        self._is_first = True
        self._lock = Lock()

    def count(self, event: Count, times: int = 1) -> None:
        """Count so many more."""
        with self._lock:
            if times:
                self._add(_name(event), times)

    def observe(self, exchange: Exchange) -> None:
        """Write the line, and send the trace."""
        with self._lock:
            what = exchange.kind.capitalize()
            self._add(f"{what}s", 1)
            self._metrics.add_metric(f"{what}Time", MetricUnit.Milliseconds, exchange.seconds * 1000)
            if exchange.failed:
                self._add("ServerErrors" if exchange.kind is Kind.REQUEST else "TaskFailures", 1)
            if exchange.cache:
                self._add(f"Cache{exchange.cache.capitalize()}", 1)
            for step, seconds in seconds_by_step(exchange.laps).items():
                self._metrics.add_metric(f"{step.capitalize()}Time", MetricUnit.Milliseconds, seconds * 1000)
            if self._is_first:
                self._add("ColdStart", 1)
                self._is_first = False
            for name, fact in (exchange.facts() | {"request_id": exchange.id}).items():
                self._metrics.add_metadata(name, fact)
            self._metrics.flush_metrics()
        xray.send(exchange)

    def _add(self, name: str, times: int) -> None:
        self._metrics.add_metric(name, MetricUnit.Count, times)


def _name(event: Count) -> str:
    """`store_bypassed` as CloudWatch's own metrics are written: `StoreBypassed`."""
    return "".join(map(str.capitalize, event.split("_")))
