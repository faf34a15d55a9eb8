"""Casts: from the value of one type to that of another.

Separate from reading and writing text, which casts to and from text use. Errors are those of the cast's function.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from drill.sql import moments, rounding, spelling
from drill.sql.bound import Expr, call, constant, is_unknown_literal, value_of
from drill.sql.faults import (
    CANNOT_COERCE,
    DATATYPE_MISMATCH,
    OUT_OF_RANGE,
    SqlError,
    unsupported,
)
from drill.sql.intervals import DAYS_PER_MONTH, US_PER_DAY, Interval
from drill.sql.resolve import assignable
from drill.sql.types import BPCHAR, RECORD, TEXT, UNKNOWN, RowType, Type, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sql.running import Running

_WHOLE = {"int2", "int4", "int8"}
_OIDS = {"oid", "regclass", "regtype", "regrole", "regnamespace", "regproc"}
_TEXTS = {"text", "varchar", "bpchar", "name"}
NAMED_OIDS = _OIDS - {"oid"}


def convert(expr: Expr, target: Type, running: Running, context: str = "e", mod: tuple[int, ...] = ()) -> Expr:
    """Return an expression cast to a type; raise SqlError if no such cast exists.

    Args:
        expr: What is cast.
        target: To what.
        running: For the clock, which `'now'` needs, and for names of tables.
        context: `i` for casts PostgreSQL makes by itself, `a` in assignments, `e` for those asked for.
        mod: Type modifiers, such as precision and scale.
    """
    source = expr.type
    if source is UNKNOWN and target is not UNKNOWN:
        return _from_unknown(expr, target, running, mod)
    if source is target or (target is RECORD and isinstance(source, RowType)):
        return _with_mod(expr, target, mod, explicit=context == "e")
    allowed = assignable(source, target)
    if not allowed or (context == "i" and allowed != "i") or (context == "a" and allowed == "e"):
        code = CANNOT_COERCE
        msg = f"cannot cast type {source.title} to {target.title}"
        raise SqlError(msg, code, expr.begins())
    run = converter(source, target, running)
    found = call(run, target, (expr,), key=("cast", source.name, target.name), pos=expr.pos)
    return _with_mod(found, target, mod, explicit=context == "e")


def _from_unknown(expr: Expr, target: Type, running: Running, mod: tuple[int, ...]) -> Expr:
    if not is_unknown_literal(expr):
        run = converter(UNKNOWN, target, running)
        return _with_mod(call(run, target, (expr,), key=("cast", "unknown", target.name), pos=expr.pos), target, mod)
    value = value_of(expr)
    if value is None:
        return constant(None, target, expr.pos)
    try:
        read = converter(UNKNOWN, target, running)(value)
    except SqlError as error:
        raise error.at(expr.pos) from None
    return _with_mod(constant(read, target, expr.pos), target, mod)


def _with_mod(expr: Expr, target: Type, mod: tuple[int, ...], *, explicit: bool = True) -> Expr:
    """Apply precision, scale or length."""
    del explicit
    if not mod or expr.mod == mod:
        return expr
    name = target.name
    if name == "numeric":
        precision, scale = mod[0], mod[1] if len(mod) > 1 else 0
        return call(lambda value: rounding.fit(value, precision, scale), target, (expr,), key=("numeric", mod), mod=mod)
    if name == "varchar":
        return call(lambda value: value[: mod[0]], target, (expr,), key=("varchar", mod), mod=mod)
    if name == "bpchar":
        return call(lambda value: value[: mod[0]].ljust(mod[0]), target, (expr,), key=("bpchar", mod), mod=mod)
    if name in {"timestamp", "timestamptz", "time", "interval"}:
        return call(lambda value: _precise(value, mod[0]), target, (expr,), key=("precise", name, mod), mod=mod)
    raise unsupported(f"a modifier of type {target.title}", expr.pos)


def _precise(value: Value, digits: int) -> Value:
    step = 10 ** (6 - min(digits, 6))
    if isinstance(value, Interval):
        return Interval(value.months, value.days, round(Fraction(value.us, step)) * step)
    return int((Decimal(value) / step).quantize(Decimal(1), "ROUND_HALF_UP")) * step


def converter(source: Type, target: Type, running: Running) -> Callable[[Value], Value]:
    """Return the function of a cast."""
    if target.name in NAMED_OIDS and (source.category == "S" or source is UNKNOWN):
        return lambda value: running.server.function(f"to_{target.name}", (value,))
    if source.name in NAMED_OIDS and (target.category == "S"):
        return lambda value: running.server.function(f"from_{source.name}", (value,))
    if source.element is not None and target.element is not None:
        one = converter(source.element, target.element, running)
        return lambda value: _each(one, value)
    if target.category == "S":
        return _to_text(source, target)
    if source.category == "S" or source is UNKNOWN:
        return lambda value: spelling.read(target, value, running.now_us)
    if target.name in _WHOLE:
        return _to_whole(source, target.name)
    found = _PAIRS.get((source.name, target.name)) or _PAIRS.get(("*", target.name))
    return found or _same


def _same(value: Value) -> Value:
    return value


def _each(one: Callable[[Value], Value], value: tuple[Value, ...]) -> tuple[Value, ...]:
    return tuple(None if item is None else _each(one, item) if type(item) is tuple else one(item) for item in value)


def _to_text(source: Type, target: Type) -> Callable[[Value], Value]:
    if source.name in _TEXTS or source is UNKNOWN:
        if source is BPCHAR:
            return lambda value: value.rstrip(" ")
        if target.name == "name":
            return lambda value: value[:63]
        return _same
    if source.name == "bool":
        return lambda value: "true" if value else "false"
    if source.name in {"inet", "cidr"}:
        return lambda value: f"{spelling.write(source, value).partition('/')[0]}/{value.bits}"
    return lambda value: spelling.write(source, value)


def as_text(kind: Type, value: Value) -> str:
    """Return a value cast to text."""
    return str(_to_text(kind, TEXT)(value))


def _to_whole(source: Type, target: str) -> Callable[[Value], int]:
    if source.category == "N" and source.name not in {"numeric", "float4", "float8"}:
        if source.name in _OIDS and target == "int4":
            return lambda value: value if value < 2**31 else value - 2**32
        return lambda value: rounding.in_range(value, target)
    if source.name == "numeric":
        return lambda value: rounding.in_range(rounding.half_up(value), target)
    if source.name == "bool":
        return int
    if source.name == "jsonb":
        return lambda value: rounding.in_range(rounding.half_up(_number(value, target)), target)
    if source.name == "char":
        return lambda value: ord(value) if value else 0
    return lambda value: _from_float(value, target)


def _from_float(value: float, target: str) -> int:
    if abs(value) > 2.0**63:
        title = {"int2": "smallint", "int4": "integer", "int8": "bigint"}[target]
        msg = f"{title} out of range"
        raise SqlError(msg, OUT_OF_RANGE)
    return rounding.in_range(round(value), target)


def _to_numeric(value: float, digits: int) -> Decimal:
    if value in {float("inf"), float("-inf")}:
        raise unsupported("infinity as numeric")
    return rounding.plain(Decimal(f"{value:.{digits}g}"))


def _to_float(value: Decimal | float) -> float:
    found = float(value)
    if found in {float("inf"), float("-inf")} and isinstance(value, (Decimal, int)):
        msg = f'"{value:f}" is out of range for type double precision'
        raise SqlError(msg, OUT_OF_RANGE)
    return found


def _number(text: str, target: str) -> Decimal:
    try:
        return spelling.read_numeric(text)
    except SqlError:
        kind = {"{": "object", "[": "array", '"': "string", "t": "boolean", "f": "boolean", "n": "null"}[text[0]]
        title = {"int2": "smallint", "int4": "integer", "int8": "bigint"}.get(target, target)
        msg = f"cannot cast jsonb {kind} to type {title}"
        raise SqlError(msg, "22023") from None


def _finite_date(days: int) -> int:
    if days in {moments.FOREVER_DAYS, moments.NEVER_DAYS}:
        return moments.FOREVER if days > 0 else moments.NEVER
    return days * US_PER_DAY


def _date_of(us: int) -> int:
    if us in {moments.FOREVER, moments.NEVER}:
        return moments.FOREVER_DAYS if us > 0 else moments.NEVER_DAYS
    return us // US_PER_DAY


_PAIRS: dict[tuple[str, str], Callable[[Value], Value]] = {
    ("float8", "numeric"): lambda value: _to_numeric(value, 15),
    ("float4", "numeric"): lambda value: _to_numeric(value, 6),
    ("jsonb", "numeric"): lambda value: _number(value, "numeric"),
    ("jsonb", "float8"): lambda value: float(_number(value, "double precision")),
    ("jsonb", "bool"): lambda value: value == "true",
    ("*", "numeric"): Decimal,
    ("*", "float8"): _to_float,
    ("*", "float4"): lambda value: rounding.as_single(float(value)),
    ("int4", "bool"): bool,
    ("int4", "char"): chr,
    ("date", "timestamp"): _finite_date,
    ("date", "timestamptz"): _finite_date,
    ("timestamp", "date"): _date_of,
    ("timestamptz", "date"): _date_of,
    ("timestamp", "time"): lambda value: value % US_PER_DAY,
    ("timestamptz", "time"): lambda value: value % US_PER_DAY,
    ("time", "interval"): lambda value: Interval(0, 0, value),
    ("interval", "time"): lambda value: value.us % US_PER_DAY,
    ("*", "oid"): lambda value: value % 2**32,
    ("inet", "cidr"): lambda value: value._replace(address=value.network),
    ("json", "jsonb"): lambda value: spelling.read(_jsonb(), value),
}


def _jsonb() -> Type:
    from drill.sql.types import JSONB  # noqa: PLC0415 - only this cast needs it

    return JSONB


def epoch_s(value: Interval) -> Fraction:
    """Return an interval in seconds, a year counted as 365.25 days."""
    years, months = divmod(abs(value.months), 12)
    sign = -1 if value.months < 0 else 1
    days = Fraction(1461, 4) * years * sign + months * DAYS_PER_MONTH * sign + value.days
    return days * 86_400 + Fraction(value.us, 1_000_000)


def as_boolean(expr: Expr, what: str, running: Running) -> Expr:
    """Return a condition; raise SqlError if it is none. `what` is the clause in the message."""
    if expr.type is UNKNOWN or expr.type.name == "bool":
        from drill.sql.types import BOOL  # noqa: PLC0415 - beside its only use

        return convert(expr, BOOL, running, "i")
    msg = f"argument of {what} must be type boolean, not type {expr.type.title}"
    raise SqlError(msg, DATATYPE_MISMATCH, expr.begins())
