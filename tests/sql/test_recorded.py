"""Statements answer as they did on a real server: values, names, type oids, error texts with place and hint.

`statements` were recorded from PostgreSQL 15, `more_statements` from PostgreSQL 15.18, both over the rows of `fixture`.
"""

from __future__ import annotations

from typing import Any

import pytest

from drill.console.fixture import answer
from tests.sql.recorded import comparable, fixture, read

RECORDED = read("statements")
MORE = read("more_statements")


@pytest.mark.parametrize("case", RECORDED, ids=[case["id"] for case in RECORDED])
def test_a_recorded_statement_answers_as_postgresql_did(case: dict[str, Any]) -> None:
    assert comparable(answer(fixture(), case["sql"])) == comparable(case["expect"])


@pytest.mark.parametrize("case", MORE, ids=[case["sql"][:60] for case in MORE])
def test_statements_of_the_same_kinds_do_too(case: dict[str, Any]) -> None:
    assert comparable(answer(fixture(), case["sql"])) == comparable(case["expect"])


@pytest.mark.slow
def test_typing_errors_are_told_as_postgresql_told_them() -> None:
    """Statements with a piece cut out, doubled or exchanged; nine in ten of them are errors with a place."""
    wrong = [
        case["sql"]
        for case in read("typos")
        if comparable(answer(fixture(), case["sql"])) != comparable(case["expect"])
    ]
    assert not wrong


def test_rows_come_in_the_order_that_was_asked_for() -> None:
    """Comparisons above ignore the order; these statements say it completely."""
    ordered = [case for case in RECORDED if case["id"] in {"b07", "c07", "c30", "c34", "c36", "c41", "c43", "c10"}]
    assert len(ordered) == 8
    for case in ordered:
        assert answer(fixture(), case["sql"]) == case["expect"]
