"""What a request will need is drawn when it arrives, step by step, and is the same in every lane of a seed."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from drill.actions.catalogue import RollBack
from drill.scenario.topology import BorrowStep, ComputeStep, HoldStep, PoolSpec, QueryStep, ReturnStep
from drill.sim.demands import Demands, draw_keys
from drill.sim.streams import Streams
from tests.sim.worlds import API, MS, Run, S, arrivals, endpoint, exponential, fixed, one_query, scenario

SOME = exponential(10 * MS)
TWO_QUERIES = [
    BorrowStep(borrow="db"),
    QueryStep(query="SELECT", time=SOME, cpu=SOME),
    QueryStep(query="SELECT", time=SOME, cpu=SOME),
    ReturnStep(returns="db"),
]
MORE = [ComputeStep(compute=SOME), *TWO_QUERIES, HoldStep(hold=SOME)]


def test_steps_with_equal_specs_draw_independently() -> None:
    (demands,) = islice(Demands({"q": [TWO_QUERIES]}).draws("q", Streams(1)), 1)
    assert len(demands) == len(set(demands)) == 4


def test_a_revision_with_more_steps_leaves_the_draws_of_the_others_alone() -> None:
    alone, both = Demands({"q": [TWO_QUERIES]}), Demands({"q": [TWO_QUERIES, MORE]})
    found = [list(islice(each.draws("q", Streams(1)), 50)) for each in (alone, both)]
    for key in draw_keys(TWO_QUERIES):
        columns = [[row[each.index("q", key)] for row in rows] for each, rows in zip((alone, both), found, strict=True)]
        assert columns[0] == columns[1]


def test_a_step_that_changed_has_a_draw_of_its_own() -> None:
    slower = one_query(exponential(90 * MS))
    demands = Demands({"q": [one_query(SOME), slower]})
    first, second = (demands.index("q", draw_keys(program)[0]) for program in (one_query(SOME), slower))
    assert first != second
    assert demands.first_query("q") == [first, second]


def test_a_recorded_service_time_takes_the_place_of_the_first_query_only() -> None:
    queries = [QueryStep(query=text, time=fixed(1 * S)) for text in ("first", "second")]
    program = [BorrowStep(borrow="db"), *queries, ReturnStep(returns="db")]
    run = Run(scenario(replace(API, endpoints=endpoint(program))), trace=arrivals([0], service_us=3 * S)).until(60)
    assert run.ended_s() == [4]


def test_what_a_revision_needs_does_not_depend_on_which_one_ran_before() -> None:
    """After a roll-back requests need just what they would have needed had the old revision run all the time."""
    old = replace(API, pools={"db": PoolSpec(size=50)}, endpoints=endpoint(TWO_QUERIES))
    new = replace(old, endpoints=endpoint(MORE), previous=old)
    rolled = Run(scenario(new, rate=20.0)).until(10)
    rolled.simulation.perform(RollBack(deployment="api", rollout="recreate"))
    rolled.until(60)
    always = Run(scenario(replace(old, previous=new), rate=20.0)).until(60)
    taken = [
        {row.number: row.done_us - row.at_us for row in run.rows if row.at_us > 30 * S} for run in (rolled, always)
    ]
    assert len(taken[0]) > 500
    assert taken[0] == taken[1]
