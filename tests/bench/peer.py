"""What one process of the bench does for a peer: its work, CPU time and what came of it, as one line of JSON.

Separate from the engine's part because peers live in an environment of their own: they need libraries that drill does
not, and one of those brings a package named `tests`.
"""

from __future__ import annotations

import gc
import importlib
import json
import sys
import time
from pathlib import Path

WORK: dict[str, dict[str, float]] = {
    "ref": {"lam": 300.0, "T": 300.0},
    "busy": {"cores": 8, "lam": 355.0, "T": 300.0},
    "overload": {"lam": 4762.0, "T": 20.0},
}
"""The peers' parameters for the work that the scenario file of the same name describes."""


def measure(program: str, case: str, least_cpu_s: float) -> dict[str, float]:
    """Let a program do the work of a case, several times if that takes less than `least_cpu_s`."""
    sys.path.insert(0, str(Path(__file__).parent / "peers"))
    common, module = importlib.import_module("common"), importlib.import_module(program)
    module.run(common.P(**{**WORK[case], "T": 1.0}))
    spent, runs = 0.0, 0
    while not runs or spent < least_cpu_s:
        gc.collect()  # what the run before left
        began = time.process_time()
        run, runs = module.run(common.P(**WORK[case])), runs + 1
        spent += time.process_time() - began
    found = common.summary(run)
    simulated_s = runs * WORK[case]["T"]
    return {"cpu_s": spent, "requests": runs * found["arr"], "simulated_s": simulated_s, "wait_p95_s": found["p95"]}


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], sys.argv[2], float(sys.argv[3]))))  # noqa: T201 - this is its answer
