"""What a connect costs the client itself: it derives a key from its password before the server lets it in.

Separate because the CPU is the pod's and not the server's. SCRAM lets a server store a key that was derived once while
each client repeats the derivation at each login, 4,096 rounds of HMAC-SHA-256 by default (RFC 5802, section 3). That
is why many connects at once take far longer each than one: they share the cores of the process that wants them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.failures import Failure
    from drill.sim.members import Claimant, Source
    from drill.sim.processor import Processor
    from drill.sim.stock import Stock


class Handshake:
    """A source of connections whose client pays with CPU for each.

    The client's share comes first, before the server hears of the connect. In a real login the server has forked by
    then, so that a slot is held for some 3 ms longer.
    """

    def __init__(self, source: Source, cpu: Processor) -> None:
        """Open what `source` opens, on the cores of the client."""
        self._source = source
        self._cpu = cpu
        self.client_cpu_us = source.client_cpu_us

    def open(self, opened: Callable[[Any], object], refused: Callable[[Failure], object]) -> None:
        """Open one connection."""

        def derived(_: object) -> None:
            self._source.open(opened, refused)

        self._cpu.submit(self.client_cpu_us, derived, opened)

    def close(self, member: Any) -> None:  # noqa: ANN401 - the source knows the type
        """Close one connection."""
        self._source.close(member)

    def test(self, member: Any, claimant: Claimant, done: Callable[[bool], object]) -> None:  # noqa: ANN401 - as above
        """Try one connection."""
        self._source.test(member, claimant, done)

    def stock(self) -> Stock | None:
        """Return a place for connections that nobody has used."""
        return self._source.stock()
