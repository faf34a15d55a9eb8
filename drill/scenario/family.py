"""Sealed families: one page, several possible systems behind it, and the seed chooses.

Separate from the model, which is always that of one system: `variants` and `redraw` are resolved before it is built.
Whatever a trainee can see before the end must read the same in every variant; those rules stand in
`drill.scenario.sealing`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar

from drill.scenario.fields import FORBID, Changes
from drill.scenario.findings import Finding, Place, dotted
from drill.scenario.naming import misnamed
from drill.scenario.notation import overlaid, reaches, under
from drill.scenario.redraw import RedrawSpec, put, stands, wrong
from drill.seeding import generator
from drill.units import Whole

KEYS = ("variants", "redraw")
MAX_VARIANTS = 12
"""Most variants of one file."""
MAX_REDRAWS = 20
"""Most parameters that are drawn in one variant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VariantSpec:
    """One of the systems that may be behind the page."""

    __pydantic_config__: ClassVar = FORBID

    weight: Annotated[int, Whole(1, 100)] = 1
    """How often the seed chooses it, relative to the others."""
    changes: Changes
    """What it changes in this file."""
    redraw: dict[str, RedrawSpec] = field(default_factory=dict)
    """Parameters that are drawn in this variant only, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilySpec:
    """What the seed decides about a file."""

    __pydantic_config__: ClassVar = FORBID

    variants: dict[str, VariantSpec] = field(default_factory=dict)
    """Possible systems by a neutral name, which is never shown; the seed chooses one. Empty for a plain scenario."""
    redraw: dict[str, RedrawSpec] = field(default_factory=dict)
    """Parameters that the seed draws, by name, in every variant."""

    def chosen(self, seed: int) -> str:
        """Return the name of the variant of a seed; empty when there are none."""
        names = [name for name, variant in self.variants.items() for _ in range(variant.weight)]
        return names[int(generator(seed, "variant").random() * len(names))] if names else ""

    def drawn(self, variant: str) -> dict[str, RedrawSpec]:
        """Return the parameters that are drawn in a variant."""
        return {**self.redraw, **(self.variants[variant].redraw if variant else {})}

    def before(self, content: Mapping[str, Any], variant: str) -> dict[str, Any]:
        """Return what a file without `variants` and `redraw` says in a variant, nothing drawn yet."""
        plain: dict[str, Any] = overlaid(content, self.variants[variant].changes if variant else {})
        return plain

    def resolved(self, content: Mapping[str, Any], seed: int) -> dict[str, Any]:
        """Return what a file without `variants` and `redraw` says for a seed."""
        variant = self.chosen(seed)
        plain = self.before(content, variant)
        for name, spec in self.drawn(variant).items():
            plain = put(plain, spec.at, spec.drawn(seed, name))
        return plain

    def at_end(self, content: Mapping[str, Any], variant: str, end: str) -> dict[str, Any]:
        """Return what a file says in a variant with every parameter at its `low` or `high` end."""
        plain = self.before(content, variant)
        for spec in self.drawn(variant).values():
            plain = put(plain, spec.at, getattr(spec, end))
        return plain

    def places(self, variant: str) -> dict[str, Place]:
        """Return where the parameters of a variant are described, by name."""
        own = self.variants[variant].redraw if variant else {}
        return {
            name: ("variants", variant, "redraw", name) if name in own else ("redraw", name)
            for name in self.drawn(variant)
        }


def split(content: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a file without `variants` and `redraw`, and these."""
    plain = {key: value for key, value in content.items() if key not in KEYS}
    return plain, {key: content[key] for key in KEYS if content.get(key) is not None}


def form(family: FamilySpec, content: Mapping[str, Any]) -> Iterator[Finding]:
    """Return what is wrong with variants and parameters themselves, before any system is looked at."""
    if len(family.variants) == 1:
        yield Finding(("variants",), "there is one variant, so nothing is chosen; write two or more, or none")
    if len(family.variants) > MAX_VARIANTS:
        yield Finding(("variants",), f"there are {len(family.variants)} variants; allowed are {MAX_VARIANTS}")
    for name in family.variants:
        if msg := misnamed(name):
            yield Finding(("variants", name), msg)
        for key in family.variants[name].changes:
            if key in (*KEYS, "from", "variant"):
                yield Finding(("variants", name, "changes", key), "a variant can't change this key; remove it")
    for variant in [*family.variants] or [""]:
        yield from _parameters(family, content, variant)


def _parameters(family: FamilySpec, content: Mapping[str, Any], variant: str) -> Iterator[Finding]:
    drawn, places = family.drawn(variant), family.places(variant)
    if len(drawn) > MAX_REDRAWS:
        yield Finding(("redraw",), f"there are {len(drawn)} parameters to draw; allowed are {MAX_REDRAWS}")
        return
    plain = family.before(content, variant)
    taken: dict[Place, str] = {}
    for name, spec in drawn.items():
        key, message = wrong(spec)
        if key:
            yield Finding((*places[name], key), message)
        if not stands(plain, spec.at):
            msg = f"no single value is written at {dotted(spec.at)}; name the keys down to one, positions from 0"
            yield Finding((*places[name], "at"), msg)
        elif spec.at in taken:
            yield Finding((*places[name], "at"), f"{taken[spec.at]} draws the same value; remove one of them")
        taken[spec.at] = name


def placed(found: Finding, family: FamilySpec, variant: str, end: str = "") -> Finding:
    """Return what is wrong in a variant as a finding where the file says it."""
    if end:
        for name, spec in family.drawn(variant).items():
            shared = min(len(spec.at), len(found.place))
            if shared > 1 and found.place[:shared] == spec.at[:shared]:
                return Finding((*family.places(variant)[name], end), found.message)
        return Finding(("redraw",), f"with every parameter at its {end} end, {dotted(found.place)}: {found.message}")
    if variant:
        changes = family.variants[variant].changes
        if reaches(changes, found.place[: max(1, len(found.place) - 1)]):
            return under(found, ("variants", variant, "changes"), changes)
    return found
