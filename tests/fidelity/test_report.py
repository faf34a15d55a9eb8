"""The table that anybody can print holds no figure outside of its tolerance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fidelity.report import PARTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.fidelity.report import Row


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_every_figure_is_within_its_tolerance(part: Callable[[], Iterator[Row]]) -> None:
    rows = list(part())
    assert rows
    assert [row for row in rows if not row.agrees] == []
