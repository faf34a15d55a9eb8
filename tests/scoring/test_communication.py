"""Impact is stated in bands that anybody can check, and a promise of the next update is kept or not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.actions.catalogue import Scale
from drill.actions.entries import Entry, Update
from drill.scoring.communication import BANDS, NONE, allowed, band, last_update, promised_us
from drill.units import US_PER_S

ORDER = (NONE, *(each.name for each in BANDS))
MINUTE_US = 60 * US_PER_S


@pytest.mark.parametrize(
    ("failing", "expected"),
    [
        (0.0, "none"),
        (0.01, "none"),
        (0.011, "some"),
        (0.0999, "some"),
        (0.1, "many"),
        (0.4999, "many"),
        (0.5, "most"),
        (1.0, "most"),
        (None, ""),
    ],
)
def test_a_band_ends_below_its_bound(failing: float | None, expected: str) -> None:
    assert band(failing, objective=0.99) == expected


@pytest.mark.parametrize("objective", [0.9, 0.95, 0.99, 0.999, 0.5])
def test_a_share_that_is_just_allowed_keeps_the_objective(objective: float) -> None:
    assert band(allowed(objective), objective) == "none"
    assert band(allowed(objective) + 1e-6, objective) != "none"


def test_a_mild_objective_is_kept_even_where_bands_begin_lower() -> None:
    assert band(0.12, objective=0.85) == "none"
    assert band(0.16, objective=0.85) == "many"


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_failing_is_never_a_milder_band(one: float, other: float, objective: float) -> None:
    fewer, more = sorted((one, other))
    assert ORDER.index(band(fewer, objective)) <= ORDER.index(band(more, objective))


def test_every_band_can_be_stated_in_an_update() -> None:
    assert [Update(update="status", impact=name).impact for name in ORDER] == ["none", "some", "many", "most"]  # type: ignore[arg-type]  # that they are allowed is what is asked


def test_each_update_answers_the_promise_before_it() -> None:
    first = Entry(at_us=MINUTE_US, deed=Update(update="status", impact="many", next_in=10 * MINUTE_US))
    action = Entry(at_us=2 * MINUTE_US, deed=Scale(deployment="till", replicas=2))
    again = Entry(at_us=3 * MINUTE_US, deed=Update(update="escalate", team="database", next_in=5 * MINUTE_US))
    silent = Entry(at_us=4 * MINUTE_US, deed=Update(update="severity", severity="sev1"))
    assert promised_us([]) is None
    assert promised_us([action]) is None
    assert promised_us([first, action]) == 11 * MINUTE_US
    assert promised_us([first, action, again]) == 8 * MINUTE_US
    assert promised_us([first, action, again, silent]) is None
    assert last_update([first, action]) == first
