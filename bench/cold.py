"""One cold start of the Lambda entry, in this process: `python -m bench.cold < ARTICLE` prints it as JSON.

The article's first line is translated first, then the article, then the article is summarised.
"""

import json
import sys
import time
from typing import Any

from bench.lambda_calls import Handler, call, resident_mb

HEAVY = ("torch", "stanza", "spacy", "nltk", "onnxruntime", "numpy", "ctranslate2", "boto3")


def measure(article: str) -> dict[str, Any]:
    """The figures of one cold start."""
    figures: dict[str, Any] = {"python_mb": resident_mb()}
    began = time.perf_counter()
    from handler.lambda_api import handler

    figures["import_s"] = time.perf_counter() - began
    figures["import_mb"] = resident_mb()
    figures["imported"] = [name for name in HEAVY if name in sys.modules]
    headline = article.partition("\n")[0]
    figures["first_headline_s"] = _call(handler, "/v1/translations", {"text": headline, "target": "pt"})
    figures["first_article_s"] = _call(handler, "/v1/translations", {"text": article, "target": "pt"})
    figures["first_summary_s"] = _call(handler, "/v1/summaries", {"text": article})
    figures["used_mb"] = resident_mb()
    figures["imported_in_use"] = [name for name in HEAVY if name in sys.modules]
    return figures


def _call(handler: Handler, path: str, body: dict[str, str]) -> float:
    """The seconds that an event takes."""
    began = time.perf_counter()
    call(handler, path, body)
    return time.perf_counter() - began


if __name__ == "__main__":
    print(json.dumps(measure(sys.stdin.read())))
