from time import sleep

import pytest

from services.steps import Step, recording, seconds_by_step, step


def test_steps_are_recorded_in_the_order_in_which_they_end_and_summed_up_by_kind() -> None:
    with recording() as laps:
        with step(Step.STORE), step(Step.DECODE):
            sleep(0.01)
        with step(Step.STORE):
            sleep(0.01)
    assert [lap.step for lap in laps] == [Step.DECODE, Step.STORE, Step.STORE]
    assert laps[1].began_s <= laps[0].began_s < laps[2].began_s
    seconds = seconds_by_step(laps)
    assert list(seconds) == [Step.DECODE, Step.STORE]
    assert seconds[Step.STORE] >= 0.02
    assert seconds[Step.DECODE] >= 0.01


def test_a_step_that_fails_is_recorded_too() -> None:
    with recording() as laps, pytest.raises(ValueError, match="no"), step(Step.RANK):
        raise ValueError("no")
    assert [lap.step for lap in laps] == [Step.RANK]


def test_nothing_is_recorded_where_nobody_asks_nor_in_the_record_of_another() -> None:
    with recording() as outer:
        with recording() as inner, step(Step.DETECT):
            pass
        with step(Step.RANK):
            pass
    with step(Step.STORE):
        pass
    assert [lap.step for lap in outer] == [Step.RANK]
    assert [lap.step for lap in inner] == [Step.DETECT]


def test_a_record_does_not_grow_without_end() -> None:
    with recording() as laps:
        for _ in range(5_000):
            with step(Step.STORE):
                pass
    assert len(laps) == 1_000
