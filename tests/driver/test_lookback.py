"""A debrief fills in while lanes arrive: first what compares the run, then what each action changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drill.actions.catalogue import Scale, SetFlag
from drill.actions.entries import Entry, Look
from drill.debrief.build import build
from drill.driver.driver import Ended
from drill.driver.lookback import Lookback, Progress
from drill.driver.order import Order
from drill.driver.others import ImmediateLanes, Known
from drill.lanes.comparison import alone_tasks, compare, main_tasks, turn_tasks, turns_of
from drill.lanes.lane import LaneTask, run_lane
from drill.players.player import Script, play
from drill.session.session import Session
from drill.units import US_PER_S
from tests.tui.shop import SHOP, shop

if TYPE_CHECKING:
    from collections.abc import Mapping

ORDER = Order(scenario=SHOP, seed=1)
ENTRIES = (
    Entry(at_us=35 * US_PER_S, deed=Look(look="pods")),
    Entry(at_us=36 * US_PER_S, deed=SetFlag(flag="gift-wrap", on=False)),
    Entry(at_us=45 * US_PER_S, deed=Scale(deployment="till", replicas=2)),
)


class Asked(ImmediateLanes):
    """Lanes that remember what was asked for, and lose some of it."""

    def __init__(self, *lost: str) -> None:
        """Lose these."""
        super().__init__()
        self.names: list[str] = []
        self.hastened = False
        self._lost = lost

    def ask(self, tasks: Mapping[str, LaneTask]) -> None:
        """Remember the names."""
        self.names += tasks
        super().ask(tasks)

    def hasten(self) -> None:
        """Remember it."""
        self.hastened = True

    def poll(self) -> Known:
        """Compute one more, unless it is lost."""
        known = super().poll()
        return {name: "it was lost" if name in self._lost else lane for name, lane in known.items()}


def ended(entries: tuple[Entry, ...] = ENTRIES) -> Ended:
    """Return the run itself."""
    session = Session(shop().spec, ORDER.seed)
    result = play(session, Script("you", entries))
    return Ended(result=result, entries=tuple(session.entries))


def polled(back: Lookback, times: int) -> Progress:
    """Poll so often and return the last answer."""
    for _ in range(times - 1):
        back.poll()
    return back.poll()


def test_what_does_not_depend_on_the_run_is_asked_for_first() -> None:
    lanes = Asked()
    back = Lookback(shop(), ORDER, lanes)
    assert lanes.names == ["idle", "fewer-tills"]
    back.end(ended())
    each = ["without action 1", "without action 2", "action 1 on its own", "action 2 on its own"]
    assert lanes.names == ["idle", "fewer-tills", *each]


def test_lanes_hurry_once_the_run_is_over() -> None:
    lanes = Asked()
    back = Lookback(shop(), ORDER, lanes)
    assert not lanes.hastened
    back.end(ended())
    assert lanes.hastened


def test_progress_counts_lanes_and_the_run_itself() -> None:
    back = Lookback(shop(), ORDER, ImmediateLanes())
    progress = polled(back, 2)
    assert (progress.known, progress.asked, progress.complete) == (2, 3, False)
    assert progress.debrief is None
    back.end(ended())
    progress = back.poll()
    assert (progress.known, progress.asked, progress.complete) == (4, 7, False)
    assert [back.poll().known for _ in range(3)] == [5, 6, 7]
    assert back.poll().complete
    assert back.poll() is back.poll()


def test_a_debrief_is_there_before_any_action_is_re_simulated_and_fills_in() -> None:
    back = Lookback(shop(), ORDER, ImmediateLanes())
    polled(back, 1)
    back.end(ended())
    seen = [each for each in (back.poll().debrief for _ in range(5)) if each is not None]
    assert [[turn.spared is None for turn in each.turning_points] for each in seen[:3]] == [
        [True, True],
        [False, True],
        [False, False],
    ]
    assert [[turn.effect == "" for turn in each.turning_points] for each in seen[2:]] == [
        [True, True],
        [False, True],
        [False, False],
    ]


def test_a_single_action_is_not_done_on_its_own_again() -> None:
    """Its own lane would be the responder's."""
    lanes = Asked()
    back = Lookback(shop(), ORDER, lanes)
    back.end(ended(ENTRIES[:2]))
    assert lanes.names == ["idle", "fewer-tills", "without action 1"]
    progress = polled(back, 3)
    assert (progress.known, progress.asked) == (4, 4)
    assert progress.debrief is not None
    assert [turn.effect != "" for turn in progress.debrief.turning_points] == [True]


def test_a_complete_debrief_is_the_one_that_is_built_from_all_lanes() -> None:
    back = Lookback(shop(), ORDER, ImmediateLanes())
    run = ended()
    back.end(run)
    main = [run_lane(task) for task in main_tasks(str(SHOP), 1, run.entries, ["fewer-tills"])]
    without, alone = (
        [(entry, run_lane(task)) for entry, task in tasks(str(SHOP), 1, run.entries)]
        for tasks in (turn_tasks, alone_tasks)
    )
    turns = turns_of(run.entries, without, alone)
    assert polled(back, 6).debrief == build(shop(), ORDER.player, run.entries, compare(main, turns))


def test_a_run_without_actions_is_complete_with_the_main_lanes() -> None:
    back = Lookback(shop(), ORDER, ImmediateLanes())
    back.end(ended(()))
    progress = polled(back, 2)
    assert progress.complete
    assert progress.debrief is not None
    assert progress.debrief.turning_points == ()


def test_a_turning_point_that_fails_is_a_problem_and_nothing_more() -> None:
    back = Lookback(shop(), ORDER, Asked("without action 1"))
    back.end(ended())
    progress = polled(back, 6)
    assert progress.complete
    assert progress.problems == ("without action 1: it was lost",)
    assert progress.debrief is not None
    assert [turn.spared is None for turn in progress.debrief.turning_points] == [True, False]


def test_without_the_lane_of_nothing_done_there_is_no_debrief() -> None:
    back = Lookback(shop(), ORDER, Asked("idle"))
    back.end(ended(()))
    progress = polled(back, 2)
    assert (progress.complete, progress.debrief) == (True, None)
    assert progress.problems == ("idle: it was lost",)


def test_one_of_several_solutions_may_fail() -> None:
    """The expert is then the best of those that are known."""
    content = {"story": {"solutions": {"no-tills": {"title": "None", "entries": []}}}}
    file = replace(shop().patched(content), path=SHOP)
    back = Lookback(file, ORDER, Asked("no-tills"))
    back.end(ended(()))
    debrief = polled(back, 3).debrief
    assert debrief is not None
    assert debrief.lanes[-1].solution == "Fewer tills"
    assert [lesson.bad is None for lesson in debrief.lessons] == [False, True]


def test_closing_stops_the_lanes() -> None:
    lanes = ImmediateLanes()
    back = Lookback(shop(), ORDER, lanes)
    back.close()
    assert lanes.poll() == {}
