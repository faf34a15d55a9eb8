"""Results in words, for people at a terminal.

Separate from the commands because wording is not control flow; the same figures stand in the JSON.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.units import US_PER_S, format_clock

if TYPE_CHECKING:
    from drill.telemetry.summary import RunIdentity


def run_text(title: str, run: RunIdentity, summary: dict[str, Any]) -> str:
    """Return what a run came to, in a few lines."""
    requests, impact = summary["requests"], summary["impact"]
    rate = summary["success_rate"]
    failures = {name: count for name, count in requests["failures"].items() if count}
    lines = [
        f"{title} ({run.scenario}), seed {run.seed}, player {run.player}",
        f"simulated   {format_clock(int(summary['simulated_s'] * US_PER_S))}",
        f"requests    {_counts(requests)}",
        f"success     {'nothing decided yet' if rate is None else f'{rate:.2%}'}",
        f"latency     {_times(summary['latency_ms'])}",
        f"checkout    {_times(summary['checkout_wait_ms'])}",
        f"impact      {_impact(impact)}",
    ]
    if failures:
        lines.append("failures    " + ", ".join(f"{name} {count}" for name, count in failures.items()))
    return "\n".join([*lines, f"digest      {summary['digest']}"])


def _counts(requests: dict[str, Any]) -> str:
    kinds = ("offered", "ok", "late", "failed", "in_flight")
    return ", ".join(f"{requests[kind]} {kind.replace('_', ' ')}" for kind in kinds)


def _times(figures: dict[str, float | None]) -> str:
    if figures["mean"] is None:
        return "none measured"
    return ", ".join(f"{name} {value:.1f} ms" for name, value in figures.items())


def _impact(impact: dict[str, Any]) -> str:
    if impact["first_s"] is None:
        return f"{impact['requests']} requests failed or were late; no 30 s below the objective"
    first = format_clock(impact["first_s"] * US_PER_S)
    end = impact["recovered_s"]
    recovered = "not recovered" if end is None else f"recovered at {format_clock(end * US_PER_S)}"
    return f"{impact['requests']} requests failed or were late, from {first}, {recovered}"
