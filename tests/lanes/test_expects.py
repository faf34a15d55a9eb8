"""What the shipped scenarios promise comes out of the engine, and goes away with its cause."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.lanes.batch import default_jobs, run_lanes
from drill.lanes.expects import Promise, Verdict, promises
from drill.lanes.lane import LaneTask, run_lane
from drill.scenario.library import find, folder, paths
from drill.scenario.loader import load
from tests.library import SHORT, checkout

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

SHIPPED = paths(folder())
LESSONS = [path for path in SHIPPED if "lesson" in path.stem]
"""One variant each of the family of checkout timeouts."""


def verdicts(path: Path, seeds: list[int], only: Callable[[Promise], bool] = lambda _: True) -> list[Verdict]:
    """Return the verdict on every promise, each lane simulated once."""
    file = load(path)
    every = [each for seed in seeds for each in promises(str(path), file.for_seed(seed).spec.expects, [seed])]
    wanted = list(filter(only, every))
    tasks = {repr(promise.task): promise.task for promise in wanted}
    lanes = dict(zip(tasks, run_lanes(list(tasks.values()), default_jobs()), strict=True))
    return [promise.judge(lanes[repr(promise.task)]) for promise in wanted]


@pytest.mark.parametrize("path", [path for path in SHIPPED if path not in LESSONS], ids=lambda path: path.stem)
def test_promises_are_kept_on_a_seed(path: Path) -> None:
    """Every expectation holds, and none holds without its cause."""
    assert [str(verdict) for verdict in verdicts(path, [1]) if not verdict.kept] == []


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_fails_by_its_cause_and_is_cured_by_its_first_solution(path: Path) -> None:
    """The heart of each of the five; the rest of their promises takes longer."""
    first = next(iter(load(path).spec.story.solutions))
    found = verdicts(path, [1], lambda each: each.name == "outage" or each.expect.player == first)
    assert len(found) >= 3
    assert [str(verdict) for verdict in found if not verdict.kept] == []


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_promises_are_kept_on_twenty_seeds(path: Path) -> None:
    """Nothing of it is luck."""
    assert [str(verdict) for verdict in verdicts(path, list(range(1, 21))) if not verdict.kept] == []


def test_a_promise_that_holds_without_its_cause_is_broken() -> None:
    """The check would notice a scenario whose effect has nothing to do with the cause it names."""
    expect = checkout().spec.expects["healthy-before"]
    expect = replace(expect, without={"nothing-that-matters": {"traffic": {"factor": 0.9}}})
    broken = [
        promise.judge(run_lane(promise.task))
        for promise in promises(str(find("checkout-down")), {"healthy-before": expect}, [1])
        if promise.cause
    ]
    assert [verdict.kept for verdict in broken] == [False]


def test_a_removed_key_stays_removed_beside_other_changes() -> None:
    """A null in `without` reaches the lane, whatever else the expectation changes."""
    expect = replace(checkout().spec.expects["outage"], changes={"traffic": {"factor": 1.1}})
    expect = replace(expect, without={"the-pods": {"timeline": {"more-pods": None}}})
    (_, promise) = promises("here", {"outage": expect}, [1])
    assert promise.task.changes == {"traffic": {"factor": 1.1}, "timeline": {"more-pods": None}}


def test_lanes_come_out_the_same_in_any_number_of_processes() -> None:
    """Spawned workers give what this process gives, in the order of the tasks."""
    path = str(find("checkout-down"))
    tasks = [LaneTask(scenario=path, seed=seed, changes=SHORT) for seed in (1, 2, 3)]
    alone = [lane.summary for lane in run_lanes(tasks, jobs=1)]
    together = [lane.summary for lane in run_lanes(tasks, jobs=2)]
    assert together == alone
    assert len({summary["digest"] for summary in alone}) == len(tasks)
