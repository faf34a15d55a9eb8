"""Who gets a connection when slots run short, and what the others are told."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.scenario.topology import DatabaseSpec
from drill.sim.clock import Clock
from drill.sim.database import Database
from drill.sim.sessions import Session
from tests.sim.worlds import CASES, MS, S

RESERVED = "FATAL:  remaining connection slots are reserved for non-replication superuser connections"
SORRY = "FATAL:  sorry, too many clients already"


def connect(spec: DatabaseSpec, at_us: list[int]) -> tuple[Database, list[Session | str]]:
    """Connect to a new server at given times; return it and the answers in the order in which they came."""
    clock, answers = Clock(), list[Session | str]()
    database = Database(clock, spec)

    def one(_: object) -> None:
        database.connect("app", answers.append, lambda failure: answers.append(f"{failure.sqlstate} {failure.text}"))

    for at in at_us:
        clock.call_at(at, one)
    clock.advance(max(at_us) + 10 * S)
    return database, answers


def one_after_the_other(count: int) -> list[int]:
    return [position * S for position in range(count)]


def test_normal_roles_get_97_of_100_slots() -> None:
    database, answers = connect(DatabaseSpec(), one_after_the_other(100))
    assert [type(answer) for answer in answers[:97]] == [Session] * 97
    assert answers[97:] == [f"53300 {RESERVED}"] * 3
    assert (database.connects, database.refused, database.slots.in_use) == (97, 3, 97)


def test_normal_roles_get_7_of_10_slots() -> None:
    database, _ = connect(DatabaseSpec(max_connections=10), one_after_the_other(12))
    assert len(database.sessions) == 7


def test_connects_one_after_the_other_are_only_told_of_reserved_slots() -> None:
    _, answers = connect(DatabaseSpec(max_connections=20), one_after_the_other(60))
    assert {answer for answer in answers if isinstance(answer, str)} == {f"53300 {RESERVED}"}


@pytest.mark.parametrize("count", [25, 50, 100])
def test_a_storm_admits_17_of_20_and_tells_the_others_either_text(count: int) -> None:
    _, answers = connect(DatabaseSpec(max_connections=20), [0] * count)
    texts = Counter(answer if isinstance(answer, str) else "admitted" for answer in answers)
    assert texts["admitted"] == 17
    assert texts[f"53300 {RESERVED}"] > 0
    assert texts[f"53300 {SORRY}"] > 0
    assert texts.total() == count


@CASES
@given(at_us=st.lists(st.integers(0, 20 * MS), min_size=20, max_size=100), cores=st.sampled_from([0.5, 2.0, 8.0]))
def test_any_storm_admits_exactly_17_of_20(at_us: list[int], cores: float) -> None:
    database, answers = connect(DatabaseSpec(max_connections=20, cores=cores), at_us)
    assert len(database.sessions) == 17
    assert database.refused == len(at_us) - 17 == len(answers) - 17


def test_a_connect_takes_time_inside_and_outside_the_cpu() -> None:
    database, answers = connect(DatabaseSpec(connect=3_300, connect_cpu=3_000), [0])
    (session,) = answers
    assert isinstance(session, Session)
    assert session.started == 6_300
    assert database.cpu.busy_us() == 3_000


def test_a_terminated_backend_frees_its_slot_at_once() -> None:
    database, answers = connect(DatabaseSpec(max_connections=4), [0, S, 2 * S])
    assert answers[1] == f"53300 {RESERVED}"
    (session,) = database.sessions.values()
    database.terminate(session)
    database.connect("app", answers.append, lambda failure: answers.append(failure.text))
    database.clock.advance(database.clock.t + 20 * MS)
    assert isinstance(answers[-1], Session)


def test_every_backend_has_its_own_pid() -> None:
    database, _ = connect(DatabaseSpec(), one_after_the_other(50))
    assert len({session.pid for session in database.sessions.values()}) == 50


def test_a_new_session_is_idle_and_has_run_nothing() -> None:
    database, _ = connect(DatabaseSpec(), [0])
    (session,) = database.sessions.values()
    assert (session.query, session.application) == ("", "app")
    assert database.states() == {
        "idle": 1,
        "active": 0,
        "idle in transaction": 0,
        "idle in transaction (aborted)": 0,
    }


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        ({"role_connection_limit": 5}, 'too many connections for role "app"'),
        ({"database_connection_limit": 5}, 'too many connections for database "appdb"'),
        ({"role_connection_limit": 5, "database_connection_limit": 5}, 'too many connections for role "app"'),
    ],
)
def test_a_connection_limit_refuses_with_its_own_text(limits: dict[str, int], text: str) -> None:
    database, answers = connect(DatabaseSpec(**limits), one_after_the_other(8))  # type: ignore[arg-type]  # whole numbers
    assert answers[5:] == [f"53300 FATAL:  {text}"] * 3
    assert (len(database.sessions), database.slots.in_use, database.refused) == (5, 5, 3)


def test_the_roles_limit_is_checked_before_the_reserved_slots_and_the_databases_after() -> None:
    """InitializeSessionUserId, then the reserved slots, then CheckMyDatabase (postinit.c)."""
    spec = DatabaseSpec(max_connections=8)
    _, role = connect(replace(spec, role_connection_limit=5), one_after_the_other(6))
    _, datname = connect(replace(spec, database_connection_limit=5), one_after_the_other(6))
    assert role[5] == '53300 FATAL:  too many connections for role "app"'
    assert datname[5] == f"53300 {RESERVED}"


def test_a_connection_limit_set_at_run_time_leaves_sessions_above_it_alone() -> None:
    database, answers = connect(DatabaseSpec(), one_after_the_other(5))
    database.role_limit = 3
    database.connect("app", answers.append, lambda failure: answers.append(failure.text))
    database.clock.advance(database.clock.t + 20 * MS)
    assert (len(database.sessions), answers[-1]) == (5, 'FATAL:  too many connections for role "app"')
