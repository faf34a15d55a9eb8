"""What `drill play` changes for the sake of a quick start is put back."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from click.testing import CliRunner

from drill.cli import play
from drill.cli.folders import Folders
from drill.errors import DrillError

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_garbage_is_collected_again_when_a_scenario_can_not_be_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(play, "check_terminal", lambda: None)
    monkeypatch.setenv("TEXTUAL_FPS", "60")  # which the command leaves alone, so that nothing stays behind
    broken = tmp_path / "broken.yaml"
    broken.write_text("format: [")
    folders = Folders(library=tmp_path, config=tmp_path, data=tmp_path, cache=tmp_path)
    outcome = CliRunner().invoke(play.command, [str(broken)], obj=folders)
    assert isinstance(outcome.exception, DrillError)
    assert gc.isenabled()
