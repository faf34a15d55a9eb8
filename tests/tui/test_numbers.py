"""Numbers on screen are short, whole and true."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.tui.numbers import ceiling, count, factor, percent, scale, spent
from drill.units import format_number


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (None, "-"),
        (0.0, "0 %"),
        (0.0004, "<0.1 %"),
        (0.005, "0.5 %"),
        (0.66583, "66.6 %"),
        (0.9994, "99.9 %"),
        (0.99999, "100 %"),
        (1.0, "100 %"),
        (3.875, "388 %"),
    ],
)
def test_a_share_is_a_percentage(share: float | None, expected: str) -> None:
    assert percent(share) == expected


def test_a_budget_that_is_far_overspent_is_said_as_a_multiple() -> None:
    assert [spent(0.12), spent(9.69), spent(102.4), spent(12_345.0, "x")] == ["12.0 %", "969 %", "102×", "12 345x"]


@given(st.floats(0, 9.99))
def test_a_percentage_says_the_share(share: float) -> None:
    text = percent(share)
    value = 0.05 if text.startswith("<") else float(text.removesuffix(" %"))
    assert value == pytest.approx(share * 100, abs=0.5 if share >= 0.9995 else 0.051)


@given(st.floats(0, 99_999))
def test_digits_are_few_and_true(value: float) -> None:
    text = format_number(value)
    assert len(text) <= 6
    assert float(text) == pytest.approx(value, rel=0.006, abs=0.00006)


@given(st.floats(1e-9, 1e15))
def test_a_ceiling_is_above_and_not_far(value: float) -> None:
    assert value * (1 - 1e-6) <= ceiling(value) <= value * 1.51


def test_the_ceiling_of_nothing_is_one() -> None:
    assert ceiling(0.0) == 1.0


@pytest.mark.parametrize(
    ("highest", "unit", "value", "text", "top"),
    [
        (2.52e8, "bytes", 2.514e8, "240 MiB", 300.0),
        (0.0, "bytes", 0.0, "0 B", 1.0),
        (880_000.0, "bytes/s", 299_400.0, "292 KiB/s", 1000.0),
        (0.231, "cores", 0.0742, "0.0742 cores", 0.3),
        (0.66, "%", 0.6583, "65.8 %", 80.0),
        (0.25, "s", 0.0314, "31.4 ms", 300.0),
        (4.0, "s", 3.14159, "3.14 s", 4.0),
        (0.0, "count", 0.0, "0", 1.0),
        (124.0, "/s", 113.7, "114 /s", 150.0),
    ],
)
def test_a_chart_speaks_in_one_unit(highest: float, unit: str, value: float, text: str, top: float) -> None:
    measure = scale(highest, unit)
    assert measure.text(value) == text
    assert measure.top == pytest.approx(top)


@given(st.floats(0, 1e13), st.sampled_from(["bytes", "bytes/s", "cores", "%", "s", "count", "/s"]))
def test_nothing_stands_outside_its_chart(highest: float, unit: str) -> None:
    measure = scale(highest, unit)
    assert 0 <= measure.share(highest) <= 1
    assert measure.share(0.0) == 0.0


def test_counts_and_speeds() -> None:
    assert [count(0), count(47_232), count(1_234_567)] == ["0", "47 232", "1 234 567"]
    assert [factor(1.0), factor(0.5), factor(12.34), factor(7.26)] == ["1", "0.5", "12", "7.3"]
