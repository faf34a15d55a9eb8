"""Statements from standard input against recorded catalogue rows, one JSON value a line each way.

Separate from the command because it loads the evaluator. It serves comparisons with a real server.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import click

from drill.console.fixture import answer, read_fixture
from drill.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


def answer_lines(path: Path) -> None:
    """Print an answer for each line of standard input; raise UsageError for one that is no JSON string."""
    fixture = read_fixture(path)
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            statement = json.loads(line)
        except (ValueError, RecursionError):
            statement = None
        if not isinstance(statement, str):
            msg = f"line {number} is not a JSON string with a statement"
            raise UsageError(msg)
        click.echo(json.dumps(answer(fixture, statement)))
