"""What AWS and others charge: the one table that every estimate reads."""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from datetime import date

GB_MB = 1024
CORE_MB = 1769  # the memory with which a function has one core: Lambda developer guide, "Configuring memory"
MONTH_S = 730 * 3600  # as AWS's own calculator has it


def _price(per: str, source: str) -> float:
    """A price of so much, and where it is to be looked up."""
    value: float = field(metadata={"per": per, "source": source})
    return value


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for one of each, first tier, without free tier and taxes; storage and transfer are left out."""

    region: str
    written_down: date
    lambda_x86_gb_s: float = _price("GB-second", "aws.amazon.com/lambda/pricing, x86")
    lambda_arm_gb_s: float = _price("GB-second", "aws.amazon.com/lambda/pricing, Arm")
    lambda_request: float = _price("request", "aws.amazon.com/lambda/pricing")
    snapstart_cache_gb_s: float = _price("GB-second", "aws.amazon.com/lambda/pricing, SnapStart, each version")
    snapstart_restore_gb: float = _price("GB", "aws.amazon.com/lambda/pricing, SnapStart, each restore")
    http_api_request: float = _price("request", "aws.amazon.com/api-gateway/pricing, HTTP API, of 512 kB")
    s3_put: float = _price("PUT", "aws.amazon.com/s3/pricing, Standard; LIST costs as much, DELETE nothing")
    s3_get: float = _price("GET", "aws.amazon.com/s3/pricing, Standard")
    sqs_request: float = _price("request", "aws.amazon.com/sqs/pricing, standard queues")
    logs_gb: float = _price("GB", "aws.amazon.com/cloudwatch/pricing, logs taken in")
    dynamodb_write: float = _price("write unit", "aws.amazon.com/dynamodb/pricing/on-demand")
    dynamodb_read: float = _price("read unit", "aws.amazon.com/dynamodb/pricing/on-demand")
    t4g_small_h: float = _price("hour", "aws.amazon.com/ec2/pricing/on-demand, t4g.small: 2 vCPU, 2 GB")
    t4g_surplus_h: float = _price("vCPU-hour", "aws.amazon.com/ec2/pricing/on-demand, T4g beyond its 20 % a vCPU")
    amazon_translate_char: float = _price("character", "aws.amazon.com/translate/pricing, standard")
    deepl_char: float = _price("character", "deepl.com/pro-api, API Pro, beside a monthly fee")

    def table(self) -> Iterator[str]:
        """The lines of a table in Markdown: each price, a small one for a million, and where to look it up."""
        yield f"| {self.region}, written down on {self.written_down} | US dollars | look it up at |"
        yield "|---|---|---|"
        for one in fields(self):
            if per := one.metadata.get("per"):
                dollars, name = getattr(self, one.name), one.name.replace("_", " ")
                amount = f"{dollars * 1e6:.6g} a million {per}s" if dollars < 1e-4 else f"{dollars:.6g} {_one(per)}"
                yield f"| {name} | {amount} | {one.metadata['source']} |"


def _one(what: str) -> str:
    return f"an {what}" if what == "hour" else f"a {what}"


# From public price lists and from memory, not from a bill: to be checked before anybody relies on them.
PRICES = Prices(
    region="eu-west-1",
    written_down=date(2026, 11, 28),
    lambda_x86_gb_s=0.0000166667,
    lambda_arm_gb_s=0.0000133334,
    lambda_request=0.20 / 1e6,
    snapstart_cache_gb_s=0.0000015046,
    snapstart_restore_gb=0.0001397998,
    http_api_request=1.11 / 1e6,
    s3_put=0.005 / 1e3,
    s3_get=0.0004 / 1e3,
    sqs_request=0.40 / 1e6,
    logs_gb=0.57,
    dynamodb_write=0.705 / 1e6,
    dynamodb_read=0.141 / 1e6,
    t4g_small_h=0.0184,
    t4g_surplus_h=0.04,
    amazon_translate_char=15 / 1e6,
    deepl_char=25 / 1e6,
)


def compute_cost(function_s: float, memory_mb: int = CORE_MB, arm: bool = False, prices: Prices = PRICES) -> float:
    """US dollars for so many seconds of functions."""
    return function_s * memory_mb / GB_MB * (prices.lambda_arm_gb_s if arm else prices.lambda_x86_gb_s)
