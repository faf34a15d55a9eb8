"""The sealed family of checkout timeouts: nothing says which of the five it is, and no deed cures more than two."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from drill.actions.catalogue import CATALOGUE
from drill.actions.entries import Entry, read_entry
from drill.cli.boundary import run as run_drill
from drill.lanes.batch import default_jobs, run_lanes
from drill.lanes.lane import LaneTask
from drill.lanes.proof import seeds_of
from drill.scenario.library import find
from drill.scenario.loader import ScenarioFile, load
from drill.session.session import Session
from drill.tui.chips import shuffled
from drill.tui.fields import form
from drill.units import US_PER_S

if TYPE_CHECKING:
    from pathlib import Path

    from drill.scenario.spec import ScenarioSpec

ID = "checkout-timeouts"
SEEDS = range(1, 21)
LESSONS = [f"checkout-lesson-{number}" for number in range(1, 6)]
LOOKED_AT = ("logs", "log_counts", "events", "deployments", "gateway", "pools")
CAUSE_WORDS = re.compile(r"\b(leak\w*|exhaust\w*|not returned|variant\w*|redraw\w*|trap|cause)\b", re.IGNORECASE)


@cache
def family() -> ScenarioFile:
    """Return the family's file."""
    return load(find(ID))


def one_of_each() -> list[int]:
    """Return a seed for each variant."""
    return seeds_of(family(), 1)


def told(spec: ScenarioSpec) -> list[object]:
    """Return everything that stands there before somebody looks or asks."""
    story = spec.story
    hints = [hint.text for hint in story.hints[:-1]]
    shown = [spec.card, story.page, story.prerequisites, story.objectives, story.dashboard, story.alerts]
    return [*shown, story.suspects, story.runbook, hints, len(story.hints), [hint.cost for hint in story.hints]]


def secrets(file: ScenarioFile) -> set[str]:
    """Return the words that would tell variants apart: their names, and those of their solutions and traps."""
    assert file.family is not None
    found = set(file.family.variants)
    for seed in one_of_each():
        story = file.for_seed(seed).spec.story
        for plan in (*story.solutions.items(), *story.traps.items()):
            found |= {plan[0], plan[1].title, plan[1].teaches}
        found |= {story.hints[-1].text, story.debrief.tell, *(guard.title for guard in story.guards.values())}
    return found


def test_every_variant_is_met_within_twenty_seeds() -> None:
    file = family()
    assert file.family is not None
    assert {file.family.chosen(seed) for seed in SEEDS} == set(file.family.variants)
    assert len(one_of_each()) == 5


def test_what_stands_there_from_the_start_is_the_same_whatever_the_seed() -> None:
    file = family()
    assert all(told(file.for_seed(seed).spec) == told(file.spec) for seed in SEEDS)


def test_the_palette_offers_the_same_whatever_the_seed() -> None:
    """Names and choices of every action's form; what is in force now is a reading, and left out."""
    file = family()

    def offered(seed: int) -> list[Any]:
        file_of_seed = file.for_seed(seed)
        now = Session(file_of_seed.spec, seed).snapshot()
        forms = [form(kind, file_of_seed.spec, now, {}) for kind in CATALOGUE.values()]
        return [[(field.name, field.values, field.hint) for field in form] for form in forms]

    first, *others = map(offered, one_of_each())
    assert all(other == first for other in others)


def test_suspects_stand_in_an_order_that_does_not_depend_on_the_answer() -> None:
    file = family()
    for seed in SEEDS:
        suspects = file.for_seed(seed).spec.story.suspects
        assert shuffled(suspects, seed, file.id) == shuffled(file.spec.story.suspects, seed, file.id)


def test_no_cause_is_named_by_what_comes_before_the_suspects() -> None:
    story = family().spec.story
    words = [ID, story.page, *story.prerequisites, *story.objectives, *(hint.text for hint in story.hints[:-1])]
    words += [panel.title for panel in story.dashboard.values()] + [alert.text for alert in story.alerts.values()]
    assert [found.group() for text in words for found in CAUSE_WORDS.finditer(text)] == []


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=() if seed < 3 else pytest.mark.slow) for seed in SEEDS])
def test_nothing_that_a_run_shows_or_leaves_behind_says_which_it_is(
    seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Card, list, summary, recording, replay, logs, events, metrics and messages of a run up to the page."""
    recording, metrics = tmp_path / "run.jsonl", tmp_path / "metrics.csv"
    run = ["run", ID, "--seed", str(seed), "--until", "5m", "--record", str(recording), "--metrics", str(metrics)]
    for call in (["show", ID], ["list"], run, ["replay", str(recording)], ["players"]):
        assert run_drill(call) == 0
    assert run_drill(["run", ID, "--seed", str(seed), "--player", "nobody"]) == 2
    session = Session(family().for_seed(seed).spec, seed)
    views = []
    for at_s in (100, 200, 300):
        session.advance(at_s * US_PER_S)
        views += [session.simulation.look(view, "").rows for view in LOOKED_AT]
    printed = capsys.readouterr()
    texts = {
        "printed": printed.out + printed.err,
        "recorded": recording.read_text("utf-8"),
        "measured": metrics.read_text("utf-8"),
        "looked at": repr(views),
    }
    known = secrets(family())
    assert {(where, word) for where, text in texts.items() for word in known if word in text} == set()
    found = {(where, each.group()) for where, text in texts.items() for each in CAUSE_WORDS.finditer(text)}
    assert found == set()


def test_a_crash_report_of_a_run_says_nothing_of_it(tmp_path: Path) -> None:
    from datetime import UTC, datetime  # noqa: PLC0415 - only here

    from drill.cli.crash import describe  # noqa: PLC0415 - only here

    del tmp_path
    seed = one_of_each()[0]
    session = Session(family().for_seed(seed).spec, seed)
    session.simulation.export(on_request=_crash, on_samples=None)
    with pytest.raises(ZeroDivisionError) as caught:
        session.advance(60 * US_PER_S)
    report = describe(caught.value, datetime.now(UTC))
    assert [word for word in secrets(family()) if word in report] == []


def _crash(row: object) -> None:
    raise ZeroDivisionError(type(row).__name__)


def entry(**deed: object) -> tuple[Entry, ...]:
    """Return one action shortly after the page."""
    return (read_entry({"at": "5m20s", **deed}),)


CHECKOUT: dict[str, Any] = {"deployment": "checkout"}
DEEDS: dict[str, tuple[Entry, ...]] = {
    **{f"{flag} off": entry(do="set-flag", flag=flag, on=False) for flag in family().spec.topology.flags},
    **{f"scale to {n}": entry(do="scale", replicas=n, **CHECKOUT) for n in (8, 15, 19, 60)},
    **{f"pools of {n}": entry(do="set-pool-size", pool="db", size=n, **CHECKOUT) for n in (2, 9, 20)},
    "restart": entry(do="restart-pods", **CHECKOUT),
    "restart at once": entry(do="restart-pods", rollout="recreate", **CHECKOUT),
    "roll back": entry(do="roll-back", **CHECKOUT),
    "pooler": entry(do="add-pooler", pool_size=20, **CHECKOUT),
    "large pooler": entry(do="add-pooler", pool_size=90, **CHECKOUT),
    "half the traffic": entry(do="rate-limit", rate="25/s"),
    "cancel": entry(do="cancel-queries", older_than="1s"),
    "terminate": entry(do="terminate-queries", older_than="1s"),
    "terminate idle": entry(do="terminate-idle", older_than="1s"),
    "statement timeout": entry(do="set-database-timeout", setting="statement_timeout", timeout="1s"),
    "idle timeout": entry(do="set-database-timeout", setting="idle_in_transaction_session_timeout", timeout="1s"),
    "more connections": entry(do="set-max-connections", limit=300),
    "restart the database": entry(do="restart-database"),
    "short checkout": entry(do="set-checkout-timeout", pool="db", timeout="1s", **CHECKOUT),
    "short call": entry(do="set-call-timeout", call="fraud-score", timeout="500ms", **CHECKOUT),
    **{
        f"ship {fix}": entry(do="ship-fix", fix=fix, **CHECKOUT)
        for fix in family().spec.topology.deployments["checkout"].fixes
    },
}
"""Everything somebody might try on its own."""


@pytest.mark.slow
def test_no_single_deed_cures_more_than_two_of_the_five() -> None:
    """Cured: the objective is met in the last two minutes."""
    paths = [str(find(name)) for name in LESSONS]
    tasks = [
        LaneTask(scenario=path, seed=1, player=name, entries=deed, skips=True)
        for name, deed in DEEDS.items()
        for path in paths
    ]
    cured = dict.fromkeys(DEEDS, 0)
    for task, lane in zip(tasks, run_lanes(tasks, default_jobs()), strict=True):
        cured[task.player] += (lane.success(8 * 60, 10 * 60) or 0.0) >= family().spec.slo.success
    assert {name: count for name, count in cured.items() if count > 2} == {}
    assert sum(count > 0 for count in cured.values()) >= 5
