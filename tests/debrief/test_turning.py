"""One threshold and two runs decide what an action came to; a trap is named only where it did not help by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.actions.catalogue import Action, RestartPods, Scale, SetPoolSize
from drill.actions.entries import Entry, Look
from drill.debrief.traps import trap_of
from drill.debrief.turning import EFFECTS, effect, slight, turning_points
from drill.debrief.waiting import waits
from drill.lanes.comparison import Turn, compare
from drill.lanes.lane import LaneTask, run_lane
from drill.scenario.library import find
from drill.units import US_PER_S
from tests.library import SHORT, checkout
from tests.tui.shop import shop

MORE, RESTART = "Scale further", "Restart the pods"


def at(second: int, deed: Action) -> Entry:
    """Return an action at a time."""
    return Entry(at_us=second * US_PER_S, deed=deed)


def scale(second: int, replicas: int) -> Entry:
    """Return the shipped deployment scaled."""
    return at(second, Scale(deployment="checkout", replicas=replicas))


@pytest.mark.parametrize(
    ("spared", "alone", "expected"),
    [
        (100, 100, "helped"),
        (100, 99, "helped with others"),
        (100, -99, "helped with others"),
        (100, -100, "depends on others"),
        (99, 100, "helps by itself"),
        (99, -99, "little difference"),
        (0, 0, "little difference"),
        (0, -100, "harms by itself"),
        (-100, 0, "did harm"),
        (-100, -100, "did harm"),
        (-100, 99, "did harm"),
        (-100, 100, "depends on others"),
        (100, None, ""),
        (None, 100, ""),
    ],
)
def test_the_effect_follows_from_both_runs(spared: int | None, alone: int | None, expected: str) -> None:
    assert effect(100, spared, alone, asked_alone=True) == expected
    assert expected in ("", *EFFECTS)


@pytest.mark.parametrize(
    ("spared", "expected"), [(100, "helped"), (99, "little difference"), (-100, "did harm"), (None, "")]
)
def test_a_single_action_is_by_itself_in_its_own_run(spared: int | None, expected: str) -> None:
    assert effect(100, spared, None, asked_alone=False) == expected


def test_what_makes_a_difference_is_a_hundredth_of_the_run_with_nothing_done() -> None:
    assert [slight(bad) for bad in (0, 1, 100, 101, 47_232)] == [1, 1, 1, 2, 473]


@pytest.mark.parametrize(
    ("done", "expected"),
    [
        (scale(350, 50), MORE),
        (scale(350, 31), MORE),
        (scale(350, 30), ""),
        (scale(350, 15), ""),
        (at(350, RestartPods(deployment="checkout")), RESTART),
        (at(350, RestartPods(deployment="checkout", rollout="surge")), RESTART),
        (at(350, SetPoolSize(deployment="checkout", pool="db", size=3)), ""),
        (Entry(at_us=350 * US_PER_S, deed=Look(look="pods")), ""),
    ],
)
def test_an_action_is_like_a_trap_that_does_the_same(done: Entry, expected: str) -> None:
    assert trap_of(checkout().spec, (done,), done) == expected


def test_which_way_scaling_goes_depends_on_what_was_asked_for_before() -> None:
    """Forty is more than thirty, and fewer than eighty."""
    up, down = scale(350, 80), scale(400, 40)
    assert trap_of(checkout().spec, (up, down), down) == ""
    assert trap_of(checkout().spec, (down,), down) == MORE


def test_where_an_autoscaler_changes_the_replicas_nobody_can_tell_the_way() -> None:
    scaler = {"metric": "cpu", "target": "50%", "lowest": 2, "highest": 60}
    file = checkout().patched({"topology": {"deployments": {"checkout": {"autoscaler": scaler}}}})
    assert trap_of(file.spec, (scale(350, 50),), scale(350, 50)) == ""


def test_without_traps_nothing_is_one() -> None:
    done = at(40, Scale(deployment="till", replicas=9))
    assert trap_of(shop().spec, (done,), done) == ""


def test_the_first_action_that_helped_is_the_first_that_the_turning_points_say_helped() -> None:
    """What changes next to nothing is none, nor is what does harm by itself; and what helped by itself is no trap."""
    spec = checkout().spec
    entries = (scale(350, 50), scale(400, 80), at(450, RestartPods(deployment="checkout")))
    idle = replace(run_lane(LaneTask(scenario=str(find("checkout-down")), seed=3, changes=SHORT)), bad=10_000)
    you = replace(idle, bad=7_000)
    bad = (7_500, 7_080, 9_900), (10_400, 10_020, 9_800)
    turns = [
        Turn(entry=entry, without=replace(idle, bad=left), alone=replace(idle, bad=kept))
        for entry, left, kept in zip(entries, *bad, strict=True)
    ]
    found = turning_points(spec, entries, compare([you, idle, idle], turns))
    assert [(turn.effect, turn.trap) for turn in found] == [
        ("depends on others", MORE),
        ("little difference", MORE),
        ("helped", ""),
    ]
    assert [stretch.end_us // US_PER_S for stretch in waits(spec, found, you)] == [300, 450, 900]
