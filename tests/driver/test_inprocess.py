"""A driven session is the session itself: ticks decide when, never what."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import pytest

from drill.actions.catalogue import Scale
from drill.actions.entries import Standstill, Update
from drill.driver.inprocess import BUDGET_S, InProcessDriver
from drill.driver.order import Order, open_session
from drill.errors import ActionError
from drill.session.session import Session
from drill.units import US_PER_S
from tests.driver.clock import Clock
from tests.library import checkout, short

if TYPE_CHECKING:
    from pathlib import Path

SCALE = Scale(deployment="checkout", replicas=10)


def driven(speed: float = 1.0, clock: Clock | None = None) -> tuple[InProcessDriver, Session, Clock]:
    """Return a driver that runs from time 0, with its session and its clock."""
    session = Session(short().spec, seed=3)
    clock = clock or Clock()
    driver = InProcessDriver(session, speed, clock)
    driver.resume()
    return driver, session, clock


def test_a_driven_session_equals_one_that_is_advanced_directly() -> None:
    """Random ticks at changing speeds, an action in between: bit for bit the same run."""
    driver, session, clock = driven(5.0)
    draw = random.Random(11)  # noqa: S311 - a test, not a secret
    while not driver.tick().over:
        clock.now_s += draw.random() / 2
        if draw.random() < 0.1:
            driver.set_speed(draw.choice([1.0, 7.0, 30.0]))
        if session.now_us > 30 * US_PER_S and not session.entries:
            driver.perform(SCALE)
    direct = Session(short().spec, seed=3)
    direct.advance(session.entries[0].at_us)
    direct.perform(SCALE)
    ended = driver.finish()
    assert ended.result.digest == direct.finish().digest
    assert ended.entries == tuple(session.entries)
    assert session.digest() == direct.digest()


def test_a_tick_goes_where_the_wall_clock_says() -> None:
    driver, session, clock = driven(4.0)
    clock.now_s += 0.5
    frame = driver.tick()
    assert frame.snapshot.at_us == session.now_us == 2 * US_PER_S
    assert (frame.speed, frame.behind, frame.paused, frame.over) == (4.0, False, False, False)


def test_a_paused_driver_stands_still() -> None:
    driver, session, clock = driven()
    clock.now_s += 0.5
    driver.pause()
    at_us = driver.tick().snapshot.at_us
    clock.now_s += 30.0
    assert driver.tick().paused
    assert session.now_us == at_us == US_PER_S // 2


def test_a_tick_ends_when_its_share_of_wall_clock_is_used_up() -> None:
    """Each look at the clock takes a third of the budget, so a tick gets only a few slices far."""
    driver, session, clock = driven(60.0, Clock(reading_s=BUDGET_S / 3))
    for _ in range(60):
        clock.now_s += 0.1
        frame = driver.tick()
    assert frame.behind
    assert 0 < frame.effective < 30
    assert 0 < session.now_us < 60 * US_PER_S


def test_a_pause_gives_up_what_a_slow_machine_owes() -> None:
    driver, session, clock = driven(60.0, Clock(reading_s=BUDGET_S / 3))
    for _ in range(5):
        clock.now_s += 0.1
        driver.tick()
    assert driver.lagging
    at_us = session.now_us
    driver.pause()
    assert driver.tick().snapshot.at_us == at_us


def test_a_tick_stops_once_it_is_wanted_elsewhere_and_the_next_one_makes_up_for_it() -> None:
    driver, session, clock = driven(10.0)
    clock.now_s += 0.5
    driver.tick(wanted=lambda: True)
    assert 0 < session.now_us < 5 * US_PER_S
    assert driver.lagging
    assert driver.tick().snapshot.at_us == 5 * US_PER_S
    assert not driver.lagging


def test_saying_how_things_stand_simulates_nothing() -> None:
    driver, session, clock = driven()
    clock.now_s += 0.5
    assert driver.frame().snapshot.at_us == session.now_us == 0
    assert driver.tick() == driver.frame()


def test_a_hurry_goes_to_its_goal_and_pauses_there() -> None:
    driver, session, _ = driven()
    driver.hurry(20 * US_PER_S)
    ticks = 1
    while driver.tick().hurrying:
        ticks += 1
    frame = driver.tick()
    assert frame.snapshot.at_us == session.now_us == 20 * US_PER_S
    assert frame.paused


def test_after_a_hurry_time_goes_on_from_its_goal() -> None:
    driver, _, clock = driven()
    driver.hurry(20 * US_PER_S)
    while driver.tick().hurrying:
        clock.now_s += 1.0
    driver.resume()
    clock.now_s += 0.25
    assert driver.tick().snapshot.at_us == 20 * US_PER_S + US_PER_S // 4


def test_what_users_felt_is_kept_for_every_sampling_period_however_ticks_fall() -> None:
    fine, _, clock = driven(60.0)
    while not fine.tick().over:
        clock.now_s += 0.013
    coarse, _, _ = driven()
    coarse.hurry(60 * US_PER_S)
    while coarse.tick().hurrying:
        pass
    assert fine.tick().users == coarse.tick().users
    assert len(coarse.tick().users) == short().spec.length // short().spec.sampling


def test_looks_are_recorded_and_glances_are_not() -> None:
    driver, session, _ = driven()
    reading = driver.look("pods")
    assert driver.glance("pods") == reading
    assert [entry.deed for entry in session.entries] == [session.entries[0].deed]


def test_what_can_not_be_done_is_refused() -> None:
    driver, session, _ = driven()
    with pytest.raises(ActionError, match="did you mean checkout"):
        driver.perform(Scale(deployment="chekout", replicas=3))
    assert not session.entries


def test_leaving_closes_the_recording_where_the_run_stands(tmp_path: Path) -> None:
    scenario = checkout()
    assert scenario.path is not None
    order = Order(scenario=scenario.path, seed=2, record=tmp_path / "run.jsonl", started="2026-01-01T00:00:00+00:00")
    driver = InProcessDriver(open_session(order, scenario), clock=Clock())
    driver.hurry(12 * US_PER_S)
    while driver.tick().hurrying:
        pass
    driver.do(Update(update="acknowledge"))
    driver.leave()
    driver.leave()
    head, *_, last = [json.loads(line) for line in (tmp_path / "run.jsonl").read_text().splitlines()]
    assert (head["player"], head["seed"], head["started"]) == ("cockpit", 2, order.started)
    assert (last["at"], last["end"]) == ("12s", "left")


def test_how_long_time_was_stopped_is_recorded_when_it_goes_on() -> None:
    """Whoever compares two runs can see that one was thought over at leisure; short stops do not count."""
    driver, session, clock = driven()
    driver.resume()
    for stopped_s in (0.5, 42.0):
        driver.pause()
        driver.pause()
        clock.now_s += stopped_s
        driver.resume()
    assert [entry.deed for entry in session.entries] == [Standstill(stood_still=42 * US_PER_S)]
