"""Results look as psql 15.18 printed them, byte for byte."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from drill.console.fixture import FixtureServer
from drill.console.layout import Style, layout, width
from drill.sql.answer import run_query
from drill.sql.grammar.parse import parse
from tests.sql.recorded import fixture

PRINTED = json.loads(gzip.decompress((Path(__file__).parent / "data" / "psql.json.gz").read_bytes()))
"""Recorded from PostgreSQL 15.18: statement, options and standard output."""


@pytest.mark.parametrize("case", PRINTED, ids=[f"{case['flags']} {case['sql'][:40]!a}" for case in PRINTED])
def test_a_result_is_printed_as_psql_does(case: dict[str, str]) -> None:
    flags = case["flags"]
    style = Style(expanded="on" if "x" in flags else "off", aligned="A" not in flags, tuples_only="t" in flags)
    rows = run_query(parse(case["sql"])[0], FixtureServer(fixture()))
    assert "".join(f"{line}\n" for line in layout(rows, style)) == case["printed"]


def test_auto_expands_what_is_wider_than_the_terminal() -> None:
    rows = run_query(parse("SELECT repeat('x', 50) AS a")[0], FixtureServer(fixture()))
    assert layout(rows, Style(expanded="auto", columns=40))[0].startswith("-[ RECORD 1 ]")
    assert not layout(rows, Style(expanded="auto", columns=80))[0].startswith("-[")


def test_wide_and_combining_characters_have_their_width() -> None:
    assert [width(text) for text in ("abc", "日本", "e\N{COMBINING ACUTE ACCENT}")] == [3, 4, 1]
