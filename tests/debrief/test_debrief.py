"""A debrief tells what happened, with numbers that come from the lanes and nowhere else."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from drill import __version__
from drill.actions.catalogue import RestartPods, Scale
from drill.actions.entries import Diagnosis, Entry, Look, Pin, Update
from drill.cli.boundary import run as run_drill
from drill.debrief.happenings import happenings
from drill.debrief.model import Debrief, build
from drill.debrief.text import as_markdown, as_text
from drill.lanes.comparison import Comparison, Turn, compare, main_tasks, turn_tasks
from drill.lanes.lane import run_lane
from drill.players.player import Script, play
from drill.recording.lines import Header
from drill.recording.writer import RecordingWriter
from drill.scenario.library import find
from drill.scenario.loader import load
from drill.scenario.notation import merged
from drill.session.session import Session
from drill.units import US_PER_S
from tests.library import SHORT, checkout

if TYPE_CHECKING:
    from pathlib import Path

    from drill.scenario.loader import ScenarioFile

ENTRIES = (
    Entry(at_us=22 * US_PER_S, deed=Update(update="acknowledge")),
    Entry(at_us=23 * US_PER_S, deed=Look(look="pg_stat_activity")),
    Entry(at_us=24 * US_PER_S, deed=Pin(pin="*sessions* [idle]")),
    Entry(at_us=25 * US_PER_S, deed=Diagnosis(diagnose=(("network", 10), ("slots-by-pods", 90)))),
    Entry(at_us=26 * US_PER_S, deed=Scale(deployment="checkout", replicas=45)),
    Entry(at_us=40 * US_PER_S, deed=Scale(deployment="checkout", replicas=10)),
)


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the path of the short scenario as a file."""
    path = tmp_path_factory.mktemp("scenarios") / "mine.yaml"
    path.write_text(yaml.safe_dump(merged(checkout().written.content, SHORT), sort_keys=False))
    return str(path)


@cache
def compared(scenario: str) -> tuple[ScenarioFile, Comparison]:
    """Return the scenario and the lanes of a run that did harm first and good then."""
    file = load(scenario)
    main = [run_lane(task) for task in main_tasks(scenario, 3, ENTRIES, list(file.spec.story.solutions))]
    turns = [Turn(entry=entry, without=run_lane(task)) for entry, task in turn_tasks(scenario, 3, ENTRIES)]
    return file, compare(main, turns)


def debriefed(scenario: str) -> tuple[Debrief, Comparison]:
    """Return the debrief of that run, and its lanes."""
    file, lanes = compared(scenario)
    return build(file, "me", ENTRIES, lanes), lanes


def test_the_lanes_are_you_nothing_done_and_the_best_solution(scenario: str) -> None:
    """Their bad requests are those of the lanes, and impact follows from the three."""
    debrief, lanes = debriefed(scenario)
    assert [lane.bad for lane in debrief.lanes] == [lanes.you.bad, lanes.idle.bad, lanes.expert.bad]
    assert lanes.idle.bad > lanes.you.bad > lanes.expert.bad
    share = (lanes.idle.bad - lanes.you.bad) / (lanes.idle.bad - lanes.expert.bad)
    assert debrief.impact == pytest.approx(30 * share)


def test_turning_points_say_what_each_action_changed(scenario: str) -> None:
    """Scaling up did harm, scaling back did good, each measured by leaving it out."""
    debrief, lanes = debriefed(scenario)
    up, back = debrief.turning_points
    assert up.spared == lanes.turns[0].without.bad - lanes.you.bad < 0
    assert back.spared == lanes.turns[1].without.bad - lanes.you.bad > 0


def test_what_was_really_going_on_comes_from_the_samples(scenario: str) -> None:
    """The ceiling, pods without connections, users failing and served again stand in the timeline, in order."""
    file, lanes = compared(scenario)
    found = happenings(file.spec, lanes.you)
    texts = [text for _, text in found]
    for text in (
        "Mira: scale, checkout, 30",
        "database sessions reach the ceiling",
        "some ready pods have no database connection at all",
        "users begin to fail",
        "every ready pod has a database connection again",
    ):
        assert text in texts
    assert found == sorted(found)
    failing_s = next(at for at, text in found if text == "users begin to fail") // US_PER_S
    assert (lanes.you.success(failing_s, failing_s + 5) or 0.0) < file.spec.slo.success
    assert lanes.you.success(0, failing_s) == 1.0


def test_every_deed_stands_in_the_timeline(scenario: str) -> None:
    """Looks, pins, diagnosis, updates and actions, with their times."""
    debrief, _ = debriefed(scenario)
    mine = [(moment.at_us, moment.kind) for moment in debrief.timeline if moment.kind != "system"]
    kinds = ["update", "look", "pin", "diagnosis", "action", "action"]
    assert mine == [(entry.at_us, kind) for entry, kind in zip(ENTRIES, kinds, strict=True)]


def test_text_carries_the_figures_and_can_do_without_unicode(scenario: str) -> None:
    """The numbers of the lanes are printed; the ASCII form has nothing else."""
    debrief, lanes = debriefed(scenario)
    text = as_text(debrief)
    for lane in (lanes.you, lanes.idle, lanes.expert):
        assert f"{lane.bad} bad" in text
    assert "fewer requests would have failed" in text
    assert "more requests would have failed" in text
    curves = as_text(debrief, ascii_only=True).split("\n\n")[1]
    assert curves.isascii()


def test_markdown_can_not_be_broken_by_what_somebody_typed(scenario: str) -> None:
    """Characters that mean something in Markdown are escaped."""
    debrief, _ = debriefed(scenario)
    assert r"pinned: \*sessions\* \[idle\]" in as_markdown(debrief)


def test_the_command_reads_a_recording(scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """JSON on stdout holds the same figures as the lanes."""
    file, lanes = compared(scenario)
    header = Header(engine=__version__, scenario=file.id, scenario_digest=file.digest, seed=3, player="me")
    path = tmp_path / "r.jsonl"
    play(Session(file.spec, 3, writer=RecordingWriter(path, header)), Script("me", ENTRIES))
    code = run_drill(["debrief", str(path), "--format", "json", "--scenario", scenario])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code == 0
    assert found["format"] == "drill-debrief/1"
    assert [lane["bad"] for lane in found["lanes"]] == [lanes.you.bad, lanes.idle.bad, lanes.expert.bad]
    output = tmp_path / "d.md"
    options = ["--format", "markdown", "-o", str(output), "--scenario", scenario]
    assert run_drill(["debrief", str(path), *options]) == 0
    assert output.read_text().startswith("# Debrief: Checkout is down")


def test_the_shipped_scenario_has_a_sound_expert() -> None:
    """The idle run loses at least a quarter more than the best solution: there is something to win."""
    path = str(find("checkout-down"))
    idle, *solutions = [run_lane(task) for task in main_tasks(path, 1, (), list(checkout().spec.story.solutions))[1:]]
    best = min(lane.bad for lane in solutions)
    assert (idle.bad - best) / idle.bad >= 0.25


def test_harm_is_not_hidden_by_the_order_of_actions(scenario: str) -> None:
    """Leaving out one action leaves the others where they were."""
    tasks = turn_tasks(scenario, 1, [*ENTRIES, Entry(at_us=50 * US_PER_S, deed=RestartPods(deployment="checkout"))])
    assert [len(task.entries or ()) for _, task in tasks] == [6, 6, 6]
