"""What can be looked at in a run of the sealed family is named alike, whichever of its systems the seed chose."""

from __future__ import annotations

import json
from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from drill.actions.entries import VIEWS
from drill.driver.order import Order, open_session
from drill.lanes.proof import seeds_of
from drill.scenario.library import find
from drill.scenario.loader import ScenarioFile, load
from drill.session.session import Session

if TYPE_CHECKING:
    from pathlib import Path

ID = "checkout-timeouts"
MOST_SEEDS = 3
"""Of each variant."""


@cache
def family() -> ScenarioFile:
    """Return the family's file."""
    return load(find(ID))


def seeds(each: int) -> list[int]:
    """Return so many seeds of every variant."""
    return seeds_of(family(), each)


def named(seed: int) -> dict[str, Any]:
    """Return every name a responder meets at the page: of views, columns, metrics, labels, charts, alerts and parts."""
    spec = family().for_seed(seed).spec
    session = Session(spec, seed)
    session.advance(spec.paged_at)
    now, looks = session.snapshot(), {view: session.simulation.look(view) for view in VIEWS}
    metrics = [str(row[0]) for row in looks["metrics"].rows]
    labels = {
        name: sorted({label for each in session.simulation.history(name).series for label, _ in each.labels})
        for name in metrics
    }
    return {
        "columns": {view: look.columns for view, look in looks.items()},
        "metrics": labels,
        "gateway": [row[0] for row in looks["gateway"].rows if not str(row[0]).startswith("outstanding ")],
        "panels": [(panel.title, panel.unit) for panel in now.panels],
        "alerts": [alert.text for alert in now.alerts],
        "deployments": [(each.name, each.revision, each.autoscaler) for each in now.deployments],
        "users": [row[0] for row in looks["overview"].rows if not str(row[0]).startswith("alert: ")],
    }


@pytest.mark.parametrize("each", [1, pytest.param(MOST_SEEDS, marks=pytest.mark.slow)])
def test_names_are_the_same_whichever_system_it_is(each: int) -> None:
    first, *others = map(named, seeds(each))
    assert [other for other in others if other != first] == []
    assert len(first["metrics"]) > 30


def test_names_of_pods_tell_no_system() -> None:
    """They follow from what pods are made of: in no variant may they come again, seed after seed."""
    hashes = []
    for seed in seeds(8):
        pods = Session(family().for_seed(seed).spec, seed).snapshot().pods
        hashes.append(pods[0].name.split("-")[1])
    # Some 1,600 combinations of what is drawn in each variant: one pair alike among 8 is seen once in some 60 times.
    assert len(set(hashes)) >= len(hashes) - 1


def test_recordings_begin_alike_but_for_their_seed(tmp_path: Path) -> None:
    firsts = []
    for seed in seeds(1):
        path = tmp_path / f"{seed}.jsonl"
        session = open_session(Order(scenario=find(ID), seed=seed, record=path))
        session.end("left")
        header = json.loads(path.read_text("utf-8").splitlines()[0])
        assert header.pop("seed") == seed
        firsts.append(header)
    assert all(each == firsts[0] for each in firsts)
