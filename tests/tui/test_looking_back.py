"""What the screen of a debrief shows follows from its progress."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.debrief.blocks import Beside, Curves, Heading, Row, Say, Table
from drill.debrief.deeds import KINDS
from drill.debrief.happenings import BEGIN, END
from drill.debrief.model import Moment
from drill.driver.lookback import Progress
from drill.driver.order import Order
from drill.driver.others import ImmediateLanes
from drill.tui.glyphs import ASCII, SETS, UNICODE
from drill.tui.looking_back import chart, sheet, state
from drill.tui.pen import pen
from drill.tui.run import LiveRun
from drill.tui.text import width
from drill.tui.widgets.sheet import SheetModel, laid_out
from tests.debrief.made import made, turn
from tests.tui.shop import SHOP, StillDriver, shop

if TYPE_CHECKING:
    from drill.debrief.model import Debrief

WHOLE = Progress(debrief=made(), known=5, asked=5, problems=())
RUN = LiveRun(shop(), Order(scenario=SHOP, seed=77), StillDriver(), ImmediateLanes)


def lines(model: SheetModel, cells: int = 80, height: int = 20, glyphs: str = "unicode") -> list[str]:
    """Return a sheet as text."""
    return ["".join(text for text, _ in line).rstrip() for line in laid_out(model, cells, height, SETS[glyphs])]


def page(name: str, debrief: Debrief | None = None, wanted: str = "") -> list[str]:
    """Return a page as text."""
    return lines(sheet(RUN, replace(WHOLE, debrief=debrief or made()), name, 20, wanted))


@pytest.mark.parametrize("kind", sorted({*KINDS.values(), "action", "system", "impact"}))
def test_whatever_happened_can_be_drawn(kind: str) -> None:
    moments = tuple(Moment(at_us=at, kind=kind, text=text) for at, text in enumerate((BEGIN, END, "something")))
    model = sheet(RUN, replace(WHOLE, debrief=made(timeline=moments)), "timeline", 20)
    roles = {role for line in laid_out(model, 80, 20, SETS["unicode"]) for _, role in line}
    assert roles - {""} <= pen().styles.keys()


def test_the_chart_has_a_line_for_each_lane_over_the_whole_run() -> None:
    model = chart(made())
    assert [series.role for series in model.series] == ["you", "nothing", "expert"]
    assert [series.dash for series in model.series] == [0, 2, 1]
    assert [series.points for series in model.series] == [lane.failing for lane in made().lanes]
    assert model.marks == (391 // 5, 452 // 5)
    assert model.axis == ("00:00", "07:30", "15:00")
    assert model.top == 1.0


def test_the_strokes_of_the_table_are_those_of_the_chart() -> None:
    found = {
        line.split()[1]: line.split()[0]
        for line in page("impact")
        if line.startswith(tuple(" " + each for each in UNICODE.strokes))
    }
    assert found == dict(zip(("you", "expert", "nothing"), UNICODE.strokes, strict=True))


def test_the_table_says_what_each_lane_came_to() -> None:
    at = next(at for at, line in enumerate(page("impact")) if "objective held again" in line)
    assert page("impact")[at : at + 4] == [
        "                  failed   late   fewer  avoided  objective held again",
        " ━━ you           40 112  1 125  32 283   50.7 %  from 10:33",
        " ┈┈ nothing done  71 408  2 112                   not in this run",
        " ╍╍ expert         9 217    624  63 679    100 %  from 06:34",
    ]


def test_a_lane_that_never_missed_the_objective_says_so() -> None:
    lanes = (replace(made().lanes[0], missed=False, recovered_s=None), *made().lanes[1:])
    assert any(line.endswith("never missed") for line in page("impact", made(lanes=lanes)))


def test_with_room_to_spare_the_turning_points_stand_below_the_impact() -> None:
    assert not any("did harm" in line for line in lines(sheet(RUN, WHOLE, "impact", 20)))
    shown = lines(sheet(RUN, WHOLE, "impact", 36))
    assert any("did harm" in line for line in shown)
    assert not any("What waiting cost" in line for line in shown)


def test_the_chart_takes_the_room_that_is_left_within_bounds() -> None:
    model = SheetModel(blocks=(Say("one"), Curves(), Say("two")), chart=chart(made()))
    assert [len(lines(model, height=height)) for height in (5, 14, 50)] == [10, 14, 18]


@pytest.mark.parametrize("wanted", ["action", "scale to", "ACTION|scale"])
def test_the_timeline_shows_only_what_matches(wanted: str) -> None:
    shown = page("timeline", wanted=wanted)
    assert [line for line in shown if ":" in line] == [" ▸ 06:31  action  Scale to 45"]


def test_a_filter_can_be_inverted_and_may_match_nothing() -> None:
    assert not any("06:31" in line for line in page("timeline", wanted="!action"))
    assert "No line matches." in "".join(page("timeline", wanted="zzz"))
    assert len(page("impact", wanted="zzz")) == len(page("impact"))


def test_kinds_differ_by_word_and_by_role() -> None:
    model = sheet(RUN, WHOLE, "timeline", 20)
    roles = {line[0][0].split()[-1]: line[0][1] for line in laid_out(model, 80, 20, UNICODE) if len(line) > 1}
    assert roles["action"] == "you"
    assert roles["look"] == "muted"
    assert roles["system"] == "line"
    marks = [line[0] for line in laid_out(model, 80, 20, UNICODE) if "impact" in line[0][0] and ":" in line[0][0]]
    assert [role for _, role in marks] == ["bad", "good"]
    assert [text.split()[0] for text, _ in marks] == ["■", "●"]


def test_what_could_not_be_simulated_is_said() -> None:
    progress = replace(WHOLE, problems=("without action 1: it was lost",))
    shown = " ".join(lines(sheet(RUN, progress, "impact", 20)))
    assert "Not known: without action 1: it was lost" in shown
    assert state(replace(progress, debrief=made())) == "not simulated: 1 of 5 lanes"


def test_turning_points_count_as_they_fill_in() -> None:
    half = made(turning_points=(turn(1, 5), turn(2, None), turn(3, None, asked=False)))
    assert state(replace(WHOLE, debrief=half)) == "1 of 2 lanes of your actions simulated"
    both = made(turning_points=(turn(1, 5, alone=7), turn(2, 5, asked_alone=True, effect="")))
    assert state(replace(WHOLE, debrief=both)) == "3 of 4 lanes of your actions simulated"
    assert state(replace(WHOLE, debrief=made(turning_points=()))) == "no action to leave out"
    assert state(replace(WHOLE, debrief=None, known=2)) == "2 of 5 lanes simulated"


def test_parts_stand_beside_each_other_where_there_is_room() -> None:
    model = SheetModel(blocks=(Beside((Heading("A"), Say("left")), (Heading("B"), Say("right"))),))
    assert [line.split() for line in lines(model, 120) if line] == [["A", "B"], ["left", "right"]]
    assert [line.split() for line in lines(model, 80) if line] == [["A"], ["left"], ["B"], ["right"]]


@pytest.mark.parametrize("cells", [80, 120])
@pytest.mark.parametrize("glyphs", sorted(SETS))
def test_no_line_is_too_long_and_no_word_is_lost(cells: int, glyphs: str) -> None:
    """Whatever is said, all of it is on the page, in lines that fit."""
    long = "x" * 200
    debrief = made(
        summary="Words and 12 345 678 numbers. " * 20,
        truth=f"\x1b[31m[bold]{long}[/bold]",
        turning_points=tuple(turn(at, 1_000_000 + at, text=f"[red]{long}") for at in range(20)),
    )
    for name in ("impact", "timeline", "turns", "diagnosis", "story"):
        shown = lines(sheet(RUN, replace(WHOLE, debrief=debrief), name, 36), cells, glyphs=glyphs)
        assert max(map(width, shown)) <= cells
        assert "\x1b" not in "".join(shown)
    story = lines(sheet(RUN, replace(WHOLE, debrief=debrief), "story", 20), cells, glyphs=glyphs)
    assert sum(line.count("12 345 678") for line in story) == 20
    assert "".join(story).count("x") >= 200


def test_ascii_needs_nothing_else() -> None:
    for name in ("impact", "timeline", "turns", "diagnosis", "story"):
        assert "".join(lines(sheet(RUN, WHOLE, name, 36), glyphs="ascii")).isascii()


def test_a_table_without_a_head_has_no_empty_line() -> None:
    model = SheetModel(blocks=(Table(head=("", ""), rows=(Row(("a", "b")),)),))
    assert lines(model, glyphs=ASCII.name) == [" a  b"]
