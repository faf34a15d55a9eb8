"""All functions and operators by name.

Separate from those who define them, each by a line such as `left(text,int4)text`, and from the rules that choose among
them. Before the name may stand letters: `n` takes NULLs itself, `c` takes the running statement as its first argument,
`v` is volatile, `s` returns a set,
`t` takes pairs of type and value. `...` before the last type lets it repeat. Read when first needed.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from drill.sql.resolve import Function
from drill.sql.types import TYPES, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drill.sql.types import Value


@cache
def _lines() -> Mapping[str, list[tuple[str, str, Callable[..., Value]]]]:
    from drill.sql.library import ALL  # noqa: PLC0415 - the library is loaded when the first statement needs it

    found: dict[str, list[tuple[str, str, Callable[..., Value]]]] = {}
    for table in ALL:
        for line, run in table.items():
            head, _, rest = line.partition("(")
            flags, _, name = head.rpartition(" ")
            found.setdefault(name, []).append((flags, rest, run))
    return found


@cache
def functions(name: str) -> tuple[Function, ...]:
    """Return everything of this name."""
    return tuple(_function(name, *line) for line in _lines().get(name, ()))


def names() -> list[str]:
    """Return the names of all functions, operators left out."""
    return sorted(name for name in _lines() if name[0].isalpha())


def _function(name: str, flags: str, rest: str, run: Callable[..., Value]) -> Function:
    inside, _, result = rest.partition(")")
    words = [word for word in inside.split(",") if word]
    variadic = bool(words) and words[-1].startswith("...")
    args = tuple(type_of(word.removeprefix("...")) for word in words)
    fields: tuple[tuple[str, Type], ...] = ()
    if result.startswith("{"):
        pairs = [pair.split(":") for pair in result.strip("{}").split(";")]
        fields = tuple((field, type_of(kind)) for field, kind in pairs)
        result = "record"
    return Function(
        name,
        args,
        type_of(result),
        run,
        strict="n" not in flags,
        context="c" in flags,
        volatile="v" in flags,
        typed="t" in flags,
        returns_set="s" in flags,
        variadic=variadic,
        fields=fields,
    )


def type_of(word: str) -> Type:
    """Return the type of a name, an array's with brackets behind."""
    return TYPES["_" + word[:-2]] if word.endswith("[]") else TYPES[word]
