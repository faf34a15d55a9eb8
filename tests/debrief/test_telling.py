"""What was told stands beside what the lane says of that moment, and a promise beside the update that came."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.actions.entries import Entry, Look, Update
from drill.debrief.telling import OVER_S, told
from drill.lanes.lane import LaneTask, run_lane
from drill.scenario.library import find
from drill.units import US_PER_S
from tests.library import SHORT, short

if TYPE_CHECKING:
    from drill.telemetry.lanes import LaneResult

SPEC = short().spec
END_US = 60 * US_PER_S


def status(at_s: int, impact: str = "", next_in_s: int = 0, update: str = "status") -> Entry:
    """Return an update."""
    deed = Update(update=update, impact=impact, next_in=next_in_s * US_PER_S)  # type: ignore[arg-type]  # a test names one
    return Entry(at_us=at_s * US_PER_S, deed=deed)


@pytest.fixture(scope="module")
def lane() -> LaneResult:
    """Return a lane: nobody fails for thirty seconds, four of ten for twenty, nobody arrives for ten."""
    idle = run_lane(LaneTask(scenario=str(find("checkout-down")), seed=3, changes=SHORT))
    return replace(idle, ok=(10,) * 30 + (6,) * 20 + (0,) * 10, bad_by_second=(0,) * 30 + (4,) * 20 + (0,) * 10)


@pytest.mark.parametrize(
    ("at_s", "failing", "band"),
    [(0, None, ""), (20, 0.0, "none"), (30, 0.0, "none"), (31, 4 / 300, "some"), (50, 80 / 300, "many")],
)
def test_how_it_was_is_counted_over_the_time_before(
    lane: LaneResult, at_s: int, failing: float | None, band: str
) -> None:
    """Up to the update and no further: what came later nobody could know."""
    (found,) = told(SPEC, (status(at_s, "most"),), lane, END_US)
    assert found.failing == (None if failing is None else pytest.approx(failing))
    assert (found.band, found.stated) == (band, "most")
    assert OVER_S == 30


def test_every_update_is_told_and_nothing_else(lane: LaneResult) -> None:
    looked = Entry(at_us=22 * US_PER_S, deed=Look(look="pods"))
    entries = (status(21, update="acknowledge"), looked, status(25, "some"), status(58, update="resolved"))
    found = told(SPEC, entries, lane, END_US)
    assert [(each.what, each.stated) for each in found] == [
        ("page acknowledged", ""),
        ("status", "some"),
        ("said to be over", ""),
    ]
    assert [each.next_us for each in found] == [25 * US_PER_S, 58 * US_PER_S, None]
    assert [(each.due_us, each.kept) for each in found] == [(None, None)] * 3
    assert told(SPEC, (looked,), lane, END_US) == ()


@pytest.mark.parametrize(
    ("next_s", "end_s", "kept"),
    [(30, 60, True), (31, 60, False), (None, 60, False), (None, 30, False), (None, 29, None)],
)
def test_a_promise_is_kept_by_any_update_up_to_its_time(
    lane: LaneResult,
    next_s: int | None,
    end_s: int,
    kept: bool | None,  # noqa: FBT001 - a value of the table above
) -> None:
    """Where the run ends before, nothing can be said."""
    later = () if next_s is None else (status(next_s, update="escalate"),)
    found = told(SPEC, (status(20, "some", next_in_s=10), *later), lane, end_s * US_PER_S)
    assert (found[0].due_us, found[0].kept) == (30 * US_PER_S, kept)
