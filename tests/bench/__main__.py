"""`make bench`: how fast the engine is beside other programs that do the same work.

Separate from the tests because it takes minutes and a machine that does little else. It prints a table and judges: the
goals stand beside the figures, and the exit code says whether all are met.
"""

from __future__ import annotations

import argparse
import sys
from statistics import median
from typing import NamedTuple

from tests.bench import cockpit, runs
from tests.bench.measure import Found, Made, Work, measure, middle

CASES = ("ref", "busy", "overload")
LEAST_CPU_S = "3"
"""So long does each process run at least: a shared machine is fast and slow by turns of a second."""
ENGINE = {case: ("engine", case, "", "", "", "", LEAST_CPU_S) for case in CASES}


class Row(NamedTuple):
    """One line of the answer."""

    what: str
    figure: float
    unit: str
    goal: float
    """What the figure should at least be; at most if negative."""

    @property
    def met(self) -> bool:
        """Whether the goal is met."""
        return self.figure >= self.goal if self.goal >= 0 else self.figure <= -self.goal


PEERS = {
    ("idiomatic_simpy", "ref"): 8.0,
    ("idiomatic_simpy", "busy"): 8.0,
    ("idiomatic_simpy", "overload"): 12.0,
    ("heapq_loop", "ref"): 0.3,
    ("heapq_loop", "busy"): 0.3,
    ("heapq_loop", "overload"): 0.3,
    ("ciw_model", "ref"): 12.0,
}
"""How many times as fast as a peer the engine should be, by peer and case.

Ciw is left out in overload, where its time grows with the square of the queue: minutes for a ratio above 100.
"""
SHORTEST_S = 0.001
"""Waits below this count as this long; calm pools have a p95 of 0."""
AGREE = 0.05
"""How far wait p95 may be from the peers'; two seeds of one peer differ by up to 3 %."""


def peers(rounds: int, python: str) -> list[Row]:
    """Return speed and agreement beside other programs."""
    rows, agreement = [], []
    for case in CASES:
        works: dict[str, Work] = {peer: ("peer", peer, of, LEAST_CPU_S) for peer, of in PEERS if of == case}
        found = measure([ENGINE[case], *works.values()], rounds, python, _tell)
        if ENGINE[case] not in found:
            continue
        for peer, work in works.items():
            if work in found:
                times = _beside(found, work, ENGINE[case])
                rows.append(Row(f"{case}: times as fast as {peer}", times, "x", PEERS[peer, case]))
        if case != "busy" and works["heapq_loop"] in found:
            ours, theirs = (middle(found[work], "wait_p95_s") for work in (ENGINE[case], works["heapq_loop"]))
            off = abs(ours - theirs) / max(theirs, SHORTEST_S)
            agreement.append(Row(f"{case}: wait p95 beside heapq_loop", off * 100, "% off", -AGREE * 100))
    return rows + agreement


def costs(rounds: int, python: str) -> list[Row]:
    """Return how the cost of a request changes with load and with size."""
    calm, slow = ("engine", "ref", "", "", "120"), ("engine", "ref", "100", "", "120")
    fast = ("engine", "ref", "2000", "100", "30")
    few, many = ("engine", "ref", "200", "10", "120"), ("engine", "ref", "2000", "200", "30")
    found = measure([calm, slow, fast, few, many, ENGINE["overload"]], rounds, python, _tell)
    return [
        Row("calm, 300/s on 10 pods", median(_per(made) for made in found[calm]) * 1e6, "us a request", -1e9),
        Row("overload beside calm", _beside(found, ENGINE["overload"], calm), "x", -1.6),
        Row("2000/s on 100 pods beside 100/s on 10", _beside(found, fast, slow), "x", -1.2),
        Row("2000/s on 200 pods beside 200/s on 10", _beside(found, many, few), "x", -1.2),
    ]


SIMPY_PER_S = 149.0
"""Simulated seconds a CPU second of `idiomatic_simpy` in ref, on the machine for which goals in seconds were set."""
TIMES = ("s", "% of its time")
"""Units of what takes longer on a slow machine."""


def incidents(rounds: int, python: str) -> list[Row]:
    """Return what real scenarios cost: here, and what that comes to on the machine for which the goals were set.

    A time says as much about a machine as about a program; a peer that runs in turn with them tells the machine's part.
    """
    whole, plain = ("engine", "checkout-down"), ("engine", "overload", "2000", "10", "2400", "5")
    large, peer = ("engine", "checkout-down", "2000", "340", "2400"), ("peer", "idiomatic_simpy", "ref", LEAST_CPU_S)
    found = measure([whole, plain, large, peer], rounds, python, _tell)
    rows = [Row("checkout-down, 15 min", middle(found[whole], "cpu_s"), "s", -1.5)]
    for work, what in ((plain, "ref, half its pods"), (large, "checkout-down")):
        rows.append(Row(f"40 min at 2000/s, {what}", middle(found[work], "cpu_s") / 24, "% of its time", -2.0))
        rows.append(Row(f"40 min at 2000/s, {what}", middle(found[work], "peak_mb"), "MB", -150))
    if peer in found:
        share = median(made["simulated_s"] / made["cpu_s"] for made in found[peer]) / SIMPY_PER_S
        rows.append(Row("this machine beside that of the goals", share, "of its speed", -1e9))
        rows += [Row(f"{row.what}: there", row.figure * share, row.unit, -1e9) for row in rows if row.unit in TIMES]
    return rows


def played(rounds: int, python: str) -> list[Row]:
    """Return how the cockpit keeps up with a worker at sixty times real speed, and how long keys take."""
    del python
    slow, fast = cockpit.both_speeds(rounds, _tell)
    return [
        Row("cockpit at 60x, 2000/s: speed reached", fast["reached"], "of asked", 0.97),
        Row("cockpit at 60x: key to paint, p95", fast["cursor_ms"], "ms", -50),
        Row("cockpit at 60x: key to paint beside 1x", fast["cursor_ms"] / slow["cursor_ms"], "x", -1.3),
        Row("cockpit at 60x: key the run answers, p95", fast["stop_ms"], "ms", -50),
    ]


def panels(rounds: int, python: str) -> list[Row]:
    """Return what dashboards cost beside the same panels of stock widgets."""
    del python
    found = cockpit.beside_stock(rounds, _tell)
    return [
        Row(f"{name}: {what} beside stock widgets", ours[what] / stock[what], "x", -goal)
        for name, (ours, stock) in found.items()
        for what, goal in (("cpu", 0.25), ("bytes", 0.5))
    ]


def starts(rounds: int, python: str) -> list[Row]:
    """Return how soon the cockpit is there beside a minimal Textual app."""
    del python
    least, menu, card, page = cockpit.first_paints(rounds, _tell)
    both = (("wall_s", "wall clock"), ("cpu_s", "CPU"))
    return [
        *(Row(f"first paint of the menu, {name}", menu[what] / least[what], "x", -1.6) for what, name in both),
        *(Row(f"first paint of a scenario, {name}", card[what] / least[what], "x", -1.6) for what, name in both),
        *(Row(f"its page can be read, {name}", page[what] / least[what], "x", -1e9) for what, name in both),
        Row("its page can be read after", page["wall_s"], "s", -1.5),
        Row("importing drill.session", runs.import_s(rounds), "s", -0.35),
    ]


def lanes(rounds: int, python: str) -> list[Row]:
    """Return what recordings and processes cost."""
    del rounds, python
    return [
        Row("recording of an hour", runs.recorded_mb_per_h(), "MB", -1.0),
        Row("lanes of 1 s in two processes", runs.overhead(), "% longer", -2.0),
    ]


PARTS = {
    "peers": peers,
    "costs": costs,
    "incidents": incidents,
    "played": played,
    "panels": panels,
    "starts": starts,
    "lanes": lanes,
}


def main(arguments: list[str]) -> int:
    """Print the asked parts; return 1 when a goal is missed."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=...", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"any of {', '.join(PARTS)}; all if none is named")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each; the median counts (default: 5)")
    parser.add_argument("--python", default=sys.executable, help="interpreter that has what the peers need")
    options = parser.parse_args(arguments)
    unknown = [part for part in options.parts if part not in PARTS]
    if unknown:
        parser.error(f"there is no part {unknown[0]!r}; choose from {', '.join(PARTS)}")
    rows = [row for part in options.parts or PARTS for row in PARTS[part](options.rounds, options.python)]
    for row in rows:
        goal = "" if abs(row.goal) >= 1e9 else f"{'at most' if row.goal < 0 else 'at least'} {abs(row.goal):g}"
        verdict = "" if not goal else "met" if row.met else "missed"
        print(f"{row.what:45} {row.figure:9.2f} {row.unit:14} {goal:14} {verdict}")  # noqa: T201 - the table is the result
    return 0 if all(row.met for row in rows) else 1


def _beside(found: Found, one: Work, other: Work) -> float:
    """Return how many times as long a request takes in one work as in another, the median of all rounds."""
    return median(_per(mine) / _per(yours) for mine, yours in zip(found[one], found[other], strict=True))


def _per(made: Made) -> float:
    per: float = made["cpu_s"] / made["requests"]
    return per


def _tell(line: str) -> None:
    sys.stderr.write(f"\r{line:70}")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
