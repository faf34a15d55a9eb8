"""From a scenario and the options of a cockpit to a run that is on its way to its page.

Separate because it alone decides what happens when a run can't be recorded: what somebody asked for by name must work,
the folder everything goes to by itself need not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drill.errors import UsageError
from drill.tui.run import LiveRun

if TYPE_CHECKING:
    from drill.scenario.loader import ScenarioFile
    from drill.tui.options import Options


def opened(scenario: ScenarioFile, options: Options) -> LiveRun:
    """Return the run; raise UsageError if it can't be recorded as asked."""
    seed = options.seed_for(scenario)
    scenario = scenario.for_seed(seed)
    order = options.order(scenario, seed)
    try:
        driver = options.drive(order, scenario, options)
    except UsageError:
        if options.record is not None:
            raise
        order = replace(order, record=None)  # the page says that nothing is recorded
        driver = options.drive(order, scenario, options)
    return LiveRun(scenario, order, driver, options.lanes)
