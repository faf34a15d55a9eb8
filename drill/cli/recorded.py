"""The scenario a recording was made on.

Separate because replay and debrief look it up the same way: by id in the library, or where the user says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.errors import UsageError
from drill.scenario.library import find, paths

if TYPE_CHECKING:
    from drill.cli.folders import Folders
    from drill.recording.reader import Recording
    from drill.scenario.loader import ScenarioFile


def scenario_of(recording: Recording, scenario: str | None, folders: Folders) -> ScenarioFile:
    """Return the scenario of a recording as its seed has it; raise UsageError when it can't be found."""
    from drill.scenario.loader import load  # noqa: PLC0415 - loads pydantic

    if scenario is not None:
        return load(find(scenario, folders.library)).for_seed(recording.header.seed)
    # Only ids of the library are looked up: the header may name anything.
    known = {path.stem: path for path in paths(folders.library)}
    name = recording.header.scenario
    if name not in known:
        msg = f"the scenario {name!r} is not in the library; give its file with --scenario"
        raise UsageError(msg)
    return load(known[name]).for_seed(recording.header.seed)
