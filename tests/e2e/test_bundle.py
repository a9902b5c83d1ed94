"""The whole API from an unpacked bundle alone: isolated Python 3.13, empty environment, nothing to write at home."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from infra.bundle.build import Bundle
from infra.models.recipe import DIRECTIONS
from services.adapters.dynamodb import DynamoAccess
from services.adapters.sqlite import SqliteQueue
from services.adapters.sumy import METHODS
from services.api_keys import KeyLimits, issue
from services.clock import utc_now
from services.ports import Message
from tests.fakes.bundle import Alone, alone
from tests.fakes.events import event, sqs_event
from tests.fakes.ministack import AWS_ENV, BUCKET, make_access_table, make_queue
from tests.fakes.surfaces import Asked, deepl, libretranslate
from tests.packages import write_package

ARTICLE = (
    "Parliament in Lisbon passed a law on Tuesday that closes 40 schools. The minister of finance said that it saves "
    "2 billion euros in three years. Teachers called for a strike, and farmers blocked the roads to Porto. "
    "The opposition asks the court to stop the law. Police counted 3,000 people at the rally in the capital."
)
TRANSLATED = {"text": ARTICLE, "source": "en", "target": "pt"}
PATIENT = {"INTERLEDE_STORE_BUDGET_MS": "30000", "INTERLEDE_DEADLINE_MS": "120000"}  # others may use the machine
LAMBDA = {  # the environment of a function with SnapStart, and webhooks to a name that is not ASCII
    "AWS_LAMBDA_FUNCTION_NAME": "interlede",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
    "INTERLEDE_WEBHOOK_SECRET": f"whsec_{'A' * 32}",
    "INTERLEDE_WEBHOOK_HOSTS": "bücher.example",
    "_X_AMZN_TRACE_ID": "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
}
JSON = {"content_type": "application/json"}


@dataclass(slots=True)
class Tour:
    """What was asked and answered, and which files of the bundle that took."""

    answers: dict[str, Any] = field(default_factory=dict)
    asked: set[tuple[str, str]] = field(default_factory=set)
    opened: set[Path] = field(default_factory=set)
    standard: Path = Path()

    def ask(self, api: Alone, name: str, method: str, path: str, body: object = None, **headers: str) -> None:
        """Ask the API, and remember the answer under a name."""
        raw = body.encode() if isinstance(body, str) else b"" if body is None else json.dumps(body).encode()
        given = (JSON if body is not None else {}) | headers
        path, _, query = path.partition("?")
        self.asked.add((method, path))
        self.answers[name] = api(event("api_gateway_v2", method, path, raw, query, **given))

    def surfaces(self, api: Alone) -> None:
        """Make each of LibreTranslate's and DeepL's calls."""

        def ask(asked: Asked) -> Any:  # noqa: ANN401
            name, text = f"{asked.method} {asked.pattern}", asked.body.decode()
            self.ask(api, name, asked.method, asked.path, text or None, content_type=asked.content_type)
            answer = self.answers[name]
            is_json = "json" in answer["headers"].get("content-type", "")
            return json.loads(answer["body"]) if is_json and answer["body"] else None

        libretranslate(ask)
        deepl(ask)

    def note(self, process: Alone) -> None:
        """Remember which files a process has opened or mapped."""
        report = process.opened()
        self.opened |= {Path(name) for name in (*report["opened"], *report["mapped"])}
        self.standard = Path(report["standard"])

    def json(self, name: str) -> Any:  # noqa: ANN401
        """An answer, which must be a good one."""
        assert self.answers[name]["statusCode"] in (200, 201, 202), self.answers[name]
        return json.loads(self.answers[name]["body"])


@pytest.fixture(scope="module")
def tour(bundle: Bundle, ministack_url: str, tmp_path_factory: pytest.TempPathFactory) -> Tour:
    """Every call of the API, with a folder and with S3 and SQS for its store and queue."""
    tour = Tour()
    folder = tmp_path_factory.mktemp("alone")
    _in_a_folder(tour, bundle.tree, folder)
    _with_bpe(tour, bundle.tree, folder)
    with pytest.MonkeyPatch.context() as patched:
        for name, value in AWS_ENV.items():
            patched.setenv(name, value)
        _on_aws(tour, bundle.tree, folder, ministack_url)
    return tour


def _in_a_folder(tour: Tour, tree: Path, folder: Path) -> None:
    settings = {"INTERLEDE_RESULTS": str(folder / "results"), **PATIENT}
    with alone(tree, "handler.lambda_api", folder, settings) as api:
        for path in ("/healthz", "/openapi.json", "/v1/languages"):
            tour.ask(api, path, "GET", path)
        _translations(tour, api)
        for method in ("lede", *METHODS):
            body = {"text": ARTICLE, "title": "40 schools close", "method": method, "sentences": 2}
            tour.ask(api, method, "POST", "/v1/summaries", body)
        tour.ask(api, "summary into", "POST", "/v1/summaries", {"text": ARTICLE, "target": "pt"})
        tour.ask(api, "article", "POST", "/v1/articles", {"text": ARTICLE, "target": "pt", "story": "s-1"})
        place = f"/v1/articles/{tour.json('article')['id']}"
        tour.ask(api, "article again", "GET", place)
        tour.ask(api, "article gone", "DELETE", place)
        tour.ask(api, "story gone", "DELETE", "/v1/stories/s-1")
        tour.ask(api, "digest", "POST", "/v1/digests", {"articles": [{"text": ARTICLE}] * 2, "target": "pt"})
        glossary = {"source": "en", "target": "pt", "terms": {"rally": "comício"}}
        for method, body in (("PUT", glossary), ("GET", None), ("DELETE", None)):
            tour.ask(api, f"{method} glossary", method, "/v1/glossaries/desk-1", body)
        _job(tour, api, "", lambda: _worked_off(tour, tree, folder, settings))
        for path in ("/metrics", "/v1/usage"):
            tour.ask(api, path, "GET", path)
        tour.surfaces(api)
        tour.note(api)


def _translations(tour: Tour, api: Alone) -> None:
    for direction in DIRECTIONS:
        body = {"text": direction.sentence, "source": direction.source, "target": direction.target}
        tour.ask(api, direction.code, "POST", "/v1/translations", body)
    html, markdown = "<p>The <b>central bank</b> raised rates.</p>", "# Rates\n\nThe **central bank** raised rates."
    tour.ask(api, "html", "POST", "/v1/translations", {"html": html, "source": "en", "target": "pt"})
    tour.ask(api, "markdown", "POST", "/v1/translations", {"markdown": markdown, "source": "en", "target": "pt"})
    tour.ask(api, "plain", "POST", "/v1/translations?target=pt", ARTICLE, content_type="text/plain")
    tour.ask(api, "several", "POST", "/v1/translations", TRANSLATED | {"alternatives": 2})
    tour.ask(api, "detection", "POST", "/v1/detections", {"text": DIRECTIONS[1].sentence})
    tour.ask(api, "problem", "POST", "/v1/translations", {"text": "Hello."})


def _job(tour: Tour, api: Alone, name: str, work: Callable[[], None], **headers: str) -> None:
    """Submit a job, have it worked off, and look at what has come of it."""
    tour.ask(api, f"{name}submitted", "POST", "/v1/jobs", {"call": "translations", "request": TRANSLATED}, **headers)
    place = f"/v1/jobs/{tour.json(f'{name}submitted')['id']}"
    work()
    tour.ask(api, f"{name}job", "GET", place, **headers)
    tour.ask(api, f"{name}results", "GET", f"{place}/results", **headers)
    tour.ask(api, f"{name}cancelled", "DELETE", place, **headers)


def _worked_off(tour: Tour, tree: Path, folder: Path, settings: dict[str, str]) -> None:
    messages = SqliteQueue(folder / "results" / "queue.sqlite").receive(10, 1, 60)
    with alone(tree, "handler.lambda_worker", folder, settings) as worker:
        tour.answers["worked"] = worker(sqs_event(messages))
        tour.note(worker)


def _with_bpe(tour: Tour, tree: Path, folder: Path) -> None:
    """A package that is split with Sacremoses and BPE, as Argos's older ones are."""
    write_package(folder / "packages" / "spelling", "en", "de", bpe=True, turn=str.upper)
    settings = {"INTERLEDE_RESULTS": str(folder / "bpe"), "INTERLEDE_PACKAGES": str(folder / "packages")}
    with alone(tree, "handler.lambda_api", folder, settings) as api:
        tour.ask(api, "bpe", "POST", "/v1/translations", {"text": "A dog ran by.", "source": "en", "target": "de"})
        tour.note(api)


def _on_aws(tour: Tour, tree: Path, folder: Path, url: str) -> None:
    queue, dead = make_queue(url, "bundle"), make_queue(url, "bundle-dead")
    make_access_table(url, "bundle")
    key, kept = issue("desk", utc_now(), KeyLimits(requests_per_minute=100, chars_per_month=100_000))
    DynamoAccess("bundle", url).keep(kept)
    settings = {
        **AWS_ENV,
        **PATIENT,
        **LAMBDA,
        "INTERLEDE_RESULTS": f"s3://{BUCKET}/bundle",
        "INTERLEDE_S3_ENDPOINT_URL": url,
        "INTERLEDE_QUEUE": queue,
        "INTERLEDE_DEAD_LETTERS": dead,
        "INTERLEDE_SQS_ENDPOINT_URL": url,
        "INTERLEDE_KEYS": "required",
        "INTERLEDE_USAGE_TABLE": "bundle",
        "INTERLEDE_DYNAMODB_ENDPOINT_URL": url,
    }

    def work() -> None:
        received = boto3.client("sqs", endpoint_url=url).receive_message(QueueUrl=queue, WaitTimeSeconds=5)
        messages = [Message(one["Body"], one["ReceiptHandle"], 1) for one in received["Messages"]]
        with alone(tree, "handler.lambda_worker", folder, settings) as worker:
            tour.answers["aws worked"] = worker(sqs_event([*messages, Message("poison", messages[0].receipt, 1)]))
            tour.note(worker)

    with alone(tree, "handler.lambda_api", folder, settings) as api:
        shown = {"authorization": f"Bearer {key}"}
        tour.ask(api, "aws without a key", "POST", "/v1/articles", {"text": ARTICLE, "target": "pt"})
        tour.ask(api, "aws article", "POST", "/v1/articles", {"text": ARTICLE, "target": "pt"}, **shown)
        tour.ask(api, "aws article again", "GET", f"/v1/articles/{tour.json('aws article')['id']}", **shown)
        _job(tour, api, "aws ", work, **shown)
        tour.ask(api, "aws usage", "GET", "/v1/usage", **shown)
        tour.note(api)


def test_both_directions_are_translated_as_the_models_were_verified(tour: Tour) -> None:
    given = [tour.json(direction.code)["translations"][0]["text"] for direction in DIRECTIONS]
    assert given == [direction.translation for direction in DIRECTIONS]


def test_markup_plain_text_and_alternatives_are_answered(tour: Tour) -> None:
    assert re.fullmatch(r"<p>.*<b>banco central</b>.*</p>", tour.json("html")["translations"][0]["html"])
    assert "**banco central**" in tour.json("markdown")["translations"][0]["markdown"]
    assert tour.answers["plain"]["headers"]["content-type"].startswith("text/plain")
    assert len(tour.json("several")["translations"][0]["alternatives"]) == 2


def test_a_language_is_detected(tour: Tour) -> None:
    assert tour.json("detection")["language"] == "pt"


@pytest.mark.parametrize("method", ["lede", *METHODS])
def test_every_method_summarises(tour: Tour, method: str) -> None:
    summary = tour.json(method)["summary"]
    assert summary["method"] == method
    assert 0 < len(summary["text"]) < len(ARTICLE)


def test_articles_digests_and_glossaries_are_kept_and_forgotten(tour: Tour) -> None:
    assert tour.json("article") == tour.json("article again")
    assert tour.json("summary into")["summary"]["translation"]
    assert tour.json("digest")["digests"]
    assert tour.json("GET glossary")["terms"] == {"rally": "comício"}
    gone = [tour.answers[name]["statusCode"] for name in ("article gone", "story gone", "DELETE glossary")]
    assert gone == [204, 204, 204]


def test_a_job_is_done_by_the_worker(tour: Tour) -> None:
    assert tour.answers["worked"] == {"batchItemFailures": []}
    assert tour.json("job")["state"] == "done"
    assert tour.json("results")["status"] == 200


def test_a_package_with_bpe_is_decoded(tour: Tour) -> None:
    assert tour.json("bpe")["translations"][0]["text"].startswith("A DOG RAN")


def test_s3_keeps_results_and_sqs_carries_jobs(tour: Tour) -> None:
    assert tour.json("aws article") == tour.json("aws article again")
    assert tour.json("aws job")["state"] == "done"
    assert tour.answers["aws worked"] == {"batchItemFailures": []}


def test_dynamodb_keeps_keys_and_counts(tour: Tour) -> None:
    assert tour.answers["aws without a key"]["statusCode"] == 401
    assert tour.json("aws usage")["characters"] == 2 * len(ARTICLE)


def test_the_other_surfaces_answer(tour: Tour) -> None:
    (translation,) = tour.json("POST /v2/translate")["translations"]
    assert translation["text"] == tour.json("POST /translate")["translatedText"]
    assert tour.answers["GET /download_file/{filename}"]["body"] == translation["text"]


def test_the_tour_has_made_every_call_of_the_api(tour: Tour) -> None:
    described = tour.json("/openapi.json")["paths"]
    missed = {
        (method.upper(), path)
        for path, methods in described.items()
        for method in methods
        if not any(
            asked == method.upper() and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", path), made)
            for asked, made in tour.asked
        )
    }
    assert not missed
    assert tour.json("/healthz") == {"status": "ok", "pairs": 2}
    assert tour.answers["/metrics"]["statusCode"] == 200
    assert json.loads(tour.answers["problem"]["body"])["code"] == "invalid-request"


def test_nothing_is_opened_but_the_bundle_the_standard_library_and_the_systems_files(
    tour: Tour, bundle: Bundle, tmp_path_factory: pytest.TempPathFactory
) -> None:
    system = ("/proc", "/sys", "/etc", "/dev", "/lib", "/lib64", "/usr/lib", "/usr/share/zoneinfo")
    places = [bundle.tree, tour.standard.parents[1], tmp_path_factory.getbasetemp(), *map(Path, system)]
    outside = {file for file in tour.opened if not any(file.is_relative_to(place) for place in places)}
    assert not outside


def test_what_is_carried_is_used(tour: Tour, bundle: Bundle) -> None:
    """What nobody opens is written to a list beside the bundle, for the next look at what may be left out."""
    unopened = Counter({file: file.stat().st_size for file in _carried(bundle.tree) if not tour.opened & _forms(file)})
    lines = [f"{size:>9} {file.relative_to(bundle.tree)}" for file, size in unopened.most_common()]
    (bundle.root / f"{bundle.target.name}.unopened.txt").write_text("\n".join(lines) + "\n")
    assert sum(unopened.values()) < 6_000_000


def _carried(tree: Path) -> Iterator[Path]:
    papers = (file for file in tree.rglob("*") if file.is_file())
    return (file for file in papers if ".dist-info" not in str(file) and file.suffix != ".py")


def _forms(file: Path) -> set[Path]:
    return {file}
