"""How numbers are said: few digits, always whole, with their unit.

Separate because charts, header, tables and results must say the same value in the same way, and because tests hold what
is on the screen against the snapshot.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import floor, log10

from drill.units import format_count, format_number, format_percent

_STEPS = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
_BINARY = ("B", "KiB", "MiB", "GiB", "TiB")
_KIBI = 1024
_NOTHING = 1e-9
_OVERSPENT = 10.0
"""Error budgets spent this often are said as a multiple."""


def percent(share: float | None) -> str:
    """Return a fraction of 1 as a percentage with at most one decimal; a dash for None."""
    return "-" if share is None else format_percent(share)


def spent(share: float, times: str = "×") -> str:
    """Return a used share of a budget: a percentage, or how many times over."""
    return f"{share:,.0f}{times}".replace(",", " ") if share >= _OVERSPENT else percent(share)


def count(value: int) -> str:
    """Return a whole number in groups of three digits."""
    return format_count(value)


def factor(value: float) -> str:
    """Return a speed without needless decimals, such as `20` or `0.5`."""
    return f"{value:.0f}" if value >= _OVERSPENT or value == round(value) else f"{value:.1f}"


def ceiling(value: float) -> float:
    """Return the next round number at or above a value; 1 for 0 and for what is next to nothing."""
    if value < _NOTHING:
        return 1.0
    power = 10.0 ** floor(log10(value))
    return next(step * power for step in _STEPS if step * power >= value * (1 - 1e-9))


@dataclass(frozen=True, slots=True)
class Scale:
    """The unit in which a chart speaks."""

    factor: float
    """What a value is multiplied with."""
    unit: str
    """Empty for plain counts."""
    top: float
    """Upper end of the chart, in the unit."""

    def number(self, value: float) -> str:
        """Return a value without its unit."""
        return format_number(value * self.factor)

    def text(self, value: float) -> str:
        """Return a value with its unit."""
        return f"{self.number(value)} {self.unit}".rstrip()

    def share(self, value: float) -> float:
        """Return where a value stands between 0 and the upper end, as a fraction from 0 to 1."""
        return min(1.0, max(0.0, value * self.factor / self.top))


def valued(value: float, unit: str) -> str:
    """Return a value with one of the units of a dashboard."""
    return scale(abs(value), unit).text(value)


def scale(highest: float, unit: str) -> Scale:
    """Return the scale of a chart whose highest value is this, in one of the units of a dashboard."""
    if unit in ("bytes", "bytes/s"):
        step = 0
        while step + 1 < len(_BINARY) and highest / _KIBI**step >= _KIBI:
            step += 1
        per_s = "/s" if unit.endswith("/s") else ""
        return Scale(1 / _KIBI**step, _BINARY[step] + per_s, ceiling(highest / _KIBI**step))
    if unit == "%":
        return Scale(100.0, "%", ceiling(highest * 100))
    if unit == "s" and highest < 1:
        return Scale(1000.0, "ms", ceiling(highest * 1000))
    return Scale(1.0, "" if unit == "count" else unit, ceiling(highest))
