"""Texts of intervals: all the ways to write how long something lasts.

Separate from the arithmetic of intervals. Rules are those of DecodeInterval in src/backend/utils/adt/datetime.c.
"""

from __future__ import annotations

import re
from fractions import Fraction

from drill.sql.faults import DATETIME_OVERFLOW, INVALID_DATETIME, SqlError
from drill.sql.intervals import (
    DAYS_PER_MONTH,
    MONTHS_PER_YEAR,
    US_PER_DAY,
    US_PER_HOUR,
    US_PER_MINUTE,
    US_PER_S,
    Interval,
    carry,
)
from drill.sql.rounding import half_even

_UNITS: dict[str, tuple[str, Fraction]] = {}
for _names, _part, _size in (
    ("us usec usecs useconds microsecond microseconds usecond", "us", Fraction(1)),
    ("ms msec msecs mseconds millisecond milliseconds msecond", "us", Fraction(1000)),
    ("s sec secs second seconds", "us", Fraction(US_PER_S)),
    ("m min mins minute minutes", "us", Fraction(US_PER_MINUTE)),
    ("h hr hrs hour hours", "us", Fraction(US_PER_HOUR)),
    ("d day days", "days", Fraction(1)),
    ("w week weeks", "days", Fraction(7)),
    ("mon mons month months", "months", Fraction(1)),
    ("y yr yrs year years", "months", Fraction(12)),
    ("dec decs decade decades", "months", Fraction(120)),
    ("c cent century centuries", "months", Fraction(1200)),
    ("mil mils millennium millennia", "months", Fraction(12000)),
):
    for _name in _names.split():
        _UNITS[_name] = (_part, _size)


_PIECE = re.compile(r"([+-]?)(\d*\.?\d*)[ \t]*([a-z]*)")


_CLOCK = re.compile(r"([+-]?)(\d+):(\d+)(?::(\d+(?:\.\d*)?))?")


_FIELDS = {
    "year": "year",
    "month": "month",
    "day": "day",
    "hour": "hour",
    "minute": "minute",
    "second": "second",
}


def read(text: str, fields: str = "") -> Interval:
    """Return what a text says; `fields` restricts it, such as `minute` or `day to second`. Raise SqlError."""
    rest = text.strip().lower()
    body = rest.removeprefix("@").strip()
    sign = 1
    if body.endswith("ago"):
        sign, body = -1, body.removesuffix("ago").strip()
    if not body or body[0] == "p":
        return _bad(text) if not body else _iso(text, body)
    totals = {"months": Fraction(0), "days": Fraction(0), "us": Fraction(0)}
    last = fields.rsplit(maxsplit=1)[-1] if fields else "second"
    pos = 0
    while pos < len(body):
        if body[pos].isspace():
            pos += 1
            continue
        pos = _years(body, pos, totals) or _clock(body, pos, totals, last) or _piece(text, body, pos, totals, last)
    found = _total(totals, sign)
    return _restrict(found, last) if fields else found


def _bad(text: str) -> Interval:
    msg = f'invalid input syntax for type interval: "{text}"'
    raise SqlError(msg, INVALID_DATETIME)


_YEARS = re.compile(r"([+-]?)(\d+)-(\d{1,2})(?=\s|$)")


def _years(body: str, pos: int, totals: dict[str, Fraction]) -> int:
    """Read years and months as SQL writes them: `1-2`."""
    found = _YEARS.match(body, pos)
    if found is None:
        return 0
    months = int(found[2]) * MONTHS_PER_YEAR + int(found[3])
    totals["months"] += -months if found[1] == "-" else months
    return found.end()


def _clock(body: str, pos: int, totals: dict[str, Fraction], last: str) -> int:
    found = _CLOCK.match(body, pos)
    if found is None or (found.end() < len(body) and not body[found.end()].isspace()):
        return 0
    sign, first, second, third = found.groups()
    if (
        third is None and last == "second" and "." not in second and body[found.end() :].strip() == ""
    ) or third is None:
        hours, minutes, seconds = int(first), int(second), Fraction(0)
    else:
        hours, minutes, seconds = int(first), int(second), Fraction(third)
    if minutes > 59 or seconds >= 60:  # noqa: PLR2004 - minutes and seconds of a clock
        msg = f'interval field value out of range: "{body}"'
        raise SqlError(msg, DATETIME_OVERFLOW)
    us = hours * US_PER_HOUR + minutes * US_PER_MINUTE + seconds * US_PER_S
    totals["us"] += -us if sign == "-" else us
    return found.end()


def _piece(text: str, body: str, pos: int, totals: dict[str, Fraction], last: str) -> int:
    found = _PIECE.match(body, pos)
    if found is None or not found[2].strip("."):
        _bad(text)
        return 0
    sign, digits, unit = found.groups()
    end = found.end()
    amount = Fraction(digits) * (-1 if sign == "-" else 1)
    if not unit:
        if body[end:].strip():
            following = re.match(r"[ \t]+([a-z]+)", body[end:])
            if following is None:
                days_then_clock = last == "second" and _CLOCK.match(body[end:].strip())
                if not days_then_clock:
                    _bad(text)
                unit = "day"
            else:
                unit, end = following[1], end + following.end()
        else:
            unit = _FIELDS[last]
    if unit not in _UNITS:
        _bad(text)
    part, size = _UNITS[unit]
    _add(totals, part, amount * size)
    return end


def _add(totals: dict[str, Fraction], part: str, amount: Fraction) -> None:
    """Add to a part; fractions of months become days and of days time."""
    if part == "us":
        totals["us"] += amount
        return
    whole = Fraction(int(amount))
    totals[part] += whole
    rest = amount - whole
    if part == "months":
        _add(totals, "days", rest * DAYS_PER_MONTH)
    else:
        totals["us"] += rest * US_PER_DAY


def _total(totals: dict[str, Fraction], sign: int) -> Interval:
    return Interval(
        sign * int(totals["months"]),
        sign * int(totals["days"]),
        sign * half_even(totals["us"]),
    )


_ISO = re.compile(r"([+-]?\d+(?:\.\d+)?)([a-z])")


_ISO_DATE = {"y": "year", "m": "month", "w": "week", "d": "day"}


_ISO_TIME = {"h": "hour", "m": "minute", "s": "second"}


def _iso(text: str, body: str) -> Interval:
    totals = {"months": Fraction(0), "days": Fraction(0), "us": Fraction(0)}
    date, _, time = body[1:].partition("t")
    for part, units in ((date, _ISO_DATE), (time, _ISO_TIME)):
        if _ISO.sub("", part):
            return _bad(text)
        for amount, letter in _ISO.findall(part):
            if letter not in units:
                return _bad(text)
            kind, size = _UNITS[units[letter]]
            _add(totals, kind, Fraction(amount) * size)
    return _total(totals, 1)


def _restrict(value: Interval, last: str) -> Interval:
    if last == "year":
        return Interval(carry(value.months, MONTHS_PER_YEAR)[0] * MONTHS_PER_YEAR, 0, 0)
    if last == "month":
        return Interval(value.months, 0, 0)
    size = {"day": US_PER_DAY, "hour": US_PER_HOUR, "minute": US_PER_MINUTE}.get(last, 1)
    return Interval(value.months, value.days, 0 if last == "day" else carry(value.us, size)[0] * size)
