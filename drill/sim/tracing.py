"""Traces of some users' requests: which time passed where, as spans inside each other.

Separate because nothing here decides anything. Whether a user is traced follows from the user's number alone (head
sampling, evenly spread), so it draws nothing and is the same in all lanes. A service that is traced has its programs
twice, bare and with every step inside a span; who is not traced runs the bare ones. The newest traces are kept. Ids are
those of W3C Trace Context, 32 and 16 hexadecimal digits, from seed and number.
"""

from __future__ import annotations

import hashlib
from collections import deque
from typing import TYPE_CHECKING

from drill.sim.borrowing import Borrow
from drill.sim.calling import Call, Ongoing
from drill.sim.forking import Fork
from drill.sim.network_steps import Link, Travel
from drill.sim.program import Compute, Hold, Query, Step
from drill.sim.proxy import Passing
from drill.sim.visits import Visit

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from drill.sim.clock import Clock
    from drill.sim.request import Request
    from drill.telemetry.outcomes import Outcome

MAX_SPANS = 500
"""Most spans of one trace; what comes after is not kept."""
_FIRST_OF_OTHERS = 1 << 40
"""Numbers from here on are no users'."""


class Span:
    """A stretch of time of one trace."""

    __slots__ = ("at_us", "done_us", "failure", "name", "parent", "where")

    def __init__(self, name: str, where: str, at_us: int, parent: Span | None) -> None:
        """Begin."""
        self.name = name
        self.where = where
        """Pod, or the part where it happens."""
        self.at_us = at_us
        self.done_us: int | None = None
        """None while it goes on, and for one that was cut short."""
        self.failure = ""
        """What went wrong; empty for nothing."""
        self.parent = parent


class Trace:
    """One user's request."""

    __slots__ = ("id", "spans", "whole")

    def __init__(self, whole: Request | Visit, seed: int) -> None:
        """Hold no span but that of the gateway, which is the whole."""
        digest = hashlib.sha256(f"{seed}/trace/{whole.number}".encode()).hexdigest()
        self.id = digest[:32]
        self.whole = whole
        self.spans: list[Span] = []

    @property
    def outcome(self) -> Outcome | None:
        """How it ended for the user; None while the user waits."""
        return self.whole.outcome

    @property
    def took_us(self) -> int | None:
        """How long the user waited; None while the user does."""
        return None if self.whole.done is None else self.whole.done - self.whole.at

    def span_id(self, position: int) -> str:
        """Return the id of a span."""
        return hashlib.sha256(f"{self.id}/{position}".encode()).hexdigest()[:16]


class Tracer:
    """Every trace that is kept."""

    def __init__(self, clock: Clock, seed: int, share: float, kept: int) -> None:
        """Trace a share of all users and keep so many traces."""
        self.clock = clock
        self.traces: deque[Trace] = deque()
        self._seed = seed
        self._share = share
        self._kept = kept
        self._open: dict[Request, _Place] = {}
        """Requests of traces that are kept, with where each of them is."""
        self.upcoming = self._after(-1)
        """No user with a number below it will be traced who has not been; see `traced`."""
        self._whole: dict[int, Trace] = {}
        """Traces by the number of their user."""

    def _after(self, number: int) -> int:
        """Return the first number beyond another that is chosen."""
        wanted = int((number + 1) * self._share) + 1
        found = max(number + 1, int(wanted / self._share) - 2)
        while not self.chosen(found):
            found += 1
        return found

    def chosen(self, number: int) -> bool:
        """Return whether the user of a number is traced: the share of all numbers up to it grows by one."""
        return int((number + 1) * self._share) > int(number * self._share)

    def enter(self, request: Request, name: str) -> bool:
        """Begin the span of a service if a request belongs to a trace; return whether it does."""
        found = self._context(request)
        if found is None:
            return False
        self._open[request] = found
        self.begin(request, name)
        return True

    def _context(self, request: Request) -> _Place | None:
        caller = request.caller
        if isinstance(caller, Ongoing):
            place = self._find(caller.request)
            return None if place is None else _Place(place.trace, place.span)
        asked: Request | Visit = request
        if caller is None:
            self.upcoming = self._after(request.number)
        if isinstance(caller, Passing):
            caller = caller.request.caller
        if isinstance(caller, Visit):
            asked = caller
        trace = self._whole.get(asked.number)
        if trace is None:
            if asked.number >= _FIRST_OF_OTHERS or not self.chosen(asked.number):
                return None
            trace = self._whole[asked.number] = Trace(asked, self._seed)
            self.traces.append(trace)
            if len(self.traces) > self._kept:
                self._forget(self.traces.popleft())
        return _Place(trace, None)

    def _forget(self, trace: Trace) -> None:
        del self._whole[trace.whole.number]
        for request in [request for request, place in self._open.items() if place.trace is trace]:
            del self._open[request]

    def _find(self, request: Request) -> _Place | None:
        """Return where a request is; a part that runs side by side with others starts where its request is."""
        found = self._open.get(request)
        if found is None and request.branch_of is not None:
            outer = self._open.get(request.branch_of.parent)
            if outer is not None:
                found = self._open[request] = _Place(outer.trace, outer.span)
        return found

    def begin(self, request: Request, name: str) -> None:
        """Begin a span inside the one that goes on."""
        place = self._find(request)
        if place is not None:
            span = place.span = Span(name, request.pod.name, self.clock.t, place.span)
            if len(place.trace.spans) < MAX_SPANS:
                place.trace.spans.append(span)

    def end(self, request: Request) -> None:
        """End the innermost span."""
        place = self._open.get(request)
        if place is not None and place.span is not None:
            place.span.done_us = self.clock.t
            place.span = place.span.parent

    def leave(self, request: Request, failure: str = "") -> None:
        """End every span of a request, or of a part of it, which is over."""
        place = self._open.pop(request, None)
        span = None if place is None else place.span
        while place is not None and span is not None and span is not place.outside:
            span.done_us = self.clock.t
            span.failure = failure
            span = span.parent


class _Place:
    """Where one request is in its trace."""

    __slots__ = ("outside", "span", "trace")

    def __init__(self, trace: Trace, outside: Span | None) -> None:
        """Be inside nothing of its own yet."""
        self.trace = trace
        self.span = self.outside = outside


class Spanned(Step):
    """A step inside a span."""

    __slots__ = ("name", "step", "tracer")

    def __init__(self, tracer: Tracer, step: Step, name: str) -> None:
        """Run `step`."""
        self.tracer = tracer
        self.step = step
        self.name = name
        step.next = self.done

    def run(self, request: Request) -> None:
        """Begin both."""
        self.tracer.begin(request, self.name)
        self.step.run(request)

    def done(self, request: Request) -> None:
        """End the span and go on."""
        self.tracer.end(request)
        self.next(request)


def span_name(step: Step, pools: Sequence[str]) -> str:
    """Return what a step's span is called; empty for steps that take no time. `pools` are names by number."""
    if isinstance(step, Borrow):
        return f"wait for connection {pools[step.pool]}"
    if isinstance(step, Query):
        return step.text
    if isinstance(step, Travel):
        ends = (step.hop.target, step.hop.source) if step.back else (step.hop.source, step.hop.target)
        return "network {} to {}".format(*ends)
    if isinstance(step, Call):
        return f"call {step.name}"
    return next((name for kind, name in _NAMES.items() if isinstance(step, kind)), "")


_NAMES: dict[type[Step], str] = {Link: "wait for server", Fork: "parallel", Compute: "compute", Hold: "hold"}


def traced(
    tracer: Tracer, name: str, bare: Callable[[Request], object], spanned: Callable[[Request], object]
) -> Callable[[Request], object]:
    """Return what starts one of two forms of a program, as the request is traced or not."""

    def start(request: Request) -> None:
        # Users who ask once come in the order of their numbers, so that one comparison lets most of them pass.
        if request.caller is None and request.number < tracer.upcoming:
            bare(request)
        elif tracer.enter(request, name):
            spanned(request)
        else:
            bare(request)

    return start
