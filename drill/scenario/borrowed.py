"""Files that begin from another file of their folder and say only what is different.

Separate so that an open scenario can share the texts of a sealed family without repeating them. What is wrong in such a
file is shown in it; the file it begins from must be valid by itself.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from drill.errors import Problem, ScenarioError, UsageError
from drill.scenario.family import KEYS
from drill.scenario.files import inside
from drill.scenario.findings import Finding, Place, dotted, line_of, some, suggest
from drill.scenario.notation import overlaid
from drill.scenario.source import Source
from drill.units import say

FROM, VARIANT = "from", "variant"
_OWN = ("format", "card")


def complete(written: Source, path: Path, read: Callable[[Path], dict[str, Any]]) -> Source:
    """Return what a file says on top of the one it begins from; raise ScenarioError.

    `read` returns what a valid file says. With `variant`, that one of its systems is taken, and nothing else is left to
    choose but the parameters that are drawn.
    """
    own = dict(written.content)
    name, variant = own.pop(FROM), own.pop(VARIANT, None)
    base = _base(written, path, name, read)
    for key in _OWN:
        base.pop(key, None)
        if key not in own:
            _refuse(written, (key,), f"this key is needed: a file that begins from another has its own {key}")
    if variant is not None:
        base = _narrowed(written, base, variant)
    content = {"format": own.pop("format"), "card": own.pop("card"), **base}
    return replace(written, content=overlaid(content, own))


def placed(found: Finding, written: Source) -> Finding:
    """Return what is wrong as a finding in the file itself, whose changes made it so."""
    if found.line or not found.place or found.place[:1] in written.lines:
        return found
    return Finding((FROM,), f"with what this file changes, {dotted(found.place)}: {found.message}")


def _base(written: Source, path: Path, name: Any, read: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:  # noqa: ANN401 - whatever the file says
    if not isinstance(name, str) or os.path.basename(name) != name or name in ("", ".", ".."):  # noqa: PTH119 - a text
        _refuse(written, (FROM,), f"{say(name)} is not the name of a file in the same folder, such as checkout.yaml")
    other = path.parent / name
    if not inside(other, path.parent):
        _refuse(written, (FROM,), f"{name!r} leads out of the scenario's folder; put the file itself there")
    if _same(other, path):
        _refuse(written, (FROM,), "a file can't begin from itself; name another one")
    try:
        content = read(other)
    except UsageError as error:
        _refuse(written, (FROM,), str(error))
    if FROM in content:
        _refuse(written, (FROM,), f"{name!r} begins from another file itself; name that one")
    return dict(content)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def _narrowed(written: Source, base: dict[str, Any], variant: Any) -> dict[str, Any]:  # noqa: ANN401 - whatever it says
    """Return a family's file as that of one of its variants."""
    variants = base.get(KEYS[0]) or {}
    if not isinstance(variant, str) or variant not in variants:
        near = suggest(variant, variants) if isinstance(variant, str) else ""
        _refuse(written, (VARIANT,), f"there is no variant {say(variant)}; there are: {some(variants)}{near}")
    chosen = variants[variant]
    plain: dict[str, Any] = overlaid({key: each for key, each in base.items() if key not in KEYS}, chosen["changes"])
    redraw = {**(base.get(KEYS[1]) or {}), **(chosen.get("redraw") or {})}
    return {**plain, KEYS[1]: redraw} if redraw else plain


def _refuse(written: Source, place: Place, message: str) -> NoReturn:
    raise ScenarioError([Problem(message, written.name, line_of(place, written.lines), dotted(place))])
