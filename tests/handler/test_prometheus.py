from concurrent.futures import ThreadPoolExecutor

from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from handler.prometheus import Prometheus
from services.ports import Count
from tests.fakes.services import fake_services
from tests.fakes.stores import DownStore
from tests.handler.conftest import Serve

BODY = {"text": "A secret sentence. Another one.", "source": "en", "target": "pt"}


def samples(exposition: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """The samples of an exposition by name and labels."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
    }


def of(api: TestClient, name: str, **labels: str) -> float:
    """A sample of what an API tells."""
    return samples(api.get("/metrics").text)[name, frozenset(labels.items())]


def test_no_event_is_lost_between_threads_and_each_is_told_from_the_start() -> None:
    meter = Prometheus()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: meter.count(Count.STORE_FAILED, 2), range(800)))
    found = samples(meter.exposition().decode())
    assert {event: found[f"interlede_{event}_total", frozenset()] for event in Count} == {
        event: 1_600 if event is Count.STORE_FAILED else 0 for event in Count
    }


def test_requests_are_counted_by_route_and_status_with_time_steps_and_cache(api: TestClient) -> None:
    for _ in range(2):
        assert api.post("/v1/translations", json=BODY).status_code == 200
    assert api.post("/v1/translations", json={}).status_code == 422
    route = {"kind": "request", "route": "/v1/translations"}
    assert of(api, "interlede_exchanges_total", **route, method="POST", status="200") == 2
    assert of(api, "interlede_exchanges_total", **route, method="POST", status="422") == 1
    assert of(api, "interlede_exchange_seconds_count", **route) == 3
    assert of(api, "interlede_answers_total", cache="hit") == 1
    assert of(api, "interlede_answers_total", cache="miss") == 1
    assert of(api, "interlede_step_seconds_count", step="decode") == 1
    assert of(api, "interlede_step_seconds_count", step="store") >= 3
    assert of(api, "interlede_characters_total") == len("A secret sentence.Another one.")
    assert of(api, "interlede_sentences_decoded_total") == 2


def test_labels_have_nothing_that_a_caller_makes_up(api: TestClient) -> None:
    api.request("BREW", "/teapot-of-mine?key=secret")
    api.get("/v1/articles/somebodys-id")
    told = api.get("/metrics").text
    assert not {"BREW", "teapot", "secret", "somebodys"} & set(told.replace('"', " ").split())
    assert of(api, "interlede_exchanges_total", kind="request", method="other", route="other", status="404") == 1
    article = {"kind": "request", "route": "/v1/articles/{article_id}"}
    assert of(api, "interlede_exchanges_total", **article, method="GET", status="404") == 1


def test_a_store_that_is_done_without_is_counted(serve: Serve) -> None:
    api = serve(fake_services(objects=DownStore("read")))
    assert api.post("/v1/translations", json=BODY).headers["x-cache"] == "bypass"
    assert of(api, "interlede_store_bypassed_total") >= 1
    assert of(api, "interlede_answers_total", cache="bypass") == 1


def test_a_task_is_counted_too(serve: Serve) -> None:
    services = fake_services()
    api = serve(services)
    api.post("/v1/jobs", json={"call": "translations", "request": BODY})
    for message in services.pump.queue.receive(1, 0, 60):
        assert services.work(message)
    assert of(api, "interlede_exchanges_total", kind="task", method="other", route="", status="200") == 1
