"""The frozen model of one scenario file: card, traffic, topology, timeline, story and expectations.

Separate from the reader, so that the simulation, players and screens depend on this plain data and not on YAML.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from drill.scenario.card import CardSpec
from drill.scenario.fields import FORBID, TimedEntry
from drill.scenario.story import ExpectSpec, SloSpec, StorySpec, TrafficSpec
from drill.scenario.telemetry import TelemetrySpec
from drill.scenario.topology import TopologySpec
from drill.units import Micros, PositiveMicros, Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenarioSpec:
    """One scenario."""

    __pydantic_config__: ClassVar = FORBID

    format: Literal["drill-scenario/1"]
    """Version of this notation."""
    card: CardSpec
    length: Annotated[int, Quantity("duration", low="10s", high="4h")]
    """Simulated time until the run ends by itself."""
    sampling: Annotated[int, Quantity("duration", low="1s", high="1m")] = 5_000_000
    """Period of the metrics; whole seconds."""
    telemetry: TelemetrySpec = field(default_factory=TelemetrySpec)
    slo: SloSpec
    traffic: TrafficSpec
    topology: TopologySpec
    timeline: dict[str, TimedEntry] = field(default_factory=dict)
    """What happens anyway: actions of colleagues and changes of the world, by name."""
    paged_at: Micros = 0
    """When the responder is called; the drill opens here."""
    warm_up: PositiveMicros = 60_000_000
    """From here on the system counts as settled; nothing is scored before."""
    story: StorySpec
    expects: dict[str, ExpectSpec] = field(default_factory=dict)
    """What must come out of the simulation, by name."""
