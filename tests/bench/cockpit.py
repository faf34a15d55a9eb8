"""What the cockpit costs whoever plays: its speed under load, how long a key takes, and how soon it is there.

Separate from the engine's bench because all of it is measured at the far end of a pseudo-terminal, where a person sits.
"""

from __future__ import annotations

import json
import pickle
import re
import sys
import tempfile
import time
from dataclasses import replace
from os import sysconf
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING

from drill.cli.play import FRAMES_PER_S
from drill.driver.inprocess import InProcessDriver
from drill.driver.order import Order, open_session
from drill.scenario.library import find
from drill.units import US_PER_S, parse_duration
from tests.bench.panels import SCENARIO
from tests.tui.pseudo import Program

if TYPE_CHECKING:
    from collections.abc import Callable

CROWD = Path(__file__).parent / "crowd.yaml"
SIZE, LARGE = (120, 40), (200, 60)
PATIENCE_S = 60.0
KEYS = 120
"""Cursor keys pressed in one run."""
STOPS = 30
"""How often time is stopped after that."""
BETWEEN_S = 0.17
"""Wall clock between two keys; no divisor of the time between two repaints."""
SETTLING_S, DRAWING_S = 1.5, 12.0
"""How long a dashboard gets to settle, and how long it is then looked at."""
CURSOR = re.compile(rb"48;2;95;184;230m (\S+)")
"""What a terminal is sent where the cursor of a table is drawn, and the name in the row it stands on."""


def until(program: Program, text: bytes, seen: bytes = b"") -> bytes:
    """Read until a text was written, and return everything read since the call, after what was `seen`."""
    until_s = time.monotonic() + PATIENCE_S
    while text not in seen:
        if time.monotonic() > until_s:
            msg = f"{text!r} never came; the last that came is {seen[-300:]!r}"
            raise TimeoutError(msg)
        seen += program.read()
    return seen


def cpu_s(pid: int) -> float:
    """Return the CPU time that all threads of a process have used, in seconds."""
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def used_s(pid: int) -> float:
    """Return the CPU time of a process with all threads that have ended, in seconds; less exact than `cpu_s`."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / sysconf("SC_CLK_TCK")


def played(speed: float, *options: str) -> dict[str, float]:
    """Play at a speed, press keys, and return the share of the speed that was reached, and how long keys took."""
    with tempfile.TemporaryDirectory() as home:
        record = Path(home) / "run.jsonl"
        command = (sys.executable, "-m", "drill", "play", str(CROWD), "--speed", str(speed), "--record", str(record))
        program = Program((*command, *options), Path(home), SIZE)
        try:
            until(program, b"stands at the moment")
            program.type("\r")
            until(program, b"Done")
            made = _pressed(program)
            program.type("q")
            until(program, b"Leave this run?")
            program.type("\r")
            while program.program.poll() is None:
                program.read()
        finally:
            program.close()
        looks = [json.loads(line) for line in record.read_text().splitlines() if '"look"' in line]
    (first, last) = (parse_duration(look["at"]) / US_PER_S for look in looks[1:3])
    return {**made, "reached": (last - first) / made.pop("wall_s") / speed}


def _pressed(program: Program) -> dict[str, float]:
    """Press keys where only the screen answers, then one that the simulation answers too; times in milliseconds."""
    program.type("3")
    (began_s, used_s) = time.monotonic(), cpu_s(program.program.pid)
    shown = CURSOR.findall(until(program, b"48;2;95;184;230m "))[-1]
    screen, both = [], []
    for number in range(KEYS):
        rest(program)
        key_s, seen = time.monotonic(), b""
        program.type("jk"[number // 20 % 2])
        while not (found := [name for name in CURSOR.findall(seen) if name != shown]):
            seen += program.read()
        screen.append(time.monotonic() - key_s)
        shown = found[-1]
    program.type("1")
    (ended_s, wall_s) = cpu_s(program.program.pid), time.monotonic() - began_s
    for _ in range(STOPS):
        rest(program)
        key_s = time.monotonic()
        program.type(" ")
        until(program, b"paused")
        both.append(time.monotonic() - key_s)
        program.type(" ")
    return {
        "wall_s": wall_s,
        "cpu_share": (ended_s - used_s) / wall_s,
        "cursor_ms": _p95(screen) * 1000,
        "stop_ms": _p95(both) * 1000,
    }


def rest(program: Program, for_s: float = BETWEEN_S) -> None:
    """Read for a while, as a person does."""
    until_s = time.monotonic() + for_s
    while (left_s := until_s - time.monotonic()) > 0:
        program.read(left_s)


def _p95(values: list[float]) -> float:
    return quantiles(values, n=20)[-1]


def first_paint(command: tuple[str, ...], text: bytes) -> dict[str, float]:
    """Return wall clock and CPU time from the start of a program to a text on its screen."""
    with tempfile.TemporaryDirectory() as home:
        program = Program((sys.executable, *command), Path(home), SIZE, PYTHONDONTWRITEBYTECODE="")
        try:
            until(program, text)
            return {"wall_s": time.monotonic() - program.started_s, "cpu_s": used_s(program.program.pid)}
        finally:
            program.close()


def drawn(kind: str, moments: Path, *, keys: str = "") -> dict[str, float]:
    """Return CPU time and bytes a second of a dashboard in a large terminal."""
    with tempfile.TemporaryDirectory() as home:
        command = (sys.executable, "-m", "tests.bench.panels", kind, str(moments))
        ours = {"TEXTUAL_FPS": FRAMES_PER_S} if kind == "ours" else {}
        program = Program(command, Path(home), LARGE, **ours)
        try:
            until(program, b"Enter" if kind == "ours" else b"USERS")
            for key in keys:
                program.type(key)
                rest(program, SETTLING_S)
            rest(program, SETTLING_S)
            began_s, used_s, count = time.monotonic(), cpu_s(program.program.pid), 0
            while (wall_s := time.monotonic() - began_s) < DRAWING_S:
                count += len(program.read())
            return {"cpu": (cpu_s(program.program.pid) - used_s) / wall_s, "bytes": count / wall_s}
        finally:
            program.close()


def moments(path: Path) -> None:
    """Write what a dashboard shows of an outage, a moment every five seconds."""
    session = open_session(Order(scenario=find(SCENARIO), seed=1))
    driver = InProcessDriver(session, clock=lambda: 0.0)
    found = []
    for at_s in range(200, 700, 5):
        driver.hurry(at_s * US_PER_S)
        while driver.tick().hurrying:
            pass
        found.append((replace(driver.frame(), paused=False), driver.glance("pods")))
    path.write_bytes(pickle.dumps(found))


def both_speeds(rounds: int, tell: Callable[[str], object]) -> list[dict[str, float]]:
    """Return what playing at real speed and at sixty times that came to, with a worker; medians."""
    found: dict[float, list[dict[str, float]]] = {1.0: [], 60.0: []}
    for turn in range(rounds):
        for speed, several in found.items():
            tell(f"round {turn + 1} of {rounds}: the cockpit at {speed:g}x")
            several.append(played(speed, "--worker"))
    return [_middle(several) for several in found.values()]


def beside_stock(rounds: int, tell: Callable[[str], object]) -> dict[str, list[dict[str, float]]]:
    """Return what our overview and table of pods cost, and the same panels of stock widgets; medians."""
    with tempfile.TemporaryDirectory() as home:
        path = Path(home) / "moments"
        tell("simulating what dashboards show")
        moments(path)
        shown = {"overview": (("ours", "\r"), ("stock", "")), "pods": (("ours", "\r3"), ("stock-pods", ""))}
        found: dict[tuple[str, str], list[dict[str, float]]] = {}
        for turn in range(rounds):
            for pair in shown.values():
                for kind, keys in pair:
                    tell(f"round {turn + 1} of {rounds}: {kind} panels")
                    found.setdefault((kind, keys), []).append(drawn(kind, path, keys=keys))
        return {name: [_middle(found[each]) for each in pair] for name, pair in shown.items()}


def first_paints(rounds: int, tell: Callable[[str], object]) -> list[dict[str, float]]:
    """Return how soon a minimal app, the menu, a card and a page are there; medians, after a start not counted."""
    programs = (
        (("-m", "tests.bench.minimal"), b"minimal app"),
        (("-m", "drill", "play"), b"Checkout"),
        (("-m", "drill", "play", SCENARIO), b"The page comes next"),
        (("-m", "drill", "play", SCENARIO), b"PAGE 20:05"),
    )
    found: list[list[dict[str, float]]] = [[] for _ in programs]
    for turn in range(rounds + 1):
        for several, program in zip(found, programs, strict=True):
            tell(f"round {turn} of {rounds}: {' '.join(program[0])}")
            several.append(first_paint(*program))
    return [_middle(several[1:]) for several in found]


def _middle(several: list[dict[str, float]]) -> dict[str, float]:
    return {key: median(made[key] for made in several) for key in several[0]}
