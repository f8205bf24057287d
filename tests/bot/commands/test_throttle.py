"""Somebody who does it too often has to wait, and nobody else."""

import pytest

from bot.commands.throttle import Throttle


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_the_last_time_before_the_wait_is_told(clock):
    throttle = Throttle(3, 60, clock=clock)
    assert [throttle.note("ann") for _ in range(3)] == [False, False, True]
    assert throttle.closed("ann")
    assert not throttle.closed("ben")


def test_the_wait_is_as_long_as_it_was_said(clock):
    """It counts from the last time, not from the first."""
    throttle = Throttle(2, 60, clock=clock)
    throttle.note("ann")
    clock.now += 59
    throttle.note("ann")
    clock.now += 59
    assert throttle.closed("ann")
    clock.now += 1
    assert not throttle.closed("ann")
    assert not throttle.note("ann")


def test_what_is_done_now_and_then_does_not_add_up(clock):
    throttle = Throttle(2, 60, clock=clock)
    for _ in range(10):
        assert not throttle.note("ann")
        clock.now += 60
    assert not throttle.closed("ann")


def test_a_crowd_does_not_fill_the_memory(clock):
    throttle = Throttle(1, 60, most=100, clock=clock)
    for number in range(1000):
        throttle.note(f"person {number}")
    remembered = [number for number in range(1000) if throttle.closed(f"person {number}")]
    assert remembered == list(range(900, 1000))
