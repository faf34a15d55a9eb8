"""What can be changed about those who wait for answers: how long they wait and whether they try again.

Separate because the change is made at the caller, who is often another team or an app in users' hands. The texts never
say whether an action helps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from drill.actions.action import Action
from drill.units import Micros, Share, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class SetClientTimeout(Action):
    """Change how long users' client software waits for an answer."""

    do: ClassVar[str] = "set-client-timeout"
    title: ClassVar[str] = "Change the clients' timeout"
    changes: ClassVar[str] = "Attempts from now on are given up by the client after this long; 0s for never."
    risk: ClassVar[str] = "Nothing behind the gateway notices that a client is gone and works on."
    undo: ClassVar[str] = "Set the earlier timeout."
    timeout: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class SetClientRetries(Action):
    """Change whether and when users' client software tries again."""

    do: ClassVar[str] = "set-client-retries"
    title: ClassVar[str] = "Change the clients' retries"
    changes: ClassVar[str] = "Sets attempts, back-off, jitter and budget (0% for none) for attempts from now on."
    risk: ClassVar[str] = "More attempts are more load; fewer let users see failures that passed by themselves."
    undo: ClassVar[str] = "Set the earlier policy."
    attempts: Annotated[int, Whole(1, 20)]
    back_off: Micros = 0
    longest: Micros = 20_000_000
    jitter: Literal["none", "full", "equal", "decorrelated"] = "none"
    budget: Share = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCallTimeout(Action):
    """Change how long a deployment waits for what it calls."""

    do: ClassVar[str] = "set-call-timeout"
    title: ClassVar[str] = "Change the timeout of a call"
    changes: ClassVar[str] = "Calls from now on are given up by the calling pods after this long; 0s for never."
    risk: ClassVar[str] = "What is called works on; a short timeout turns slow answers into errors."
    undo: ClassVar[str] = "Set the earlier timeout."
    deployment: str
    call: str
    timeout: Micros


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCallRetries(Action):
    """Change whether and when a deployment repeats a call."""

    do: ClassVar[str] = "set-call-retries"
    title: ClassVar[str] = "Change the retries of a call"
    changes: ClassVar[str] = "Sets attempts, back-off, jitter and budget (0% for none) for calls from now on."
    risk: ClassVar[str] = "More attempts are more load on what is called; fewer let failures through."
    undo: ClassVar[str] = "Set the earlier policy."
    deployment: str
    call: str
    attempts: Annotated[int, Whole(1, 20)]
    back_off: Micros = 0
    longest: Micros = 20_000_000
    jitter: Literal["none", "full", "equal", "decorrelated"] = "none"
    budget: Share = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetBreaker(Action):
    """Switch the circuit breakers around a call."""

    do: ClassVar[str] = "set-breaker"
    title: ClassVar[str] = "Switch a circuit breaker"
    changes: ClassVar[str] = "Every calling pod starts with a closed breaker of its own around the call, or with none."
    risk: ClassVar[str] = "While a breaker is open, every request that needs the call fails at once."
    undo: ClassVar[str] = "Switch it back."
    deployment: str
    call: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SetThrottle(Action):
    """Let the gateway refuse requests as a pool fills up."""

    do: ClassVar[str] = "set-throttle"
    title: ClassVar[str] = "Throttle by a pool's utilisation"
    changes: ClassVar[str] = "Between the two utilisations a growing share of requests gets 429; switched off, none."
    risk: ClassVar[str] = "Refused users count as failed; a signal that comes late lets queues build up first."
    undo: ClassVar[str] = "Switch it off."
    deployment: str
    pool: str
    on: bool
    start: Share = 0.6
    full: Share = 0.8
