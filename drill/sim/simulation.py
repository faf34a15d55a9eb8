"""The face of the engine: one world that can be advanced, acted on and observed.

Separate so that sessions and lanes need nothing else of this room. Time moves only through `advance`; whatever is done
at a time happens before the events of that time, and what happens at exactly the end of an advance waits for the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from drill.errors import ActionError
from drill.sim import observe, views
from drill.sim.collector import seldom
from drill.sim.dashboard import Dashboard
from drill.sim.inside import inside
from drill.sim.operations import perform
from drill.sim.sampler import Sampler
from drill.sim.world import World
from drill.telemetry.outcomes import Outcome
from drill.telemetry.records import IN_FLIGHT, RequestRow
from drill.telemetry.results import RunResult

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.actions.catalogue import Action
    from drill.actions.entries import Entry
    from drill.scenario.spec import ScenarioSpec
    from drill.scenario.traces import Trace
    from drill.sim.request import Request
    from drill.sim.visits import Visit
    from drill.telemetry.metrics import MetricHistory
    from drill.telemetry.records import Sample
    from drill.telemetry.server import Inside
    from drill.telemetry.snapshot import Reading, Snapshot


class Simulation:
    """One run of a scenario with a seed."""

    def __init__(self, spec: ScenarioSpec, seed: int, trace: Trace | None = None) -> None:
        """Stand at time 0; `trace` holds the arrivals when the scenario names a trace file."""
        self.spec = spec
        self.seed = seed
        self._world = World(spec, seed, trace)
        self._dashboard = Dashboard(spec)
        self._sampler = Sampler(self._world, self._dashboard)
        for entry in spec.timeline.values():
            self._world.clock.call_at(entry.at_us, self._happen, entry, first=True)

    @property
    def now_us(self) -> int:
        """Simulated time in microseconds."""
        return self._world.clock.t

    @property
    def digest(self) -> str:
        """Digest of everything simulated so far."""
        return self._world.ledger.digest()

    def advance(self, to_us: int) -> None:
        """Simulate everything before `to_us`; a time in the past changes nothing."""
        if to_us > self.now_us:
            with seldom():
                self._world.clock.advance(to_us)

    def perform(self, action: Action) -> str:
        """Carry out an action now and return what was done; raise ActionError if it can't be."""
        return perform(self._world, action)

    def snapshot(self) -> Snapshot:
        """Return the state of now."""
        return observe.snapshot(self._world, self._sampler, self._dashboard)

    def inspect(self) -> Inside:
        """Return the database and the pooler from the inside; changes nothing."""
        return inside(self._world)

    def look(self, view: str, target: str = "") -> Reading:
        """Return a view as a table; changes nothing."""
        return views.look(self._world, self._sampler.history, self.snapshot(), view, target)

    def history(self, metric: str) -> MetricHistory:
        """Return every sample of a metric so far; without series for a name that was never sampled."""
        return self._sampler.history.metric(metric)

    def result(self) -> RunResult:
        """Return what the run adds up to so far."""
        ledger = self._world.ledger
        counts = ledger.counts
        return RunResult(
            simulated_us=self.now_us,
            seed=self.seed,
            offered=tuple(ledger.offered_by(self.now_us)),
            ok=tuple(counts.ok),
            late=tuple(counts.late),
            failed=tuple(counts.failed),
            failures=tuple(counts.failures),
            latency=counts.latency,
            checkout=ledger.checkout,
            attempts=counts.good + counts.bad + ledger.more_attempts,
            figures=tuple(self._sampler.figures),
            slo=self.spec.slo.success,
            digest=ledger.digest(),
        )

    def in_flight(self) -> list[RequestRow]:
        """Return the requests whose users still wait, as rows without an end."""
        world = self._world
        waiting: list[Request | Visit] = [
            request
            for deployment in world.deployments.values()
            for pod in deployment.pods
            for request in pod.running.values()
            if request.outcome is None and request.caller is None
        ]
        waiting.extend(world.visits.open.values())
        return [_row(each, world.endpoints, self.spec.slo.latency) for each in waiting]

    def export(
        self,
        on_request: Callable[[RequestRow], object] | None = None,
        on_samples: Callable[[int, list[Sample]], object] | None = None,
    ) -> None:
        """Hand every finished request and every sample to somebody from now on."""
        endpoints, slo_us = self._world.endpoints, self.spec.slo.latency
        if on_request is not None:
            self._world.ledger.on_finish = lambda request: on_request(_row(request, endpoints, slo_us))
        self._sampler.on_samples = on_samples

    def _happen(self, entry: Entry) -> None:
        try:
            perform(self._world, cast("Action", entry.deed))
        except ActionError as error:
            # What a colleague tries may be impossible by then, because of what the responder did before.
            self._world.journal.event("Deployment", entry.by or "colleague", "Failed", str(error))


_REJECTED = (Outcome.NO_READY_POD, Outcome.RATE_LIMITED, Outcome.SHED, Outcome.THROTTLED)


def _row(request: Request | Visit, endpoints: list[str], slo_us: int) -> RequestRow:
    outcome, done_us = request.outcome, request.done
    late = outcome is Outcome.OK and done_us is not None and done_us - request.at > slo_us
    return RequestRow(
        number=request.number,
        at_us=request.at,
        done_us=done_us,
        endpoint=endpoints[request.endpoint],
        pod="" if request.outcome in _REJECTED or request.pod is None else request.pod.name,
        outcome="late" if late else IN_FLIGHT if outcome is None else outcome.label,
        checkout_wait_us=request.waited,
        attempts=request.attempts,
    )
