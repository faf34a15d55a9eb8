"""A run is a function of scenario, seed and actions, however it is sliced, looked at, and wherever it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from drill.actions.catalogue import Action, AddPooler, RestartPods, Scale, SetFlag, TerminateIdle
from drill.actions.entries import VIEWS, Entry
from drill.scenario.story import AlertSpec, PanelSpec
from drill.scenario.topology import DatabaseSpec, PoolerSpec
from tests.sim.worlds import CASES, CHECKOUT, MS, TOPOLOGY, Run, S, scenario

if TYPE_CHECKING:
    from drill.scenario.spec import ScenarioSpec

ROOT = Path(__file__).parents[2]
LENGTH_S = 40
PLAN: list[tuple[int, Action]] = [
    (8, SetFlag(flag="slow", on=True)),
    (12, Scale(deployment="api", replicas=9)),
    (20, TerminateIdle(older_than=1 * S)),
    (24, AddPooler(deployment="api", pool_size=6)),
    (33, RestartPods(deployment="api", rollout="surge")),
]
GOLDEN = "sha256:fa0655303e0e3539f511499c1b463f8c04be562f2cc1dcebadd0627b180f649f"


def spec_of_all() -> ScenarioSpec:
    """Return a checkout service whose database runs out of connections, with a dashboard, an alert and a colleague."""
    system = replace(
        TOPOLOGY,
        database=DatabaseSpec(max_connections=30, cores=2.0),
        pooler=PoolerSpec(start_up=1 * S),
        flags={"slow": False},
    )
    spec = scenario(CHECKOUT, rate=60.0, length_s=LENGTH_S, topology=system)
    panel = PanelSpec(title="", metric="pg_stat_activity_count")
    alert = AlertSpec(metric="hikaricp_connections_pending", above=3.0, text="")
    return replace(
        spec,
        timeline={"colleague": Entry(at_us=15 * S, deed=Scale(deployment="api", replicas=10), by="colleague")},
        story=replace(spec.story, dashboard={"sessions": panel}, alerts={"pending": alert}),
    )


def played(seed: int = 1) -> Run:
    """Return a finished run with a few actions, in as few slices as there are."""
    run = Run(spec_of_all(), seed)
    for at_s, action in PLAN:
        run.until(at_s).simulation.perform(action)
    return run.until(LENGTH_S)


@cache
def expected() -> Run:
    return played()


def digest() -> str:
    return expected().simulation.digest


def test_the_same_seed_gives_the_same_run() -> None:
    first, second = played(), played()
    assert first.rows == second.rows
    assert first.simulation.digest == second.simulation.digest
    assert first.simulation.snapshot() == second.simulation.snapshot()


def test_another_seed_gives_another_run() -> None:
    assert played(1).simulation.digest != played(2).simulation.digest


def test_an_action_more_gives_another_run() -> None:
    run = Run(spec_of_all())
    for at_s, action in PLAN[:-1]:
        run.until(at_s).simulation.perform(action)
    assert run.until(LENGTH_S).simulation.digest != digest()


SLICES = st.lists(st.tuples(st.integers(1, LENGTH_S * S - 1), st.sampled_from(["", "snapshot", "digest", *VIEWS])))


@settings(CASES, max_examples=20)
@given(slices=SLICES)
def test_slices_and_looks_change_nothing(slices: list[tuple[int, str]]) -> None:
    run = Run(spec_of_all())
    actions = [(at_s * S, action) for at_s, action in PLAN]
    steps: list[tuple[int, str | Action]] = [*slices, *actions]
    for at_us, what in sorted(steps, key=lambda step: step[0]):
        run.simulation.advance(at_us)
        if isinstance(what, Action):
            run.simulation.perform(what)
        elif what == "snapshot":
            run.simulation.snapshot()
        elif what == "digest":
            assert run.simulation.digest.startswith("sha256:")
        elif what:
            run.simulation.look(what)
    run.until(LENGTH_S)
    assert run.rows == expected().rows
    assert run.simulation.digest == digest()
    assert run.simulation.result().figures == expected().simulation.result().figures


def test_advancing_into_the_past_changes_nothing() -> None:
    run = Run(spec_of_all()).until(10)
    run.simulation.advance(5 * S)
    assert run.simulation.now_us == 10 * S


def test_a_colleague_acts_before_the_events_of_the_moment_and_after_whoever_acts_by_hand() -> None:
    run = Run(spec_of_all()).until(15)
    run.simulation.perform(Scale(deployment="api", replicas=2))
    run.simulation.advance(15 * S + 1 * MS)
    assert run.simulation.snapshot().deployments[0].replicas == 10


def test_what_seeds_have_in_common_is_the_workload() -> None:
    """Lanes of one seed meet the same users whatever is done: common random numbers."""
    done, idle = expected(), Run(spec_of_all()).until(LENGTH_S)
    arrived = [{row.number: row.at_us for row in run.rows} for run in (done, idle)]
    both = arrived[0].keys() & arrived[1].keys()
    assert len(both) > 2_000
    assert [arrived[0][number] for number in both] == [arrived[1][number] for number in both]


def test_the_hash_seed_of_the_interpreter_does_not_matter() -> None:
    code = "from tests.sim.test_determinism import digest; print(digest())"
    found = set()
    for seed in ("0", "1", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        found.add(done.stdout.strip())
    assert found == {digest()}


def test_a_known_run_still_has_its_digest() -> None:
    """Recordings can't be replayed once this changes, so a change goes with a new engine version."""
    assert digest() == GOLDEN
