"""What a responder types at the console, what it answers, and what it does to the drill."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.actions.backends import CancelBackends, TerminateBackends
from drill.actions.pgbouncer import KillPooler, PausePooler, SetPoolerLimit, SetPoolerTimeout
from drill.actions.postgres import SetConnectionLimit, SetDatabaseTimeout, SetMaxConnections, SetRoleTimeout
from drill.console.shell import Shell
from tests.console.stub import POOLER, S, StubPort, backend, inside

IDLE = (backend(1201, since_s=10), backend(1202, since_s=500), backend(1203, "active", since_s=10))


def shell(*backends: object) -> tuple[Shell, StubPort]:
    """Return a shell over some sessions."""
    port = StubPort(inside(*(backends or IDLE)))  # type: ignore[arg-type]  # backends
    return Shell(port), port


def said(reply: object) -> str:
    """Return the lines of a reply as one text."""
    return "\n".join(reply.lines)  # type: ignore[attr-defined]  # a reply


def test_the_statement_of_the_night_works_to_the_letter() -> None:
    """Sessions idle for more than five minutes end, no other, by one action."""
    console, port = shell()
    reply = console.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE state = 'idle' AND state_change < now() - interval '5 minutes';"
    )
    assert said(reply) == " pg_terminate_backend \n----------------------\n t\n(1 row)\n"
    assert port.done == [TerminateBackends(pids=(1201,))]
    assert port.looks == ["pg_stat_activity"]


def test_what_limit_leaves_out_is_not_terminated() -> None:
    """PostgreSQL sorts before it calls volatile functions."""
    console, port = shell(*(backend(1200 + n, since_s=n) for n in range(1, 9)))
    console.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid > 1200 ORDER BY pid DESC LIMIT 2;")
    assert port.done == [TerminateBackends(pids=(1208, 1207))]


def test_cancel_is_an_action_of_its_own() -> None:
    console, port = shell()
    console.run("SELECT pg_cancel_backend(1203);")
    assert port.done == [CancelBackends(pids=(1203,))]


def test_an_unknown_pid_gets_a_warning_and_no_action() -> None:
    console, port = shell()
    reply = console.run("SELECT pg_terminate_backend(99);")
    assert reply.lines[0] == "WARNING:  PID 99 is not a PostgreSQL backend process"
    assert port.done == []


def test_signals_of_a_statement_that_fails_later_are_sent_all_the_same() -> None:
    console, port = shell()
    reply = console.run("SELECT pg_terminate_backend(1201), 1 / (pid - pid) FROM pg_stat_activity;")
    assert said(reply) == "ERROR:  division by zero"
    assert port.done == [TerminateBackends(pids=(1201,))]


def test_terminating_oneself_loses_the_connection() -> None:
    console, port = shell()
    reply = console.run("SELECT pg_terminate_backend(pg_backend_pid());")
    assert reply.lines[0] == "FATAL:  terminating connection due to administrator command"
    assert (reply.status, port.done) == (2, [])


def test_now_is_simulated_time_and_stands_still_in_a_transaction() -> None:
    console, port = shell()
    assert "2026-11-20 20:10:00+00" in said(console.run("SELECT now();"))
    console.run("BEGIN;")
    port.wait(5 * S)
    assert "2026-11-20 20:10:00+00" in said(console.run("SELECT now();"))
    console.run("COMMIT;")
    assert "2026-11-20 20:10:05+00" in said(console.run("SELECT now();"))


def test_an_error_aborts_a_transaction_until_it_ends() -> None:
    console, _ = shell()
    assert console.prompt == "shop=# "
    assert said(console.run("BEGIN;")) == "BEGIN"
    assert console.prompt == "shop=*# "
    assert console.run("SELECT 1/0;").status == 1
    assert console.prompt == "shop=!# "
    aborted = "ERROR:  current transaction is aborted, commands ignored until end of transaction block"
    assert said(console.run("SELECT 1;")) == aborted
    assert said(console.run("COMMIT;")) == "ROLLBACK"
    assert said(console.run("COMMIT;")) == "WARNING:  there is no transaction in progress\nCOMMIT"


def test_settings_of_a_transaction_end_with_it() -> None:
    console, _ = shell()
    for line in ("BEGIN;", "SET LOCAL work_mem = '8MB';", "SET statement_timeout = '5s';", "ROLLBACK;"):
        console.run(line)
    assert " 4MB" in said(console.run("SHOW work_mem;"))
    assert " 0" in said(console.run("SHOW statement_timeout;"))


def test_alter_system_waits_for_a_reload() -> None:
    console, port = shell()
    assert said(console.run("ALTER SYSTEM SET statement_timeout = '30s';")) == "ALTER SYSTEM"
    assert port.done == []
    console.run("SELECT pg_reload_conf();")
    assert port.done == [SetDatabaseTimeout(setting="statement_timeout", timeout=30 * S)]
    console.run("SELECT pg_reload_conf();")
    assert len(port.done) == 1


def test_max_connections_waits_for_a_restart() -> None:
    console, port = shell()
    console.run("ALTER SYSTEM SET max_connections = 300;")
    assert port.done == [SetMaxConnections(limit=300, restart=False)]
    port.change(wanted_connections=300)
    found = said(console.whole("SELECT setting, pending_restart FROM pg_settings WHERE name = 'max_connections'"))
    assert " 100     | t" in found
    assert said(console.run("SET max_connections = 5;")) == (
        'ERROR:  parameter "max_connections" cannot be changed without restarting the server'
    )


def test_roles_and_limits_are_changed_by_actions() -> None:
    console, port = shell()
    console.run("ALTER ROLE app SET idle_in_transaction_session_timeout = '10s';")
    console.run("ALTER ROLE app CONNECTION LIMIT 40; ALTER DATABASE shop CONNECTION LIMIT -1;")
    assert port.done == [
        SetRoleTimeout(setting="idle_in_transaction_session_timeout", timeout=10 * S),
        SetConnectionLimit(of="role", limit=40),
        SetConnectionLimit(of="database", limit=0),
    ]
    assert said(console.run("ALTER ROLE nobody SET lock_timeout = '1s';")) == 'ERROR:  role "nobody" does not exist'


@pytest.mark.parametrize(
    ("statement", "error"),
    [
        ("DELETE FROM stock", "cannot execute DELETE in a read-only transaction"),
        ("DROP TABLE stock", "cannot execute DROP TABLE in a read-only transaction"),
        ("SELECT * FROM stock", 'reading table "stock" of the application is not supported'),
        ("SELECT * FROM pg_index", 'reading "pg_index" is not supported'),
        ("SELECT * FROM pg_stat_statements", "pg_stat_statements must be loaded via shared_preload_libraries"),
        ("SELECT * FROM nowhere", 'relation "nowhere" does not exist'),
        ("EXPLAIN SELECT 1", "EXPLAIN is not supported"),
        ("COPY stock TO PROGRAM 'sh'", "COPY is not supported"),
        ("SELECT pg_read_file('/etc/passwd')", "permission denied for function pg_read_file"),
        ("SELECT xpath('a', 'b')", "function xpath is not supported"),
        ("ALTER SYSTEM SET work_mem = '1GB'", "ALTER SYSTEM SET work_mem is not supported"),
        ("SET statement_timeout = 'soon'", 'invalid value for parameter "statement_timeout": "soon"'),
        ("SHOW nothing", 'unrecognized configuration parameter "nothing"'),
    ],
)
def test_what_is_not_done_is_refused_in_postgresqls_manner(statement: str, error: str) -> None:
    console, port = shell()
    reply = console.run(statement + ";")
    assert reply.lines[0] == f"ERROR:  {error}"
    assert (reply.status, port.done) == (1, [])


def test_a_statement_goes_on_until_its_semicolon() -> None:
    console, _ = shell()
    assert console.run("SELECT 1,").lines == ()
    assert console.prompt == "shop-# "
    assert console.run("  'a;").lines == ()
    assert console.prompt == "shop'# "
    assert said(console.run("b'; SELECT 2;")).count("row)") == 2
    assert console.prompt == "shop=# "


def test_ctrl_c_forgets_what_is_half_typed() -> None:
    console, _ = shell()
    console.run("SELECT (")
    assert console.prompt == "shop(# "
    console.cancel()
    assert console.prompt == "shop=# "


def test_backslash_commands_change_how_results_look() -> None:
    console, _ = shell()
    assert said(console.run("\\x")) == "Expanded display is on."
    assert said(console.run("SELECT 1 AS a;")) == "-[ RECORD 1 ]\na | 1\n"
    assert said(console.run("\\x auto")) == "Expanded display is used automatically."
    assert said(console.run("\\timing")) == "Timing is on."
    assert said(console.run("SELECT 1 AS a \\gx")) == "-[ RECORD 1 ]\na | 1\n\nTime: 0.000 ms"
    assert said(console.run("\\foo")) == "invalid command \\foo\nTry \\? for help."
    assert said(console.run("\\echo hello")) == "hello"
    assert console.run("\\q").leave


def test_lists_are_those_of_psql() -> None:
    console, _ = shell()
    assert " shop      | app      | UTF8 " in said(console.run("\\l"))
    assert " public | stock | table | app" in said(console.run("\\dt"))
    assert "  List of schemas" in said(console.run("\\dn"))
    assert "Superuser, Create role, Create DB, Replication, Bypass RLS" in said(console.run("\\du"))
    assert 'View "pg_catalog.pg_stat_activity"' in said(console.run("\\d pg_stat_activity"))
    assert said(console.run("\\conninfo")).startswith('You are connected to database "shop" as user "postgres"')


def test_watch_says_when_it_wants_to_run_again() -> None:
    console, port = shell()
    reply = console.run("SELECT count(*) FROM pg_locks \\watch 2")
    assert reply.repeat_us == 2 * S
    assert reply.lines[0].strip() == "Fri Nov 20 20:10:00 2026 (every 2s)"
    port.wait(reply.repeat_us)
    assert console.again().lines[0].strip() == "Fri Nov 20 20:10:02 2026 (every 2s)"


def test_psql_is_refused_by_a_server_that_is_down() -> None:
    console, port = shell()
    port.change(refusal="FATAL:  the database system is in recovery mode")
    reply = console.run("SELECT 1;")
    assert reply.status == 2
    assert said(reply).endswith("FATAL:  the database system is in recovery mode")


def test_psql_is_refused_when_no_slot_is_free() -> None:
    console, port = shell()
    port.change(slots_in_use=100)
    assert said(console.run("SELECT 1;")).endswith("FATAL:  sorry, too many clients already")


def pooled() -> tuple[Shell, StubPort]:
    """Return a shell at PgBouncer's console."""
    console, port = shell()
    port.state = replace(port.state, pooler=POOLER)
    assert console.run("psql -p 6432 pgbouncer").status == 0
    return console, port


def test_show_pools_is_that_of_pgbouncer() -> None:
    """Numbers as captured from PgBouncer 1.18.0 1.4 s into a saturated pool of 2 with 7 clients."""
    console, port = pooled()
    console.run("\\x")
    shown = dict(line.split(" | ") for line in console.run("SHOW POOLS;").lines[1:17])
    shown = {key.strip(): value for key, value in shown.items()}
    assert (shown["cl_active"], shown["cl_waiting"], shown["sv_active"], shown["sv_idle"]) == ("2", "5", "2", "0")
    assert (shown["maxwait"], shown["maxwait_us"], shown["pool_mode"]) == ("1", "408073", "transaction")
    assert port.looks == ["pgbouncer"]


@pytest.mark.parametrize("what", ["stats", "clients", "servers", "databases", "config", "lists", "users", "version"])
def test_every_show_has_rows(what: str) -> None:
    console, _ = pooled()
    assert console.run(f"SHOW {what};").lines[-2] in {"(1 row)", "(2 rows)", "(7 rows)", "(12 rows)", "(36 rows)"}


def test_commands_of_the_admin_console_are_actions() -> None:
    console, port = pooled()
    lines = ("PAUSE;", "SET default_pool_size = 30;", "set query_wait_timeout = '5';", "KILL shop;")
    assert [said(console.run(line)) for line in lines] == ["PAUSE", "SET", "SET", "KILL"]
    assert port.done == [
        PausePooler(),
        SetPoolerLimit(setting="default_pool_size", size=30),
        SetPoolerTimeout(setting="query_wait_timeout", timeout=5 * S),
        KillPooler(),
    ]


def test_the_admin_console_takes_nothing_else() -> None:
    console, port = pooled()
    assert said(console.run("SELECT 1;")) == "ERROR:  invalid command 'SELECT 1', use SHOW HELP;"
    assert said(console.run("PAUSE nope;")) == "ERROR:  no such database: nope"
    assert said(console.run("SET listen_port = 1;")) == "ERROR:  SET failed"
    port.refuses = "database shop is not paused"
    assert said(console.run("RESUME;")) == "ERROR:  database shop is not paused"
    assert not console.run("\\q").leave
    assert console.prompt == "shop=# "


def test_completion_knows_relations_columns_functions_and_words() -> None:
    console, _ = shell()

    def completed(line: str) -> tuple[str, ...]:
        return console.complete(line, len(line)).candidates

    assert completed("SELECT * FROM pg_stat_act") == ("pg_stat_activity",)
    assert "pg_terminate_backend" in completed("SELECT pg_term")
    assert completed("SEL") == ("SELECT",)
    assert completed("select count(*) from pg_locks l where l.gra") == ("granted",)
    assert completed("SHOW statement_t") == ("statement_timeout",)
    assert "\\conninfo" in completed("\\con")


def test_completion_keeps_what_stands_before_the_word() -> None:
    console, _ = shell()
    line = "select l.gra from pg_locks l"
    assert console.complete(line[:12], 12).start == 9
