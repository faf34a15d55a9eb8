"""Whichever way a run of a sealed family begins, its seed means the same system."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drill.cli.boundary import run as run_drill
from drill.cli.options import any_seed
from drill.driver.order import Order, open_session
from drill.lanes.lane import LaneTask, run_lane
from drill.scenario.loader import load
from drill.tui.opening import opened
from drill.tui.options import Options
from tests.driver.clock import Clock

FAMILY = Path(__file__).parents[1] / "scenario" / "data" / "families" / "family.yaml"
SEEDS = (1, 2, 3, 4)


def test_the_seeds_below_mean_both_systems() -> None:
    """Otherwise the tests would compare nothing."""
    assert {load(FAMILY).for_seed(seed).spec.story.answer for seed in SEEDS} == {"a", "b"}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_cockpit_and_a_worker_play_what_the_seed_means(seed: int) -> None:
    file = load(FAMILY)
    wanted = file.for_seed(seed).spec
    order = Order(scenario=FAMILY, seed=seed)
    assert open_session(order).spec == wanted
    assert open_session(order, file).spec == wanted
    run = opened(file, Options(library=FAMILY.parent, seed=seed, clock=Clock(), tick_s=None))
    assert run.scenario.spec == wanted
    run.close()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_headless_run_a_lane_a_replay_and_a_debrief_agree(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recording = tmp_path / "run.jsonl"
    call = ["run", str(FAMILY), "--seed", str(seed), "--player", "expert", "--record", str(recording), "--json"]
    assert run_drill(call) == 0
    summary = json.loads(capsys.readouterr().out)
    lane = run_lane(LaneTask(scenario=str(FAMILY), seed=seed, player="expert"))
    assert lane.summary["digest"] == summary["digest"]
    assert (
        summary["scenario_digest"]
        == load(FAMILY).digest
        == json.loads(recording.read_text("utf-8").splitlines()[0])["scenario_digest"]
    )
    assert run_drill(["replay", str(recording), "--check", "--scenario", str(FAMILY)]) == 0
    assert run_drill(["debrief", str(recording), "--scenario", str(FAMILY), "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out.partition("\n")[2])
    suspect = load(FAMILY).for_seed(seed).spec.story
    assert told["truth"] == suspect.suspects[suspect.answer].title


@pytest.mark.parametrize("seed", SEEDS)
def test_a_console_stands_in_the_system_the_seed_means(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    """One system has grown to ten pods or more by then, the other to two."""
    pods = "SELECT count(DISTINCT application_name) FROM pg_stat_activity WHERE application_name LIKE 'api-%'"
    assert run_drill(["console", str(FAMILY), "--seed", str(seed), "--at", "3m", "-c", pods]) == 0
    found = int(capsys.readouterr().out.splitlines()[2])
    assert (found >= 10) == (load(FAMILY).for_seed(seed).spec.story.answer == "b")


def seeds_played(draws: list[int], library: Path, seed: int | None = None) -> list[int]:
    """Return the seeds of three runs that one cockpit opens one after the other."""
    options = Options(library=library.parent, clock=Clock(), tick_s=None, draw=lambda: draws.pop(0), seed=seed)
    seeds = []
    for _ in range(3):
        run = opened(load(library), options)
        seeds.append(run.order.seed)
        assert run.scenario.spec == load(library).for_seed(seeds[-1]).spec
        run.close()
        options = options.later()
    return seeds


def test_a_family_that_is_opened_without_a_seed_draws_one_each_time() -> None:
    assert seeds_played([4, 3, 2], FAMILY) == [4, 3, 2]


def test_a_seed_that_was_asked_for_stays() -> None:
    assert seeds_played([4, 3, 2], FAMILY, seed=9) == [9, 9, 9]


def test_a_system_that_is_always_the_same_has_the_first_seed() -> None:
    """Its sizes may be drawn all the same."""
    assert seeds_played([4, 3, 2], FAMILY.with_name("from-family.yaml")) == [1, 1, 1]


def test_a_drawn_seed_is_short_enough_to_be_typed_again() -> None:
    drawn = {any_seed() for _ in range(200)}
    assert len(drawn) > 100
    assert min(drawn) >= 1
    assert max(drawn) <= 9_999
