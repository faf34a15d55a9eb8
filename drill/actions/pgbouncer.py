"""The commands of PgBouncer's console, as actions.

Separate from other actions because their words are those of PgBouncer's manual,
https://www.pgbouncer.org/usage.html#process-controlling-commands. They never say whether an action helps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from drill.actions.action import Action
from drill.units import Quantity, Whole


@dataclass(frozen=True, slots=True, kw_only=True)
class PausePooler(Action):
    """Let PgBouncer close its server connections and its clients wait."""

    do: ClassVar[str] = "pause-pooler"
    title: ClassVar[str] = "Pause PgBouncer"
    changes: ClassVar[str] = "PAUSE: server connections close when their transactions end, and every client waits."
    risk: ClassVar[str] = "Users wait until it is resumed; those who wait longer than query_wait_timeout fail."
    undo: ClassVar[str] = "Resume PgBouncer."
    risky: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumePooler(Action):
    """Let PgBouncer serve its clients again."""

    do: ClassVar[str] = "resume-pooler"
    title: ClassVar[str] = "Resume PgBouncer"
    changes: ClassVar[str] = "RESUME: waiting clients get servers again, which are opened one at a time."
    risk: ClassVar[str] = "The database gets everything at once that has waited."
    undo: ClassVar[str] = "Pause PgBouncer."


@dataclass(frozen=True, slots=True, kw_only=True)
class ReloadPooler(Action):
    """Let PgBouncer read its file again."""

    do: ClassVar[str] = "reload-pooler"
    title: ClassVar[str] = "Reload PgBouncer"
    changes: ClassVar[str] = "RELOAD: every setting is as in the file again; clients and servers stay."
    risk: ClassVar[str] = "Whatever was changed on the console since the last reload is gone."
    undo: ClassVar[str] = "Set the values on the console again."


@dataclass(frozen=True, slots=True, kw_only=True)
class KillPooler(Action):
    """Let PgBouncer drop all clients and servers at once."""

    do: ClassVar[str] = "kill-pooler"
    title: ClassVar[str] = "Kill PgBouncer's connections"
    changes: ClassVar[str] = "KILL: drops every client and server connection at once and leaves the database paused."
    risk: ClassVar[str] = "Every request on a connection fails, and nobody is served until it is resumed."
    undo: ClassVar[str] = "Resume PgBouncer; clients reconnect and may wait for server_login_retry."
    risky: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPoolerLimit(Action):
    """Change one of PgBouncer's sizes on its console."""

    do: ClassVar[str] = "set-pooler-limit"
    title: ClassVar[str] = "Change a size of PgBouncer"
    changes: ClassVar[str] = "SET on the console: takes effect within a third of a second, until the next RELOAD."
    risk: ClassVar[str] = "More servers take more of the database's connections; fewer make clients wait."
    undo: ClassVar[str] = "Set the earlier value, or reload."
    setting: Literal["default_pool_size", "min_pool_size", "reserve_pool_size", "max_client_conn"]
    size: Annotated[int, Whole(0, 10_000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPoolerTimeout(Action):
    """Change one of PgBouncer's timeouts on its console."""

    do: ClassVar[str] = "set-pooler-timeout"
    title: ClassVar[str] = "Change a timeout of PgBouncer"
    changes: ClassVar[str] = "SET on the console: takes effect within a third of a second, until the next RELOAD."
    risk: ClassVar[str] = "A short timeout turns waiting into errors or opens and closes servers often."
    undo: ClassVar[str] = "Set the earlier value, or reload."
    setting: Literal[
        "query_wait_timeout", "reserve_pool_timeout", "server_idle_timeout", "server_lifetime", "server_login_retry"
    ]
    timeout: Annotated[int, Quantity("duration")]
