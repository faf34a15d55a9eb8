"""What a live screen says is what its frame says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.tui.glyphs import ASCII, UNICODE
from drill.tui.pen import pen
from drill.tui.present import alerts, bar, near_home, notes, panels, users_charts
from drill.tui.run import Note
from drill.tui.widgets.topbar import TopBar
from drill.units import US_PER_S
from tests.tui.shop import frame, shop, snapshot, users

if TYPE_CHECKING:
    from drill.driver.driver import Frame

SPEC = shop().spec


def said(shown: Frame | None = None, cells: int = 80) -> str:
    """Return the top of the screen as text."""
    lines = TopBar(pen()).lines(bar(shown or frame(), SPEC, UNICODE), cells, 2)
    return "\n".join("".join(text for text, _ in line) for line in lines)


def test_the_header_says_what_the_snapshot_says() -> None:
    assert said().splitlines() == [
        " The corner shop                                          ▶ 1×   00:45 of 01:30 ",
        " USERS  ■ CRIT  43.2 % failing    error budget 388 % used    20.2 requests/s",
    ]


@given(st.floats(0, 1), st.floats(0, 9.9), st.floats(0, 5000))
def test_every_number_of_the_header_is_the_snapshot_s(failing: float, budget: float, rate: float) -> None:
    now = replace(users(failing=failing), budget_used=budget, rate_per_s=rate)
    found = [
        float(number) for number in re.findall(r"(?<![\w:])<?(\d+(?:\.\d+)?)(?= )", said(frame(now)).splitlines()[1])
    ]
    expected = (failing * 100, budget * 100, rate)
    assert found == [pytest.approx(value, rel=0.006, abs=0.11) for value in expected]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "▶ 1×"),
        ({"speed": 20.0}, "▶ 20×"),
        ({"paused": True, "speed": 5.0}, "‖ paused at 5×"),
        ({"behind": True, "speed": 60.0, "effective": 31.4}, "▶ running behind, 31× of 60×"),
        ({"over": True}, "‖ over"),
    ],
)
def test_the_header_says_how_time_passes(changes: dict[str, object], expected: str) -> None:
    assert expected in said(replace(frame(), **changes))  # type: ignore[arg-type]  # pytest hands fields on


@pytest.mark.parametrize(("failing", "words"), [(None, "○ ??  - failing"), (0.0, "● OK  0 % failing")])
def test_a_state_is_glyph_and_word(failing: float | None, words: str) -> None:
    assert words in said(frame(users(failing=failing)))


def test_a_narrow_header_leaves_out_whole_parts() -> None:
    assert said(cells=60).splitlines()[1] == " USERS  ■ CRIT  43.2 % failing    error budget 388 % used"


def test_panels_are_the_team_s_with_marks_where_something_was_done() -> None:
    done = [Note(10 * US_PER_S, "page acknowledged", "update"), Note(12 * US_PER_S, "scaled", "action")]
    charts = panels(frame().snapshot, done)
    assert [(chart.title, chart.unit, chart.marks) for chart in charts] == [
        ("Till CPU", "cores", (12,)),
        ("Till memory", "bytes", (12,)),
        ("Requests", "/s", (12,)),
    ]
    assert charts[0].series[0].points == frame().snapshot.panels[0].points


def test_charts_of_the_users_come_from_what_they_felt() -> None:
    failing, bad, budget = users_charts(frame(), SPEC, ())
    assert failing.series[0].points == tuple(each.failing for each in frame().users)
    assert failing.threshold == pytest.approx(0.01)
    assert bad.series[0].points[:3] == (0.0, 6.0, 6.0)
    assert budget.series[0].points[-1] == frame().users[-1].budget_used


@pytest.mark.parametrize(
    ("since", "most", "expected"),
    [
        ((30.0, None), 2, [" # FIRING  00:15  Failed purchases above 2/s", " o QUIET   CPU of a pod above 90 %"]),
        ((None, None), 2, [" o QUIET   Failed purchases above 2/s", " o QUIET   CPU of a pod above 90 %"]),
        ((None, None), 1, [" o QUIET   Failed purchases above 2/s, CPU of a pod above 90 %"]),
        ((30.0, 40.0, 44.0), 2, [" # FIRING  00:15  Failed purchases above 2/s", " # FIRING  2 more"]),
        (
            (44.0, 30.0),
            2,
            [" # FIRING  00:15  CPU of a pod above 90 %", " # FIRING  00:01  Failed purchases above 2/s"],
        ),
        ((), 2, []),
    ],
)
def test_alerts_that_fire_come_first(since: tuple[float | None, ...], most: int, expected: list[str]) -> None:
    rows = alerts(snapshot(users(), since), ASCII, most).rows
    assert ["".join(text for text, _ in row) for row in rows] == expected


def test_notes_stand_with_their_time_and_kind() -> None:
    done = [
        Note(95 * US_PER_S, "till\x1bscaled", "action"),
        Note(96 * US_PER_S, "pinned: Pod CPU = 0.08 cores", "pin"),
        Note(97 * US_PER_S, "71 on: Slots; 29 on: Crowd", "diagnosis"),
    ]
    assert ["".join(text for text, _ in row) for row in notes(done).rows] == [
        " 01:35  action  till\ufffdscaled",
        " 01:36  pin     Pod CPU = 0.08 cores",
        " 01:37  chips   71 on: Slots; 29 on: Crowd",
    ]


def test_a_path_below_home_is_written_with_a_tilde() -> None:
    assert near_home(Path.home() / "a" / "b") == "~/a/b"
    assert near_home(Path("/elsewhere/c")) == "/elsewhere/c"
