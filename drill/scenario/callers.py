"""What a file says of those who wait for an answer: how long, how often they try again, when they stop asking.

Separate from the rest of the topology because users and calls between deployments share these words. Defaults are those
of the libraries named beside them. What callers do with these values is in `drill.sim`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from drill.scenario.fields import FORBID
from drill.units import Micros, PerSecond, PositiveMicros, Share, Whole

Answer = Literal["timeout", "error", "unavailable", "limited"]
"""`timeout`: given up by the caller or the gateway (504); `error`: 500 and 502; `unavailable`: 503; `limited`: 429."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetSpec:
    """How many retries there may be for all requests together; defaults are those of Finagle's RetryBudget."""

    __pydantic_config__: ClassVar = FORBID

    share: Share = 0.2
    """Retries allowed, as a share of the requests of the last 10 s."""
    floor: PerSecond = 10.0
    """Retries a second that are always allowed besides."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrySpec:
    """Whether and when a caller tries again."""

    __pydantic_config__: ClassVar = FORBID

    attempts: Annotated[int, Whole(1, 20)] = 3
    """Most attempts, the first included; 1 for no retries."""
    on: list[Answer] = field(default_factory=lambda: ["timeout", "error", "unavailable"])
    """Which bad answers are tried again."""
    back_off: Micros = 0
    """Wait before the second attempt, twice as long before each further one; 0 for trying again at once."""
    longest: Micros = 20_000_000
    """Longest wait before an attempt."""
    jitter: Literal["none", "full", "equal", "decorrelated"] = "none"
    """How a wait is spread: not at all, from 0 to all of it, from half to all of it, or from `back_off` to three times
    the wait before."""
    budget: BudgetSpec | None = None
    """None for any number of retries."""


Upstream = Literal["error", "timeout", "http_429", "http_500", "http_502", "http_503", "http_504"]
"""`error`: the connection to the pod failed or broke; `timeout`: the gateway gave up on it; the others are answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpstreamRetrySpec:
    """When the gateway passes a request on to another pod: nginx's proxy_next_upstream; defaults as in ingress-nginx.

    Each pod is tried once. Time and number of tries are looked at between tries and cut none short.
    """

    __pydantic_config__: ClassVar = FORBID

    on: list[Upstream] = field(default_factory=lambda: ["error", "timeout"])
    tries: Annotated[int, Whole(0, 20)] = 3
    """Most pods that are tried, the first included; 0 for all there are."""
    timeout: Micros = 0
    """No further try begins later than this after the first; 0 for no limit."""
    non_idempotent: bool = False
    """Whether requests to endpoints that are not idempotent are tried again although they may have arrived."""
    budget: BudgetSpec | None = None
    """None for any number of further tries, as nginx has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSpec:
    """The users' client software, such as an app or a browser."""

    __pydantic_config__: ClassVar = FORBID

    timeout: Micros = 0
    """When it gives up on an attempt, which nothing behind the gateway notices; 0 for never."""
    retry: RetrySpec | None = None
    """None for no retries."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSpec:
    """A circuit breaker around a call, one in each pod; defaults are those of resilience4j."""

    __pydantic_config__: ClassVar = FORBID

    window: Annotated[int, Whole(1, 10_000)] = 100
    """Calls over which the share of failures is taken."""
    minimum: Annotated[int, Whole(1, 10_000)] = 100
    """Calls there must be in the window before it may open."""
    failures: Share = 0.5
    """Share of failed calls from which it opens, and from which it opens again after trials."""
    slow: PositiveMicros = 60_000_000
    """A call that takes longer is slow, whatever its answer (slowCallDurationThreshold)."""
    slow_share: Share = 1.0
    """Share of slow calls from which it opens (slowCallRateThreshold)."""
    open: PositiveMicros = 60_000_000
    """How long it refuses every call before it lets some through on trial."""
    trials: Annotated[int, Whole(1, 1_000)] = 10
    """Calls let through on trial; all must end before it closes or opens again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottleSpec:
    """A throttler at the gateway that looks at how full a pool is, over all ready pods of a deployment."""

    __pydantic_config__: ClassVar = FORBID

    deployment: str
    pool: str
    start: Share = 0.6
    """Utilisation above which requests begin to be refused."""
    full: Share = 0.8
    """Utilisation from which all are refused; in between the share grows evenly. 100% for both is a binary signal."""
    period: PositiveMicros = 100_000
    """How often it looks."""
