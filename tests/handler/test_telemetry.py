from concurrent.futures import ThreadPoolExecutor

from handler.telemetry import Counters
from services.ports import Count


def test_every_count_is_told_in_the_format_of_prometheus() -> None:
    counters = Counters()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: counters.count(Count.STORE_FAILED), range(800)))
    assert counters.exposition() == (
        "# TYPE interlede_store_bypassed_total counter\n"
        "interlede_store_bypassed_total 0\n"
        "# TYPE interlede_store_failed_total counter\n"
        "interlede_store_failed_total 800\n"
        "# TYPE interlede_store_shunned_total counter\n"
        "interlede_store_shunned_total 0\n"
        "# TYPE interlede_result_unreadable_total counter\n"
        "interlede_result_unreadable_total 0\n"
    )
