"""Functions on dates, times and intervals.

Separate from to_char, which has a language of its own. `now()` is simulated time, the same throughout a statement.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from drill.sql import intervals, moments
from drill.sql.casting import epoch_s
from drill.sql.faults import DATETIME_OVERFLOW, INVALID_PARAMETER, SqlError, unsupported
from drill.sql.intervals import US_PER_DAY, US_PER_HOUR, US_PER_MINUTE, US_PER_S, Interval
from drill.sql.rounding import from_fraction

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.running import Running
    from drill.sql.types import Value

_FIELDS_OF_A_CLOCK = {"hour": US_PER_HOUR, "minute": US_PER_MINUTE}


def _decimal(us: int, scale: int) -> Decimal:
    return Decimal(us).scaleb(-scale)


def _clock_field(name: str, us: int) -> Decimal | None:
    """Return a field of a time of day, None for one that it does not have."""
    if name == "hour":
        return Decimal(us // US_PER_HOUR)
    if name == "minute":
        return Decimal(us // US_PER_MINUTE % 60)
    within = us % US_PER_MINUTE
    if name == "second":
        return _decimal(within, 6)
    if name == "milliseconds":
        return _decimal(within, 3)
    return Decimal(within) if name == "microseconds" else None


def extract(unit: str, us: int, title: str) -> Decimal | None:
    """Return a field of a timestamp; raise SqlError for an unknown one."""
    name = moments.field_name(unit)
    if us in {moments.FOREVER, moments.NEVER}:
        raise unsupported("a field of an infinite timestamp")
    if name == "epoch":
        return _decimal(us, 6)
    found = _clock_field(name, us % US_PER_DAY)
    if found is not None:
        return found
    moment = moments.split(us)
    if name.startswith("timezone") and title.endswith("with time zone"):
        return Decimal(0)
    iso = moment.isocalendar()
    fields = {
        "day": moment.day,
        "month": moment.month,
        "year": moment.year,
        "quarter": (moment.month + 2) // 3,
        "week": iso.week,
        "isoyear": iso.year,
        "dow": iso.weekday % 7,
        "isodow": iso.weekday,
        "doy": moment.timetuple().tm_yday,
        "decade": moment.year // 10,
        "century": (moment.year + 99) // 100,
        "millennium": (moment.year + 999) // 1000,
        "julian": moment.toordinal() + 1_721_425,
    }
    if name not in fields:
        raise moments.unit_error(unit, title, known=name.startswith("timezone"))
    if name == "julian":
        return Decimal(fields[name]) + from_fraction(Decimal(us % US_PER_DAY).as_integer_ratio()[0] * _per_day(), 20)
    return Decimal(fields[name])


def _per_day() -> Value:
    from fractions import Fraction  # noqa: PLC0415 - for Julian days alone

    return Fraction(1, US_PER_DAY)


def _extract_date(unit: str, days: int) -> Decimal | None:
    name = moments.field_name(unit)
    if name in {"hour", "minute", "second", "milliseconds", "microseconds"} or name.startswith("timezone"):
        raise moments.unit_error(unit, "date", known=True)
    found = extract(unit, days * US_PER_DAY, "date")
    return None if found is None else found.quantize(Decimal(1))


def _extract_time(unit: str, us: int) -> Decimal | None:
    name = moments.field_name(unit)
    if name == "epoch":
        return _decimal(us, 6)
    found = _clock_field(name, us)
    if found is None:
        raise moments.unit_error(unit, "time without time zone", known=name in {"day", "month", "year", "week", "dow"})
    return found


def _extract_interval(unit: str, value: Interval) -> Decimal | None:
    name = moments.field_name(unit)
    if name == "epoch":
        return from_fraction(epoch_s(value), 6)
    sign = -1 if value.us < 0 else 1
    if name == "hour":
        return Decimal(sign * (abs(value.us) // US_PER_HOUR))
    found = _clock_field(name, abs(value.us))
    if found is not None:
        return found if sign > 0 or not found else -found
    years = abs(value.months) // 12 * (-1 if value.months < 0 else 1)
    months = value.months - years * 12
    fields = {
        "day": value.days,
        "month": months,
        "quarter": months // 3 + 1,
        "year": years,
        "decade": int(years / 10),
        "century": int(years / 100),
        "millennium": int(years / 1000),
    }
    if name not in fields:
        known = name in {"week", "dow", "doy", "isodow", "isoyear", "julian", "timezone"}
        raise moments.unit_error(unit, "interval", known=known)
    return Decimal(fields[name])


def _part(run: Callable[..., Decimal | None], *more: str) -> Callable[..., float | None]:
    def found(unit: str, value: Value) -> float | None:
        exact = run(unit, value, *more)
        return None if exact is None else float(exact)

    return found


def _trunc_interval(unit: str, value: Interval) -> Interval:
    name = moments.field_name(unit)
    sizes = {
        "microseconds": 1,
        "milliseconds": 1000,
        "second": US_PER_S,
        **_FIELDS_OF_A_CLOCK,
    }
    if name in sizes:
        sign = -1 if value.us < 0 else 1
        return Interval(value.months, value.days, sign * (abs(value.us) // sizes[name] * sizes[name]))
    if name == "day":
        return Interval(value.months, value.days, 0)
    months = {"month": 1, "quarter": 3, "year": 12, "decade": 120, "century": 1200, "millennium": 12_000}.get(name)
    if months is None:
        raise moments.unit_error(unit, "interval", known=name == "week")
    sign = -1 if value.months < 0 else 1
    return Interval(sign * (abs(value.months) // months * months), 0, 0)


def _bin(step: Interval, us: int, origin: int) -> int:
    if step.months:
        raise SqlError("timestamps cannot be binned into intervals containing months or years", "0A000")
    size = step.span
    if size <= 0:
        raise SqlError("stride must be greater than zero", INVALID_PARAMETER)
    return origin + (us - origin) // size * size


def _zoned(zone: str, us: int) -> int:
    return us + moments.zone_offset(zone) * (1 if zone[:1].isalpha() else -1)


def _unzoned(zone: str, us: int) -> int:
    return us - moments.zone_offset(zone) * (1 if zone[:1].isalpha() else -1)


def _make_date(year: int, month: int, day: int) -> int:
    text = f"{year}-{month:02}-{day:02}"
    try:
        return moments.read(text, "date", 0)
    except SqlError:
        msg = f"date field value out of range: {text}"
        raise SqlError(msg, DATETIME_OVERFLOW) from None


def _make_interval(*parts: float) -> Interval:
    years, months, weeks, days, hours, minutes, seconds = [*parts, *[0.0] * (7 - len(parts))]
    us = round(seconds * US_PER_S) + int(hours) * US_PER_HOUR + int(minutes) * US_PER_MINUTE
    return Interval(int(years) * 12 + int(months), int(weeks) * 7 + int(days), us)


def _now(running: Running) -> int:
    return running.now_us


def _age_of_today(running: Running, us: int) -> Interval:
    return moments.age(running.now_us // US_PER_DAY * US_PER_DAY, us)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "c now()timestamptz": _now,
    "c transaction_timestamp()timestamptz": _now,
    "c statement_timestamp()timestamptz": _now,
    "c clock_timestamp()timestamptz": _now,
    "c current_timestamp()timestamptz": _now,
    "c localtimestamp()timestamp": _now,
    "c current_date()date": lambda running: running.now_us // US_PER_DAY,
    "c localtime()time": lambda running: running.now_us % US_PER_DAY,
    "age(timestamptz,timestamptz)interval": moments.age,
    "age(timestamp,timestamp)interval": moments.age,
    "c age(timestamptz)interval": _age_of_today,
    "c age(timestamp)interval": _age_of_today,
    "date_trunc(text,timestamptz)timestamptz": lambda unit, us: moments.truncate(unit, us, "timestamp with time zone"),
    "date_trunc(text,timestamp)timestamp": lambda unit, us: moments.truncate(unit, us, "timestamp without time zone"),
    "date_trunc(text,interval)interval": _trunc_interval,
    "date_bin(interval,timestamptz,timestamptz)timestamptz": _bin,
    "date_bin(interval,timestamp,timestamp)timestamp": _bin,
    "extract(text,timestamptz)numeric": lambda unit, us: extract(unit, us, "timestamp with time zone"),
    "extract(text,timestamp)numeric": lambda unit, us: extract(unit, us, "timestamp without time zone"),
    "extract(text,date)numeric": _extract_date,
    "extract(text,time)numeric": _extract_time,
    "extract(text,interval)numeric": _extract_interval,
    "date_part(text,timestamptz)float8": _part(extract, "timestamp with time zone"),
    "date_part(text,timestamp)float8": _part(extract, "timestamp without time zone"),
    "date_part(text,date)float8": _part(_extract_date),
    "date_part(text,time)float8": _part(_extract_time),
    "date_part(text,interval)float8": _part(_extract_interval),
    "justify_hours(interval)interval": intervals.justify_hours,
    "justify_days(interval)interval": intervals.justify_days,
    "justify_interval(interval)interval": intervals.justify,
    "timezone(text,timestamptz)timestamp": _zoned,
    "timezone(text,timestamp)timestamptz": _unzoned,
    "timezone(interval,timestamptz)timestamp": lambda by, us: us + by.us,
    "timezone(interval,timestamp)timestamptz": lambda by, us: us - by.us,
    "to_timestamp(float8)timestamptz": lambda seconds: round(seconds * US_PER_S),
    "make_date(int4,int4,int4)date": _make_date,
    "isfinite(timestamptz)bool": lambda us: us not in {moments.FOREVER, moments.NEVER},
    "isfinite(timestamp)bool": lambda us: us not in {moments.FOREVER, moments.NEVER},
    "isfinite(interval)bool": lambda _: True,
    "isfinite(date)bool": lambda days: days not in {moments.FOREVER_DAYS, moments.NEVER_DAYS},
    "c timeofday()text": lambda running: moments.write(running.now_us, zoned=True),
}
for _count in range(7):
    _types = ",".join(["int4"] * min(6, _count) + ["float8"] * (_count - 6))
    FUNCTIONS[f"make_interval({_types})interval"] = _make_interval
FUNCTIONS["make_interval(int4,int4,int4,int4,int4,int4,float8)interval"] = _make_interval
