"""What a real server answered, and how two answers are compared."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

from drill.console.fixture import Fixture

FOLDER = Path(__file__).parent / "data"


def read(name: str) -> Any:  # noqa: ANN401 - any JSON value
    """Return a compressed JSON file of recordings."""
    return json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))


@cache
def fixture() -> Fixture:
    """Return the catalogue rows that were loaded into the real server."""
    return Fixture(read("fixture"))


def comparable(answer: dict[str, Any]) -> dict[str, Any]:
    """Return an answer with its rows in an order that does not depend on the server's plan."""
    if "rows" not in answer:
        return answer
    return {**answer, "rows": sorted(answer["rows"], key=lambda row: [(cell is None, cell or "") for cell in row])}
