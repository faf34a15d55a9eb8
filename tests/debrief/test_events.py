"""Everything that has a time stands in one list: causes before effects, and many looks in one line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from drill.actions.catalogue import Scale, SetFlag
from drill.actions.entries import Entry, Hint, Look
from drill.actions.postgres import CancelQueries, SetMaxConnections
from drill.debrief.deeds import describe
from drill.debrief.events import LEFT, timeline
from drill.debrief.happenings import users
from drill.lanes.lane import LaneTask, run_lane
from drill.scenario.library import find
from drill.units import US_PER_S
from tests.library import SHORT, short

if TYPE_CHECKING:
    from drill.actions.catalogue import Action
    from drill.telemetry.lanes import LaneResult

SCALED = Scale(deployment="checkout", replicas=10)


@pytest.fixture(scope="module")
def lane() -> LaneResult:
    """Return the short scenario with nothing done."""
    return run_lane(LaneTask(scenario=str(find("checkout-down")), seed=3, changes=SHORT))


def look(at_s: float, view: str, target: str = "") -> Entry:
    """Return a look."""
    return Entry(at_us=round(at_s * US_PER_S), deed=Look(look=view, target=target))


def test_a_deed_stands_before_an_effect_of_the_same_second(lane: LaneResult) -> None:
    """Effects are known to the second, so that one of 00:16.0 may follow from what was done at 00:16.9."""
    (began_us, _), *_ = users(short().spec, lane)
    deed = Entry(at_us=began_us + 900_000, deed=SCALED)
    kinds = [moment.kind for moment in timeline(short().spec, (deed,), lane) if moment.kind in ("action", "impact")]
    assert kinds[:2] == ["action", "impact"]


def test_users_begin_to_fail_with_the_first_request_that_did(lane: LaneResult) -> None:
    """However the steps of 5 s lie in which the objective is looked at, no quiet second is called a failing one."""
    spec = short().spec
    (began_us, _), *_ = users(spec, lane)
    first = next(at for at, bad in enumerate(lane.bad_by_second) if bad)
    assert began_us == first * US_PER_S
    later = replace(lane, ok=(*lane.ok[:first], 9, 9, *lane.ok[first:]), bad_by_second=_delayed(lane, first))
    (moved_us, _), *_ = users(spec, later)
    assert moved_us == began_us + 2 * US_PER_S


def _delayed(lane: LaneResult, first: int) -> tuple[int, ...]:
    """Return late and failed requests by second, two quiet seconds later from a second on."""
    return (*lane.bad_by_second[:first], 0, 0, *lane.bad_by_second[first:])


def test_what_a_colleague_did_stands_before_what_came_of_it(lane: LaneResult) -> None:
    moments = timeline(short().spec, (), lane)
    same = [moment.text for moment in moments if moment.at_us == 15 * US_PER_S]
    assert len(same) > 1
    assert same[0].startswith("Mira: Scale")


def test_looks_in_a_row_are_one_line_with_each_place_once(lane: LaneResult) -> None:
    looks = (
        look(50, "pods"),
        look(51, "pools"),
        look(52, "pods"),
        look(53, "logs", "checkout-1"),
        Entry(at_us=54 * US_PER_S, deed=Hint(hint=1)),
        look(55, "pods"),
    )
    found = [
        (moment.at_us // US_PER_S, moment.text)
        for moment in timeline(short().spec, looks, lane)
        if moment.kind == "look"
    ]
    assert found == [(50, "looked at pods, pools, logs for checkout-1"), (55, "looked at pods")]


def test_where_a_run_was_left_stands_in_the_list(lane: LaneResult) -> None:
    moments = timeline(short().spec, (look(30, "pods"),), lane, 33 * US_PER_S)
    assert [moment.at_us for moment in moments if moment.text == LEFT] == [33 * US_PER_S]
    assert not any(moment.text == LEFT for moment in timeline(short().spec, (), lane))


@pytest.mark.parametrize(
    ("deed", "said"),
    [
        (SetFlag(flag="panel", on=False), "Switch a feature flag, flag panel, off"),
        (SetFlag(flag="panel", on=True), "Switch a feature flag, flag panel, on"),
        (SetMaxConnections(limit=200, restart=False), "Change max_connections, limit 200, restart off"),
        (CancelQueries(older_than=2 * US_PER_S), "Cancel long queries, older than 2s"),
    ],
)
def test_an_action_is_said_with_its_fields(deed: Action, said: str) -> None:
    assert describe(deed, None) == said
