"""What a column of a result is called when nobody says.

Separate because the rules (FigureColname in parse_target.c) look at what was written and not at what it means.
"""

from __future__ import annotations

from drill.sql.nodes import Call, Case, Cast, Field, Item, Name, Node, Query, Special, Star
from drill.sql.statements import Select, Target, Whole

UNNAMED = "?column?"


def label(node: Node) -> str:
    """Return the label of an expression."""
    return _label(node)[0] or UNNAMED


def _label(node: Node) -> tuple[str, int]:
    """Return a label and how good it is: 2 a name, 1 the name of a type or form, 0 none."""
    if isinstance(node, Name):
        return node.parts[-1], 2
    if isinstance(node, Field) and node.name != "*":
        return node.name, 2
    if isinstance(node, Call):
        return node.label or node.name, 2
    if isinstance(node, Item):
        return _label(node.arg)
    if isinstance(node, Cast):
        found, strength = _label(node.arg)
        return (found, strength) if strength > 1 else (node.to.name.rpartition(".")[2], 1)
    if isinstance(node, Case):
        found, strength = _label(node.default) if node.default is not None else ("", 0)
        return (found, strength) if strength > 1 else ("case", 1)
    if isinstance(node, Special):
        return node.name, 2
    if isinstance(node, Query):
        if node.kind != "scalar":
            return node.kind, 2
        return _of_query(node.query)
    return "", 0


def _of_query(node: Node) -> tuple[str, int]:
    if isinstance(node, Whole) and isinstance(node.body, Select) and node.body.targets:
        target = node.body.targets[0]
        return (target.label, 2) if target.label else _label(target.what)
    return "", 0


def of_target(target: Target) -> str:
    """Return the label of a column."""
    assert not isinstance(target.what, Star)  # noqa: S101 - stars are expanded first
    return target.label or label(target.what)
