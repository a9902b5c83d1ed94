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


def check_key(key: str) -> None:
    """Raises ValueError unless a key is two words of a-z, 0-9 and hyphens: `kind/digest`.

    So no key leaves the place where a store keeps its values, and none is a folder of another.
    """
    if not _KEY.fullmatch(key):
        raise ValueError("a key looks like kind/digest: a-z, 0-9 and hyphens")
