"""What stands beneath the fields of a class in its source.

Separate from the model, which never needs these texts: reading and parsing the source takes longer than checking a
scenario, and only the JSON Schema wants it.
"""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise
from textwrap import dedent


def field_docstrings(cls: type) -> dict[str, str]:
    """Return the text beneath each field that has one, fields of the classes above included."""
    found: dict[str, str] = {}
    for each in reversed(cls.__mro__[:-1]):
        (body,) = ast.parse(dedent(inspect.getsource(each))).body
        for above, below in pairwise(getattr(body, "body", [])):
            if isinstance(above, ast.AnnAssign) and isinstance(above.target, ast.Name):
                text = _text(below)
                if text is not None:
                    found[above.target.id] = text
    return found


def _text(node: ast.stmt) -> str | None:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
        return inspect.cleandoc(node.value.value)
    return None
