"""A session driven in a spawned process, so that a busy simulation and a busy screen do not wait for each other.

Separate from driving itself: this is only the pipe and both its ends. Commands go one way and each gets one answer;
frames come back unasked, at most a few a second. A frame brings along what the screen asks at every repaint, so that a
repaint waits for nobody. The child imports nothing of a screen, and ends when its pipe closes.
"""

from __future__ import annotations

import signal
import sys
import time
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NoReturn, cast

from drill.driver.inprocess import InProcessDriver
from drill.driver.order import open_session
from drill.driver.spawning import CONTEXT, spawn
from drill.errors import DrillError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

    from drill.actions.catalogue import Action
    from drill.actions.entries import Deed
    from drill.driver.driver import Ended, Frame
    from drill.driver.order import Order
    from drill.telemetry.metrics import MetricHistory
    from drill.telemetry.server import Inside
    from drill.telemetry.snapshot import Reading

FRAME_S = 0.25
"""Least wall clock between two frames sent unasked."""
TICK_S = 0.05
"""Wall clock between two ticks of the child."""
CLOSING_S = 5.0
"""Longest wait for the child to end by itself."""

_FRAME, _ANSWER, _REFUSED = "frame", "answer", "refused"
_FOLLOW = "follow"
_CHANGING = ("pause", "resume", "set_speed", "hurry", "perform", "do")
"""Commands whose answer brings a frame, because they change what the next one shows."""

_KEPT_FRAMES = 8
"""Frames for which an answer is brought along that nobody wanted: at real speed not every frame is shown."""

Question = tuple[str, tuple[Any, ...]]
"""What is asked of a driver, and with which values."""


class SimulationLostError(Exception):
    """The process that simulated ended by itself, which is never anybody's wish."""


class WorkerDriver:
    """The near end of the pipe; raises SimulationLostError once there is nobody at the far end."""

    def __init__(self, order: Order, speed: float = 1.0) -> None:
        """Start the process and wait for its first frame; raise what opening the session raises."""
        self._pipe, theirs = CONTEXT.Pipe()
        self._process = spawn("drill-run", serve, theirs, order, speed)
        theirs.close()
        self._open = True
        self._known: dict[Question, object] = {}
        self._wanted: dict[Question, int] = {}
        try:
            self._frame = cast("Frame", self._ask("frame"))
        except BaseException:
            self._close()
            raise

    @property
    def pid(self) -> int | None:
        """Id of the process."""
        return self._process.pid

    @property
    def lagging(self) -> bool:
        """Whether ticks here should come sooner, which helps nobody: the child does not wait for them."""
        return False

    def tick(self) -> Frame:
        """Return the latest frame that has arrived."""
        while self._open and self._waiting():
            failed = self._receive()
            if failed is not None:
                raise failed[1]
        return self._frame

    def frame(self) -> Frame:
        """Return the frame that is known here."""
        return self._frame

    def pause(self) -> None:
        """Stop simulated time."""
        self._ask("pause")

    def resume(self) -> None:
        """Let simulated time go on."""
        self._ask("resume")

    def set_speed(self, speed: float) -> None:
        """Change the speed."""
        self._ask("set_speed", speed)

    def hurry(self, to_us: int) -> None:
        """Simulate as fast as the child can up to a time, and pause there."""
        self._ask("hurry", to_us)

    def perform(self, action: Action, by: str = "") -> str:
        """Carry out and record an action."""
        return cast("str", self._ask("perform", action, by))

    def do(self, deed: Deed) -> str:
        """Do and record anything that can stand on a timed line."""
        return cast("str", self._ask("do", deed))

    def look(self, view: str, target: str = "", by: str = "") -> Reading:
        """Return a view and record the look."""
        return cast("Reading", self._ask("look", view, target, by))

    def inspect(self) -> Inside:
        """Return the database and the pooler from the inside."""
        return cast("Inside", self._ask("inspect"))

    def glance(self, view: str, target: str = "") -> Reading:
        """Return a view that is open already."""
        return cast("Reading", self._follow("glance", view, target))

    def history(self, metric: str) -> MetricHistory:
        """Return every sample of a metric so far."""
        return cast("MetricHistory", self._follow("history", metric))

    def finish(self) -> Ended:
        """Simulate what is left, close the recording, return what the run came to, and end the process."""
        ended = cast("Ended", self._ask("finish"))
        self._close()
        return ended

    def leave(self) -> None:
        """Close the recording where the run stands, and end the process."""
        if self._open:
            with suppress(SimulationLostError):
                self._ask("leave")
            self._close()

    def _follow(self, what: str, *values: object) -> object:
        """Return an answer that came with the frame, or ask; later frames bring it as long as somebody wants it."""
        question = what, values
        if question not in self._known:
            self._known[question] = self._ask(what, *values)
        self._wanted[question] = _KEPT_FRAMES
        return self._known[question]

    def _ask(self, what: str, *values: object) -> object:
        self._send(what, *values)
        while (answer := self._receive()) is None:
            pass
        kind, value = answer
        if kind == _REFUSED:
            raise value
        return value

    def _send(self, what: str, *values: object) -> None:
        try:
            self._pipe.send((what, values))
        except OSError as error:
            raise self._lost() from error

    def _receive(self) -> tuple[str, Any] | None:
        """Take one message; a frame is kept with what came along, anything else returned."""
        try:
            kind, value, frame, known = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise self._lost() from error
        if frame is not None:
            self._frame, self._known = frame, known
            self._wanted = {question: left - 1 for question, left in self._wanted.items() if left}
            if self._wanted.keys() != known.keys():
                self._send(_FOLLOW, *self._wanted)
        return None if kind == _FRAME else (kind, value)

    def _waiting(self) -> bool:
        try:
            return self._pipe.poll()
        except OSError as error:
            raise self._lost() from error

    def _lost(self) -> SimulationLostError:
        self._process.join(CLOSING_S)
        code = self._process.exitcode or 0
        how = f"signal {-code}" if code < 0 else f"exit code {code}"
        msg = f"the process that simulated ended with {how}; what was recorded up to then is kept"
        return SimulationLostError(msg)

    def _close(self) -> None:
        self._open = False
        self._pipe.close()
        self._process.join(CLOSING_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def serve(pipe: Connection, order: Order, speed: float) -> None:
    """Drive a session and answer commands until the pipe closes."""
    signal.signal(signal.SIGTERM, _end)
    with suppress(EOFError, OSError):
        try:
            driver = InProcessDriver(open_session(order), speed)
        except DrillError as error:
            pipe.send((_REFUSED, error, None, {}))
            return
        try:
            _Far(pipe, driver).run()
        except (EOFError, OSError):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told where somebody can see it
            failure = RuntimeError(f"the simulation failed: {type(error).__name__}")
            failure.add_note("".join(traceback.format_exception(error)))
            pipe.send((_REFUSED, failure, None, {}))
        finally:
            driver.leave()


def _end(number: int, frame: object) -> NoReturn:
    del number, frame
    sys.exit(0)


class _Far:
    """The far end of the pipe."""

    def __init__(self, pipe: Connection, driver: InProcessDriver) -> None:
        self._pipe = pipe
        self._driver = driver
        self._sent_s = 0.0
        self._sent: Frame | None = None
        self._followed: tuple[Question, ...] = ()

    def run(self) -> None:
        while True:
            busy = self._driver.lagging or (self._sent is not None and self._sent.hurrying)
            if self._pipe.poll(0 if busy else TICK_S):
                what, values = self._pipe.recv()
                self._take(what, values)
            self._driver.proceed(self._pipe.poll)
            if time.monotonic() - self._sent_s >= FRAME_S:
                frame = self._driver.frame()
                if frame != self._sent:
                    self._send(_FRAME, None, frame)

    def _take(self, what: str, values: tuple[Any, ...]) -> None:
        """Answer at once, as whoever asked draws nothing until then; what is to be followed needs no answer."""
        if what == _FOLLOW:
            self._followed = values
            return
        try:
            value = getattr(self._driver, what)(*values)
        except DrillError as error:
            self._send(_REFUSED, error, None)
        else:
            changed = what in _CHANGING
            self._send(_ANSWER, value, self._driver.frame() if changed else None)

    def _send(self, kind: str, value: object, frame: Frame | None) -> None:
        self._pipe.send((kind, value, frame, {} if frame is None else dict(self._along())))
        if frame is not None:
            self._sent, self._sent_s = frame, time.monotonic()

    def _along(self) -> Iterator[tuple[Question, object]]:
        """Yield what is followed and can be answered."""
        for what, values in self._followed:
            with suppress(DrillError):
                yield (what, values), getattr(self._driver, what)(*values)
