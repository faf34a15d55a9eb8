"""The rules of a scenario in one table: what must hold between its parts, beyond the form of each.

Separate so that a reader sees all of them at once. Every rule is one function from the model to findings, described by
its docstring. Two checks need more than the model and stand elsewhere: changes in guards and expectations lead to a
valid scenario (`drill.scenario.patches`), and a trace can be read (`drill.scenario.traces`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice

from drill.scenario import (
    calls,
    clusters,
    naming,
    networking,
    pooling,
    programs,
    quantities,
    references,
    revisions,
    times,
    wording,
)
from drill.scenario.findings import MAX_PROBLEMS, Finding
from drill.scenario.spec import ScenarioSpec

RULES: tuple[tuple[str, Callable[[ScenarioSpec], Iterator[Finding]]], ...] = (
    ("names are lower-case and short", naming.names_are_plain),
    ("names that must differ differ", naming.names_are_distinct),
    ("a deployment, an endpoint, a solution, three suspects", naming.parts_are_there),
    ("steps name flags that exist, at most six a program", programs.steps_name_flags),
    ("steps name pools that exist and lead where they must", programs.steps_name_pools),
    ("locks say what they lock", programs.locks_are_clear),
    ("transactions are flat, on one connection", programs.transactions_are_flat),
    ("what runs side by side does not fork again", programs.parts_are_plain),
    ("what is used is borrowed, once, and returned", programs.connections_are_borrowed),
    ("the policies of a pool fit each other", pooling.pool_policies_fit),
    ("the pooler's sizes fit each other", pooling.pooler_sizes_fit),
    ("what sessions should have is left there", pooling.states_are_left),
    ("calls lead to an endpoint or outside", calls.calls_lead_somewhere),
    ("calls do not go in a circle", calls.calls_end),
    ("callers' policies can be followed", calls.callers_policies_fit),
    ("throttlers look at a pool", calls.throttles_watch_pools),
    ("the gateway's retries can be followed", calls.upstream_retries_fit),
    ("users ask for something", calls.somebody_asks),
    ("the network names parts that exist", networking.networks_name_parts),
    ("regions are some way apart", networking.regions_are_apart),
    ("actions on the network fit it", networking.network_actions_fit),
    ("revisions and fixes keep the endpoints", revisions.endpoints_stay),
    ("the revision before has its own label", revisions.revisions_differ),
    ("probes check the process or a pool", references.probes_check_pools),
    ("liveness and start-up probes need one success", clusters.probes_can_succeed),
    ("requests are within limits", clusters.requests_are_within_limits),
    ("scaling policies allow a change", clusters.scaling_policies_say_something),
    ("nodes have room", clusters.nodes_have_room),
    ("a pool that leads to the pooler has one", references.poolers_are_described),
    ("actions fit the topology", references.actions_fit),
    ("the timeline holds actions only", references.timeline_acts),
    ("chips lie on suspects", references.chips_name_suspects),
    ("the answer is a suspect", references.answer_is_a_suspect),
    ("expectations name players that exist", references.players_exist),
    ("lines are in order and within the run", times.lines_in_order),
    ("page and warm-up leave room; whole seconds", times.run_has_room),
    ("windows of expectations have a length", times.windows_have_length),
    ("changes of the rate do not overlap", times.points_follow),
    ("the database has slots for applications", quantities.slots_are_left),
    ("the database's machine holds its shared buffers", quantities.memory_is_enough),
    ("autoscalers have a range and a target", quantities.autoscalers_have_range),
    ("roll-outs can begin", quantities.rollouts_can_move),
    ("probes, autoscalers and top-ups take their time", quantities.periods_are_long_enough),
    ("traffic has one source", quantities.traffic_has_one_source),
    ("traffic is not more than can be simulated", quantities.arrivals_are_bounded),
    ("a trace lies beside the scenario", quantities.trace_is_beside),
    ("expectations have bounds", quantities.expectations_bound),
    ("figures can be measured", wording.figures_are_measured),
    ("texts name figures that exist, after the end", wording.texts_name_figures),
)
"""What holds, in a few words, and the function that checks it."""

_MOST_PER_RULE = 5 * MAX_PROBLEMS


def check(spec: ScenarioSpec) -> list[Finding]:
    """Return everything the rules find; places are those of the model."""
    return [finding for _, rule in RULES for finding in islice(rule(spec), _MOST_PER_RULE)]
