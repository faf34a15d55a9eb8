"""Dates, times and timestamps: reading, writing, cutting, adding.

Separate from intervals, which have no place in a calendar. A timestamp is microseconds since 1970, of UTC where the
type has a time zone; the session's zone is UTC. Infinities are the ends of int64, as in PostgreSQL.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta

from drill.sql.faults import DATETIME_OVERFLOW, INVALID_DATETIME, INVALID_PARAMETER, SqlError, unsupported
from drill.sql.intervals import MONTHS_PER_YEAR, US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_S, Interval, clock

FOREVER, NEVER = 2**63 - 1, -(2**63)
"""infinity, -infinity."""
FOREVER_DAYS, NEVER_DAYS = 2**31 - 1, -(2**31)
EPOCH = date(1970, 1, 1).toordinal()
_ZONES = {"utc": 0, "gmt": 0, "z": 0, "zulu": 0, "ut": 0, "uct": 0, "etc/utc": 0, "utc0": 0}
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_ISO = re.compile(
    r"(\d{4,6})-(\d{1,2})-(\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?)?"
    r" *((?:[+-]\d{1,2}(?::?\d{2})?(?::?\d{2})?|[A-Za-z][A-Za-z_/]*)?)$"
)
_WORDED = re.compile(r"(?:(\d{1,2}) ([A-Za-z]{3,9}) (\d{4})|([A-Za-z]{3,9}) (\d{1,2}),? (\d{4}))((?: .*)?)$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})$")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(?: *(am|pm))?$", re.IGNORECASE)
_HALF_DAY = 12


def read(text: str, kind: str, now_us: int) -> int:
    """Return what a text says as `timestamp`, `timestamptz` or `date`; raise SqlError."""
    body = text.strip()
    special = _special(body.lower(), now_us, kind)
    if special is not None:
        return special
    found = _ISO.match(_regular(body))
    if found is None:
        if body and not any(c.isdigit() for c in body):
            raise _bad(kind, text)
        raise _bad(kind, text)
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    days = _days(int(year), int(month), int(day), text)
    us = _clock_us(int(hour or 0), int(minute or 0), int(second or 0), fraction or "", text)
    if kind == "date":
        return days
    offset = zone_offset(zone, text) if zone else 0
    return days * US_PER_DAY + us - (offset if kind == "timestamptz" else 0)


def _regular(body: str) -> str:
    """Return other ways to write a date as the ISO one."""
    worded = _WORDED.match(body)
    if worded is not None:
        day, name, year = (worded[1], worded[2], worded[3]) if worded[1] else (worded[5], worded[4], worded[6])
        short = name[:3].lower()
        return f"{year}-{_MONTHS.index(short) + 1}-{day}{worded[7]}" if short in _MONTHS else body
    compact = _COMPACT.match(body)
    return f"{compact[1]}-{compact[2]}-{compact[3]}" if compact else body.replace("/", "-", 2)


def _special(body: str, now_us: int, kind: str) -> int | None:
    in_days = kind == "date"
    today = now_us // US_PER_DAY
    if body in {"now", "today", "tomorrow", "yesterday"}:
        day = today + {"tomorrow": 1, "yesterday": -1}.get(body, 0)
        return day if in_days else now_us if body == "now" else day * US_PER_DAY
    if body in {"infinity", "+infinity", "-infinity"}:
        last, first = (FOREVER_DAYS, NEVER_DAYS) if in_days else (FOREVER, NEVER)
        return first if body[0] == "-" else last
    if body == "epoch":
        return 0
    return None


def _bad(kind: str, text: str) -> SqlError:
    title = {"timestamptz": "timestamp with time zone", "time": "time"}.get(kind, kind)
    return SqlError(f'invalid input syntax for type {title}: "{text}"', INVALID_DATETIME)


def _days(year: int, month: int, day: int, text: str) -> int:
    if not (1 <= month <= MONTHS_PER_YEAR and 1 <= day <= 31 and year >= 1):  # noqa: PLR2004 - days of a month
        hint = 'Perhaps you need a different "datestyle" setting.'
        raise SqlError(f'date/time field value out of range: "{text}"', DATETIME_OVERFLOW, hint=hint)
    if year > 9999:  # noqa: PLR2004 - datetime's last
        raise unsupported("a year beyond 9999")
    if day > monthrange(year, month)[1]:
        raise _out_of_range(text)
    return date(year, month, day).toordinal() - EPOCH


def _out_of_range(text: str) -> SqlError:
    return SqlError(f'date/time field value out of range: "{text}"', DATETIME_OVERFLOW)


def _clock_us(hour: int, minute: int, second: int, fraction: str, text: str) -> int:
    us = round(int(f"{fraction[:9]:<09}".replace(" ", "0")) / 1000) if fraction else 0
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second or us)):  # noqa: PLR2004 - a clock
        raise _out_of_range(text)
    return hour * US_PER_HOUR + minute * US_PER_MINUTE + second * US_PER_S + us


def zone_offset(zone: str, text: str = "") -> int:
    """Return how far a zone is ahead of UTC, in microseconds; raise SqlError for what is no offset and not UTC."""
    known = _ZONES.get(zone.lower())
    if known is not None:
        return known
    found = re.match(r"([+-])(\d{1,2}):?(\d{2})?:?(\d{2})?$", zone)
    if found is None:
        del text
        raise unsupported(f'time zone "{zone}"')
    sign, hours, minutes, seconds = found.groups()
    us = int(hours) * US_PER_HOUR + int(minutes or 0) * US_PER_MINUTE + int(seconds or 0) * US_PER_S
    return -us if sign == "-" else us


def read_time(text: str) -> int:
    """Return a time of day in microseconds; raise SqlError."""
    found = _CLOCK.match(text.strip())
    if found is None:
        raise _bad("time", text)
    hour, minute, second, fraction, half = found.groups()
    hours = int(hour)
    if half:
        hours = hours % _HALF_DAY + (_HALF_DAY if half.lower() == "pm" else 0)
    return _clock_us(hours, int(minute), int(second or 0), fraction or "", text)


def split(us: int) -> datetime:
    """Return a timestamp as a date and a time of day; raise SqlError outside of the years 1 to 9999."""
    try:
        return datetime(1970, 1, 1) + timedelta(microseconds=us)  # noqa: DTZ001 - the zone is known from the type
    except OverflowError:
        msg = "timestamp out of range"
        raise SqlError(msg, DATETIME_OVERFLOW) from None


def join(moment: datetime) -> int:
    """Return the microseconds of a date and time of day."""
    clock_us = (moment.hour * 3600 + moment.minute * 60 + moment.second) * US_PER_S + moment.microsecond
    return (moment.toordinal() - EPOCH) * US_PER_DAY + clock_us


def write(us: int, *, zoned: bool) -> str:
    """Return the text of DateStyle ISO in UTC."""
    if us in {FOREVER, NEVER}:
        return "infinity" if us == FOREVER else "-infinity"
    moment = split(us)
    return f"{write_date(us // US_PER_DAY)} {clock(us % US_PER_DAY)}{'+00' if zoned else ''}" if moment else ""


def write_date(days: int) -> str:
    """Return the text of a date."""
    if days in {FOREVER_DAYS, NEVER_DAYS}:
        return "infinity" if days == FOREVER_DAYS else "-infinity"
    moment = split(days * US_PER_DAY)
    return f"{moment.year:04}-{moment.month:02}-{moment.day:02}"


def plus(us: int, interval: Interval) -> int:
    """Add an interval: months first, then days, then time; the day is cut to the length of the month."""
    if us in {FOREVER, NEVER}:
        return us
    if interval.months:
        moment = split(us)
        months = moment.year * MONTHS_PER_YEAR + moment.month - 1 + interval.months
        year, month = divmod(months, MONTHS_PER_YEAR)
        if not 1 <= year <= 9999:  # noqa: PLR2004 - datetime's last
            msg = "timestamp out of range"
            raise SqlError(msg, DATETIME_OVERFLOW)
        day = min(moment.day, monthrange(year, month + 1)[1])
        us = join(moment.replace(year=year, month=month + 1, day=day))
    return us + interval.days * US_PER_DAY + interval.us


def minus(one: int, other: int) -> Interval:
    """Return the difference in days and time, as timestamp_mi does."""
    if one in {FOREVER, NEVER} or other in {FOREVER, NEVER}:
        msg = "cannot subtract infinite timestamps"
        raise SqlError(msg, DATETIME_OVERFLOW)
    difference = one - other
    days = abs(difference) // US_PER_DAY * (1 if difference >= 0 else -1)
    return Interval(0, days, difference - days * US_PER_DAY)


def age(one: int, other: int) -> Interval:
    """Return the difference in years, months, days and time, as timestamp_age does."""
    if one in {FOREVER, NEVER} or other in {FOREVER, NEVER}:
        msg = "cannot subtract infinite timestamps"
        raise SqlError(msg, DATETIME_OVERFLOW)
    later, earlier = split(max(one, other)), split(min(one, other))
    months = (later.year - earlier.year) * MONTHS_PER_YEAR + later.month - earlier.month
    days = later.day - earlier.day
    us = max(one, other) % US_PER_DAY - min(one, other) % US_PER_DAY
    if us < 0:
        us, days = us + US_PER_DAY, days - 1
    if days < 0:
        months -= 1
        # The month that is borrowed is the one of the earlier moment, or of the later when the sign is negative.
        lender = earlier if one >= other else later
        days += monthrange(lender.year, lender.month)[1]
    found = Interval(months, days, us)
    return found if one >= other else -found


_TRUNCATIONS = [
    "microseconds",
    "milliseconds",
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "month",
    "quarter",
    "year",
    "decade",
    "century",
    "millennium",
]


def truncate(unit: str, us: int, title: str) -> int:
    """Cut a timestamp to a unit; raise SqlError for an unknown one. `title` is the type in the message."""
    name = field_name(unit)
    if us in {FOREVER, NEVER}:
        return us
    sizes = {"microseconds": 1, "milliseconds": 1000, "second": US_PER_S, "minute": US_PER_MINUTE, "hour": US_PER_HOUR}
    if name in sizes:
        return us // sizes[name] * sizes[name]
    if name == "day":
        return us // US_PER_DAY * US_PER_DAY
    if name == "week":
        day = us // US_PER_DAY
        return (day - (day + 3) % 7) * US_PER_DAY
    if name not in _TRUNCATIONS:
        raise unit_error(unit, title)
    moment = split(us)
    year, month = moment.year, moment.month
    if name == "month":
        return join(datetime(year, month, 1))  # noqa: DTZ001 - the zone is known from the type
    if name == "quarter":
        return join(datetime(year, (month - 1) // 3 * 3 + 1, 1))  # noqa: DTZ001
    step = {"year": 1, "decade": 10, "century": 100, "millennium": 1000}[name]
    first = year // step * step if step <= 10 else (year - 1) // step * step + 1  # noqa: PLR2004 - decades begin at 0
    return join(datetime(max(first, 1), 1, 1))  # noqa: DTZ001


def unit_error(unit: str, title: str, *, known: bool = False) -> SqlError:
    """Return the complaint about a unit that a type does not have."""
    if known:
        return SqlError(f'unit "{unit.lower()}" not supported for type {title}', "0A000")
    return SqlError(f'unit "{unit.lower()}" not recognized for type {title}', INVALID_PARAMETER)


_FIELD_NAMES = {
    "us": "microseconds", "usec": "microseconds", "microsecond": "microseconds", "usecs": "microseconds",
    "ms": "milliseconds", "msec": "milliseconds", "millisecond": "milliseconds", "msecs": "milliseconds",
    "s": "second", "sec": "second", "secs": "second", "seconds": "second",
    "m": "minute", "min": "minute", "mins": "minute", "minutes": "minute",
    "h": "hour", "hr": "hour", "hrs": "hour", "hours": "hour", "d": "day", "days": "day", "w": "week", "weeks": "week",
    "mon": "month", "mons": "month", "months": "month", "qtr": "quarter",
    "y": "year", "yr": "year", "yrs": "year", "years": "year", "decades": "decade", "dec": "decade",
    "c": "century", "cent": "century", "centuries": "century",
    "mil": "millennium", "mils": "millennium", "millennia": "millennium",
}  # fmt: skip


def field_name(unit: str) -> str:
    """Return the one name of a unit."""
    return _FIELD_NAMES.get(unit.lower(), unit.lower())
