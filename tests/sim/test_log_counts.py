"""Equal log lines counted together: a rare one is found beside thousands of another kind."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

from drill.sim.failures import Failure
from drill.sim.history import History
from drill.sim.journal import KEPT_LINES, Journal
from drill.sim.simulation import Simulation
from drill.sim.views import KEPT_ROWS, look
from drill.telemetry.outcomes import Outcome
from drill.units import US_PER_S
from tests.library import short

if TYPE_CHECKING:
    from drill.sim.clock import Clock
    from drill.sim.world import World
    from drill.telemetry.snapshot import Reading, Snapshot


def counts(journal: Journal, now_s: int) -> Reading:
    """Return the view of a journal at a moment."""
    world = SimpleNamespace(journal=journal, clock=SimpleNamespace(t=now_s * US_PER_S))
    now = SimpleNamespace(at_us=now_s * US_PER_S)
    return look(cast("World", world), History(US_PER_S), cast("Snapshot", now), "log_counts")


def test_a_rare_line_stands_beside_thousands_of_another() -> None:
    clock = SimpleNamespace(t=0)
    journal = Journal(cast("Clock", clock))
    for second in range(100):
        clock.t = second * US_PER_S
        for _ in range(KEPT_ROWS // 50):
            journal.log(f"pod-{second % 3}", "ERROR", "timed out")
        if second in (10, 40):
            journal.log("pod-0", "ERROR", "unhandled")
    shown = counts(journal, 120)
    assert shown.columns == ("OLDEST_S", "NEWEST_S", "COUNT", "LEVEL", "TEXT")
    assert shown.rows == ((120, 21, 1000, "ERROR", "timed out"), (110, 80, 2, "ERROR", "unhandled"))


def test_lines_of_another_level_are_counted_apart() -> None:
    journal = Journal(cast("Clock", SimpleNamespace(t=0)))
    journal.log("pod", "WARN", "slow")
    journal.log("pod", "ERROR", "slow")
    assert [row[2:4] for row in counts(journal, 1).rows] == [(1, "WARN"), (1, "ERROR")]


def test_a_failure_is_as_many_lines_as_it_has() -> None:
    journal = Journal(cast("Clock", SimpleNamespace(t=7)))
    journal.failed("pod", Failure(Outcome.LOCK_TIMEOUT, "ERROR:  no", detail=("DETAIL:  why", "HINT:  what")))
    assert [text for *_, text in journal.lines] == ["ERROR:  no", "DETAIL:  why", "HINT:  what"]
    assert {line[:3] for line in journal.lines} == {(7, "pod", "ERROR")}
    assert journal.logged == 3


def test_counts_add_up_to_the_lines_of_a_run() -> None:
    simulation = Simulation(short().spec, 1)
    simulation.advance(50 * US_PER_S)
    rows = simulation.look("log_counts").rows
    total = sum(int(str(row[2])) for row in rows)
    lines = len(simulation.look("logs").rows)
    assert total == lines if total < KEPT_ROWS else lines == KEPT_ROWS
    assert 0 < total <= KEPT_LINES
