"""A run with every policy of pools and pooler is the same however it is sliced, looked at, and wherever it runs."""

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

from drill.actions import pgbouncer
from drill.actions.catalogue import TerminateIdle, TerminateQueries
from drill.actions.entries import VIEWS
from drill.scenario.topology import BorrowStep, DatabaseSpec, PoolerSpec, PoolSpec, QueryStep, ReturnStep
from tests.sim.worlds import CASES, CHECKOUT, MS, TOPOLOGY, Run, S, endpoint, lognormal, scenario

if TYPE_CHECKING:
    from typing import Literal

    from drill.actions.action import Action
    from drill.scenario.spec import ScenarioSpec

    Mode = Literal["session", "transaction", "statement"]

MODES: tuple[Mode, ...] = ("session", "transaction", "statement")
ROOT = Path(__file__).parents[2]
LENGTH_S = 30
PLAN: list[tuple[int, Action]] = [
    (6, pgbouncer.SetPoolerLimit(setting="default_pool_size", size=3)),
    (9, pgbouncer.PausePooler()),
    (10, pgbouncer.ResumePooler()),
    (13, TerminateIdle(older_than=0)),
    (14, TerminateQueries(older_than=0)),
    (16, pgbouncer.ReloadPooler()),
    (18, pgbouncer.KillPooler()),
    (19, pgbouncer.ResumePooler()),
]


def spec_of_all(mode: Mode = "transaction") -> ScenarioSpec:
    """Return a service whose connections age, idle, are tried and leak, behind a pooler with a reserve."""
    pool = PoolSpec(
        size=4,
        to="pooler",
        overflow=3,
        min_idle=2,
        max_lifetime=8 * S,
        lifetime_jitter=0.25,
        idle_timeout=2 * S,
        validation="borrow",
        validation_bypass=20 * MS,
        checkout_timeout=1 * S,
    )
    program = [
        BorrowStep(borrow="db"),
        QueryStep(query="SELECT", time=lognormal(40 * MS, 0.5), leaves="prepared find", needs="prepared find"),
        QueryStep(query="SET", time=lognormal(5 * MS, 0.5), leaves="set statement_timeout=90ms"),
        ReturnStep(returns="db", leak=0.002),
        BorrowStep(borrow="direct"),
        QueryStep(query="SELECT", time=lognormal(10 * MS, 0.5), on="direct"),
        ReturnStep(returns="direct"),
    ]
    direct = PoolSpec(size=1, on_full="outside", max_lifetime=4 * S, lifetime_jitter=0.5)
    api = replace(CHECKOUT, pools={"db": pool, "direct": direct}, endpoints=endpoint(program))
    pooler = PoolerSpec(
        mode=mode,
        pool_size=4,
        min_pool_size=2,
        reserve_pool_size=2,
        reserve_pool_timeout=200 * MS,
        query_wait_timeout=2 * S,
        server_lifetime=6 * S,
        server_idle_timeout=1 * S,
        server_login_retry=2 * S,
    )
    system = replace(TOPOLOGY, database=DatabaseSpec(max_connections=30, cores=2.0), pooler=pooler)
    return scenario(api, rate=60.0, length_s=LENGTH_S, topology=system)


@cache
def expected(mode: Mode = "transaction") -> Run:
    run = Run(spec_of_all(mode))
    for at_s, action in PLAN:
        run.until(at_s).simulation.perform(action)
    return run.until(LENGTH_S)


def digest(mode: Mode = "transaction") -> str:
    return expected(mode).simulation.digest


def test_the_run_holds_what_it_is_about() -> None:
    """Otherwise the tests below would compare nothing."""
    outcomes = set(expected().outcomes())
    assert {"ok", "application_error", "terminated", "checkout_timeout"} <= outcomes
    assert "FATAL:  database removed" in expected().log()


SLICES = st.lists(st.tuples(st.integers(1, LENGTH_S * S - 1), st.sampled_from(["", "snapshot", *VIEWS])))


@settings(CASES, max_examples=15)
@given(slices=SLICES, mode=st.sampled_from(MODES))
def test_slices_and_looks_change_nothing(slices: list[tuple[int, str]], mode: Mode) -> None:
    run = Run(spec_of_all(mode))
    steps: list[tuple[int, str | Action]] = [*slices, *((at_s * S, action) for at_s, action in PLAN)]
    for at_us, what in sorted(steps, key=lambda step: step[0]):
        run.simulation.advance(at_us)
        if isinstance(what, str):
            if what == "snapshot":
                run.simulation.snapshot()
            elif what:
                run.simulation.look(what)
        else:
            run.simulation.perform(what)
    run.until(LENGTH_S)
    assert run.rows == expected(mode).rows
    assert run.simulation.digest == digest(mode)


def test_the_hash_seed_of_the_interpreter_does_not_matter() -> None:
    code = "from tests.sim.test_determinism_of_pools import MODES, digest; print(*map(digest, MODES))"
    found = set()
    for seed in ("0", "4711"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
        )
        found.add(done.stdout.strip())
    assert found == {" ".join(map(digest, MODES))}
    assert len(set(map(digest, MODES))) == len(MODES)


def test_lanes_of_one_seed_leak_the_same_requests() -> None:
    """Whether a request leaks is drawn when it arrives, like all its times."""
    spec = spec_of_all()
    quiet, busy = Run(spec, 3), Run(spec, 3)
    busy.until(5).simulation.perform(TerminateIdle(older_than=0))
    lost = [
        {row.number for row in run.until(9).rows if row.outcome == "application_error" and row.at_us < 5 * S}
        for run in (quiet, busy)
    ]
    assert lost[0] == lost[1]
