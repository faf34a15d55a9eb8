"""Every action a responder or a colleague may take, as data.

Separate from what an action does (that comes out of the simulation) so that screens, console, command line and docs
list the same things with the same words. An action's texts say what it changes, what it risks and how to undo it; they
never say whether it helps here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from drill.actions.action import Action as Action  # noqa: PLC0414 - importers find every action here
from drill.actions.callers import SetBreaker as SetBreaker  # noqa: PLC0414 - as above
from drill.actions.callers import SetCallRetries as SetCallRetries  # noqa: PLC0414 - as above
from drill.actions.callers import SetCallTimeout as SetCallTimeout  # noqa: PLC0414 - as above
from drill.actions.callers import SetClientRetries as SetClientRetries  # noqa: PLC0414 - as above
from drill.actions.callers import SetClientTimeout as SetClientTimeout  # noqa: PLC0414 - as above
from drill.actions.callers import SetThrottle as SetThrottle  # noqa: PLC0414 - as above
from drill.actions.network import SetDns as SetDns  # noqa: PLC0414 - as above
from drill.actions.network import SetLink as SetLink  # noqa: PLC0414 - as above
from drill.actions.pgbouncer import KillPooler as KillPooler  # noqa: PLC0414 - as above
from drill.actions.pgbouncer import PausePooler as PausePooler  # noqa: PLC0414 - as above
from drill.actions.pgbouncer import ReloadPooler as ReloadPooler  # noqa: PLC0414 - as above
from drill.actions.pgbouncer import ResumePooler as ResumePooler  # noqa: PLC0414 - as above
from drill.actions.pgbouncer import SetPoolerLimit as SetPoolerLimit  # noqa: PLC0414 - as above
from drill.actions.pgbouncer import SetPoolerTimeout as SetPoolerTimeout  # noqa: PLC0414 - as above
from drill.actions.postgres import CancelQueries as CancelQueries  # noqa: PLC0414 - as above
from drill.actions.postgres import RestartDatabase as RestartDatabase  # noqa: PLC0414 - as above
from drill.actions.postgres import SetConnectionLimit as SetConnectionLimit  # noqa: PLC0414 - as above
from drill.actions.postgres import SetDatabaseTimeout as SetDatabaseTimeout  # noqa: PLC0414 - as above
from drill.actions.postgres import SetMaxConnections as SetMaxConnections  # noqa: PLC0414 - as above
from drill.actions.postgres import SetRoleTimeout as SetRoleTimeout  # noqa: PLC0414 - as above
from drill.actions.postgres import TerminateIdle as TerminateIdle  # noqa: PLC0414 - as above
from drill.actions.postgres import TerminateQueries as TerminateQueries  # noqa: PLC0414 - as above
from drill.units import PerSecond, PositiveMicros, Share, Whole

Rollout = Literal["as-configured", "recreate", "surge"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale(Action):
    """Set the number of pods of a deployment."""

    do: ClassVar[str] = "scale"
    title: ClassVar[str] = "Scale a deployment"
    changes: ClassVar[str] = "Sets the number of replicas; pods are added or drained until it is reached."
    risk: ClassVar[str] = "More pods take more of everything they share; fewer pods carry more load each."
    undo: ClassVar[str] = "Scale back to the earlier number."
    deployment: str
    replicas: Annotated[int, Whole(0, 500)]


@dataclass(frozen=True, slots=True, kw_only=True)
class PauseAutoscaler(Action):
    """Stop the autoscaler of a deployment from changing its replicas."""

    do: ClassVar[str] = "pause-autoscaler"
    title: ClassVar[str] = "Pause the autoscaler"
    changes: ClassVar[str] = "The autoscaler stops changing the number of replicas; the present number stays."
    risk: ClassVar[str] = "Nobody follows the load until it is resumed."
    undo: ClassVar[str] = "Resume the autoscaler."
    deployment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeAutoscaler(Action):
    """Let the autoscaler of a deployment change its replicas again."""

    do: ClassVar[str] = "resume-autoscaler"
    title: ClassVar[str] = "Resume the autoscaler"
    changes: ClassVar[str] = "The autoscaler follows its metric again from its next sync on."
    risk: ClassVar[str] = "It may change the number of replicas at once."
    undo: ClassVar[str] = "Pause the autoscaler."
    deployment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPoolSize(Action):
    """Change the size of a pool in every pod of a deployment."""

    do: ClassVar[str] = "set-pool-size"
    title: ClassVar[str] = "Change the pool size per pod"
    changes: ClassVar[str] = "Sets the pool size in the configuration and rolls the pods to apply it."
    risk: ClassVar[str] = "Every pod restarts; requests in flight on a killed pod fail."
    undo: ClassVar[str] = "Set the earlier size, which rolls the pods again."
    risky: ClassVar[bool] = True
    deployment: str
    pool: str
    size: Annotated[int, Whole(1, 1_000)]
    rollout: Rollout = "as-configured"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddPooler(Action):
    """Put a connection pooler between a deployment and its database."""

    do: ClassVar[str] = "add-pooler"
    title: ClassVar[str] = "Add PgBouncer"
    changes: ClassVar[str] = "Starts PgBouncer in transaction mode and rolls the pods so that they connect through it."
    risk: ClassVar[str] = "Every pod restarts, and the pooler needs connections of its own from the database."
    undo: ClassVar[str] = "Roll back the deployment, which points the pods at the database again."
    risky: ClassVar[bool] = True
    deployment: str
    pool_size: Annotated[int, Whole(1, 1_000)] = 20
    rollout: Rollout = "recreate"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetCheckoutTimeout(Action):
    """Change how long a request waits for a pooled connection."""

    do: ClassVar[str] = "set-checkout-timeout"
    title: ClassVar[str] = "Change the checkout timeout"
    changes: ClassVar[str] = "Sets how long a request may wait for a pooled connection and rolls the pods."
    risk: ClassVar[str] = "Every pod restarts; a short timeout turns waiting into errors."
    undo: ClassVar[str] = "Set the earlier timeout, which rolls the pods again."
    risky: ClassVar[bool] = True
    deployment: str
    pool: str
    timeout: PositiveMicros
    rollout: Rollout = "as-configured"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetGatewayTimeout(Action):
    """Change how long the gateway waits for an answer."""

    do: ClassVar[str] = "set-gateway-timeout"
    title: ClassVar[str] = "Change the gateway timeout"
    changes: ClassVar[str] = "Requests that arrive from now on get this long before the gateway gives up."
    risk: ClassVar[str] = "Pods go on working for users who have left."
    undo: ClassVar[str] = "Set the earlier timeout."
    timeout: PositiveMicros


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit(Action):
    """Let at most this many requests a second through the gateway."""

    do: ClassVar[str] = "rate-limit"
    title: ClassVar[str] = "Rate-limit at the gateway"
    changes: ClassVar[str] = "Requests above the rate get 429 at once; 0/s lifts the limit."
    risk: ClassVar[str] = "Refused users count as failed."
    undo: ClassVar[str] = "Set the rate to 0/s."
    rate: PerSecond


@dataclass(frozen=True, slots=True, kw_only=True)
class Shed(Action):
    """Refuse a share of the traffic at the gateway."""

    do: ClassVar[str] = "shed"
    title: ClassVar[str] = "Shed a share of traffic"
    changes: ClassVar[str] = "This share of requests gets 503 at once; 0% lifts it."
    risk: ClassVar[str] = "Refused users count as failed."
    undo: ClassVar[str] = "Set the share to 0%."
    share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFlag(Action):
    """Switch a feature flag."""

    do: ClassVar[str] = "set-flag"
    title: ClassVar[str] = "Switch a feature flag"
    changes: ClassVar[str] = "Requests that arrive from now on see the flag's new value."
    risk: ClassVar[str] = "Users lose or regain what the flag controls."
    undo: ClassVar[str] = "Switch it back."
    flag: str
    on: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartPods(Action):
    """Replace every pod of a deployment by a new one."""

    do: ClassVar[str] = "restart-pods"
    title: ClassVar[str] = "Restart the pods"
    changes: ClassVar[str] = "Replaces every pod of the deployment by a new one of the same version."
    risk: ClassVar[str] = "Capacity is missing while pods start; what they held in memory is gone."
    undo: ClassVar[str] = "None."
    risky: ClassVar[bool] = True
    deployment: str
    rollout: Rollout = "as-configured"


@dataclass(frozen=True, slots=True, kw_only=True)
class RollBack(Action):
    """Return a deployment to the version before the present one."""

    do: ClassVar[str] = "roll-back"
    title: ClassVar[str] = "Roll back a deployment"
    changes: ClassVar[str] = "Rolls the pods to the revision before the present one."
    risk: ClassVar[str] = "Every pod restarts; what the newer version brought is gone."
    undo: ClassVar[str] = "Roll back once more, which returns to the newer revision."
    risky: ClassVar[bool] = True
    deployment: str
    rollout: Rollout = "as-configured"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipFix(Action):
    """Build and deploy a code change; takes minutes before the roll-out starts."""

    do: ClassVar[str] = "ship-fix"
    title: ClassVar[str] = "Ship a code fix"
    changes: ClassVar[str] = "Builds a prepared change, which takes minutes, then rolls the pods to it."
    risk: ClassVar[str] = "Every pod restarts, and the build takes time in which nothing improves."
    undo: ClassVar[str] = "Roll back the deployment."
    risky: ClassVar[bool] = True
    deployment: str
    fix: str


CATALOGUE: dict[str, type[Action]] = {
    cls.do: cls
    for cls in (
        Scale,
        PauseAutoscaler,
        ResumeAutoscaler,
        SetPoolSize,
        AddPooler,
        PausePooler,
        ResumePooler,
        ReloadPooler,
        KillPooler,
        SetPoolerLimit,
        SetPoolerTimeout,
        TerminateIdle,
        CancelQueries,
        TerminateQueries,
        SetCheckoutTimeout,
        SetGatewayTimeout,
        SetDatabaseTimeout,
        SetRoleTimeout,
        SetConnectionLimit,
        SetMaxConnections,
        RestartDatabase,
        RateLimit,
        Shed,
        SetThrottle,
        SetClientTimeout,
        SetClientRetries,
        SetCallTimeout,
        SetCallRetries,
        SetBreaker,
        SetLink,
        SetDns,
        SetFlag,
        RestartPods,
        RollBack,
        ShipFix,
    )
}
"""Every action by its name, in the order menus show them."""
