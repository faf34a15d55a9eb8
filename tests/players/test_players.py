"""Scripted players see what a trainee sees and act at fixed simulated times."""

from __future__ import annotations

import pytest

from drill.actions.catalogue import RestartPods, Scale
from drill.actions.entries import Entry, Look
from drill.errors import ActionError, UsageError
from drill.players.player import Script, play
from drill.players.reflexes import PATIENCE_US, ScaleUp
from drill.players.roster import PLAYERS, make_player
from drill.session.session import Session
from drill.units import US_PER_S
from tests.library import short


def test_a_script_does_each_line_at_its_time() -> None:
    """Lines are done once, at the very microsecond they name."""
    entries = [
        Entry(at_us=1, deed=Look(look="pods")),
        Entry(at_us=1, deed=Look(look="logs")),
        Entry(at_us=59_999_999, deed=Look(look="pods")),
    ]
    session = Session(short().spec, 1)
    play(session, Script("me", entries))
    assert [(entry.at_us, entry.deed) for entry in session.entries] == [(e.at_us, e.deed) for e in entries]
    assert session.now_us == short().spec.length


def test_until_stops_in_the_middle() -> None:
    """A run can be played up to a moment; later lines are left."""
    session = Session(short().spec, 1)
    result = play(session, Script("me", [Entry(at_us=30 * US_PER_S, deed=Look(look="pods"))]), 20 * US_PER_S)
    assert result.simulated_us == 20 * US_PER_S
    assert session.entries == []


def test_idle_does_nothing() -> None:
    """The idle player leaves no entry."""
    session = Session(short().spec, 1)
    play(session, make_player("idle", short().spec))
    assert session.entries == []


def test_the_scale_up_reflex_adds_half_as_many_pods_while_users_fail() -> None:
    """It waits for the page, acts, waits for its patience, and never shrinks anything."""
    session = Session(short().spec, 1)
    play(session, ScaleUp(short().spec.paged_at))
    assert [(entry.at_us, entry.deed) for entry in session.entries] == [
        (50 * US_PER_S, Scale(deployment="checkout", replicas=45))
    ]
    assert PATIENCE_US == 120 * US_PER_S


def test_restart_all_restarts_every_deployment() -> None:
    """The other reflex restarts what there is."""
    session = Session(short().spec, 1)
    play(session, make_player("restart-all", short().spec))
    assert [entry.deed for entry in session.entries] == [RestartPods(deployment="checkout")]


def test_solutions_and_traps_are_players_by_their_names() -> None:
    """A scenario brings players of its own; a wrong name gives the nearest."""
    assert make_player("scale-back", short().spec).name == "scale-back"
    with pytest.raises(UsageError, match=r"no player 'scale-bak'; the players are: .*; did you mean scale-back\?"):
        make_player("scale-bak", short().spec)


def test_an_action_that_can_not_be_done_stops_the_player() -> None:
    """The error reaches whoever let it play."""
    entries = [Entry(at_us=0, deed=Scale(deployment="nope", replicas=1))]
    with pytest.raises(ActionError, match="there is no deployment 'nope'"):
        play(Session(short().spec, 1), Script("me", entries))


@pytest.mark.parametrize("name", PLAYERS)
def test_every_player_plays_to_the_end(name: str) -> None:
    """No player stops or crashes a run."""
    session = Session(short().spec, 1)
    assert play(session, make_player(name, short().spec)).simulated_us == short().spec.length
