"""Series are the same object as long as they stay, and every value stands beside its own."""

from __future__ import annotations

from itertools import pairwise

from drill.sim.scrape import Scrape
from drill.telemetry.records import Sample

READY = (("kube_pod_status_ready", (("pod", "a"),)),)
UP = (("pg_up", ()),)


def test_series_are_made_anew_only_when_one_comes_or_goes() -> None:
    scrape, seen = Scrape(), []
    for number, pods in enumerate((1, 1, 0, 0, 1)):
        scrape.begin()
        if pods:
            scrape.add(READY, [number])
        scrape.add_samples([Sample(*UP[0], 10 + number)])
        scrape.end()
        seen.append(scrape.series)
    assert [series is before for before, series in pairwise(seen)] == [True, False, True, False]
    assert scrape.samples() == [Sample(*READY[0], 4), Sample(*UP[0], 14)]
