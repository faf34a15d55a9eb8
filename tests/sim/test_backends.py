"""Sessions can be ended and statements cancelled by pid, and the inside of the server can be read."""

from __future__ import annotations

import pytest

from drill.actions.backends import CancelBackends, TerminateBackends
from drill.actions.entries import read_deed, write_deed
from drill.errors import ActionError
from tests.library import short
from tests.sim.worlds import Run


def test_only_the_sessions_that_are_named_end() -> None:
    run = Run(short().spec).until(5)
    before = [each.pid for each in run.simulation.inspect().server.backends]
    run.simulation.perform(TerminateBackends(pids=(before[0], 999_999)))
    after = [each.pid for each in run.simulation.inspect().server.backends]
    assert after == before[1:]


def test_pids_survive_writing_and_reading() -> None:
    deed = TerminateBackends(pids=(1201, 1207))
    assert read_deed(write_deed(deed)) == deed
    assert read_deed({"do": "cancel-backends", "pids": "1201, 1207"}) == CancelBackends(pids=(1201, 1207))


@pytest.mark.parametrize("pids", [[], [0], ["x"], [True], "1, x", 7, [4_194_305]])
def test_what_is_no_pid_is_refused(pids: object) -> None:
    with pytest.raises(ActionError, match="pid"):
        read_deed({"do": "terminate-backends", "pids": pids})
