"""The resolver of each pod: asks for a name before a connect, waits, asks again, keeps good answers for a while.

Separate because it comes before TCP. It follows glibc's stub resolver with one name server (resolv.conf(5): 5 s, two
attempts; after SERVFAIL it asks again at once, `__res_context_send`), behind a cache as JVMs and node-local servers
have; bad answers are not kept.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.scenario.network import DnsSpec
    from drill.sim.clock import Clock

GOOD, SERVFAIL = "NOERROR", "SERVFAIL"


class Resolver:
    """Resolves names for all pods."""

    def __init__(self, clock: Clock, spec: DnsSpec, uniform: Callable[[], float]) -> None:
        """Know nothing yet; `uniform` draws what becomes of a query."""
        self.spec = spec
        self.requests = 0
        """Queries that reached the server, since the start."""
        self.responses = {GOOD: 0, SERVFAIL: 0}
        """Answers by return code, since the start."""
        self._clock = clock
        self._uniform = uniform
        self._known: dict[tuple[str, str], int] = {}
        """Until when a pod knows a name."""

    def change(self, *, lookup: int, servfail: float, unanswered: float) -> None:
        """Let the server answer in another way from now on."""
        self.spec = replace(self.spec, lookup=lookup, servfail=servfail, unanswered=unanswered)

    def resolve(self, who: str, name: str, then: Callable[[bool], object]) -> None:
        """Call `then` with whether the name is known, now or later."""
        if self._known.get((who, name), -1) > self._clock.t:
            then(True)  # noqa: FBT003 - the one thing a callback of this kind is told
        else:
            self._ask(who, name, then, self.spec.attempts)

    def _ask(self, who: str, name: str, then: Callable[[bool], object], left: int) -> None:
        spec, clock = self.spec, self._clock
        if not left:
            then(False)  # noqa: FBT003 - as above
            return
        bad = spec.servfail > 0.0 and self._uniform() < spec.servfail
        if not bad and spec.unanswered > 0.0 and self._uniform() < spec.unanswered:
            clock.call_at(clock.t + spec.timeout, lambda _: self._ask(who, name, then, left - 1))
            return
        self.requests += 1

        def answered(_: object) -> None:
            self.responses[SERVFAIL if bad else GOOD] += 1
            if bad:
                self._ask(who, name, then, left - 1)
                return
            if spec.ttl:
                self._known[who, name] = clock.t + spec.ttl
            then(True)  # noqa: FBT003 - as above

        clock.call_at(clock.t + spec.lookup, answered)
