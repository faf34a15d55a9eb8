"""What a cockpit is started with.

Separate so that the command line, tests and pictures start the same cockpit with other clocks, drivers and characters.
What simulates is loaded when the first run is wanted: a menu is there before that.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from drill.tui.pen import Pen, pen

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.driver.driver import Driver
    from drill.driver.order import Order
    from drill.driver.others import Lanes
    from drill.scenario.library import Listed
    from drill.scenario.loader import ScenarioFile


FIRST_SEED = 1
"""The seed of a scenario whose system is always the same, unless another one is asked for."""


def in_process(order: Order, scenario: ScenarioFile, options: Options) -> Driver:
    """Drive a run in this process."""
    from drill.driver.inprocess import InProcessDriver  # noqa: PLC0415 - loads the simulation
    from drill.driver.order import open_session  # noqa: PLC0415 - as above

    return InProcessDriver(open_session(order, scenario), options.speed, options.clock)


def in_worker(order: Order, scenario: ScenarioFile, options: Options) -> Driver:
    """Drive a run in a process of its own."""
    from drill.driver.worker import WorkerDriver  # noqa: PLC0415 - loads the simulation

    del scenario
    return WorkerDriver(order, options.speed)


def in_background() -> Lanes:
    """Compute lanes in one process beside this one."""
    from drill.driver.others import BackgroundLanes  # noqa: PLC0415 - loads the simulation

    return BackgroundLanes()


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Settings of one cockpit."""

    library: Path
    """Folder of the scenarios in the menu."""
    scenario: ScenarioFile | Listed | None = None
    """What to open at once, loaded or to be loaded while its card is shown; None for the menu."""
    seed: int | None = None
    """What was asked for; None leaves it to `draw` where several systems may be behind one page, and is 1 elsewhere."""
    draw: Callable[[], int] = lambda: FIRST_SEED
    """Where a seed comes from that nobody asked for."""
    speed: float = 1.0
    """Simulated seconds per second at the start of a run."""
    record: Path | None = None
    """Where the first run is recorded; None for a file of its own in `recordings`."""
    recordings: Path | None = None
    """Folder for recordings; None records nothing that `record` does not ask for."""
    exports: Path = Path("exports")
    """Folder for texts that somebody wants in a file."""
    pen: Pen = field(default_factory=pen)
    colour: bool = True
    clock: Callable[[], float] = time.monotonic
    """Wall clock in seconds."""
    tick_s: float | None = 0.1
    """Wall clock between two ticks of a driver; None leaves ticking to the caller, as tests do."""
    drive: Callable[[Order, ScenarioFile, Options], Driver] = in_process
    """How a run is driven."""
    lanes: Callable[[], Lanes] = in_background
    """How the other lanes are computed."""

    def seed_for(self, scenario: ScenarioFile) -> int:
        """Return the seed of the next run of a scenario; drawn anew each time where it chooses among systems."""
        if self.seed is not None:
            return self.seed
        return self.draw() if scenario.sealed else FIRST_SEED

    def order(self, scenario: ScenarioFile, seed: int) -> Order:
        """Return the order for a run of a scenario that starts now."""
        from drill.driver.order import Order  # noqa: PLC0415 - loads the simulation

        now = datetime.now(UTC)
        record = self.record
        if record is None and self.recordings is not None:
            record = self.recordings / f"{scenario.id}-{now:%Y%m%dT%H%M%SZ}-seed{seed}.jsonl"
        path = scenario.path or Path(scenario.id)
        return Order(scenario=path, seed=seed, record=record, started=now.isoformat(timespec="seconds"))

    def later(self) -> Options:
        """Return the options for further runs: what was asked for by name holds for the first one only."""
        return replace(self, record=None)
