"""Which function or operator a call means, by the types of its arguments.

Separate because functions, operators and aggregates share it. The steps are those of the manual, "Function Type
Resolution", as func_select_candidate (parse_func.c) takes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from drill.sql.types import (
    CASTS,
    IMPLICIT,
    POLYMORPHIC,
    RECORD,
    TEXT,
    TYPES,
    UNKNOWN,
    RowType,
    Type,
    array_of,
    is_array,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from drill.sql.types import Value


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One function or operator of PostgreSQL."""

    name: str
    args: tuple[Type, ...]
    result: Type
    run: Callable[..., Value]
    strict: bool = True
    """Whether NULL in gives NULL out without asking."""
    context: bool = False
    """Whether it takes the running statement as its first argument."""
    volatile: bool = False
    returns_set: bool = False
    variadic: bool = False
    """Whether the last argument may be repeated."""
    typed: bool = False
    """Whether it takes pairs of type and value."""
    fields: tuple[tuple[str, Type], ...] = ()
    """Columns of what it returns; empty for a single value."""

    def declared(self, count: int) -> tuple[Type, ...]:
        """Return the types of this many arguments."""
        if not self.variadic:
            return self.args
        return self.args[:-1] + (self.args[-1],) * (count - len(self.args) + 1)

    def takes(self, count: int) -> bool:
        """Return whether it can be called with this many arguments."""
        return len(self.args) == count or (self.variadic and count >= len(self.args))


def coercible(source: Type, target: Type) -> bool:
    """Return whether an implicit cast exists."""
    if source is target or source is UNKNOWN:
        return True
    if target in POLYMORPHIC:
        return _fits(source, target)
    if target is RECORD:
        return isinstance(source, RowType)
    if source.element is not None and target.element is not None:
        return coercible(source.element, target.element) and source.element is not UNKNOWN
    return CASTS.get((source.name, target.name)) == IMPLICIT


def _fits(source: Type, target: Type) -> bool:
    if target.name in {"anyarray", "anycompatiblearray"}:
        return is_array(source)
    return not (target.name == "anynonarray" and is_array(source))


def select(candidates: Sequence[Function], types: Sequence[Type]) -> tuple[Function | None, bool]:
    """Return the function that a call means, and whether several are equally good."""
    count = len(types)
    able = [each for each in candidates if each.takes(count)]
    exact = [each for each in able if all(a is b for a, b in zip(each.declared(count), types, strict=True))]
    if exact:
        return exact[0], False
    usable = [each for each in able if _usable(each, types)]
    if len(usable) <= 1:
        return (usable[0] if usable else None), False
    best = _most(usable, types, lambda want, have: want is have)
    best = _most(best, types, lambda want, have: want is have or (want.preferred and want.category == have.category))
    if len(best) > 1 and UNKNOWN in types:
        best = _by_category(best, types)
        if len(best) > 1:
            best = _as_the_others(best, types)
    if len(best) == 1:
        return best[0], False
    plain = [each for each in best if not each.variadic]
    return (plain[0], False) if len(plain) == 1 else (None, True)


def _usable(function: Function, types: Sequence[Type]) -> bool:
    declared = function.declared(len(types))
    return all(coercible(have, want) for have, want in zip(types, declared, strict=True)) and (
        not any(want in POLYMORPHIC for want in declared) or unify(declared, types) is not None
    )


def _most(candidates: list[Function], types: Sequence[Type], good: Callable[[Type, Type], bool]) -> list[Function]:
    if len(candidates) == 1:
        return candidates
    scores = [
        sum(
            have is not UNKNOWN and good(want, have)
            for want, have in zip(each.declared(len(types)), types, strict=True)
        )
        for each in candidates
    ]
    top = max(scores)
    return [each for each, score in zip(candidates, scores, strict=True) if score == top]


def _by_category(candidates: list[Function], types: Sequence[Type]) -> list[Function]:
    count = len(types)
    kept = candidates
    for index, have in enumerate(types):
        if have is not UNKNOWN:
            continue
        wants = [each.declared(count)[index] for each in candidates]
        categories = {want.category for want in wants}
        category = "S" if "S" in categories else categories.pop() if len(categories) == 1 else ""
        if not category:
            return candidates
        kept = [each for each in kept if each.declared(count)[index].category == category]
        if any(want.category == category and want.preferred for want in wants):
            kept = [each for each in kept if each.declared(count)[index].preferred]
    return kept or candidates


def _as_the_others(candidates: list[Function], types: Sequence[Type]) -> list[Function]:
    known = {each for each in types if each is not UNKNOWN}
    if len(known) != 1:
        return candidates
    only = known.pop()
    fitting = [each for each in candidates if _usable(each, [only] * len(types))]
    exact = [
        each
        for each in fitting
        if all(have is UNKNOWN or want is have for want, have in zip(each.declared(len(types)), types, strict=True))
    ]
    return exact if len(exact) == 1 else fitting if len(fitting) == 1 else candidates


def unify(declared: Sequence[Type], types: Sequence[Type]) -> Type | None:
    """Return what the polymorphic type stands for, UNKNOWN if nothing says, None if the arguments disagree."""
    element: Type | None = None
    compatible: list[Type] = []
    for want, have in zip(declared, types, strict=True):
        if have is UNKNOWN or want.name == "any" or want not in POLYMORPHIC:
            continue
        own = have.element if want.name.endswith("array") and want.name != "anynonarray" else have
        if own is None:
            return None
        if want.name.startswith("anycompatible"):
            compatible.append(own)
        elif element is None:
            element = own
        elif element is not own:
            return None
    if compatible:
        return common(compatible)
    return element or UNKNOWN


def concrete(want: Type, element: Type) -> Type:
    """Return what a polymorphic type becomes when its element is known; other types stay."""
    if want not in POLYMORPHIC or want.name == "any":
        return want
    if want.name in {"anyarray", "anycompatiblearray"}:
        return array_of(element) or TYPES["_text"]
    return element


def common(types: Sequence[Type]) -> Type | None:
    """Return the type that CASE, UNION and the like give to values of several types; None if there is none."""
    known = [each for each in types if each is not UNKNOWN]
    if not known:
        return TEXT
    chosen = known[0]
    for each in known[1:]:
        if each is chosen:
            continue
        if each.category != chosen.category:
            return None
        if not chosen.preferred and coercible(chosen, each) and not coercible(each, chosen):
            chosen = each
    return chosen


def assignable(source: Type, target: Type) -> str:
    """Return how a cast can be had: `i`, `a`, `e`, or nothing."""
    if coercible(source, target):
        return IMPLICIT
    found = CASTS.get((source.name, target.name), "")
    if found:
        return found
    if source.element is not None and target.element is not None:
        return assignable(source.element, target.element)
    if target.category == "S":
        return "a"
    return "e" if source.category == "S" else ""
