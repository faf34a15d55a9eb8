"""Importing a room loads nothing that belongs above it.

The layers in pyproject.toml are checked on source text. This looks at what is really loaded, which also shows what
comes in through other packages.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "drill"

SCREEN = {"rich", "textual"}
ENGINE = {"simpy"}
FILES = {"pydantic", "yaml"}

MAY_NOT_LOAD: dict[str, set[str]] = {
    "__main__": {"textual"},
    "cli": {"textual"},
    "tui": set(),
    "plain": {"textual"},
    "driver": SCREEN,
    "debrief": SCREEN,
    "progress": SCREEN,
    "lanes": SCREEN,
    "players": SCREEN,
    "console": SCREEN,
    "session": SCREEN,
    "sim": SCREEN | FILES,
    "scoring": SCREEN | ENGINE,
    "sql": SCREEN | ENGINE,
    "recording": SCREEN | ENGINE,
    "telemetry": SCREEN | ENGINE | FILES,
    "scenario": SCREEN | ENGINE,
    "actions": SCREEN | ENGINE | FILES,
    "errors": SCREEN | ENGINE | FILES,
    "seeding": SCREEN | ENGINE | FILES,
    "units": SCREEN | ENGINE | FILES,
}

ROOMS = sorted(
    path.stem
    for path in PACKAGE.iterdir()
    if (path.suffix == ".py" and path.stem != "__init__") or any(path.glob("*.py"))
)

IMPORT_ALL = """
import importlib, pkgutil, sys
room = importlib.import_module(sys.argv[1])
for module in pkgutil.walk_packages(getattr(room, "__path__", []), room.__name__ + "."):
    if not module.name.endswith(".__main__"):
        importlib.import_module(module.name)
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_every_room_has_a_rule() -> None:
    missing = sorted(set(ROOMS) - MAY_NOT_LOAD.keys())
    assert not missing, f"Say in MAY_NOT_LOAD what {', '.join(missing)} may not load"


@pytest.mark.parametrize("room", [room for room in ROOMS if MAY_NOT_LOAD.get(room)])
def test_a_room_loads_nothing_from_above(room: str) -> None:
    command = [sys.executable, "-c", IMPORT_ALL, f"drill.{room}"]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    loaded = sorted(MAY_NOT_LOAD[room] & set(done.stdout.split()))
    assert not loaded, f"importing drill.{room} loads {', '.join(loaded)}"


def test_a_menu_is_drawn_before_the_simulation_is_loaded() -> None:
    """What the first screen needs loads neither the engine nor what validates scenarios, or it would be late."""
    code = "import sys, drill.cli.play, drill.tui.app, drill.tui.options; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parent, capture_output=True, text=True, check=True)
    assert not {"simpy", "pydantic"} & set(done.stdout.split())
