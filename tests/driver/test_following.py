"""What a screen asks at every repaint comes along with the frame, so that a repaint waits for nobody."""

from __future__ import annotations

import os
import time
from multiprocessing.connection import Connection
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from drill.driver import worker
from drill.driver.order import Order
from drill.driver.worker import WorkerDriver
from drill.telemetry.snapshot import Reading
from tests.tui.shop import SHOP, frame

if TYPE_CHECKING:
    from collections.abc import Callable

PATIENCE_S = 30.0
PODS = ("glance", ("pods", ""))
ORDER = Order(scenario=SHOP, seed=4)


class Ended:
    """A process that is gone."""

    exitcode = 0

    def join(self, _timeout: float | None = None) -> None:
        """Wait for nothing."""

    def is_alive(self) -> bool:
        """Return that it is not."""
        return False


class FarEnd:
    """The far end of a pipe, played by a test: it answers what it was told to answer."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand in the place of the process that simulates."""
        self.pipe: Connection | None = None
        monkeypatch.setattr(worker, "spawn", self._spawn)

    def say(self, kind: str, value: object, known: dict[Any, object] | None = None) -> None:
        """Send an answer, or a frame with what comes along."""
        assert self.pipe is not None
        self.pipe.send((kind, value, frame() if kind == "frame" else None, known or {}))

    def heard(self) -> list[tuple[str, tuple[Any, ...]]]:
        """Return what was asked since the last time."""
        assert self.pipe is not None
        heard = []
        while self.pipe.poll():
            heard.append(self.pipe.recv())
        return heard

    def _spawn(self, _name: str, _target: Callable[..., None], theirs: Connection, *_: object) -> Ended:
        self.pipe = Connection(os.dup(theirs.fileno()))
        self.say("answer", frame())
        return Ended()


def reading(row: str) -> Reading:
    """Return a table of one row."""
    return Reading(at_us=0, view="pods", target="", columns=("NAME",), rows=((row,),))


def test_a_view_is_asked_for_once_and_comes_along_with_later_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    far = FarEnd(monkeypatch)
    driver = WorkerDriver(ORDER)
    far.heard()
    far.say("answer", reading("first"))
    assert driver.glance("pods") == driver.glance("pods") == reading("first")
    assert far.heard() == [PODS]
    far.say("frame", None)
    driver.tick()
    assert far.heard() == [("follow", (PODS,))]
    far.say("frame", None, {PODS: reading("second")})
    driver.tick()
    assert driver.glance("pods") == reading("second")
    assert far.heard() == []


def test_what_nobody_wants_any_more_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is dropped after some frames and not at once: at real speed only every fourth frame is shown."""
    far = FarEnd(monkeypatch)
    driver = WorkerDriver(ORDER)
    far.heard()
    far.say("answer", reading("first"))
    driver.glance("pods")
    far.heard()
    follows: list[tuple[int, tuple[str, tuple[Any, ...]]]] = []
    for number in range(20):
        far.say("frame", None, {PODS: reading(f"{number}")} if not follows else {})
        driver.tick()
        follows += [(number, message) for message in far.heard()]
    assert len(follows) == 1
    number, message = follows[0]
    assert message == ("follow", ())
    assert 4 <= number <= 12


@pytest.mark.slow
def test_a_view_that_comes_along_is_of_the_same_moment_as_its_frame() -> None:
    driver = WorkerDriver(ORDER, speed=10.0)
    driver.resume()
    driver.glance("pods")
    seen: set[int] = set()
    until_s = time.monotonic() + PATIENCE_S
    while len(seen) < 4:
        assert time.monotonic() < until_s
        at_us = driver.tick().snapshot.at_us
        if at_us not in seen and len(seen) > 1:  # the first frames may have been on their way before it was asked for
            assert driver.glance("pods").at_us == at_us
        driver.glance("pods")
        seen.add(at_us)
        Event().wait(0.02)
    driver.leave()


@pytest.mark.slow
def test_a_simulating_process_steps_back_behind_the_screen() -> None:
    """It has a session of its own, which does not use up the screen's share."""
    driver = WorkerDriver(ORDER)
    assert driver.pid is not None
    assert os.getsid(driver.pid) == driver.pid != os.getsid(0)
    driver.leave()
