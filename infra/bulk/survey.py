"""What there is to be done, and what that is going to take."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from random import Random

from infra.bulk.costs import CHARS_PER_CORE_S, Requests, of_feeder, of_worker, waiting_s
from infra.bulk.inputs import is_input, is_lines, shared
from infra.bulk.run import Plan
from infra.prices import PRICES, compute_cost
from services.adapters.archives import Archive, File
from services.jobs import TASK_CHARS, TASK_ITEMS

_AT_ONCE = 1_000
_SAMPLE, _SAMPLE_BYTES = 32, 256 * 1024
_CHARS_A_LINE = 3_500  # until the lines are read
FEEDER_REQUESTS_S = 400.0  # what boto3 does in one process


@dataclass(slots=True)
class Survey:
    """What an archive has: files and bytes to be done, files that are done, and files that are left out."""

    files: int = 0
    size_bytes: int = 0
    lines_bytes: int = 0
    done: int = 0
    left_out: int = 0
    chars_per_byte: float = 1.0
    _sample: list[File] = field(default_factory=list)

    @property
    def chars(self) -> int:
        """How many characters are to be done, about."""
        return round(self.size_bytes * self.chars_per_byte)

    def estimate(self, concurrency: int, memory_mb: int) -> "Estimate":
        """What AWS takes for that, with so many functions at a time."""
        items = max(1.0, self.files + self.lines_bytes / _CHARS_A_LINE)
        a_task = min(TASK_ITEMS, max(1, int(TASK_CHARS // max(1.0, self.chars / items))), items)
        tasks = items / a_task
        core_s = self.chars / CHARS_PER_CORE_S
        function_s = core_s + tasks * waiting_s(a_task)
        feeding = of_feeder(16, 16 * self.files / tasks) * (tasks / 16)
        requests = of_worker(a_task) * tasks + feeding
        feeder_s = (feeding.s3_get + feeding.s3_put + feeding.sqs) / FEEDER_REQUESTS_S
        return Estimate(core_s, function_s, requests, max(function_s / concurrency, feeder_s), memory_mb)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Seconds of one core, seconds of functions, requests, and seconds until it is done."""

    core_s: float
    function_s: float
    requests: Requests
    elapsed_s: float
    memory_mb: int

    def cost(self, arm: bool = False) -> float:
        """US dollars."""
        return compute_cost(self.function_s, self.memory_mb, arm) + self.requests.cost()


def surveyed(plan: Plan) -> Survey:
    """Look at the names of everything, and into a few files. Raises StoreUnavailable."""
    survey, chance = Survey(), Random(0)
    for block in _some(shared(plan.source.files(), plan.share, plan.shares)):
        inputs = [file for file in block if is_input(file.name)]
        survey.left_out += len(block) - len(inputs)
        there = set[str]() if plan.force else plan.target.there([plan.output(file.name) for file in inputs])
        for file in inputs:
            if plan.output(file.name) in there:
                survey.done += 1
                continue
            survey.files += 1
            survey.size_bytes += file.size_bytes
            survey.lines_bytes += file.size_bytes if is_lines(file.name) else 0
            _draw(survey, file, chance)
    survey.chars_per_byte = _chars_per_byte(plan.source, survey._sample)
    return survey


def described(survey: Survey, concurrency: int, memory_mb: int, cores: int, is_local: bool) -> str:
    """The survey and the estimate for people."""
    counted = (
        f"{survey.files:,} files to do, about {survey.chars:,} characters; "
        f"{survey.done:,} done already, {survey.left_out:,} left out"
    )
    if not survey.files:
        return counted
    estimate = survey.estimate(concurrency, memory_mb)
    lines = [
        counted,
        f"At {CHARS_PER_CORE_S:,} characters a second and core, as measured from English to Portuguese:",
    ]
    if is_local:
        lines.append(f"  here, on {cores} cores: about {duration(estimate.core_s / cores)}, and nothing to pay to AWS")
    lines += [
        f"  on AWS, {concurrency:,} functions of {memory_mb:,} MB at a time: about {duration(estimate.elapsed_s)}, "
        f"${estimate.cost():,.2f} on x86_64, ${estimate.cost(arm=True):,.2f} on arm64",
        f"    Lambda ${estimate.cost() - estimate.requests.cost():,.2f}, requests ${estimate.requests.cost():,.2f} "
        f"({estimate.requests.s3_put:,.0f} PUT, {estimate.requests.s3_get:,.0f} GET, {estimate.requests.sqs:,.0f} SQS)",
        f"    list prices of {PRICES.region}, written down on {PRICES.written_down}: check them; "
        "no storage, transfer or free tier",
    ]
    return "\n".join(lines)


def duration(seconds: float) -> str:
    """`3 s`, `12 min`, `5 h`, `3 d`."""
    for unit, size_s in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size_s:
            return f"{seconds / size_s:.0f} {unit}"
    return f"{seconds:.0f} s"


def _some(files: Iterator[File]) -> Iterator[list[File]]:
    while some := list(islice(files, _AT_ONCE)):
        yield some


def _draw(survey: Survey, file: File, chance: Random) -> None:
    """Keep a file in the sample, so that each has the same chance in the end."""
    if len(survey._sample) < _SAMPLE:
        survey._sample.append(file)
    elif (at := chance.randrange(survey.files)) < _SAMPLE:
        survey._sample[at] = file


def _chars_per_byte(source: Archive, sample: Sequence[File]) -> float:
    chars = size_bytes = 0
    for file in sample:
        content = BytesIO()
        if file.size_bytes <= _SAMPLE_BYTES and source.read(file.name, content):
            chars += len(content.getvalue().decode("utf-8", "replace"))
            size_bytes += len(content.getvalue())
    return chars / size_bytes if size_bytes else 1.0
