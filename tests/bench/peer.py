"""What one process of the bench does for a peer: its work, CPU time and what came of it, as one line of JSON.

Separate from the engine's part because peers live in an environment of their own: they need libraries that drill does
not, and one of those brings a package named `tests`.
"""

from __future__ import annotations

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


def measure(program: str, case: str) -> dict[str, float]:
    """Let a program do the work of a case."""
    sys.path.insert(0, str(Path(__file__).parent / "peers"))
    common, module = importlib.import_module("common"), importlib.import_module(program)
    module.run(common.P(**{**WORK[case], "T": 1.0}))
    began = time.process_time()
    run = module.run(common.P(**WORK[case]))
    spent = time.process_time() - began
    found = common.summary(run)
    return {"cpu_s": spent, "requests": found["arr"], "simulated_s": WORK[case]["T"], "wait_p95_s": found["p95"]}


if __name__ == "__main__":
    print(json.dumps(measure(*sys.argv[1:])))  # noqa: T201 - this is its answer
