"""A debrief tells what happened, with numbers that come from the lanes and nowhere else."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from drill import __version__
from drill.actions.catalogue import RestartPods, Scale
from drill.actions.entries import Diagnosis, Entry, Look, Pin, Remark, Update
from drill.cli.boundary import run as run_drill
from drill.debrief.build import build
from drill.debrief.happenings import colleagues, happenings, users
from drill.debrief.markdown import as_markdown
from drill.debrief.text import as_text
from drill.debrief.turning import HARMED, HELPED
from drill.lanes.comparison import Comparison, alone_tasks, compare, main_tasks, turn_tasks, turns_of
from drill.lanes.lane import run_lane
from drill.players.player import Script, play
from drill.recording.lines import Header
from drill.recording.writer import RecordingWriter
from drill.scenario.library import find
from drill.scenario.loader import load
from drill.scenario.notation import merged
from drill.session.session import Session
from drill.units import US_PER_S, format_count, format_percent
from tests.library import SHORT, checkout

if TYPE_CHECKING:
    from pathlib import Path

    from drill.debrief.model import Debrief
    from drill.scenario.loader import ScenarioFile
    from drill.telemetry.lanes import LaneResult

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
    without, alone = (
        [(entry, run_lane(task)) for entry, task in tasks(scenario, 3, ENTRIES)] for tasks in (turn_tasks, alone_tasks)
    )
    return file, compare(main, turns_of(ENTRIES, without, alone))


def bad(lane: LaneResult | None) -> int:
    """Return the bad requests of a lane that is known."""
    assert lane is not None
    return lane.bad


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
    """Scaling up did harm, scaling back did good, each measured by leaving it out and by doing nothing else."""
    debrief, lanes = debriefed(scenario)
    up, back = debrief.turning_points
    assert up.spared == bad(lanes.turns[0].without) - lanes.you.bad < 0
    assert back.spared == bad(lanes.turns[1].without) - lanes.you.bad > 0
    assert up.alone == lanes.idle.bad - bad(lanes.turns[0].alone)
    assert back.alone == lanes.idle.bad - bad(lanes.turns[1].alone) > 0
    assert (up.effect, back.effect) == (HARMED, HELPED)


def test_what_was_really_going_on_comes_from_the_samples(scenario: str) -> None:
    """The ceiling, pods without connections, users failing and served again stand in the timeline, in order."""
    file, lanes = compared(scenario)
    found = sorted([*colleagues(file.spec), *happenings(lanes.you), *users(file.spec, lanes.you)])
    texts = [text for _, text in found]
    for text in (
        "Mira: Scale a deployment, deployment checkout, replicas 30",
        "database sessions reach the ceiling",
        "some ready pods have no database connection at all",
        "users begin to fail",
        "every ready pod has a database connection again",
    ):
        assert text in texts
    moments = debriefed(scenario)[0].timeline
    assert [moment.at_us // US_PER_S for moment in moments] == sorted(moment.at_us // US_PER_S for moment in moments)
    failing_s = next(at for at, text in found if text == "users begin to fail") // US_PER_S
    assert (lanes.you.success(failing_s, failing_s + 5) or 0.0) < file.spec.slo.success
    assert lanes.you.success(0, failing_s) == 1.0


def test_every_deed_stands_in_the_timeline(scenario: str) -> None:
    """Looks, pins, diagnosis, updates and actions, with their times."""
    debrief, _ = debriefed(scenario)
    mine = [(moment.at_us, moment.kind) for moment in debrief.timeline if moment.kind not in ("system", "impact")]
    kinds = ["update", "look", "pin", "diagnosis", "action", "action"]
    assert mine == [(entry.at_us, kind) for entry, kind in zip(ENTRIES, kinds, strict=True)]


def test_text_carries_the_figures_and_can_do_without_unicode(scenario: str) -> None:
    """The numbers of the lanes are printed; the ASCII form has nothing else."""
    debrief, lanes = debriefed(scenario)
    text = as_text(debrief)
    for lane in (lanes.you, lanes.idle, lanes.expert):
        assert f"  {format_count(lane.summary['requests']['failed'])}  " in text
    for turn in debrief.turning_points:
        assert f"{format_count(abs(turn.spared or 0))} {'more' if (turn.spared or 0) > 0 else 'fewer'}" in text
    assert not as_text(debrief).isascii()
    assert as_text(debrief, ascii_only=True).isascii()


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
    debrief, _ = debriefed(scenario)
    seen = [(turn["spared"], turn["alone"], turn["effect"]) for turn in found["turning_points"]]
    assert seen == [(turn.spared, turn.alone, turn.effect) for turn in debrief.turning_points]
    output = tmp_path / "d.md"
    options = ["--format", "markdown", "-o", str(output), "--scenario", scenario]
    assert run_drill(["debrief", str(path), *options]) == 0
    assert output.read_text().startswith("# Debrief: Checkout is down")


def test_a_recording_that_stops_early_says_where(
    scenario: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Left, or cut in the middle: in JSON and in words. One that goes to the end has nothing to say."""
    file, _ = compared(scenario)
    header = Header(engine=__version__, scenario=file.id, scenario_digest=file.digest, seed=3, player="cockpit")
    left, whole = tmp_path / "left.jsonl", tmp_path / "whole.jsonl"
    session = Session(file.spec, 3, writer=RecordingWriter(left, header))
    session.advance(33_400_000)
    session.end("left")
    play(Session(file.spec, 3, writer=RecordingWriter(whole, header)), Script("cockpit", ()))
    cut = tmp_path / "cut.jsonl"
    cut.write_text("".join(left.read_text().splitlines(keepends=True)[:-1]))
    found = {}
    for path in (left, cut, whole):
        assert run_drill(["debrief", str(path), "--format", "json", "--scenario", scenario]) == 0
        found[path.stem] = json.loads(capsys.readouterr().out)["left_us"]
    assert found == {"left": 33_400_000, "cut": 30_000_000, "whole": None}
    assert run_drill(["debrief", str(left), "--scenario", scenario]) == 0
    out = capsys.readouterr().out
    assert "IMPACT\n  Left at 00:33; from there on the run was simulated without anybody.\n" in out
    assert "00:33  system  the run is left; from here on nobody acts" in out
    assert "played in the cockpit" in out


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


def test_waiting_is_counted_from_the_page_to_the_first_action_that_helped(scenario: str) -> None:
    """The stretches cover the run, and their requests are all that failed or came late."""
    debrief, lanes = debriefed(scenario)
    assert [(each.start_us // US_PER_S, each.end_us // US_PER_S) for each in debrief.waits] == [
        (0, 20),
        (20, 40),
        (40, 60),
    ]
    assert sum(each.bad for each in debrief.waits) == lanes.you.bad
    assert debrief.waits[1].bad == sum(lanes.you.bad_by_second[20:40])


def test_waiting_is_not_counted_before_it_is_known_what_helped(scenario: str) -> None:
    """The second action helped; as long as the first is not re-simulated nobody knows which was the first to help."""
    file, lanes = compared(scenario)
    half = replace(lanes, turns=lanes.turns[1:])
    debrief = build(file, "me", ENTRIES, half)
    assert debrief.waits == ()
    assert [turn.spared is None for turn in debrief.turning_points] == [True, False]


def test_a_commitment_keeps_what_was_pinned_then(scenario: str) -> None:
    """Chips, skill and readings are those of its moment, and a single one is first and last."""
    (made,) = debriefed(scenario)[0].commitments
    assert (made.at_us, made.on_truth, made.most) == (25 * US_PER_S, 90, 90)
    assert made.pins == ("*sessions* [idle]",)
    assert made.skill == debriefed(scenario)[0].diagnosis.first
    chips = {each.name: (each.first, each.last) for each in debriefed(scenario)[0].suspects}
    assert chips["slots-by-pods"] == (90, 90)
    assert chips["network"] == (10, 10)
    assert chips["payments"] == (0, 0)


def test_actions_beyond_the_most_are_told_apart(scenario: str) -> None:
    """Thirteen actions: the last one is never left out, and says so."""
    file, lanes = compared(scenario)
    many = tuple(Entry(at_us=(30 + at) * US_PER_S, deed=Scale(deployment="checkout", replicas=10)) for at in range(13))
    debrief = build(file, "me", many, replace(lanes, turns=()))
    assert [turn.asked for turn in debrief.turning_points] == [True] * 12 + [False]
    assert "only the first 12 actions are left out" in " ".join(as_text(debrief).split())


def test_what_was_said_at_the_end_is_the_remark_of_that_moment(scenario: str) -> None:
    """A note of earlier is a note; the one given with the last "resolved" is how it was."""
    file, lanes = compared(scenario)
    entries = (
        Entry(at_us=30 * US_PER_S, deed=Remark(note="odd")),
        Entry(at_us=50 * US_PER_S, deed=Remark(note="Hectic")),
        Entry(at_us=50 * US_PER_S, deed=Update(update="resolved")),
    )
    debrief = build(file, "me", entries, replace(lanes, turns=()))
    assert (debrief.resolved_us, debrief.said) == (50 * US_PER_S, "Hectic")
    assert build(file, "me", ENTRIES, lanes).resolved_us is None


def test_every_reference_solution_shows_its_own_lane(scenario: str) -> None:
    """The only one of the short scenario is the expert."""
    debrief, lanes = debriefed(scenario)
    assert [(each.trap, each.bad) for each in debrief.lessons] == [(False, lanes.expert.bad)]


def test_texts_say_the_figures_of_the_lanes(scenario: str) -> None:
    """Of the lane they name, and none of a stretch in which the responder was gone."""
    file, lanes = compared(scenario)
    texts = {"tell": "Idle: {idle}.", "look_alike": "It waited. You: {yours}."}
    window = {"figure": "bad_share", "start": "25s", "end": "60s"}
    plan = {"scale-back": {"teaches": "Against {idle}."}}
    values = {"idle": window, "yours": {**window, "lane": "you"}}
    file = file.patched({"story": {"debrief": texts, "figures": values, "solutions": plan}})
    idle, yours = (1 - (lane.success(25, 60) or 0.0) for lane in (lanes.idle, lanes.you))
    assert idle != yours
    told = build(file, "me", ENTRIES, lanes)
    assert (told.tell, told.look_alike) == (
        f"Idle: {format_percent(idle)}.",
        f"It waited. You: {format_percent(yours)}.",
    )
    assert told.lessons[0].teaches == f"Against {format_percent(idle)}."
    assert build(file, "me", ENTRIES, lanes, 50 * US_PER_S).look_alike == "It waited."
