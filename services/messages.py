"""What every queue takes: the limits of SQS, which the others keep as well."""

from services.patterns import pattern

MAX_BODY_BYTES = 256 * 1024
MAX_REASON_CHARS = 1000
MAX_DELAY_S = 15 * 60
MAX_LEASE_S = 12 * 60 * 60
MAX_WAIT_S = 20
MAX_COUNT = 10

_REFUSED = pattern("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check_body(body: str) -> None:
    """Raises ValueError unless a body is 1 byte to 256 KiB of UTF-8, all of it characters that XML 1.0 has."""
    if not body or _REFUSED.search(body) or len(body.encode()) > MAX_BODY_BYTES:
        raise ValueError(f"a message has 1 to {MAX_BODY_BYTES} bytes, and no control characters")


def check_reason(reason: str) -> None:
    """Raises ValueError unless a reason is 1 to 1,000 characters that XML 1.0 has."""
    if not 0 < len(reason) <= MAX_REASON_CHARS or _REFUSED.search(reason):
        raise ValueError(f"a reason has 1 to {MAX_REASON_CHARS} characters, and no control characters")


def check_delay(delay_s: float) -> None:
    """Raises ValueError unless a delay is 0 to 900 seconds."""
    _check("a delay", delay_s, 0, MAX_DELAY_S)


def check_lease(lease_s: float) -> None:
    """Raises ValueError unless a lease is 0 to 43,200 seconds."""
    _check("a lease", lease_s, 0, MAX_LEASE_S)


def check_receive(count: int, wait_s: float, lease_s: float) -> None:
    """Raises ValueError unless 1 to 10 messages are asked for, a wait of 0 to 20 seconds, and a lease as above."""
    _check("a count", count, 1, MAX_COUNT)
    _check("a wait", wait_s, 0, MAX_WAIT_S)
    check_lease(lease_s)


def _check(what: str, value: float, low: int, high: int) -> None:
    if not low <= value <= high:
        raise ValueError(f"{what} is {low} to {high}, not {value}")
