"""Whatever is typed, the answer is rows or an error line: no traceback, no flood of memory, no wait without end."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drill.console.fixture import answer
from tests.sql.recorded import fixture, read

DEEP = "stack depth limit exceeded"
TIMEOUT = "canceling statement due to statement timeout"
HOSTILE: dict[str, tuple[str, str]] = {
    "a long text": ("SELECT repeat('x', 2000000000)", "requested length too large"),
    "a text of some megabytes": ("SELECT length(repeat('x', 3000000))", "requested length too large"),
    "padding": ("SELECT lpad('x', 2000000000, 'y')", "requested length too large"),
    "endless rows": ("SELECT count(*) FROM generate_series(1, 10000000000)", TIMEOUT),
    "endless recursion": ("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT count(*) FROM t", ""),
    "doubling": ("WITH RECURSIVE t(s) AS (SELECT 'x' UNION ALL SELECT s || s FROM t) SELECT max(s) FROM t", ""),
    "many long texts": (
        "SELECT array_agg(repeat('x', 900000) || n) FROM generate_series(1, 100000) n",
        "out of memory",
    ),
    "a cross join": ("SELECT count(*) FROM pg_locks a, pg_locks b, pg_locks c, pg_locks d", TIMEOUT),
    "backtracking": ("SELECT repeat('a', 60) || '!' ~ '(a|aa)+$'", TIMEOUT),
    "backtracking in a replacement": ("SELECT regexp_replace(repeat('a', 60) || '!', '(a|aa)+$', '')", TIMEOUT),
    "repeated repetition": ("SELECT 'x' ~ '(((((x{200}){200}){200}){200}){200})'", "invalid regular expression"),
    "parentheses": ("SELECT " + "(" * 3000 + "1" + ")" * 3000, DEEP),
    "signs": ("SELECT " + "- " * 3000 + "1", DEEP),
    "negations": ("SELECT " + "NOT " * 3000 + "true", DEEP),
    "arrays": ("SELECT " + "ARRAY[" * 1000 + "1" + "]" * 1000, DEEP),
    "queries": ("SELECT * FROM " + "(SELECT * FROM " * 1000 + "pg_roles" + ") x" * 1000, DEEP),
    "a long sum": ("SELECT " + "1+" * 4000 + "1", "more than 120 operators in a row is not supported"),
    "64 KB": ("SELECT " + ",".join(["1"] * 32_000), "statement is too complex"),
    "64 KB of one word": ("x" * 65_000, "syntax error at or near"),
    "an open quote": ("SELECT 'x", "unterminated quoted string"),
    "an open comment": ("SELECT /* x", "unterminated /* comment"),
    "a great power": ("SELECT 9999999999::numeric ^ 999999", "value overflows numeric format"),
    "a great scale": ("SELECT round(1.5, 2000000000)", ""),
    "a great array": ("SELECT array_fill(1, ARRAY[100000000])", "array size exceeds the maximum allowed"),
    "a file": ("COPY pg_roles TO '/tmp/x'", "COPY is not supported"),
    "a program": ("COPY pg_roles TO PROGRAM 'sh'", "COPY is not supported"),
    "markup": ("SELECT [bold]x[/bold]", "syntax error at or near"),
    "control characters": ("\x1b[31m\x07", "syntax error at or near"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_input_gets_an_error_line(what: str) -> None:
    statement, error = HOSTILE[what]
    found = answer(fixture(), statement)
    assert error in str(found["err"]) if error else found


@pytest.mark.parametrize("what", ["a long text", "many long texts", "endless recursion", "a great power"])
def test_hostile_input_takes_no_memory(what: str) -> None:
    tracemalloc.start()
    try:
        answer(fixture(), HOSTILE[what][0])
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50_000_000


_WORDS = """SELECT FROM WHERE GROUP BY ORDER LIMIT OFFSET HAVING AND OR NOT IN IS NULL ( ) , . ; * + - / % ^ || = < >
<> :: [ ] ' " $$ -- /* */ \\ : pg_stat_activity pid state 'idle' 'x 1 2.5 -1 now() interval '5 minutes' count(*) JOIN ON
USING LATERAL UNION ALL DISTINCT CASE WHEN THEN ELSE END WITH RECURSIVE AS a b text int[] ARRAY[ OVER PARTITION
generate_series(1,3) unnest FILTER EXISTS ANY BETWEEN LIKE ~ {1,2} NaN 'infinity' é 日 😀 \u202e \x00 SHOW SET BEGIN
COMMIT ALTER SYSTEM ROLE E'\\x' U&'d' B'1' $1 :x @ # ! ? & |"""
WORDS = st.sampled_from(_WORDS.split())
PIECES = st.lists(WORDS, max_size=25).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(st.one_of(PIECES, PIECES.map(lambda text: "SELECT " + text), st.text(max_size=60)))
def test_no_text_brings_a_traceback(text: str) -> None:
    assert set(answer(fixture(), text)) in ({"cols", "oids", "rows"}, {"tag"}, {"err"})


@settings(max_examples=300, deadline=None)
@given(st.sampled_from([case["sql"] for case in read("more_statements")]), st.data())
def test_no_typo_brings_a_traceback(statement: str, data: st.DataObject) -> None:
    """A statement that worked with a piece cut out, doubled or replaced."""
    start = data.draw(st.integers(0, len(statement)))
    end = data.draw(st.integers(start, min(len(statement), start + 12)))
    middle = data.draw(st.sampled_from(["", "'", "(", ")", " 1 ", " NULL ", ",", "''", "%s", statement[start:end] * 2]))
    found = answer(fixture(), statement[:start] + middle + statement[end:])
    assert set(found) in ({"cols", "oids", "rows"}, {"tag"}, {"err"})
