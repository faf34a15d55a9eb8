"""to_char, format, pg_size_pretty: values as people want to see them.

Separate because each has a small language of its own; patterns follow formatting.c.
"""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from drill.sql import moments, spelling
from drill.sql.faults import INVALID_PARAMETER, SqlError, unsupported
from drill.sql.intervals import US_PER_DAY, Interval
from drill.sql.running import checked_length

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from drill.sql.types import Type, Value

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_PATTERN = re.compile(
    r'"(?:[^"\\]|\\.)*"|(?i:FM|TM)?(?:MONTH|Month|month|MON|Mon|mon|DAY|Day|day|DY|Dy|dy|AM|PM|am|pm|A\.M\.|P\.M\.|'
    r"a\.m\.|p\.m\.|TZH|TZM|TZ|tz|OF|TH|th|(?i:HH24|HH12|HH|MI|SSSSS?|SS|MS|US|FF[1-6]|Y,YYY|YYYY|IYYY|YYY|YY|Y|IW|WW|"
    r"W|MM|DDD|DD|ID|D|Q|CC|J))|.",
    re.DOTALL,
)


def _moment_parts(moment: datetime, us: int) -> dict[str, str]:
    clock = us % US_PER_DAY
    hour = moment.hour
    half = "PM" if hour >= 12 else "AM"  # noqa: PLR2004 - noon
    iso = moment.isocalendar()
    day, month = _DAYS[moment.weekday()], _MONTHS[moment.month - 1]
    micros = f"{moment.microsecond:06}"
    parts = {
        "HH24": f"{hour:02}", "HH12": f"{(hour + 11) % 12 + 1:02}", "HH": f"{(hour + 11) % 12 + 1:02}",
        "MI": f"{moment.minute:02}", "SS": f"{moment.second:02}", "MS": micros[:3], "US": micros,
        "SSSS": str(clock // 1_000_000), "SSSSS": str(clock // 1_000_000),
        "YYYY": f"{moment.year:04}", "YYY": f"{moment.year:04}"[1:], "YY": f"{moment.year:04}"[2:],
        "Y": f"{moment.year:04}"[3:], "Y,YYY": f"{moment.year // 1000},{moment.year % 1000:03}",
        "IYYY": f"{iso.year:04}", "IW": f"{iso.week:02}", "MM": f"{moment.month:02}",
        "WW": f"{(moment.timetuple().tm_yday - 1) // 7 + 1:02}", "W": str((moment.day - 1) // 7 + 1),
        "MONTH": f"{month.upper():<9}", "Month": f"{month:<9}", "month": f"{month.lower():<9}",
        "MON": month[:3].upper(), "Mon": month[:3], "mon": month[:3].lower(),
        "DAY": f"{day.upper():<9}", "Day": f"{day:<9}", "day": f"{day.lower():<9}",
        "DY": day[:3].upper(), "Dy": day[:3], "dy": day[:3].lower(),
        "DDD": f"{moment.timetuple().tm_yday:03}", "DD": f"{moment.day:02}",
        "ID": str(iso.weekday), "D": str(iso.weekday % 7 + 1), "Q": str((moment.month + 2) // 3),
        "CC": f"{(moment.year + 99) // 100:02}", "J": str(moment.toordinal() + 1_721_425),
        "AM": half, "PM": half, "am": half.lower(), "pm": half.lower(),
        "A.M.": f"{half[0]}.M.", "P.M.": f"{half[0]}.M.", "a.m.": f"{half[0].lower()}.m.",
        "p.m.": f"{half[0].lower()}.m.", "TZ": "UTC", "tz": "utc", "TZH": "+00", "TZM": "00", "OF": "+00",
    }  # fmt: skip
    return parts | {f"FF{digits}": micros[:digits] for digits in range(1, 7)}


def _char_of_moment(us: int, pattern: str) -> str:
    return _filled(pattern, _moment_parts(moments.split(us), us))


def _char_of_interval(value: Interval, pattern: str) -> str:
    years, months = divmod(abs(value.months), 12)
    sign = -1 if value.months < 0 else 1
    seconds, micros = divmod(abs(value.us), 1_000_000)
    minus = "-" if value.us < 0 else ""
    hours = seconds // 3600
    half = hours % 24
    parts = {
        "HH24": f"{minus}{hours:02}", "HH12": f"{(half + 11) % 12 + 1:02}", "HH": f"{(half + 11) % 12 + 1:02}",
        "MI": f"{seconds // 60 % 60:02}", "SS": f"{seconds % 60:02}", "MS": f"{micros // 1000:03}",
        "US": f"{micros:06}",
        "YYYY": f"{sign * years:04}", "YY": f"{sign * years % 100:02}", "MM": f"{sign * months:02}",
        "DDD": f"{value.days + value.months * 30:03}", "DD": f"{value.days:02}", "SSSS": str(seconds),
    }  # fmt: skip
    return _filled(pattern, parts)


def _filled(pattern: str, parts: dict[str, str]) -> str:
    found: list[str] = []
    for piece in _PATTERN.findall(pattern):
        if piece[0] == '"' and len(piece) > 1:
            found.append(re.sub(r"\\(.)", r"\1", piece[1:-1]))
            continue
        plain = piece[:2].upper() in {"FM", "TM"} and len(piece) > 2  # noqa: PLR2004 - a prefix alone is text
        name = piece[2:] if plain else piece
        if name in {"TH", "th"} and found:
            found.append(_ordinal(found[-1], upper=name == "TH"))
        elif name in parts or name.upper() in parts:
            text = parts.get(name) or parts[name.upper()]
            found.append(_unpadded(text) if plain else text)
        elif len(name) > 1:
            raise unsupported(f'to_char pattern "{name}"')
        else:
            found.append(name)
    return "".join(found)


def _unpadded(text: str) -> str:
    stripped = text.strip()
    return (stripped.lstrip("0") or "0") if stripped.isdecimal() else stripped


def _ordinal(number: str, *, upper: bool) -> str:
    ending = "th" if number[-2:-1] == "1" else {"1": "st", "2": "nd", "3": "rd"}.get(number[-1:], "th")
    return ending.upper() if upper else ending


_NUMBER = re.compile(r"(FM)?([$LS]?)((?:[09],?|G)*)([.D]?)([09]*)(%?)((?:MI|PL|SG|S|PR)?)$")


def _char_of_number(value: Decimal, pattern: str) -> str:
    found = _NUMBER.match(pattern)
    if found is None or not pattern:
        raise unsupported(f'to_char pattern "{pattern}"')
    fill, before, whole, point, fraction, percent, after = found.groups()
    if "L" in before or after in {"PL", "SG"}:
        raise unsupported(f'to_char pattern "{pattern}"')
    whole = whole.replace("G", ",")
    rounded = value.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    digits, _, decimals = f"{abs(rounded):f}".partition(".")
    places = whole.replace(",", "")
    text, zeros = _grouped(whole, digits, places)
    if fill and fraction:
        decimals = decimals[: max(len(decimals.rstrip("0")), fraction.rfind("0") + 1)]
    body = text + ("." if point else "") + decimals
    if zeros:
        body = body.replace(" ", "")
    signed = rounded < 0
    width = len(whole)
    return (
        _signed(body, before, after, width=0 if fill else width + len(point) + len(fraction), negative=signed) + percent
    )


def _grouped(whole: str, digits: str, places: str) -> tuple[str, bool]:
    """Return the digits before the point in their places, with group separators."""
    if digits == "0" and "0" not in places:
        digits = "" if places else "0"
    if len(digits) > len(places):
        return re.sub("[09]", "#", whole), False
    first_zero = places.find("0")
    least = len(places) - first_zero if first_zero >= 0 else 0
    digits = digits.rjust(least, "0")
    padded = digits.rjust(len(places))
    found, index = "", 0
    for mark in whole:
        if mark == ",":
            found += "," if found.strip() else " "
        else:
            found += padded[index]
            index += 1
    return found.lstrip(), False


def _signed(body: str, before: str, after: str, *, width: int, negative: bool) -> str:
    if after == "PR":
        text = f"<{body}>" if negative else f" {body} " if width else body
        return text.rjust(width + 2) if width else text
    if after in {"MI", "S"}:
        sign = "-" if negative else ("+" if after == "S" else " " if width else "")
        return (body.rjust(width) if width else body) + sign
    sign = "-" if negative else "+" if before == "S" else ""
    money = "$" if before == "$" else ""
    if not width:
        return sign + money + body
    lead = width + 1 + len(money)
    return (sign + money + body).rjust(lead)


_FORMAT = re.compile(r"%(?:(\d+)\$)?(-?)(\d*)([sIL%]|.|$)", re.DOTALL)


def format_text(
    pattern: str,
    pairs: Sequence[tuple[Type, Value]],
    quote_ident: Callable[[str], str],
    quote_literal: Callable[[str], str],
) -> str:
    """Return what format() makes of its pattern and arguments."""
    taken = 0

    def fill(found: re.Match[str]) -> str:
        nonlocal taken
        number, minus, width, kind = found.groups()
        if kind == "%":
            return "%"
        if kind not in {"s", "I", "L"}:
            msg = f'unrecognized format() type specifier "{kind}"' if kind else "unterminated format() type specifier"
            raise SqlError(msg, INVALID_PARAMETER, hint='For a single "%" use "%%".')
        taken = int(number) if number else taken + 1
        if not 0 < taken <= len(pairs):
            msg = "too few arguments for format()"
            raise SqlError(msg, INVALID_PARAMETER)
        text = _formatted(kind, *pairs[taken - 1], quote_ident, quote_literal)
        checked_length(int(width or 0))
        return text.ljust(int(width or 0)) if minus else text.rjust(int(width or 0))

    result = _FORMAT.sub(fill, pattern)
    checked_length(len(result))
    return result


def _formatted(
    kind: str, type_: Type, value: Value, quote_ident: Callable[[str], str], quote_literal: Callable[[str], str]
) -> str:
    if value is None:
        if kind == "I":
            raise SqlError("null values cannot be formatted as an SQL identifier", "22004")
        return "NULL" if kind == "L" else ""
    text = spelling.write(type_, value)
    return quote_ident(text) if kind == "I" else quote_literal(text) if kind == "L" else text


_UNITS = ("kB", "MB", "GB", "TB", "PB")


def _size_pretty(size: int) -> str:
    """Return a size as pg_size_pretty does: units change above 10 times 1024, halves round away from zero."""
    limit = 10 * 1024
    if abs(size) < limit:
        return f"{size} bytes"
    limit = 20 * 1024 - 1
    size = _shifted(size, 9)
    for index, unit in enumerate(_UNITS):
        if abs(size) < limit or index == len(_UNITS) - 1:
            return f"{_halved(size)} {unit}"
        size = _shifted(size, 10)
    return ""


def _shifted(size: int, bits: int) -> int:
    return size >> bits if size >= 0 else -(-size >> bits)


def _halved(size: int) -> int:
    return (size + 1) // 2 if size >= 0 else -((-size + 1) // 2)


def _size_bytes(text: str) -> int:
    found = re.match(r"\s*([+-]?\d+(?:\.\d*)?)\s*([A-Za-z]*)\s*$", text)
    factors = {"": 1, "bytes": 1, "b": 1} | {unit.lower(): 1024**power for power, unit in enumerate(_UNITS, 1)}
    if found is None or found[2].lower() not in factors:
        msg = f'invalid size: "{text}"'
        raise SqlError(msg, INVALID_PARAMETER)
    return int((Decimal(found[1]) * factors[found[2].lower()]).quantize(Decimal(1), ROUND_HALF_UP))


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "to_char(timestamptz,text)text": _char_of_moment,
    "to_char(timestamp,text)text": _char_of_moment,
    "to_char(interval,text)text": _char_of_interval,
    "to_char(numeric,text)text": _char_of_number,
    "to_char(int4,text)text": lambda value, pattern: _char_of_number(Decimal(value), pattern),
    "to_char(int8,text)text": lambda value, pattern: _char_of_number(Decimal(value), pattern),
    "to_char(float8,text)text": lambda value, pattern: _char_of_number(Decimal(f"{value:.15g}"), pattern),
    "pg_size_pretty(int8)text": _size_pretty,
    "pg_size_pretty(numeric)text": lambda size: _size_pretty(int(size)),
    "pg_size_bytes(text)int8": _size_bytes,
    "to_number(text,text)numeric": lambda text, _: spelling.read_numeric(text.replace(",", "")),
}
