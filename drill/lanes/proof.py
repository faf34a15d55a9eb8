"""What shows that a scenario is worth playing: its promises, and what players come to in it.

Separate from single promises because here one run serves many questions. What is kept of a run is small and plain, so
that it can be written down and asked again without simulating.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drill.lanes.expects import Promise, figure, promises
from drill.lanes.lane import LaneTask
from drill.players.roster import PLAYERS

if TYPE_CHECKING:
    from drill.scenario.loader import ScenarioFile
    from drill.scenario.story import StorySpec
    from drill.telemetry.lanes import LaneResult

STEP_S = 15
"""Length of the steps of a run's curve."""
_MOST_TRIED = 10_000
"""Seeds that are looked at to find some of every variant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is kept of one run."""

    bad: int
    """Late and failed requests."""
    recovered: bool
    """Whether users were failed, and served again to the end."""
    failing: tuple[float | None, ...]
    """Share of bad among decided requests in each step; None without any."""
    values: dict[str, float | None]
    """The figures that promises ask for, by `key_of` them."""
    unmeasured: tuple[str, ...] = ()
    """Figures of the story, of the run in which nothing is done, whose metric nobody measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A player in a scenario."""

    name: str
    role: str
    """`idle`, `solution`, `trap` or `reflex`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One seed of a scenario: who plays, and what is promised."""

    seed: int
    parts: tuple[Part, ...]
    promises: tuple[Promise, ...]
    tasks: dict[str, LaneTask] = field(repr=False)
    """Every run that is needed, by its key; runs that serve several questions are made once."""
    figures: frozenset[str] = frozenset()
    """Names of the story's figures of the run in which nothing is done."""

    def task(self, part: Part) -> LaneTask:
        """Return the run of a player."""
        return self.tasks[_player_key(self, part.name)]


def trials(path: str, file: ScenarioFile, count: int, *, full: bool) -> list[Trial]:
    """Return what is to be shown of a file on `count` seeds, or as many of each of its variants.

    With `full` every solution and trap plays, otherwise the first solution and the reflexes.
    """
    return [_trial(path, file.for_seed(seed), seed, full=full) for seed in seeds_of(file, count)]


def seeds_of(file: ScenarioFile, count: int) -> list[int]:
    """Return the first seeds from 1 on, so many for each variant there is."""
    if file.family is None or not file.family.variants:
        return list(range(1, count + 1))
    wanted = dict.fromkeys(file.family.variants, count)
    found = []
    for seed in range(1, _MOST_TRIED):
        name = file.family.chosen(seed)
        if wanted[name]:
            wanted[name] -= 1
            found.append(seed)
        if not any(wanted.values()):
            break
    return found


def _trial(path: str, file: ScenarioFile, seed: int, *, full: bool) -> Trial:
    kept = tuple(promises(path, file.spec.expects, [seed]))
    parts = _parts(file.spec.story, full=full)
    tasks = {repr(promise.task): promise.task for promise in kept}
    for part in parts:
        task = LaneTask(scenario=path, seed=seed, player=part.name)
        tasks[repr(task)] = task
    figures = frozenset(name for name, each in file.spec.story.figures.items() if each.lane == "idle")
    return Trial(seed=seed, parts=parts, promises=kept, tasks=tasks, figures=figures)


def _parts(story: StorySpec, *, full: bool) -> tuple[Part, ...]:
    solutions, traps = list(story.solutions), list(story.traps)
    reflexes = [name for name in PLAYERS if name not in ("idle", "expert")]
    return (
        Part(name="idle", role="idle"),
        *(Part(name=name, role="solution") for name in (solutions if full else solutions[:1])),
        *(Part(name=name, role="trap") for name in (traps if full else ())),
        *(Part(name=name, role="reflex") for name in reflexes),
    )


def _player_key(trial: Trial, name: str) -> str:
    return next(key for key, task in trial.tasks.items() if task.player == name and not task.changes)


def key_of(promise: Promise) -> str:
    """Return what tells one promise from another of the same run."""
    expect = promise.expect
    return f"{expect.figure}/{expect.stat}/{expect.start}/{expect.end}"


def outcome(trial: Trial, key: str, lane: LaneResult) -> Outcome:
    """Return what is kept of a run of a trial."""
    asked = [promise for promise in trial.promises if repr(promise.task) == key]
    seconds = len(lane.offered)
    shares = (lane.success(at, at + STEP_S) for at in range(0, seconds, STEP_S))
    impact: dict[str, Any] = lane.summary["impact"]
    return Outcome(
        bad=lane.bad,
        recovered=impact["recovered_s"] is not None,
        failing=tuple(None if share is None else round(1.0 - share, 4) for share in shares),
        values={key_of(promise): figure(lane, promise.expect) for promise in asked},
        unmeasured=tuple(name for name, value in lane.readings if value is None and name in trial.figures),
    )
