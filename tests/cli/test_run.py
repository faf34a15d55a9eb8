"""`drill run`, `replay` and `players` from the outside: output, files, exit codes."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from drill.cli.boundary import run as run_drill
from drill.scenario.notation import merged
from tests.library import SHORT, checkout

KEYS = [
    "format",
    "engine",
    "scenario",
    "scenario_digest",
    "seed",
    "player",
    "simulated_s",
    "requests",
    "success_rate",
    "latency_ms",
    "checkout_wait_ms",
    "attempts_per_request",
    "impact",
    "score",
    "digest",
]


@pytest.fixture
def scenario(tmp_path: Path) -> str:
    """Return the path of the short scenario as a file of somebody's own."""
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump(merged(checkout().written.content, SHORT), sort_keys=False))
    return str(path)


def drill(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    """Return exit code, stdout and stderr of one call."""
    code = run_drill([str(argument) for argument in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def summary(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    """Return the JSON of a call of `drill run`."""
    code, out, err = drill(capsys, "run", *arguments, "--json")
    assert (code, err) == (0, "")
    found: dict[str, Any] = json.loads(out)
    return found


def test_the_json_has_the_promised_keys_and_adds_up(capsys: pytest.CaptureFixture[str], scenario: str) -> None:
    """Offered is ok, late, failed and in flight; shares and impact follow from them."""
    found = summary(capsys, scenario, "--seed", 2)
    assert list(found) == KEYS
    requests = found["requests"]
    assert requests["offered"] == sum(requests[kind] for kind in ("ok", "late", "failed", "in_flight"))
    assert sum(requests["failures"].values()) == requests["failed"] > 0
    assert found["success_rate"] == round(requests["ok"] / (requests["offered"] - requests["in_flight"]), 6)
    assert found["impact"]["requests"] == requests["late"] + requests["failed"]
    assert (found["seed"], found["player"], found["simulated_s"], found["scenario"]) == (2, "idle", 60.0, "mine")


def test_two_processes_with_other_hash_seeds_give_the_same_bytes(scenario: str, tmp_path: Path) -> None:
    """Output, recording and exports do not depend on the hash seed."""
    found = []
    for hash_seed in ("1", "4242"):
        folder = tmp_path / hash_seed
        folder.mkdir()
        outputs = [folder / name for name in ("r.jsonl", "q.csv", "m.csv")]
        options = zip(("--record", "--requests", "--metrics"), map(str, outputs), strict=True)
        command = ["run", scenario, "--json", "--player", "expert", *(part for pair in options for part in pair)]
        done = subprocess.run(
            [sys.executable, "-m", "drill", *command],
            check=True,
            capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
        found.append([done.stdout, *(path.read_bytes() for path in outputs)])
    assert found[0] == found[1]
    assert all(found[0])


def test_requests_are_exported_one_row_each(capsys: pytest.CaptureFixture[str], scenario: str, tmp_path: Path) -> None:
    """The rows carry what the summary counts, those still in flight included."""
    path = tmp_path / "requests.csv"
    found = summary(capsys, scenario, "--requests", path)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["id", "at_s", "done_s", "endpoint", "pod", "outcome", "checkout_wait_s", "attempts"]
    assert [int(row["id"]) for row in rows] == list(range(found["requests"]["offered"]))
    for kind in ("ok", "late", "in_flight"):
        assert sum(row["outcome"] == kind for row in rows) == found["requests"][kind]
    slots = [row for row in rows if row["outcome"] == "connection_slots"]
    assert len(slots) == found["requests"]["failures"]["connection_slots"] > 0
    assert all(float(row["done_s"]) >= float(row["at_s"]) for row in rows if row["done_s"])


def test_metrics_carry_the_exporters_names(capsys: pytest.CaptureFixture[str], scenario: str, tmp_path: Path) -> None:
    """Samples stand on the scenario's grid under names that real dashboards use."""
    path = tmp_path / "metrics.csv"
    summary(capsys, scenario, "--metrics", path)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {float(row["at_s"]) for row in rows} == {float(second) for second in range(0, 60, 5)}
    names = {row["name"] for row in rows}
    assert {
        "container_cpu_usage_seconds_total",
        "kube_deployment_spec_replicas",
        "pg_stat_activity_count",
        "hikaricp_connections_active",
        "nginx_ingress_controller_requests",
    } <= names


def test_a_recording_checks_and_forks(capsys: pytest.CaptureFixture[str], scenario: str, tmp_path: Path) -> None:
    """What was recorded simulates to the same run, and so does a fork of it."""
    path, fork = tmp_path / "r.jsonl", tmp_path / "fork.jsonl"
    summary(capsys, scenario, "--player", "expert", "--record", path)
    code, out, _ = drill(capsys, "replay", path, "--check", "--scenario", scenario)
    assert (code, out) == (0, f"{path}: identical up to 01:00, 7 checkpoints compared\n")
    code, out, _ = drill(capsys, "replay", path, "--fork", "35s", "-o", fork)
    assert (code, out) == (0, f"{fork}: 4 lines up to 00:35\n")
    code, out, _ = drill(capsys, "replay", fork, "--check", "--scenario", scenario)
    assert code == 0
    assert "identical up to 00:30, 3 checkpoints compared; the recording stops there without an end" in out


def test_a_changed_recording_gives_exit_code_1(
    capsys: pytest.CaptureFixture[str], scenario: str, tmp_path: Path
) -> None:
    """The first difference is named on stderr."""
    path = tmp_path / "r.jsonl"
    summary(capsys, scenario, "--player", "expert", "--record", path)
    path.write_text(path.read_text().replace('"replicas": 10', '"replicas": 12'))
    code, out, err = drill(capsys, "replay", path, "--check", "--scenario", scenario)
    assert (code, out) == (1, "")
    assert err == f"{path}: the re-simulated run differs from the recording between 00:30 and 00:40\n"


def test_a_recording_is_shown_line_by_line(capsys: pytest.CaptureFixture[str], scenario: str, tmp_path: Path) -> None:
    """Without options the timed lines are printed in words, whatever engine wrote them."""
    path = tmp_path / "r.jsonl"
    summary(capsys, scenario, "--player", "expert", "--record", path)
    path.write_text(path.read_text().replace('"engine": "0', '"engine": "9', 1))
    code, out, _ = drill(capsys, "replay", path)
    assert code == 0
    assert "00:30  Scale a deployment, deployment checkout, replicas 10  (expert)" in out
    code, _, err = drill(capsys, "replay", path, "--check", "--scenario", scenario)
    assert code == 4
    assert "was recorded by engine 9" in err


def test_a_recording_is_shown_in_the_words_of_its_scenario(
    capsys: pytest.CaptureFixture[str], scenario: str, tmp_path: Path
) -> None:
    """Suspects have titles; where the scenario is not found, their ids stand in."""
    actions, path = tmp_path / "a.jsonl", tmp_path / "r.jsonl"
    lines = (
        '{"at": "25s", "look": "logs"}',
        '{"at": "30s", "diagnose": {"slots-by-pods": 90, "network": 10}}',
        '{"at": "31s", "note": "odd \\u001b[2J\\nnext"}',
        '{"at": "32s", "update": "status", "impact": "most", "next_in": "5m"}',
    )
    actions.write_text("\n".join(lines) + "\n")
    summary(capsys, scenario, "--actions", actions, "--record", path)
    code, out, _ = drill(capsys, "replay", path, "--scenario", scenario)
    assert code == 0
    assert "played from a file of actions" in out
    assert "   00:25  looked at logs" in out
    assert "   00:30  90 on: The pods together want more database connections" in out
    assert "; 10 on: Packets between pods and database are lost" in out
    assert "   00:31  odd \ufffd[2J next" in out
    assert "   00:32  status, impact most, next in 5m" in out
    code, out, _ = drill(capsys, "replay", path)
    assert code == 0
    assert "   00:30  90 on: slots-by-pods; 10 on: network" in out
    code, out, err = drill(capsys, "replay", path, "--scenario", tmp_path / "none.yaml")
    assert (code, out) == (2, "")
    assert "none.yaml" in err


def test_a_fork_beyond_the_end_says_where_the_recording_ends(
    capsys: pytest.CaptureFixture[str], scenario: str, tmp_path: Path
) -> None:
    """As a clock, and as it is to be typed."""
    path = tmp_path / "r.jsonl"
    summary(capsys, scenario, "--record", path)
    code, _, err = drill(capsys, "replay", path, "--fork", "2m", "-o", tmp_path / "f.jsonl")
    assert code == 2
    assert "the recording ends at 01:00; --fork takes a time up to there, such as 1m" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--check", "--fork", "30s"), "--check and --fork exclude each other"),
        (("--check",), "-o goes with --fork"),
        ((), "-o goes with --fork"),
    ],
)
def test_a_fork_is_never_left_out_silently(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    """Who names a file to write gets one, or is told why not."""
    fork = tmp_path / "fork.jsonl"
    code, out, err = drill(capsys, "replay", tmp_path / "r.jsonl", *arguments, "-o", fork)
    assert (code, out) == (2, "")
    assert message in err
    assert not fork.exists()


def test_an_actions_file_plays(capsys: pytest.CaptureFixture[str], scenario: str, tmp_path: Path) -> None:
    """Timed lines from a file do what the same lines in a solution do."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"at": "30s", "do": "scale", "deployment": "checkout", "replicas": 10}\n')
    by_file, by_player = summary(capsys, scenario, "--actions", path), summary(capsys, scenario, "--player", "expert")
    assert by_file["player"] == "actions"
    assert by_file["digest"] == by_player["digest"]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"at": "1s", "do": "scale", "deployment": "nope", "replicas": 3}', "at 1s: there is no deployment 'nope'"),
        ('{"at": "2m", "look": "pods"}', "2m is after the end of the scenario at 1m"),
        ('{"at": "1s", "do": "scale"}', "a.jsonl:1: scale needs the key deployment"),
    ],
)
def test_a_bad_actions_file_is_a_usage_error(
    capsys: pytest.CaptureFixture[str], scenario: str, tmp_path: Path, line: str, says: str
) -> None:
    """Exit code 2 and one line on stderr."""
    path = tmp_path / "a.jsonl"
    path.write_text(line + "\n")
    code, out, err = drill(capsys, "run", scenario, "--actions", path)
    assert (code, out) == (2, "")
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--player", "experd"], "did you mean expert?"),
        (["--player", "idle", "--actions", "x"], "exclude each other"),
        (["--until", "2m"], "--until: 2m is after the end of the scenario at 1m"),
        (["--until", "5"], "'5' is not a duration"),
        (["--seed", "-1"], "-1 is not in the range"),
        (["--record", "/dev/null/x"], "can't write the recording"),
        (["--requests", "/dev/null/x"], "can't write /dev/null/x"),
    ],
)
def test_wrong_options_are_usage_errors(
    capsys: pytest.CaptureFixture[str], scenario: str, options: list[str], says: str
) -> None:
    """Exit code 2, nothing on stdout, what to do on stderr."""
    code, out, err = drill(capsys, "run", scenario, *options)
    assert (code, out) == (2, "")
    assert says in err
    assert "Traceback" not in err


def test_until_stops_early(capsys: pytest.CaptureFixture[str], scenario: str) -> None:
    """A run can be looked at in its middle."""
    found = summary(capsys, scenario, "--until", "10s")
    assert (found["simulated_s"], found["success_rate"]) == (10.0, 1.0)


def test_text_tells_the_same_figures(capsys: pytest.CaptureFixture[str], scenario: str) -> None:
    """People and programs read the same run."""
    found = summary(capsys, scenario)
    code, out, _ = drill(capsys, "run", scenario)
    assert code == 0
    assert f"{found['requests']['failed']} failed" in out
    assert found["digest"] in out


def test_an_unknown_scenario_in_a_recording_asks_for_the_file(
    capsys: pytest.CaptureFixture[str], scenario: str, tmp_path: Path
) -> None:
    """A header can't make drill open a file it names."""
    path = tmp_path / "r.jsonl"
    summary(capsys, scenario, "--record", path)
    path.write_text(path.read_text().replace('"scenario": "mine"', f'"scenario": "{scenario}"', 1))
    code, _, err = drill(capsys, "replay", path, "--check")
    assert code == 2
    assert "is not in the library; give its file with --scenario" in err


def test_players_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """Each with what it does."""
    code, out, _ = drill(capsys, "players")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["idle", "expert", "scale-up", "restart-all"]


def test_check_play_names_each_broken_promise(
    capsys: pytest.CaptureFixture[str], scenario: str, tmp_path: Path
) -> None:
    """A kept promise counts, a broken one is printed with figure, bound and chart, and the exit code is 1."""
    promise = {"figure": "success_rate", "start": "1s", "end": "10s"}
    expects = {"kept": {**promise, "at_least": "99%"}, "broken": {**promise, "at_most": "50%"}}
    path = tmp_path / "promising.yaml"
    content = yaml.safe_load(Path(scenario).read_text())
    path.write_text(yaml.safe_dump({**content, "expects": expects}, sort_keys=False))
    code, out, err = drill(capsys, "check", path, "--play", "--seeds", 1)
    assert code == 1
    assert out.startswith(f"{path}: ok\n{path}: 1 of 2 promises kept\nSEED  IDLE")
    assert err.startswith(f"{path}: broken (seed 1): success_rate is 1, promised is at most 0.5\n    users failing")
