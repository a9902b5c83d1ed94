"""The bundle under AWS's own Runtime Interface Emulator, and the emulator's own promises under a function of ours."""

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from infra.bundle.build import Bundle
from infra.emulator.configuration import Configuration
from infra.emulator.cpu import limits_cpu
from infra.emulator.function import MAX_PAYLOAD_BYTES, Function, Outcome, Throttled, TooLarge
from infra.emulator.gateway import MAX_BODY_BYTES, http_api, serving_app
from infra.emulator.local import ROLE, Running, Stack, running
from infra.emulator.sandbox import Answered, Failed
from infra.emulator.tools import Tools, ToolsMissing, set_up
from infra.python313 import NoPython313
from infra.wheels import WheelUnavailable
from services.adapters.aws import Connection
from tests.fakes.ministack import AWS_ENV

TOP = Path(__file__).parents[2]
GIVE_UP_AFTER_S = 30
SENTENCE = "The prime minister said the new law will come into force next year."
TRANSLATION = "O primeiro-ministro disse que a nova lei entrará em vigor no próximo ano."
PLAIN, HTML, JSON = ({"content-type": kind} for kind in ("text/plain", "text/html; charset=utf-8", "application/json"))

Open = Callable[..., Function]


@pytest.fixture(scope="module")
def tools() -> Tools:
    """AWS's emulator and the managed runtime's Python, kept between runs of the tests."""
    try:
        return set_up(TOP / ".tools")
    except (ToolsMissing, NoPython313, WheelUnavailable) as exc:
        pytest.skip(str(exc))


@pytest.fixture(scope="module")
def environment() -> Iterator[None]:
    """Credentials for the servers of the tests, and nothing else to be found, for as long as the stack runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_PROFILE", raising=False)
        for name, value in AWS_ENV.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def stack(tools: Tools, bundle: Bundle, environment: None, seaweed_url: str, ministack_url: str) -> Iterator[Running]:
    """The API and the worker of the bundle, with SeaweedFS as S3 and MiniStack as SQS."""
    asked = Stack(bundle.tree, seaweed_url, ministack_url, concurrency=2, batch_size=3, snapstart=True, visibility_s=60)
    with running(asked, tools, log=lambda line: None) as stack:
        yield stack


@pytest.fixture(scope="module")
def http(stack: Running) -> Iterator[httpx.Client]:
    """A caller of the API."""
    with httpx.Client(base_url=stack.url, timeout=GIVE_UP_AFTER_S) as client:
        yield client


@pytest.fixture
def function(tools: Tools) -> Iterator[Open]:
    """Makes functions that do what their events ask for."""
    made = list[Function]()

    def make(**settings: Any) -> Function:  # noqa: ANN401
        asked = Configuration("asked", "lambda_function.handler", TOP / "tests" / "fakes", **settings)
        made.append(Function(asked, tools, ROLE, log=lambda line: None))
        return made[-1]

    yield make
    for one in made:
        one.close()


def invoke(function: Function, **event: object) -> Any:  # noqa: ANN401
    """What the function answers to an event."""
    return invoke_raw(function, json.dumps(event).encode())


def invoke_raw(function: Function, payload: bytes) -> Any:  # noqa: ANN401
    """What the function answers to JSON."""
    outcome = function.invoke(payload)
    assert isinstance(outcome, Answered), outcome
    return json.loads(outcome.payload)


def test_the_bundle_is_healthy_and_has_its_models(http: httpx.Client) -> None:
    answer = http.get("/healthz")
    assert (answer.status_code, answer.json()["status"], answer.json()["pairs"]) == (200, "ok", 2)


def test_plain_text_is_translated_in_both_directions(http: httpx.Client) -> None:
    into = http.post("/v1/translations?source=en&target=pt", content=SENTENCE, headers=PLAIN)
    assert (into.status_code, into.text.strip()) == (200, TRANSLATION)
    back = http.post("/v1/translations?source=pt&target=en", content=TRANSLATION.encode(), headers=PLAIN)
    assert back.status_code == 200
    assert "new law" in back.text


def test_json_is_translated(http: httpx.Client) -> None:
    answer = http.post("/v1/translations", json={"text": SENTENCE, "target": "pt"})
    assert answer.json()["translations"][0]["text"] == TRANSLATION


def test_html_comes_and_goes_as_utf_8(http: httpx.Client) -> None:
    page = f"<p>São João: <b>{SENTENCE}</b></p>".encode()
    answer = http.post("/v1/translations?source=en&target=pt", content=page, headers=HTML)
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.content.decode().startswith("<p>São João")
    assert "força" in answer.text or "vigor" in answer.text


def test_an_article_is_summarised(http: httpx.Client, sample: Path) -> None:
    article = sample.read_text()
    answer = http.post("/v1/summaries", json={"text": article, "sentences": 2})
    sentences = answer.json()["summary"]["sentences"]
    assert len(sentences) == 2
    assert all(sentence["text"] in article for sentence in sentences)


def test_an_article_is_kept_in_s3_and_known_again(http: httpx.Client, sample: Path) -> None:
    made = http.post("/v1/articles", json={"title": "Ferry", "text": sample.read_text(), "target": "pt"})
    assert (made.status_code, made.headers["x-cache"]) == (200, "miss")
    place = made.headers["content-location"]
    found = http.get(place)
    assert (found.status_code, found.json()["translation"]) == (200, made.json()["translation"])
    known = http.get(place, headers={"if-none-match": found.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


def test_a_batch_goes_through_the_queue_and_a_message_that_is_no_task_to_the_dead_letters(
    http: httpx.Client, stack: Running
) -> None:
    assert stack.queues
    sqs = Connection("sqs", endpoint_url=stack.sqs_url)()
    sqs.send_message(QueueUrl=stack.queues.jobs, MessageBody="no JSON")
    lines = "\n".join(json.dumps({"text": f"{n} people came.", "source": "en", "target": "pt"}) for n in range(25))
    ndjson = {"content-type": "application/x-ndjson"}
    job = http.post("/v1/jobs?call=translations", content=lines, headers=ndjson)
    assert job.status_code == 202, job.text
    place = job.headers["location"]
    state = wait_until(lambda: http.get(place).json(), lambda job: job["state"] not in ("queued", "running"))
    assert state["state"] == "done", state
    results = http.get(f"{place}/results").text.splitlines()
    assert len(results) == 25
    assert all(json.loads(result)["status"] == 200 for result in results)
    dead = wait_until(
        lambda: sqs.receive_message(QueueUrl=stack.queues.dead_letters).get("Messages", []) if stack.queues else [],
        bool,
    )
    assert [message["Body"] for message in dead] == ["no JSON"]


def test_bodies_over_the_limits_are_refused_before_they_reach_the_function(http: httpx.Client) -> None:
    at_gateway = http.post("/v1/translations?target=pt", content=b"x" * (MAX_BODY_BYTES + 1), headers=PLAIN)
    at_lambda = http.post("/v1/translations?target=pt", content=b"x" * MAX_PAYLOAD_BYTES, headers=PLAIN)
    for answer in (at_gateway, at_lambda):
        assert (answer.status_code, answer.json()) == (413, {"message": "Request Entity Too Large"})


def test_the_bundle_answers_before_its_time_is_up_and_meanwhile_others_are_turned_away(
    tools: Tools, bundle: Bundle, tmp_path: Path
) -> None:
    long_text = " ".join(f"The council met on Monday, and {n} people came to the meeting." for n in range(3_000))
    in_a_folder = {"INTERLEDE_RESULTS": str(tmp_path)}
    asked = Configuration(
        "api", "handler.lambda_api.handler", bundle.tree, timeout_s=8, concurrency=1, environment=in_a_folder
    )
    with Function(asked, tools, ROLE, log=lambda line: None) as function, ThreadPoolExecutor() as pool:
        function.start()
        with serving_app(http_api(function.invoke), "127.0.0.1", 0) as url:
            call = {"content": long_text, "headers": PLAIN, "timeout": GIVE_UP_AFTER_S}
            long = pool.submit(httpx.post, f"{url}/v1/translations?target=pt", **call)
            time.sleep(1)
            meanwhile = httpx.get(f"{url}/healthz")
            late = long.result()
            afterwards = httpx.get(f"{url}/healthz")
    assert (meanwhile.status_code, meanwhile.json()) == (503, {"message": "Service Unavailable"})
    assert (late.status_code, late.headers["location"][:9]) == (202, "/v1/jobs/")
    assert afterwards.status_code == 200


def test_a_function_finds_the_environment_that_lambda_makes(function: Open) -> None:
    answer = invoke(function(memory_mb=512, timeout_s=7), a=1)
    environment = answer["environment"]
    assert answer["event"] == {"a": 1}
    assert 6_000 < answer["left_ms"] <= 7_000
    assert environment["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] == "512"
    assert environment["AWS_LAMBDA_INITIALIZATION_TYPE"] == "on-demand"
    assert environment["AWS_ACCESS_KEY_ID"] == ROLE["AWS_ACCESS_KEY_ID"]
    assert environment["LAMBDA_TASK_ROOT"] == str(TOP / "tests" / "fakes")
    assert environment["_HANDLER"] == "lambda_function.handler"


def test_an_environment_is_used_again_and_its_initialisation_is_no_call(function: Open) -> None:
    one = function()
    assert [invoke(one)["calls"] for _ in range(3)] == [1, 2, 3]
    (sandbox,) = one.sandboxes
    assert 0 < (sandbox.init_ms or 0) < 10_000


def test_with_snapstart_the_hooks_run_around_the_snapshot_and_no_key_is_in_the_environment(function: Open) -> None:
    one = function(snapstart=True)
    one.start()
    answer = invoke(one)
    assert answer["hooks"] == ["before snapshot", "after restore"]
    assert answer["environment"]["AWS_LAMBDA_INITIALIZATION_TYPE"] == "snap-start"
    assert not {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"} & answer["environment"].keys()
    url, token = (
        answer["environment"][f"AWS_CONTAINER_{name}"] for name in ("CREDENTIALS_FULL_URI", "AUTHORIZATION_TOKEN")
    )
    assert httpx.get(url, headers={"authorization": token}).json()["AccessKeyId"] == ROLE["AWS_ACCESS_KEY_ID"]
    assert httpx.get(url).status_code == 403


@pytest.mark.parametrize(
    ("event", "error_type"),
    [
        ({"do": "fail"}, "ValueError"),
        ({"do": "exit"}, "Runtime.ExitError"),
        ({"do": "fill", "mb": 400, "seconds": 1}, "Runtime.ExitError"),
    ],
)
def test_a_call_that_fails_does_not_take_the_next_one_with_it(
    function: Open, event: dict[str, object], error_type: str
) -> None:
    one = function(memory_mb=256)
    one.start()
    outcome = one.invoke(json.dumps(event).encode())
    assert isinstance(outcome, Failed)
    assert outcome.error_type == error_type
    assert invoke(one, a=1)["event"] == {"a": 1}


def test_a_call_that_takes_too_long_is_ended_and_the_function_recovers(function: Open) -> None:
    one = function(timeout_s=2)
    one.start()
    outcome = one.invoke(b'{"do": "sleep", "seconds": 30}')
    assert isinstance(outcome, Failed)
    assert (outcome.error_type, outcome.message) == ("Sandbox.Timedout", "Task timed out after 2.00 seconds")
    # A new initialisation counts against the time of a call, for which a busy machine may need several.
    assert isinstance(wait_until(lambda: one.invoke(b"{}"), lambda told: isinstance(told, Answered)), Answered)


def test_memory_under_the_limit_is_no_reason_to_be_killed(function: Open) -> None:
    one = function(memory_mb=256)
    assert invoke(one, do="fill", mb=100, seconds=0.1)["calls"] == 1
    (sandbox,) = one.sandboxes
    assert 100 * 2**20 < sandbox.peak_bytes < 256 * 2**20


def test_one_call_more_than_the_reserved_concurrency_is_throttled(function: Open) -> None:
    one = function(concurrency=2)
    event = json.dumps({"do": "sleep", "seconds": 1}).encode()
    with ThreadPoolExecutor() as pool:
        outcomes: list[Outcome] = list(pool.map(one.invoke, [event] * 3))
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Answered", "Answered", "Throttled"]
    pids = {json.loads(outcome.payload)["pid"] for outcome in outcomes if isinstance(outcome, Answered)}
    assert len(pids) == len(one.sandboxes) == 2
    assert not isinstance(one.invoke(b"{}"), Throttled)


def test_a_payload_over_the_limit_is_refused_and_one_at_it_is_whole(function: Open) -> None:
    one = function()
    payload = json.dumps("x" * (MAX_PAYLOAD_BYTES - 2)).encode()
    assert isinstance(one.invoke(payload + b" "), TooLarge)
    assert invoke_raw(one, payload)["length"] == len(payload) - 2


def test_a_share_of_the_processor_slows_a_function_down(function: Open) -> None:
    if not limits_cpu():
        pytest.skip("no control group (version 1) can be made here")
    slow, fast = function(cpu_by_memory=True, memory_mb=177).start(), function().start()
    assert (slow.init_ms or 0) > 2 * (fast.init_ms or 0)


def wait_until(ask: Callable[[], Any], is_enough: Callable[[Any], bool]) -> Any:  # noqa: ANN401
    """What is told when it is enough, or after a while in any case."""
    give_up_at = time.monotonic() + GIVE_UP_AFTER_S
    while not is_enough(told := ask()) and time.monotonic() < give_up_at:
        time.sleep(0.2)
    return told
