from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from math import inf

import pytest

from services import deadline
from services.deadline import NEVER, Deadline


def test_a_deadline_passes_when_its_moment_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(deadline, "monotonic", lambda: now[0])
    one = Deadline.after(5)
    assert (one, one.remaining_s(), one.passed) == (Deadline(105), 5, False)
    now[0] = 104.9
    assert not one.passed
    now[0] = 105.0
    assert (one.remaining_s(), one.passed) == (0, True)
    now[0] = 200.0
    assert (one.remaining_s(), one.passed) == (0, True)


def test_never_does_not_pass() -> None:
    assert (NEVER.remaining_s(), NEVER.passed) == (inf, False)


def test_there_is_none_unless_one_is_set() -> None:
    assert deadline.current() is NEVER
    with deadline.until(Deadline(7)):
        assert deadline.current() == Deadline(7)
    assert deadline.current() is NEVER
    with pytest.raises(ZeroDivisionError), deadline.within(1):
        _ = 1 / 0
    assert deadline.current() is NEVER


@pytest.mark.parametrize(("outer", "inner"), [(7, 9), (9, 7)])
def test_of_two_the_earlier_one_holds(outer: float, inner: float) -> None:
    with deadline.until(Deadline(outer)):
        with deadline.until(Deadline(inner)):
            assert deadline.current() == Deadline(7)
        assert deadline.current() == Deadline(outer)


def test_so_many_seconds_begin_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "monotonic", lambda: 100.0)
    with deadline.within(5), deadline.within(8):
        assert deadline.current() == Deadline(105)


def test_each_request_has_its_own() -> None:
    with ThreadPoolExecutor(1) as another, deadline.until(Deadline(7)):
        mine: Callable[[], Deadline] = deadline.current
        assert another.submit(mine).result() is NEVER
        assert another.submit(copy_context().run, mine).result() == Deadline(7)  # as web frameworks call a route
