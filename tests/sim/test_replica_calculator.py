"""How many replicas a metric asks for, against the algorithm as the Kubernetes documentation words it."""

from __future__ import annotations

from math import ceil
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.sim.kubernetes.metrics_server import Usage
from drill.sim.kubernetes.replica_calculator import PodFacts, Rules, average, grouped, replicas, utilisation
from tests.sim.worlds import CASES, S

RULES = Rules(tolerance=0.1, cpu_initialization_us=300 * S, initial_readiness_delay_us=30 * S)
NOW = 1_000 * S
REQUEST = 1_000


class Given(NamedTuple):
    """A pod as a test describes it."""

    milli: int | None
    """Its CPU; None for a pod without a metric."""
    pending: bool = False
    ready: bool = True
    started_us: int = 0
    ready_changed_us: int = 0


def asked(current: int, target_percent: int, pods: list[Given], now_us: int = NOW) -> int | None:
    facts = [
        PodFacts(str(i), pod.pending, pod.ready, pod.started_us, pod.ready_changed_us, REQUEST)
        for i, pod in enumerate(pods)
    ]
    metrics = {str(i): Usage(pod.milli, now_us, 15 * S) for i, pod in enumerate(pods) if pod.milli is not None}
    groups = grouped(facts, metrics, RULES, now_us, cpu=True)
    return replicas(
        current, groups, metrics, utilisation(target_percent, dict.fromkeys(map(str, range(len(pods))), REQUEST)), 0.1
    )


def documented(current: int, target_percent: int, pods: list[Given]) -> int | None:
    """Return the replicas by the documentation's section "Algorithm details", sentence by sentence.

    https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
    """
    not_yet_ready = [pod for pod in pods if pod.pending or (pod.milli is not None and not pod.ready)]
    missing = [pod for pod in pods if not pod.pending and pod.milli is None]
    # "The currentMetricValue / desiredMetricValue base scale ratio is then calculated based on the remaining pods
    # not set aside or discarded from above."
    used = [pod.milli for pod in pods if pod.milli is not None and pod not in not_yet_ready]
    if not used:
        return None
    base = (sum(used) * 100 // (REQUEST * len(used))) / target_percent
    # "If there were any missing metrics, the control plane recomputes the average more conservatively, assuming those
    # pods were consuming 100% of the desired value in case of a scale down, and 0% in case of a scale up."
    # (For utilisation the controller takes 100 % of the request.)
    if base < 1:
        used += [REQUEST] * len(missing)
    elif base > 1:
        used += [0] * len(missing)
        # "if any not-yet-ready pods were present, and the workload would have scaled up without factoring in missing
        # metrics or not-yet-ready pods, the controller conservatively assumes that the not-yet-ready pods are
        # consuming 0% of the desired metric"
        used += [0] * len(not_yet_ready)
    elif not missing:
        return current
    again = (sum(used) * 100 // (REQUEST * len(used))) / target_percent
    # "if the new ratio reverses the scale direction, or is within the tolerance, the controller doesn't take any
    # scaling action"
    if abs(again - 1) <= 0.1 or (base < 1 < again) or (again < 1 < base):
        return current
    wanted = ceil(again * len(used))
    return current if (again < 1 and wanted > current) or (again > 1 and wanted < current) else wanted


PODS = st.lists(
    st.builds(
        Given,
        milli=st.one_of(st.none(), st.integers(0, 3_000)),
        pending=st.booleans(),
        # The condition changed before its metric's window, so that readiness alone decides; started 100 s ago.
        ready=st.booleans(),
        started_us=st.just(NOW - 100 * S),
        ready_changed_us=st.just(NOW - 60 * S),
    ),
    min_size=1,
    max_size=12,
)


@CASES
@given(pods=PODS, target=st.integers(10, 100))
def test_the_algorithm_is_the_documented_one(pods: list[Given], target: int) -> None:
    known = [pod._replace(milli=None) if pod.pending else pod for pod in pods]
    current = len(known)
    simple = all(pod.milli is not None and pod.ready for pod in known)
    found, expected = asked(current, target, known), documented(current, target, known)
    assert found == expected, (simple, known)


@pytest.mark.parametrize(
    ("milli", "expected"), [(200, 2), (50, 1), (100, 1), (109, 1), (110, 2), (111, 2), (90, 1), (89, 1)]
)
def test_the_documentation_s_first_example(milli: int, expected: int) -> None:
    """With a value of 200m and a target of 100m the number of replicas is doubled.

    110m is outside of the tolerance, as 1.1 - 1 is a little more than 0.1 in floating point; in the controller too.
    """
    groups = grouped([PodFacts("a", False, True, 0, 0, 0)], {"a": Usage(milli, NOW)}, RULES, NOW, cpu=False)  # noqa: FBT003 - facts in their order
    assert replicas(1, groups, {"a": Usage(milli, NOW)}, average(100, ["a"]), 0.1) == expected


def test_halving_is_its_second_example() -> None:
    """With 50m, for 50.0 / 100.0 == 0.5."""
    names = [str(i) for i in range(10)]
    metrics = {name: Usage(50, NOW) for name in names}
    facts = [PodFacts(name, False, True, 0, 0, 0) for name in names]  # noqa: FBT003 - facts in their order
    assert replicas(10, grouped(facts, metrics, RULES, NOW, cpu=False), metrics, average(100, names), 0.1) == 5


@pytest.mark.parametrize(
    ("pod", "counts"),
    [
        # Within five minutes of the start a pod counts while it is ready, from one window after it got so.
        (Given(500, ready=False, started_us=NOW - 100 * S, ready_changed_us=NOW - 50 * S), False),
        (Given(500, started_us=NOW - 100 * S, ready_changed_us=NOW - 10 * S), False),
        (Given(500, started_us=NOW - 100 * S, ready_changed_us=NOW - 15 * S), True),
        # Later only a pod that was never ready is left out: readiness changed within 30 s of its start.
        (Given(500, ready=False, started_us=NOW - 400 * S, ready_changed_us=NOW - 380 * S), False),
        (Given(500, ready=False, started_us=NOW - 400 * S, ready_changed_us=NOW - 60 * S), True),
    ],
)
def test_the_cpu_of_a_pod_that_starts_says_nothing(pod: Given, counts: bool) -> None:  # noqa: FBT001 - a case of a table
    facts = [PodFacts("a", pod.pending, pod.ready, pod.started_us, pod.ready_changed_us, REQUEST)]
    groups = grouped(facts, {"a": Usage(500, NOW, 15 * S)}, RULES, NOW, cpu=True)
    assert (groups.counted, groups.ignored) == ((["a"], []) if counts else ([], ["a"]))


def test_a_pending_pod_takes_part_of_what_a_scale_up_asks_for() -> None:
    """Two pods at 150 % of a target of 100 % ask for 3; with one pending already there is nothing to do."""
    assert asked(2, 100, [Given(1_500), Given(1_500)]) == 3
    assert asked(3, 100, [Given(1_500), Given(1_500), Given(None, pending=True)]) == 3
