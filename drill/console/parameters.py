"""PostgreSQL's parameters: what a value may be, how it is shown, who may change it and when.

Separate from the servers that have them. Messages and units follow guc.c of PostgreSQL 15.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache

from drill.console.defaults import DEFAULTS
from drill.sql.faults import INVALID_PARAMETER, UNDEFINED_OBJECT, SqlError

_TIME_US = {"us": 1, "ms": 1000, "s": 1_000_000, "min": 60_000_000, "h": 3_600_000_000, "d": 86_400_000_000}
_SIZE = {"B": 1, "kB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}
_BASE_SIZE = {"B": 1, "kB": 2**10, "8kB": 2**13, "MB": 2**20}
_NUMBER = re.compile(r"\s*([+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?)\s*([A-Za-z]*)\s*$")
_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter."""

    name: str
    setting: str
    """In its own unit, as pg_settings shows it."""
    unit: str
    context: str
    vartype: str
    least: str = ""
    most: str = ""
    boot: str = ""
    category: str = ""
    description: str = ""
    choices: tuple[str, ...] = ()
    source: str = "default"
    pending: bool = False

    def shown(self) -> str:
        """Return the value as SHOW shows it, in the largest unit that divides it."""
        if self.vartype not in {"integer", "real"} or not self.unit or not self.setting.lstrip("-").isdecimal():
            return self.setting
        value = int(self.setting)
        if value <= 0:
            return self.setting
        if self.unit in _TIME_US:
            amount, units = value * _TIME_US[self.unit], _TIME_US
        else:
            amount, units = value * _BASE_SIZE[self.unit], _SIZE
        unit = next(each for each in reversed(units) if not amount % units[each])
        return f"{amount // units[unit]}{unit}"

    def read(self, text: str) -> str:
        """Return a value as pg_settings would show it; raise SqlError."""
        if self.vartype == "bool":
            return self._bool(text)
        if self.vartype == "enum":
            for choice in self.choices:
                if choice == text.lower():
                    return choice
            hint = f"Available values: {', '.join(self.choices)}."
            raise self.invalid(text, hint)
        return self._number(text) if self.vartype in {"integer", "real"} else text

    def invalid(self, text: str, hint: str = "") -> SqlError:
        """Return the complaint about a value."""
        return SqlError(f'invalid value for parameter "{self.name}": "{text}"', INVALID_PARAMETER, hint=hint)

    def _bool(self, text: str) -> str:
        body = text.lower()
        if body and body != "o":
            if any(word.startswith(body) for word in _TRUE):
                return "on"
            if any(word.startswith(body) for word in _FALSE):
                return "off"
        msg = f'parameter "{self.name}" requires a Boolean value'
        raise SqlError(msg, INVALID_PARAMETER)

    def _number(self, text: str) -> str:
        found = _NUMBER.match(text)
        if found is None:
            raise self.invalid(text)
        amount, unit = Decimal(found[1]), found[2]
        if unit:
            units = _TIME_US if self.unit in _TIME_US else _SIZE if self.unit else {}
            if unit not in units:
                raise self.invalid(text, self._units())
            base = _TIME_US.get(self.unit) or _BASE_SIZE[self.unit]
            amount = amount * units[unit] / base
        if self.vartype == "integer":
            amount = amount.to_integral_value()
        if (self.least and amount < Decimal(self.least)) or (self.most and amount > Decimal(self.most)):
            shown = f" {self.unit}" if self.unit else ""
            valid = f'the valid range for parameter "{self.name}" ({self.least} .. {self.most})'
            msg = f"{amount:f}{shown} is outside {valid}"
            raise SqlError(msg, INVALID_PARAMETER)
        return f"{amount:f}"

    def _units(self) -> str:
        if self.unit in _TIME_US:
            return 'Valid units for this parameter are "us", "ms", "s", "min", "h", and "d".'
        if self.unit:
            return 'Valid units for this parameter are "B", "kB", "MB", "GB", and "TB".'
        return ""

    def check_session(self) -> None:
        """Raise SqlError if SET can't change it."""
        if self.context in {"user", "superuser"}:
            return
        text = {
            "postmaster": f'parameter "{self.name}" cannot be changed without restarting the server',
            "sighup": f'parameter "{self.name}" cannot be changed now',
            "backend": f'parameter "{self.name}" cannot be set after connection start',
            "superuser-backend": f'parameter "{self.name}" cannot be set after connection start',
        }.get(self.context, f'parameter "{self.name}" cannot be changed')
        raise SqlError(text, "55P02")


@cache
def defaults() -> dict[str, Parameter]:
    """Return every parameter by its name in lower case."""
    found = {}
    for line in DEFAULTS.strip().splitlines():
        name, setting, unit, context, vartype, least, most, boot, category, description, choices = line.split("|")
        found[name.lower()] = Parameter(
            name, setting, unit, context, vartype, least, most, boot, category, description,
            tuple(choices.split(",")) if choices else (),
        )  # fmt: skip
    return found


def unknown(name: str) -> SqlError:
    """Return the complaint about a parameter that does not exist."""
    return SqlError(f'unrecognized configuration parameter "{name}"', UNDEFINED_OBJECT)


class Parameters:
    """What is in force for one session: the server's values, and those the session set."""

    def __init__(self, base: dict[str, Parameter]) -> None:
        """Start with the server's values, by name in lower case."""
        self.base = base
        self.session: dict[str, str] = {}
        self.local: dict[str, str] = {}
        """Values that last until the transaction ends."""
        self._before: dict[str, str] | None = None

    def find(self, name: str) -> Parameter:
        """Return a parameter as this session has it; raise SqlError for an unknown one."""
        key = name.lower()
        known = self.base.get(key)
        if known is None:
            if key in self.session:
                return Parameter(key, self.session[key], "", "user", "string")
            raise unknown(name)
        value = self.local.get(key, self.session.get(key))
        return known if value is None else replace(known, setting=value, source="session")

    def set(self, name: str, value: str | None, *, local: bool) -> None:
        """Set a value for the session or the transaction, None for the default; raise SqlError."""
        key = name.lower()
        known = self.base.get(key)
        if known is None:
            if "." not in key:
                raise unknown(name)
            known = Parameter(key, "", "", "user", "string")
        known.check_session()
        target = self.local if local else self.session
        if value is None:
            target.pop(key, None)
            self.local.pop(key, None)
        else:
            target[key] = known.read(value)
            if not local:
                self.local.pop(key, None)

    def begin(self) -> None:
        """Remember the values, for a transaction that may be rolled back."""
        self._before = dict(self.session)

    def end(self, *, committed: bool) -> None:
        """Forget values of the transaction, and those it set if it was rolled back."""
        self.local.clear()
        if self._before is not None and not committed:
            self.session = self._before
        self._before = None

    def all(self) -> list[Parameter]:
        """Return every parameter, ordered by name."""
        return [self.find(name) for name in sorted(self.base)]
