"""Every word can be read, in colour and without."""

from __future__ import annotations

import pytest
from rich.segment import Segment
from rich.style import Style
from textual._ansi_theme import MONOKAI
from textual.color import Color
from textual.filter import ANSIToTruecolor, Monochrome

from drill.tui.pen import pen
from drill.tui.state import State, judge
from drill.tui.theme import COLOURS, GROUNDS, PLAIN, TEXT_ROLES, filters

LEAST = 4.5


@pytest.mark.parametrize("role", TEXT_ROLES)
@pytest.mark.parametrize("ground", GROUNDS)
def test_text_stands_out_from_its_ground(role: str, ground: str) -> None:
    assert contrast(COLOURS[role], ground) >= LEAST


def test_text_stands_out_from_the_cursor() -> None:
    assert contrast(COLOURS["cursor"], COLOURS["line"]) >= LEAST
    assert contrast(COLOURS["inactive-cursor"], COLOURS["rule"]) >= LEAST


def test_healthy_and_bad_differ_for_colour_blind_eyes() -> None:
    """Blue against orange: blue is above red in one and far below it in the other."""
    good, bad = Color.parse(COLOURS["good"]), Color.parse(COLOURS["bad"])
    assert good.b > good.r + 100
    assert bad.r > bad.b + 100


def test_without_colour_nothing_is_coloured() -> None:
    styles = pen(colour=False).styles
    assert all(style.color is None and style.bgcolor is None for style in styles.values())
    (plain,) = filters([Monochrome()], colour=False)
    style = Style(color="red", bgcolor="blue", bold=True)
    (segment,) = plain.apply([Segment("x", style)], Color(0, 0, 0))
    assert segment.style == Style(bold=True)


def test_with_colour_the_environment_has_no_say() -> None:
    given = [ANSIToTruecolor(MONOKAI), Monochrome()]
    assert filters(given, colour=True) == given[:1]


def test_a_cursor_can_be_told_without_colour() -> None:
    styles = pen(colour=False).styles
    assert styles["cursor"].reverse
    assert styles["inactive-cursor"].underline


def test_the_plain_theme_uses_the_terminal_s_own_colours() -> None:
    values = {value for value in vars(PLAIN).values() if isinstance(value, str) and value.startswith(("#", "ansi_"))}
    assert values == {"ansi_default"}


@pytest.mark.parametrize(
    ("failing", "state"),
    [(None, State.UNKNOWN), (0.0, State.OK), (0.005, State.OK), (0.02, State.WARN), (0.2, State.CRIT)],
)
def test_a_state_follows_from_the_objective(failing: float | None, state: State) -> None:
    assert judge(failing, 0.995) is state


def contrast(text: str, ground: str) -> float:
    """Return the contrast of two colours (WCAG 2, https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio)."""
    first, second = sorted((luminance(text), luminance(ground)), reverse=True)
    return (first + 0.05) / (second + 0.05)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour."""
    parts = [part / 255 for part in Color.parse(colour).rgb]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
