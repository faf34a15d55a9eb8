"""The console on a real drill: what it shows is the simulation, and what it does is recorded and can be replayed."""

from __future__ import annotations

from drill.actions.backends import TerminateBackends
from drill.actions.entries import Entry, Look
from drill.console.port import SessionPort
from drill.console.shell import Shell
from drill.session.session import Session
from tests.library import short

S = 1_000_000


def started(at_s: int = 25) -> tuple[Session, Shell]:
    """Return a drill at a moment, and its console."""
    session = Session(short().spec, seed=1)
    session.advance(at_s * S)
    return session, Shell(SessionPort(session))


def ask(shell: Shell, statement: str) -> list[str]:
    """Return the rows of a statement as psql -At prints them."""
    return list(shell.run(f'psql -At -c "{statement}"').lines)


def everything(relation: str) -> str:
    """Return the statement that reads all of a relation."""
    return f"TABLE {relation}"


def test_the_console_counts_what_the_simulation_has() -> None:
    session, shell = started()
    states = dict(session.snapshot().database.sessions)
    found = ask(shell, "SELECT state, count(*) FROM pg_stat_activity WHERE usename = 'shop' GROUP BY state")
    assert dict(line.split("|") for line in found) == {state: str(count) for state, count in states.items() if count}


def test_looks_and_actions_are_recorded_with_their_origin() -> None:
    session, shell = started()
    pid = ask(shell, "SELECT min(pid) FROM pg_stat_activity WHERE usename = 'shop'")[0]
    shell.run(f"SELECT pg_terminate_backend({pid});")
    at = session.now_us
    assert session.entries == [
        Entry(at_us=at, deed=Look(look="pg_stat_activity"), by="console"),
        Entry(at_us=at, deed=TerminateBackends(pids=(int(pid),)), by="console"),
    ]
    assert pid not in ask(shell, "SELECT pid FROM pg_stat_activity")


def test_reading_changes_nothing() -> None:
    """A run that was looked at through the console ends like one that was not."""
    session, shell = started()
    for relation in ("pg_stat_activity", "pg_locks", "pg_settings", "pg_stat_database", "pg_roles", "pg_class"):
        ask(shell, everything(relation))
    untouched = Session(short().spec, seed=1)
    for each in (session, untouched):
        each.advance(60 * S)
    assert session.simulation.digest == untouched.simulation.digest


def test_what_was_done_at_the_console_happens_again() -> None:
    """The entries of a session, done in another one of the same seed, come to the same digest."""
    session, shell = started()
    shell.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE state = 'idle' ORDER BY pid LIMIT 5;")
    shell.run("ALTER ROLE shop SET statement_timeout = '2s';")
    session.advance(60 * S)
    again = Session(short().spec, seed=1)
    for entry in session.entries:
        again.advance(entry.at_us)
        if isinstance(entry.deed, Look):
            again.look(entry.deed.look, entry.deed.target, entry.by)
        else:
            again.do(entry.deed, entry.by)
    again.advance(60 * S)
    assert again.digest() == session.digest()


def test_a_timeout_reaches_sessions_after_a_reload() -> None:
    session, shell = started()
    shell.run("ALTER SYSTEM SET statement_timeout = '3s';")
    assert dict(session.inspect().server.timeouts_us)["statement_timeout"] == 0
    shell.run("SELECT pg_reload_conf();")
    assert dict(session.inspect().server.timeouts_us)["statement_timeout"] == 3 * S
    assert ask(shell, "SHOW statement_timeout") == ["3s"]


def test_every_row_has_the_columns_of_its_catalogue() -> None:
    _, shell = started()
    for relation in ("pg_stat_activity", "pg_locks", "pg_settings", "pg_stat_database", "pg_user", "pg_database"):
        header, *rows = shell.run(f'psql -A -c "{everything(relation)}"').lines
        assert rows
        assert all(row.count("|") == header.count("|") for row in rows[:-1]), relation
