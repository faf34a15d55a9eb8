"""Points follow from records by formulas anybody can check by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.actions.catalogue import RestartPods, Scale
from drill.actions.entries import Diagnosis, Entry, Pin
from drill.scoring.diagnosis import judge, skill
from drill.scoring.impact import impact_points

PIN = Pin(pin="sessions")
SURE = Diagnosis(diagnose=(("truth", 100),))
WRONG = Diagnosis(diagnose=(("other", 100),))


def entries(*deeds: Pin | Diagnosis | Scale | RestartPods) -> list[Entry]:
    """Return deeds a second apart."""
    return [Entry(at_us=i * 1_000_000, deed=deed) for i, deed in enumerate(deeds)]


@pytest.mark.parametrize(
    ("bad", "points"),
    [(1000, 0), (100, 30), (550, 15), (50, 30), (2000, 0)],
    ids=["idle", "expert", "half", "better", "worse"],
)
def test_impact_is_the_share_of_avoidable_pain_that_was_avoided(bad: int, points: float) -> None:
    """1000 bad requests untouched, 100 with the expert."""
    assert impact_points(bad, idle_bad=1000, expert_bad=100) == pytest.approx(points)


def test_where_nothing_could_be_avoided_nothing_is_earned() -> None:
    """A run in which the expert does no better than nobody gives no points."""
    assert impact_points(0, idle_bad=10, expert_bad=10) == 0


@pytest.mark.parametrize(
    ("chips", "expected"),
    [
        ((("truth", 100),), 1.0),
        ((("a", 25), ("b", 25), ("c", 25), ("truth", 25)), 0.0),
        ((("a", 100),), -0.5),
        ((("a", 50), ("truth", 50)), 1 - 0.25 / 0.375),
    ],
)
def test_skill_is_briers(chips: tuple[tuple[str, int], ...], expected: float) -> None:
    """Four suspects: certainty, ignorance, confident error, a coin flip."""
    assert skill(chips, "truth", 4) == pytest.approx(expected)


@given(st.integers(2, 12), st.integers(0, 100))
def test_more_chips_on_the_truth_never_lower_the_skill(suspects: int, chips: int) -> None:
    """Moving a chip from one wrong suspect to the truth is always right."""
    less = skill((("truth", chips), ("other", 100 - chips)), "truth", suspects)
    more = skill((("truth", min(100, chips + 1)), ("other", max(0, 99 - chips))), "truth", suspects)
    assert more >= less


def test_a_diagnosis_on_evidence_and_before_any_risk_earns_all() -> None:
    """Twelve and eight points; reversible first aid before it does no harm."""
    aid = Scale(deployment="api", replicas=3)
    assert judge(entries(PIN, aid, SURE), "truth", 4).points == pytest.approx(20)


def test_a_first_diagnosis_without_evidence_earns_only_the_last() -> None:
    """Guessing in the first seconds is not diagnosis."""
    verdict = judge(entries(SURE), "truth", 4)
    assert verdict.points == pytest.approx(8)
    assert not verdict.first_counts
    assert verdict.why_not == "it came before any reading was pinned"


def test_a_first_diagnosis_after_a_risky_change_earns_only_the_last() -> None:
    """Who restarts first and names the cause later has learned it the hard way."""
    verdict = judge(entries(PIN, RestartPods(deployment="api"), SURE), "truth", 4)
    assert verdict.points == pytest.approx(8)
    assert verdict.why_not == "it came after the first risky change"


def test_a_corrected_diagnosis_earns_the_last() -> None:
    """Confidently wrong first, right in the end."""
    assert judge(entries(PIN, WRONG, SURE), "truth", 4).points == pytest.approx(12 * -0.5 + 8)


def test_no_diagnosis_earns_nothing() -> None:
    """Nor does it cost anything."""
    assert judge(entries(PIN), "truth", 4).points == 0
