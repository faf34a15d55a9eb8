"""The machine-readable summary of a run, `drill-run/1`.

Separate from the result because its keys, order and rounding are a promise to other programs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from drill.telemetry.histogram import Histogram
    from drill.telemetry.results import RunResult

FORMAT = "drill-run/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunIdentity:
    """What was run."""

    engine: str
    scenario: str
    scenario_digest: str
    seed: int
    player: str


def summarise(run: RunIdentity, result: RunResult) -> dict[str, Any]:
    """Return the summary as a mapping ready for JSON; `score` is null until a run is scored."""
    decided = sum(result.offered) - result.in_flight
    ok = sum(result.ok)
    return {
        "format": FORMAT,
        "engine": run.engine,
        "scenario": run.scenario,
        "scenario_digest": run.scenario_digest,
        "seed": run.seed,
        "player": run.player,
        "simulated_s": result.simulated_us / 1_000_000,
        "requests": {
            "offered": sum(result.offered),
            "ok": ok,
            "late": sum(result.late),
            "failed": sum(result.failed),
            "in_flight": result.in_flight,
            "failures": result.failures_by_label(),
        },
        "success_rate": round(ok / decided, 6) if decided else None,
        "latency_ms": _milliseconds(result.latency),
        "checkout_wait_ms": _milliseconds(result.checkout),
        "attempts_per_request": round(result.attempts / decided, 6) if decided else None,
        "impact": {"requests": result.bad, "first_s": result.first_bad_s(), "recovered_s": result.recovered_s()},
        "score": None,
        "digest": result.digest,
    }


def _milliseconds(histogram: Histogram) -> dict[str, float | None]:
    figures = {
        "mean": histogram.mean_us(),
        "p50": histogram.quantile_us(0.50),
        "p95": histogram.quantile_us(0.95),
        "p99": histogram.quantile_us(0.99),
    }
    return {name: None if value is None else round(value / 1000, 3) for name, value in figures.items()}
