"""What bulk work asks of AWS, and what that costs."""

from dataclasses import dataclass

from infra.prices import PRICES, Prices

# One core of x86_64, English to Portuguese: 15,900 over HTTP by bench/servers.py on a quiet machine, 11,700 to 17,000
# by bench/scale.py on a busy one. arm64 is taken to be as fast, which nobody measured.
CHARS_PER_CORE_S = 15_000
# Assumed, not measured, for small objects within a region.
S3_S, SQS_S = 0.03, 0.01


@dataclass(frozen=True, slots=True)
class Requests:
    """How often each service is asked."""

    s3_get: float = 0
    s3_put: float = 0
    sqs: float = 0
    invocations: float = 0

    def __add__(self, other: "Requests") -> "Requests":
        return Requests(
            self.s3_get + other.s3_get,
            self.s3_put + other.s3_put,
            self.sqs + other.sqs,
            self.invocations + other.invocations,
        )

    def __mul__(self, times: float) -> "Requests":
        return Requests(
            self.s3_get * times,
            self.s3_put * times,
            self.sqs * times,
            self.invocations * times,
        )

    def cost(self, prices: Prices = PRICES) -> float:
        """Of the requests alone."""
        return (
            self.s3_get * prices.s3_get
            + self.s3_put * prices.s3_put
            + self.sqs * prices.sqs_request
            + self.invocations * prices.lambda_request
        )


def of_worker(items: float, batch: float = 1) -> Requests:
    """A task of so many new translations, in messages that are received so many at a time (services.tasks).

    GET: job, job-results, job-inputs, job-drafts, and the job again to amend it; for an item its translation.
    PUT: job-results, the job; for an item its translation. SQS: receive, delete by the worker, and delete by Lambda.
    """
    return Requests(s3_get=5 + items, s3_put=2 + items, sqs=1 + 2 / batch, invocations=1 / batch)


def of_feeder(tasks: float, files: float) -> Requests:
    """A job of so many tasks, made of so many files that are read and whose results are written (infra.bulk).

    GET: the job (to join it, to amend it, to see it done three times), job-results, files. PUT: job-inputs, the job
    twice, results of files; a listing counts as one. SQS: ten messages at a time.
    """
    return Requests(s3_get=5 + tasks + files, s3_put=3 + tasks + files, sqs=tasks / 10)


def waiting_s(items: float) -> float:
    """What a worker waits for S3 and SQS in a task, one request after the other."""
    requests = of_worker(items)
    return (requests.s3_get + requests.s3_put) * S3_S + SQS_S
