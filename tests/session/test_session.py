"""A session drives one run: time, deeds and looks, in one recorded order."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from drill.actions.catalogue import Scale
from drill.actions.entries import Diagnosis, Entry, Look
from drill.errors import ActionError
from drill.session.session import CHECKPOINT_US, Session
from drill.units import US_PER_S
from tests.library import short

if TYPE_CHECKING:
    from drill.telemetry.results import RunResult

SCALE = Scale(deployment="checkout", replicas=10)


def played(slices_us: list[int] | None = None, *, looking: bool = False) -> tuple[Session, RunResult]:
    """Return a session with one action at 30 s, advanced in the given slices, perhaps looked at on the way."""
    session = Session(short().spec, seed=3)
    for to_us in sorted([*(slices_us or []), 30 * US_PER_S]):
        session.advance(to_us)
        if looking:
            session.snapshot()
            session.simulation.look("pg_stat_activity")
        if to_us == 30 * US_PER_S:
            session.perform(SCALE)
    return session, session.finish()


def test_slicing_the_time_changes_nothing() -> None:
    """The same run comes out whether time moves at once or in random pieces."""
    whole, result = played()
    pieces = random.Random(5)  # noqa: S311 - a test, not a secret
    sliced, again = played([pieces.randrange(60 * US_PER_S) for _ in range(200)])
    assert again.digest == result.digest
    assert sliced.checkpoints == whole.checkpoints


def test_looking_changes_nothing() -> None:
    """Snapshots and views at any moment leave the simulation as it is."""
    _, result = played()
    _, again = played([second * US_PER_S for second in range(60)], looking=True)
    assert again.digest == result.digest


def test_recorded_looks_leave_the_simulation_and_show_in_the_checkpoints() -> None:
    """A look is part of the record, not of the world."""
    plain = Session(short().spec, seed=3)
    looked = Session(short().spec, seed=3)
    looked.look("pods")
    for session in (plain, looked):
        session.advance(20 * US_PER_S)
    assert looked.simulation.digest == plain.simulation.digest
    assert looked.checkpoints != plain.checkpoints


def test_an_action_comes_before_the_events_of_its_moment() -> None:
    """Advancing to a time leaves what happens at that time for after the actions of that time."""
    session = Session(short().spec, seed=3)
    session.advance(15 * US_PER_S)
    assert session.snapshot().deployments[0].replicas == 10, "a colleague's change at 15 s is still to come"
    session.advance(15 * US_PER_S + 1)
    assert session.snapshot().deployments[0].replicas == 30


def test_a_checkpoint_is_taken_every_ten_seconds() -> None:
    """Checkpoints stand on a fixed grid, wherever advances end."""
    session = Session(short().spec, seed=1)
    for to_us in (1, 9_999_999, 10_000_001, 34_567_890):
        session.advance(to_us)
    assert [checkpoint.at_us for checkpoint in session.checkpoints] == [k * CHECKPOINT_US for k in (1, 2, 3)]


def test_time_stops_at_the_end_of_the_scenario() -> None:
    """Nothing is simulated beyond the scenario's length, and going back changes nothing."""
    session = Session(short().spec, seed=1)
    session.advance(3600 * US_PER_S)
    assert session.now_us == 60 * US_PER_S
    session.advance(0)
    assert session.now_us == 60 * US_PER_S


def test_what_was_done_is_kept_in_order() -> None:
    """Actions and looks stand in the entries with their time and origin."""
    session = Session(short().spec, seed=1)
    session.advance(US_PER_S)
    session.look("pods", target="checkout", by="cockpit")
    session.perform(SCALE, by="console")
    assert session.entries == [
        Entry(at_us=US_PER_S, deed=Look(look="pods", target="checkout"), by="cockpit"),
        Entry(at_us=US_PER_S, deed=SCALE, by="console"),
    ]


@pytest.mark.parametrize(
    ("deed", "says"),
    [
        (Scale(deployment="chekout", replicas=3), "did you mean checkout?"),
        (Diagnosis(diagnose=(("slot-by-pods", 100),)), "did you mean slots-by-pods?"),
    ],
)
def test_what_can_not_be_done_is_refused_and_not_recorded(deed: Scale | Diagnosis, says: str) -> None:
    """A name that does not exist gives an error with the nearest known one and leaves no trace."""
    session = Session(short().spec, seed=1)
    with pytest.raises(ActionError, match=says.replace("?", r"\?")):
        session.do(deed)
    assert session.entries == []


def test_requests_are_conserved_at_every_moment() -> None:
    """Offered is ok, late, failed and in flight together, whenever one looks."""
    session = Session(short().spec, seed=2)
    for second in range(0, 61, 3):
        session.advance(second * US_PER_S)
        users = session.snapshot().users
        assert users.offered == users.ok + users.late + users.failed + users.in_flight
        assert users.in_flight >= 0
