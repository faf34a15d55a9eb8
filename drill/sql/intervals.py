"""Intervals: months, days and microseconds that are kept apart, as PostgreSQL does.

Separate because reading, writing and arithmetic of these three parts have rules of their own; see
src/backend/utils/adt/timestamp.c. They compare as if a month had 30 days and a day 24 hours.
"""

from __future__ import annotations

from fractions import Fraction

from drill.sql.faults import DATETIME_OVERFLOW, SqlError
from drill.sql.rounding import half_even

US_PER_S = 1_000_000
US_PER_MINUTE = 60 * US_PER_S
US_PER_HOUR = 3600 * US_PER_S
US_PER_DAY = 86_400 * US_PER_S
DAYS_PER_MONTH = 30
MONTHS_PER_YEAR = 12
_MOST = 2**31


class Interval:
    """A length of time."""

    __slots__ = ("days", "months", "span", "us")

    def __init__(self, months: int, days: int, us: int) -> None:
        """Keep the parts; raise SqlError where PostgreSQL's fields overflow."""
        if not (-_MOST <= months < _MOST and -_MOST <= days < _MOST and -(2**63) <= us < 2**63):
            msg = "interval out of range"
            raise SqlError(msg, DATETIME_OVERFLOW)
        self.months = months
        self.days = days
        self.us = us
        self.span = us + (days + months * DAYS_PER_MONTH) * US_PER_DAY
        """Microseconds, as comparisons count."""

    def __eq__(self, other: object) -> bool:
        """Compare lengths."""
        return isinstance(other, Interval) and self.span == other.span

    def __lt__(self, other: Interval) -> bool:
        """Compare lengths."""
        return self.span < other.span

    def __le__(self, other: Interval) -> bool:
        """Compare lengths."""
        return self.span <= other.span

    def __gt__(self, other: Interval) -> bool:
        """Compare lengths."""
        return self.span > other.span

    def __ge__(self, other: Interval) -> bool:
        """Compare lengths."""
        return self.span >= other.span

    def __hash__(self) -> int:
        """Hash the length."""
        return hash(self.span)

    def __neg__(self) -> Interval:
        """Turn it around."""
        return Interval(-self.months, -self.days, -self.us)

    def __add__(self, other: Interval) -> Interval:
        """Add part by part."""
        return Interval(self.months + other.months, self.days + other.days, self.us + other.us)

    def __sub__(self, other: Interval) -> Interval:
        """Subtract part by part."""
        return Interval(self.months - other.months, self.days - other.days, self.us - other.us)


def scaled(value: Interval, factor: Fraction) -> Interval:
    """Return a multiple; what is left of months goes to days and of days to time, as interval_mul does."""
    months_exact, days_exact = value.months * factor, value.days * factor
    months, days = int(months_exact), int(days_exact)
    rest_of_months = _six_digits((months_exact - months) * DAYS_PER_MONTH)
    rest_us = _six_digits((days_exact - days + rest_of_months - int(rest_of_months)) * 86_400) * US_PER_S
    days += int(rest_of_months)
    if abs(rest_us) >= US_PER_DAY:
        whole = int(rest_us / US_PER_DAY)
        days += whole
        rest_us -= whole * US_PER_DAY
    return Interval(months, days, half_even(value.us * factor + rest_us))


def _six_digits(value: Fraction) -> Fraction:
    return Fraction(half_even(value * US_PER_S), US_PER_S)


def justify_hours(value: Interval) -> Interval:
    """Turn 24 hours into days."""
    days, us = carry(value.us, US_PER_DAY)
    days += value.days
    if days > 0 > us:
        days, us = days - 1, us + US_PER_DAY
    elif days < 0 < us:
        days, us = days + 1, us - US_PER_DAY
    return Interval(value.months, days, us)


def justify_days(value: Interval) -> Interval:
    """Turn 30 days into months."""
    months, days = carry(value.days, DAYS_PER_MONTH)
    months += value.months
    if months > 0 > days:
        months, days = months - 1, days + DAYS_PER_MONTH
    elif months < 0 < days:
        months, days = months + 1, days - DAYS_PER_MONTH
    return Interval(months, days, value.us)


def justify(value: Interval) -> Interval:
    """Turn hours into days and days into months, all of one sign."""
    days, us = carry(value.us, US_PER_DAY)
    months, days = carry(value.days + days, DAYS_PER_MONTH)
    months += value.months
    if months > 0 and (days < 0 or (days == 0 and us < 0)):
        months, days = months - 1, days + DAYS_PER_MONTH
    elif months < 0 and (days > 0 or (days == 0 and us > 0)):
        months, days = months + 1, days - DAYS_PER_MONTH
    if days > 0 > us:
        days, us = days - 1, us + US_PER_DAY
    elif days < 0 < us:
        days, us = days + 1, us - US_PER_DAY
    return Interval(months, days, us)


def carry(value: int, size: int) -> tuple[int, int]:
    """Return how often a size fits, toward zero, and what is left."""
    whole = abs(value) // size * (1 if value >= 0 else -1)
    return whole, value - whole * size


def write(value: Interval) -> str:
    """Return the text of IntervalStyle `postgres`."""
    years, months = carry(value.months, MONTHS_PER_YEAR)
    parts: list[str] = []
    before_negative = False
    for number, unit in ((years, "year"), (months, "mon"), (value.days, "day")):
        if number:
            plus = "+" if before_negative and number > 0 else ""
            parts.append(f"{plus}{number} {unit}{'' if number == 1 else 's'}")
            before_negative = number < 0
    if value.us or not parts:
        sign = "-" if value.us < 0 else "+" if before_negative else ""
        parts.append(sign + clock(abs(value.us)))
    return " ".join(parts)


def clock(us: int) -> str:
    """Return hours, minutes and seconds, with as many decimals as needed."""
    seconds, fraction = divmod(us, US_PER_S)
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return f"{text}.{fraction:06}".rstrip("0") if fraction else text
