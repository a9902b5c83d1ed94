"""No price stands anywhere but in the table, and the document shows that table."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from infra.prices import CORE_MB, MONTH_S, PRICES, compute_cost

ROOT = Path(__file__).parents[3]
PRICED = [one.name for one in fields(PRICES) if "per" in one.metadata]


@pytest.mark.parametrize("name", PRICED)
def test_a_price_is_that_of_something_and_can_be_looked_up(name: str) -> None:
    (field,) = (one for one in fields(PRICES) if one.name == name)
    assert getattr(PRICES, name) > 0
    assert re.match(r"(aws\.amazon|deepl)\.com/", field.metadata["source"])


def test_the_document_of_costs_shows_the_table_as_it_is() -> None:
    table = "\n".join(PRICES.table())
    assert len(table.splitlines()) == 2 + len(PRICED)
    assert table in (ROOT / "docs" / "cost.md").read_text("utf-8")


def test_small_prices_are_shown_for_a_million() -> None:
    assert any("| 16.6667 a million GB-seconds |" in line for line in PRICES.table())
    assert any(f"| {PRICES.t4g_small_h} an hour |" in line for line in PRICES.table())


def test_a_function_of_one_core_costs_seventy_to_eighty_dollars_in_a_month_of_work() -> None:
    assert 70 < compute_cost(MONTH_S, CORE_MB) < 80
    assert compute_cost(MONTH_S, CORE_MB, arm=True) == pytest.approx(0.8 * compute_cost(MONTH_S, CORE_MB), rel=0.001)
