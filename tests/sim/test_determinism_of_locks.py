"""Races for rows, deadlocks, limits and crashes are a function of scenario, seed and actions, too."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from drill.actions.catalogue import (
    Action,
    CancelQueries,
    RestartDatabase,
    Scale,
    SetConnectionLimit,
    SetDatabaseTimeout,
    SetRoleTimeout,
)
from drill.actions.entries import VIEWS
from drill.scenario.topology import DatabaseSpec
from tests.sim.worlds import CASES, CONTENDED, MS, TOPOLOGY, Run, S, scenario

ROOT = Path(__file__).parents[2]
LENGTH_S = 30
MIB = 2**20
PLAN: list[tuple[int, Action]] = [
    (5, SetDatabaseTimeout(setting="lock_timeout", timeout=400 * MS)),
    (8, SetRoleTimeout(setting="statement_timeout", timeout=800 * MS)),
    (9, CancelQueries(older_than=0)),
    (10, Scale(deployment="api", replicas=7)),  # more backends than memory holds
    (18, RestartDatabase()),
    (20, SetConnectionLimit(of="role", limit=20)),
    (22, SetDatabaseTimeout(setting="idle_session_timeout", timeout=60 * MS)),
    (24, SetConnectionLimit(of="database", limit=12)),
    (26, SetDatabaseTimeout(setting="idle_in_transaction_session_timeout", timeout=1 * MS)),
]


def start(seed: int = 1) -> Run:
    database = DatabaseSpec(memory=1_000 * MIB, shared_buffers=950 * MIB, memory_per_backend=2 * MIB)
    return Run(scenario(CONTENDED, rate=120.0, topology=replace(TOPOLOGY, database=database)), seed)


@cache
def expected() -> Run:
    run = start()
    for at_s, action in PLAN:
        run.until(at_s).simulation.perform(action)
    return run.until(LENGTH_S)


def digest() -> str:
    return expected().simulation.digest


def test_the_run_has_what_it_is_about() -> None:
    database = expected().world.database
    assert database.locks.deadlocks > 0
    assert database.downtime.life > 1  # a crash and the restart
    assert {"lock_timeout", "deadlock", "connection_lost", "canceled", "idle_timeout", "ok"} <= set(
        expected().outcomes()
    )


SLICES = st.lists(st.tuples(st.integers(1, LENGTH_S * S - 1), st.sampled_from(["", "snapshot", "digest", *VIEWS])))


@settings(CASES, max_examples=15)
@given(slices=SLICES)
def test_slices_and_looks_change_nothing(slices: list[tuple[int, str]]) -> None:
    run = start()
    steps: list[tuple[int, str | Action]] = [*slices, *((at_s * S, action) for at_s, action in PLAN)]
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


def test_the_hash_seed_of_the_interpreter_does_not_matter() -> None:
    code = "from tests.sim.test_determinism_of_locks import digest; print(digest())"
    for seed in ("0", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        assert done.stdout.strip() == digest()
