"""The figures of a result are those of its lanes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.driver.others import EXPERT, NOTHING
from drill.lanes.lane import LaneTask, run_lane
from drill.session.session import Session
from drill.tui.glyphs import UNICODE
from drill.tui.outcome import YOU, LaneView, chart, other, own, sentence, table
from drill.tui.run import Note
from drill.units import US_PER_S
from tests.tui.shop import SHOP, shop

LENGTH_US = shop().spec.length


def lane(player: str, failed: int, late: int = 0, recovered_s: int | None = 40) -> LaneView:
    """Return a lane that fails from 20 s on."""
    bad = (0,) * 20 + (failed + late,) + (0,) * 69
    return LaneView(
        player=player,
        offered=(100,) * 90,
        bad=bad,
        failed=failed,
        late=late,
        first_s=20,
        recovered_s=recovered_s,
    )


def lanes(you: int, expert: int = 100, nothing: int = 1000) -> dict[str, LaneView]:
    """Return the three lanes."""
    return {YOU: lane(YOU, you), EXPERT: lane(EXPERT, expert), NOTHING: lane(NOTHING, nothing, recovered_s=None)}


def said(known: dict[str, LaneView], waiting: dict[str, str] | None = None) -> list[str]:
    """Return the table as text."""
    rows = table(known, waiting or {}, UNICODE).rows
    return ["".join(text for text, _ in row).rstrip() for row in rows]


def test_a_run_and_a_lane_with_the_same_deeds_are_the_same() -> None:
    mine = own(Session(shop().spec, 1).finish())
    theirs = other(run_lane(LaneTask(scenario=str(SHOP), seed=1)))
    assert replace(mine, player=NOTHING) == theirs
    assert mine.impact == sum(mine.bad)


def test_the_table_says_what_each_lane_came_to() -> None:
    assert said(lanes(1_234, expert=100, nothing=12_340)) == [
        "                   failed   late   avoided   objective held again",
        " ━━ you             1 234      0    90.0 %   from 00:40",
        " ╍╍ expert            100      0    99.2 %   from 00:40",
        " ┈┈ nothing done   12 340      0         -   not in this run",
    ]


def test_lanes_that_are_not_there_yet_say_so() -> None:
    known = lanes(5)
    del known[EXPERT]
    assert said(known, {EXPERT: "being simulated"})[2] == " ╍╍ expert         being simulated"
    assert sentence(known) == ""


def test_a_run_that_never_missed_the_objective_says_so() -> None:
    known = lanes(0) | {YOU: replace(lane(YOU, 0), first_s=None, recovered_s=None)}
    assert said(known)[1].endswith("never missed")


@pytest.mark.parametrize(
    ("you", "expected"),
    [
        (100, "You avoided at least as much as the reference expert."),
        (50, "You avoided at least as much as the reference expert."),
        (550, "You avoided 50.0 % of the impact that the reference expert avoided."),
        (1000, "You avoided 0 % of the impact that the reference expert avoided."),
        (2500, "1 500 more requests failed or came late than if nothing had been done."),
    ],
)
def test_one_sentence_says_what_it_came_to(you: int, expected: str) -> None:
    assert sentence(lanes(you)) == expected


def test_where_nothing_fails_nothing_can_be_avoided() -> None:
    assert sentence(lanes(0, expert=0, nothing=0)) == "In this run there was nothing to avoid."


def test_the_chart_has_a_line_for_each_lane_over_the_whole_run() -> None:
    model = chart(lanes(50), LENGTH_US, [Note(30 * US_PER_S, "scaled", acted=True), Note(0, "page acknowledged")])
    assert [series.role for series in model.series] == ["you", "expert", "nothing"]
    assert [series.dash for series in model.series] == [0, 1, 2]
    assert {len(series.points) for series in model.series} == {90}
    assert model.marks == (30,)
    assert model.axis == ("00:00", "00:45", "01:30")
    assert model.series[0].points[20] == pytest.approx(50 / 1500)
    assert model.series[0].points[60] == 0.0
