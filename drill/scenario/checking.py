"""Whether plain content is a valid scenario: one system, or every system a family may turn out to be.

Separate from loading, which knows files: here a file has been read already.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drill.scenario import rules
from drill.scenario.family import FamilySpec, form, placed, split
from drill.scenario.findings import Finding
from drill.scenario.notation import as_written, expand, size
from drill.scenario.patches import MAX_WORK, check_patches
from drill.scenario.sealing import differences
from drill.scenario.spec import ScenarioSpec
from drill.scenario.validation import validate

_ENDS = ("low", "high")


def check(content: dict[str, Any]) -> tuple[ScenarioSpec | None, list[Finding]]:
    """Return the model of one system if there is one, and what is wrong; places are those of the file."""
    expanded, notation = expand(content)
    if expanded is None:
        return None, notation
    spec, found = validate(expanded, ScenarioSpec)
    if spec is not None:
        found = rules.check(spec)
    return spec, [*notation, *as_written(found, content)]


def read_family(content: dict[str, Any]) -> tuple[dict[str, Any], FamilySpec | None, list[Finding]]:
    """Return the file without what it leaves to the seed, that, None for nothing, and what is wrong with it."""
    plain, left = split(content)
    if not left:
        return plain, None, []
    family, found = validate(left, FamilySpec)
    if family is not None:
        found = list(form(family, plain))
    return plain, family, found


def everything(content: dict[str, Any]) -> tuple[ScenarioSpec | None, FamilySpec | None, list[Finding]]:
    """Return a model, what is left to the seed, and everything that is wrong in any system the file may mean."""
    plain, family, found = read_family(content)
    if found:
        return None, None, found
    if family is None:
        spec, found = check(plain)
        if spec is not None and not found:
            found = list(check_patches(spec, plain, lambda patched: check(patched)[1]))
        return spec, None, found
    specs: list[ScenarioSpec] = []
    found = list(_of_variants(family, plain, specs))
    return (specs[0] if specs else None), family, found


def _of_variants(family: FamilySpec, plain: dict[str, Any], specs: list[ScenarioSpec]) -> Iterator[Finding]:
    """Return what is wrong in any variant, at either end of what is drawn, and fill `specs` with their models."""
    names = [*family.variants] or [""]
    if (work := size(plain) * len(names) * (1 + len(_ENDS))) > MAX_WORK:
        yield Finding(("variants",), f"{work} values are too many to check; write fewer variants or less in each")
        return
    for name in names:
        spec, found = check(family.before(plain, name))
        yield from (placed(each, family, name) for each in found)
        if spec is None or found:
            continue
        if specs:
            yield from (placed(each, family, name) for each in differences(specs[0], spec))
        specs.append(spec)
        yield from _of_variant(family, plain, name, spec)


def _of_variant(family: FamilySpec, plain: dict[str, Any], name: str, spec: ScenarioSpec) -> Iterator[Finding]:
    before = family.before(plain, name)
    for each in check_patches(spec, before, lambda patched: check(patched)[1], len(family.variants) or 1):
        yield placed(each, family, name)
    if family.drawn(name):
        for end in _ENDS:
            for each in check(family.at_end(plain, name, end))[1]:
                yield placed(each, family, name, end)
