"""PostgreSQL's functions and operators, grouped by what they work on."""

from __future__ import annotations

from drill.sql.library import arrays, dates, expressions, formatting, json, maths, operators, system, text

ALL = (
    operators.OPERATORS,
    text.FUNCTIONS,
    maths.FUNCTIONS,
    dates.FUNCTIONS,
    arrays.FUNCTIONS,
    expressions.FUNCTIONS,
    json.FUNCTIONS,
    formatting.FUNCTIONS,
    system.FUNCTIONS,
)
"""Every table of functions."""
