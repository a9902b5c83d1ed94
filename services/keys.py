"""Names of stored results."""

import hashlib
import json
import re

PIPELINE = 4  # raise when normalising, segmenting, decoding or ranking changes a result

_KEY = re.compile(r"[a-z0-9-]+/[a-z0-9-]+")


def result_key(kind: str, **what: object) -> str:
    """`kind/digest`, where the digest covers `what` (JSON values: all that can change the result) and PIPELINE."""
    canonical = json.dumps({"pipeline": PIPELINE} | what, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return f"{kind}/{hashlib.sha256(canonical.encode()).hexdigest()}"


def name_key(kind: str, name: str) -> str:
    """`kind/digest` of what somebody named, which no later code may lose: it does not depend on PIPELINE."""
    return f"{kind}/{hashlib.sha256(name.encode()).hexdigest()}"


def check_key(key: str) -> None:
    """Raises ValueError unless a key is two words of a-z, 0-9 and hyphens: `kind/digest`.

    So no key leaves the place where a store keeps its values, and none is a folder of another.
    """
    if not is_key(key):
        raise ValueError("a key looks like kind/digest: a-z, 0-9 and hyphens")


def is_key(key: str) -> bool:
    return _KEY.fullmatch(key) is not None
