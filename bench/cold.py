"""One cold start of the Lambda entry, in this process: `python -m bench.cold < ARTICLE` prints it as JSON.

The article's first line is translated first, then the article, then the article is summarised.
"""

import json
import os
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

HEAVY = ("torch", "stanza", "spacy", "nltk", "onnxruntime", "numpy", "ctranslate2", "boto3")


def measure(article: str) -> dict[str, Any]:
    """The figures of one cold start."""
    figures: dict[str, Any] = {"python_mb": _rss_mb()}
    began = time.perf_counter()
    from handler.lambda_api import handler

    figures["import_s"] = time.perf_counter() - began
    figures["import_mb"] = _rss_mb()
    figures["imported"] = [name for name in HEAVY if name in sys.modules]
    headline = article.partition("\n")[0]
    figures["first_headline_s"] = _call(handler, "/v1/translations", {"text": headline, "target": "pt"})
    figures["first_article_s"] = _call(handler, "/v1/translations", {"text": article, "target": "pt"})
    figures["first_summary_s"] = _call(handler, "/v1/summaries", {"text": article})
    figures["used_mb"] = _rss_mb()
    figures["imported_in_use"] = [name for name in HEAVY if name in sys.modules]
    return figures


def _call(handler: Callable[..., dict[str, Any]], path: str, body: dict[str, str]) -> float:
    """The seconds that an event of an HTTP API takes. Raises RuntimeError unless it is answered with 200."""
    event = {
        "version": "2.0",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"content-type": "application/json", "host": "localhost"},
        "requestContext": {"http": {"method": "POST", "path": path, "sourceIp": "127.0.0.1"}, "stage": "$default"},
        "body": json.dumps(body),
        "isBase64Encoded": False,
    }
    began = time.perf_counter()
    answer = handler(event, SimpleNamespace())
    elapsed_s = time.perf_counter() - began
    if answer["statusCode"] != 200:
        raise RuntimeError(f"{path}: {answer['statusCode']}")
    return elapsed_s


def _rss_mb() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    print(json.dumps(measure(sys.stdin.read())))
