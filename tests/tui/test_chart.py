"""A chart says in words what it shows in dots, and nothing of it is cut."""

from __future__ import annotations

from math import sin
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.tui.glyphs import ASCII, BLOCK, UNICODE, Glyphs
from drill.tui.numbers import scale
from drill.tui.text import width
from drill.tui.widgets.chart import ChartModel, Series, chart_lines, dots, trend

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

WAVE = ChartModel(
    title="Pod CPU",
    unit="cores",
    series=(Series(points=tuple(0.25 + 0.1 * sin(at / 5) for at in range(90))),),
    threshold=0.2,
    marks=(70,),
)


def texts(model: ChartModel, cells: int, height: int, glyphs: Glyphs = UNICODE) -> list[str]:
    """Return the lines of a chart as text."""
    return ["".join(text for text, _ in line).rstrip() for line in chart_lines(model, cells, height, glyphs)]


@pytest.mark.parametrize("glyphs", [UNICODE, BLOCK, ASCII], ids=lambda glyphs: glyphs.name)
def test_a_chart_in_each_set_of_characters(glyphs: Glyphs, snapshot: SnapshotAssertion) -> None:
    assert "\n".join(texts(WAVE, 39, 6, glyphs)) == snapshot


def test_the_text_line_tells_the_stretch_that_is_shown() -> None:
    """The highest value is long past and out of the picture, so it is not told."""
    points = (9.0, *(float(1 + at % 2) for at in range(200)))
    model = ChartModel(title="x", unit="count", series=(Series(points=points),))
    assert texts(model, 39, 5)[-1] == "min 1  now 2  max 2  → steady"
    assert dots(39, UNICODE) == 66


def test_a_chart_without_a_value_says_so() -> None:
    model = ChartModel(title="x", unit="count", series=(Series(points=()),))
    assert texts(model, 39, 5)[-1] == "no value yet"
    assert texts(ChartModel(title="x", unit="s", series=(Series(points=(None,)),)), 20, 3)[0] == "x"


def test_lanes_share_a_chart_and_keep_apart_without_colour() -> None:
    """Solid, dashed and dotted: the picture can be read in one colour."""
    model = ChartModel(
        title="Users failing",
        unit="%",
        series=tuple(Series(points=(level,) * 60, dash=dash) for dash, level in enumerate((0.0, 0.5, 1.0))),
        whole=True,
        top=1.0,
        axis=("00:00", "00:30", "01:00"),
        told=False,
    )
    assert texts(model, 36, 5) == [
        "Users failing",
        "  100 ⠉ ⠈⠁ ⠉ ⠈⠁ ⠉ ⠈⠁ ⠉ ⠈⠁ ⠉ ⠈⠁ ⠉ ⠈⠁",
        "   50 ⠒⠒⠒ ⠐⠒⠒⠂ ⠒⠒⠒ ⠐⠒⠒⠂ ⠒⠒⠒ ⠐⠒⠒⠂ ⠒⠒⠒",
        "    0 ⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀",
        "      00:00        00:30       01:00",
    ]


@pytest.mark.parametrize(
    ("points", "word"), [([1.0] * 12, "steady"), ([1.0] * 6 + [2.0] * 6, "rising"), ([2.0] * 6 + [1.0] * 6, "falling")]
)
def test_a_trend_is_a_glyph_and_a_word(points: list[float], word: str) -> None:
    assert trend(points, scale(2.0, "count"), UNICODE).split()[1] == word


@given(
    st.lists(st.none() | st.floats(0, 1e10), max_size=200),
    st.sampled_from(["bytes", "bytes/s", "cores", "%", "s", "count", "/s"]),
    st.integers(24, 60),
    st.integers(4, 10),
    st.sampled_from([UNICODE, BLOCK, ASCII]),
)
def test_a_chart_has_its_size_and_cuts_no_number(
    points: list[float | None], unit: str, cells: int, height: int, glyphs: Glyphs
) -> None:
    model = ChartModel(title="Network out", unit=unit, series=(Series(points=tuple(points)),))
    lines = texts(model, cells, height, glyphs)
    assert len(lines) == height
    assert all(width(line) <= cells for line in lines)
    if points and points[-1] is not None:
        assert lines[0].endswith(scale(max(point or 0.0 for point in points), unit).text(points[-1]))
