"""`drill console` from the outside: what it prints and how it exits."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest

from drill.cli.boundary import run as run_drill
from tests.sql.recorded import read

if TYPE_CHECKING:
    from pathlib import Path


def drill(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of one call."""
    code = run_drill(["console", *arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_commands_run_at_a_moment_of_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = drill(capsys, "checkout-down", "--at", "30s", "-c", "SHOW max_connections", "-c", "SELECT now()")
    assert (code, err) == (0, "")
    assert " 100\n(1 row)" in out
    assert " 2026-11-20 20:00:30+00\n" in out


def test_the_exit_status_is_that_of_the_last_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert drill(capsys, "checkout-down", "-c", "SELECT 1", "-c", "SELEC")[0] == 1
    assert drill(capsys, "checkout-down", "-c", "SELEC", "-c", "SELECT 1")[0] == 0
    assert drill(capsys, "checkout-down", "-c", "psql pgbouncer -c 'SHOW POOLS'")[0] == 2


def test_one_command_sees_what_another_did(capsys: pytest.CaptureFixture[str]) -> None:
    kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'shop'"
    count = "psql -At -c \"SELECT count(*) FROM pg_stat_activity WHERE usename = 'shop'\""
    _, out, _ = drill(capsys, "checkout-down", "--at", "10s", "-c", count, "-c", kill, "-c", count)
    lines = out.splitlines()
    assert int(lines[0]) > 0
    assert lines[-1] == "0"


def test_watch_lets_simulated_time_pass(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = drill(capsys, "checkout-down", "-c", "SELECT 1", "-c", "\\watch 5")
    assert "20:00:45 2026 (every 5s)" in out


def test_lines_can_be_piped_in(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 1\n + 1 AS two;\n\\q\nSELECT 3;\n"))
    assert drill(capsys, "checkout-down")[1] == " two \n-----\n   2\n(1 row)\n\n"


def test_recorded_catalogues_answer_in_json(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """One JSON string a line in, one JSON object a line out, each over fresh rows."""
    path = tmp_path / "fixture.json"
    path.write_text(json.dumps(read("fixture")), encoding="utf-8")
    statements = ["SHOW max_connections", "SELECT 1/0", "SET work_mem = '1MB'", "SHOW work_mem"]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(json.dumps(each) + "\n" for each in statements)))
    code, out, _ = drill(capsys, "--catalog", str(path), "--json")
    assert code == 0
    assert [json.loads(line) for line in out.splitlines()] == [
        {"cols": ["max_connections"], "oids": [25], "rows": [["200"]]},
        {"err": "ERROR:  division by zero"},
        {"tag": "SET"},
        {"cols": ["work_mem"], "oids": [25], "rows": [["4MB"]]},
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "give either a SCENARIO or --catalog FILE"),
        (("checkout-down", "--json"), "--json goes with --catalog"),
        (("checkout-down", "--at", "7h"), "is after the end of the scenario"),
        (("--catalog", "nowhere.json", "--json"), "can't read the catalogue nowhere.json: No such file or directory"),
        (("--catalog", "nowhere.json"), "--catalog needs --json"),
    ],
)
def test_wrong_usage_is_told(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str) -> None:
    code, out, err = drill(capsys, *arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_a_line_that_is_no_json_string_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "fixture.json"
    path.write_text(json.dumps(read("fixture")), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("SELECT 1\n"))
    code, _, err = drill(capsys, "--catalog", str(path), "--json")
    assert code == 2
    assert "line 1 is not a JSON string with a statement" in err
