"""Lines drawn with dots inside characters."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.tui.glyphs import ASCII, BLOCK, UNICODE, Glyphs
from drill.tui.plot import MARK, SHADE, Line, Stroke, newest, plot, resample

HEIGHTS = st.lists(st.none() | st.floats(-1, 2), max_size=80)


def texts(lines: list[Line]) -> list[str]:
    """Return the characters of lines."""
    return ["".join(text for text, _ in line) for line in lines]


def ramp(columns: int) -> tuple[float, ...]:
    """Return heights from the bottom to the top."""
    return tuple(at / (columns - 1) for at in range(columns))


@pytest.mark.parametrize(
    ("glyphs", "expected"),
    [
        (UNICODE, ["      ⡠⠊", "    ⡠⠊  ", "  ⡠⠊    ", "⡠⠊      "]),
        (BLOCK, ["      ▄▀", "    ▄▀  ", "  ▄▀    ", "▄▀      "]),
        (ASCII, ["      _|", "    _|  ", "  _|    ", "_|      "]),
    ],
    ids=["unicode", "block", "ascii"],
)
def test_a_ramp_goes_from_corner_to_corner(glyphs: Glyphs, expected: list[str]) -> None:
    assert texts(plot([Stroke(heights=ramp(8 * glyphs.columns), role="line")], (8, 4), glyphs)) == expected


def test_a_level_line_is_level() -> None:
    lines = texts(plot([Stroke(heights=(0.0,) * 8, role="line")], (4, 2), UNICODE))
    assert lines == ["    ", "⣀⣀⣀⣀"]


def test_a_jump_hangs_together() -> None:
    lines = texts(plot([Stroke(heights=(0.0, 0.0, 1.0, 1.0), role="line")], (2, 2), UNICODE))
    assert lines == [" ⡏", "⣀⠇"]


def test_a_gap_stays_a_gap() -> None:
    lines = texts(plot([Stroke(heights=(0.0, None, None, 0.0), role="line")], (2, 1), UNICODE))
    assert lines == ["⡀⢀"]


def test_the_first_stroke_lies_on_top() -> None:
    strokes = [Stroke(heights=(0.0,) * 4, role="you"), Stroke(heights=(0.0,) * 4, role="nothing")]
    assert plot(strokes, (2, 1), UNICODE) == [(("⣀⣀", "you"),)]


def test_a_moment_stands_where_no_line_is() -> None:
    lines = plot([Stroke(heights=(0.0,) * 4, role="line")], (2, 2), UNICODE, marks=[3])
    assert lines == [((" ", ""), ("┊", MARK)), (("⣀⣀", "line"),)]


def test_a_bound_is_dotted() -> None:
    (line,) = texts(plot([], (6, 1), UNICODE, threshold=0.0))
    assert line == "⡀⢀ ⡀⢀ "


def test_the_ground_below_a_line_is_shaded_where_there_are_colours() -> None:
    stroke = Stroke(heights=(1.0,) * 4, role="line", filled=True)
    assert plot([stroke], (2, 2), UNICODE) == [(("⠉⠉", "line"),), (("⣿⣿", SHADE),)]
    assert plot([stroke], (2, 2), ASCII)[1] == (("  ", ""),)


@given(HEIGHTS, st.integers(1, 30), st.integers(1, 8), st.sampled_from([UNICODE, BLOCK, ASCII]))
def test_a_plot_has_its_size_whatever_is_drawn(
    heights: list[float | None], width: int, height: int, glyphs: Glyphs
) -> None:
    lines = texts(plot([Stroke(heights=tuple(heights), role="line", filled=True)], (width, height), glyphs))
    assert [len(line) for line in lines] == [width] * height


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=300), st.integers(1, 100))
def test_resampling_stays_within_the_points(points: list[float], columns: int) -> None:
    means = resample(points, columns)
    assert len(means) == columns
    assert all(mean is not None and min(points) - 1e-6 <= mean <= max(points) + 1e-6 for mean in means)


def test_resampling_keeps_means_and_gaps() -> None:
    assert resample([1.0, 3.0, None, None, 5.0, 7.0], 3) == (2.0, None, 6.0)
    assert resample([], 2) == (None, None)
    assert all(after >= before for before, after in pairwise(resample(list(range(7)), 20)) if before and after)


def test_the_newest_points_stand_at_the_right() -> None:
    assert newest([1.0, 2.0, 3.0], 2) == (2.0, 3.0)
    assert newest([1.0], 3) == (None, None, 1.0)


def test_plain_lines_that_lie_upon_each_other_take_turns() -> None:
    """Without dots inside characters nothing shows through: each line has a sign of its own."""
    level = [Stroke(heights=(0.0,) * 9, role=role, on=2, off=3 * at) for at, role in enumerate(("you", "best", "none"))]
    (line,) = plot(level, (9, 1), ASCII)
    assert "".join(text for text, _ in line) == "o+*o+*o+*"
    assert dict(line) == {"*": "you", "+": "best", "o": "none"}


def test_a_plain_line_on_its_own_keeps_its_dots() -> None:
    assert texts(plot([Stroke(heights=(0.0,) * 9, role="you")], (9, 1), ASCII)) == ["_" * 9]
