"""What one process of the bench does: simulate, and print CPU time and what came of it as one line of JSON.

Separate because each measurement needs a process of its own: garbage and caches of one must not burden the next.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from drill.actions.catalogue import Scale
from drill.scenario.loader import load
from drill.sim.simulation import Simulation
from drill.units import US_PER_S

FOLDER = Path(__file__).parent
Made = dict[str, Any]


def engine(  # noqa: PLR0913, PLR0917 - words of a command line
    case: str, rate: str = "", pods: str = "", seconds: str = "", fewer: str = "", least_cpu_s: str = "0"
) -> Made:
    """Simulate a scenario file of this folder or of the library, with another rate, number of pods or length.

    After a quarter of the time there are `fewer` pods, if that is given: too few, for an outage. It is simulated again
    until that took `least_cpu_s` in all: a shared machine is fast and slow by turns of a second.
    """
    path = FOLDER / f"{case}.yaml"
    spec = load(path if path.exists() else FOLDER.parents[1] / "scenarios" / f"{case}.yaml").spec
    if rate:
        spec = replace(spec, traffic=replace(spec.traffic, rate=float(rate), points=[]))
    if pods:
        (name, api), *_ = spec.topology.deployments.items()
        spec = replace(
            spec, topology=replace(spec.topology, deployments={name: replace(api, replicas=int(pods))}), timeline={}
        )
    if seconds:
        spec = replace(spec, length=int(seconds) * US_PER_S)
    spent, requests = 0.0, 0
    while not requests or spent < float(least_cpu_s):
        gc.collect()  # what the run before left
        began = time.process_time()
        simulation = Simulation(spec, 1)
        simulation.advance(0)
        settled = time.process_time()
        if fewer:
            simulation.advance(spec.length // 4)
            simulation.perform(Scale(deployment=next(iter(spec.topology.deployments)), replicas=int(fewer)))
        simulation.advance(spec.length)
        spent += time.process_time() - settled
        requests += sum(simulation.result().offered)
    return {
        "cpu_s": spent,
        "start_s": settled - began,
        "requests": requests,
        "wait_p95_s": _wait_p95_s(simulation),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def _wait_p95_s(simulation: Simulation) -> float:
    """Return the wait for a connection that 5 % exceed, those that were given up counted with what they waited."""
    given_up = simulation.look("pools")
    lost = sum(int(row[given_up.columns.index("TIMEOUTS")] or 0) for row in given_up.rows)
    waits = simulation.result().checkout
    share = 0.95 * (waits.count + lost) / waits.count
    timeout_us = next(iter(next(iter(simulation.spec.topology.deployments.values())).pools.values())).checkout_timeout
    found = timeout_us if share >= 1.0 else waits.quantile_us(share) or 0.0
    return found / US_PER_S


if __name__ == "__main__":
    print(json.dumps(engine(*sys.argv[1:])))  # noqa: T201 - this is its answer
