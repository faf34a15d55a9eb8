"""A service whose programs exist twice, bare and with every step inside a span.

Separate from services that nobody traces, which have no trace of this.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drill.sim.service import Service
from drill.sim.tracing import Spanned, span_name, traced

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.failures import Failure
    from drill.sim.program import Step
    from drill.sim.request import Request
    from drill.sim.tracing import Tracer
    from drill.telemetry.outcomes import Outcome


class TracedService(Service):
    """What the pods of one revision do, for requests that are traced and for others."""

    def __init__(self, tracer: Tracer, *arguments: Any, **parts: Any) -> None:  # noqa: ANN401 - those of any service
        """Compile every endpoint twice."""
        self.tracer = tracer
        super().__init__(*arguments, **parts)

    def compile(self, endpoint: str) -> Callable[[Request], object]:
        """Return what starts one of the two forms."""
        bare = self.build(endpoint, super().succeed)
        return traced(self.tracer, endpoint, bare, self.build(endpoint, self.succeed, self._wrap))

    def _wrap(self, step: Step) -> Step:
        name = span_name(step, self.pool_names)
        return Spanned(self.tracer, step, name) if name else step

    def succeed(self, request: Request) -> None:
        """Answer the user."""
        self.tracer.leave(request)
        super().succeed(request)

    def branch_done(self, request: Request) -> None:
        """End a part of a request that ran side by side with others."""
        self.tracer.leave(request)
        super().branch_done(request)

    def fail(self, request: Request, failure: Failure) -> None:
        """End a request's program with an error."""
        self.tracer.leave(request, failure.text)
        super().fail(request, failure)

    def end(self, request: Request, outcome: Outcome) -> None:
        """Stop a program of which parts may still run side by side."""
        self.tracer.leave(request, outcome.label)
        super().end(request, outcome)
