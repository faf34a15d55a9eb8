"""What a responder may do to the database: end sessions and statements, set limits and timeouts, restart.

Separate from other actions because these are SQL statements, and their words say what PostgreSQL makes of each. They
follow captures of PostgreSQL 15.18.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from drill.actions.action import Action
from drill.units import Quantity, Whole

DatabaseTimeout = Literal[
    "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateIdle(Action):
    """Terminate database sessions that have been idle for longer than an age."""

    do: ClassVar[str] = "terminate-idle"
    title: ClassVar[str] = "Terminate idle sessions"
    changes: ClassVar[str] = "Ends database sessions that have been idle for longer than the given age."
    risk: ClassVar[str] = "An application that still holds such a connection gets an error at its next use."
    undo: ClassVar[str] = "None; applications reconnect by themselves."
    risky: ClassVar[bool] = True
    older_than: Annotated[int, Quantity("duration")]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelQueries(Action):
    """Cancel statements that have run for longer than an age; their sessions stay."""

    do: ClassVar[str] = "cancel-queries"
    title: ClassVar[str] = "Cancel long queries"
    changes: ClassVar[str] = "Cancels statements that have run for longer than the given age; their sessions stay."
    risk: ClassVar[str] = "The requests behind those statements fail."
    undo: ClassVar[str] = "None; callers may try again."
    risky: ClassVar[bool] = True
    older_than: Annotated[int, Quantity("duration")]


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateQueries(Action):
    """Terminate sessions whose statement or transaction is older than an age."""

    do: ClassVar[str] = "terminate-queries"
    title: ClassVar[str] = "Terminate long transactions"
    changes: ClassVar[str] = "Ends sessions whose transaction, running or idle, is older than the given age."
    risk: ClassVar[str] = "The requests behind those sessions fail and their work is rolled back."
    undo: ClassVar[str] = "None; callers may try again."
    risky: ClassVar[bool] = True
    older_than: Annotated[int, Quantity("duration")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDatabaseTimeout(Action):
    """Set one of PostgreSQL's timeouts for all sessions."""

    do: ClassVar[str] = "set-database-timeout"
    title: ClassVar[str] = "Set a database timeout"
    changes: ClassVar[str] = (
        "ALTER SYSTEM and reload: applies to existing sessions too, from their next statement on, "
        "unless their role has a value of its own; 0s switches it off."
    )
    risk: ClassVar[str] = "Statements or sessions beyond the timeout are cut off, wanted or not."
    undo: ClassVar[str] = "Set the earlier value."
    setting: DatabaseTimeout
    timeout: Annotated[int, Quantity("duration")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRoleTimeout(Action):
    """Set one of PostgreSQL's timeouts for the sessions that the applications' role opens from now on."""

    do: ClassVar[str] = "set-role-timeout"
    title: ClassVar[str] = "Set a timeout for the role"
    changes: ClassVar[str] = (
        "ALTER ROLE ... SET: applies to sessions opened from now on and overrides the system's value; "
        "0s switches it off for them."
    )
    risk: ClassVar[str] = "Sessions that exist keep what they have, however long they live."
    undo: ClassVar[str] = "Set the earlier value; sessions opened meanwhile keep this one."
    setting: DatabaseTimeout
    timeout: Annotated[int, Quantity("duration")]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetConnectionLimit(Action):
    """Limit the connections of the applications' role or of the database."""

    do: ClassVar[str] = "set-connection-limit"
    title: ClassVar[str] = "Set a connection limit"
    changes: ClassVar[str] = (
        "ALTER ROLE or ALTER DATABASE ... CONNECTION LIMIT: refuses connects beyond it; 0 lifts it."
    )
    risk: ClassVar[str] = "Sessions above the limit stay, and connects beyond it get an error."
    undo: ClassVar[str] = "Set the earlier limit."
    of: Literal["role", "database"]
    limit: Annotated[int, Whole(0, 262_143)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMaxConnections(Action):
    """Change how many connections the server accepts."""

    do: ClassVar[str] = "set-max-connections"
    title: ClassVar[str] = "Change max_connections"
    changes: ClassVar[str] = (
        "ALTER SYSTEM SET max_connections, and a restart if wanted; without one nothing changes until the next."
    )
    risk: ClassVar[str] = "A restart ends every session, and each connection more takes memory and CPU."
    undo: ClassVar[str] = "Set the earlier value, which takes another restart."
    risky: ClassVar[bool] = True
    limit: Annotated[int, Whole(1, 262_143)]
    restart: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RestartDatabase(Action):
    """Stop the database server and start it again."""

    do: ClassVar[str] = "restart-database"
    title: ClassVar[str] = "Restart the database"
    changes: ClassVar[str] = "Ends every session and starts the server anew with the settings that wait for a restart."
    risk: ClassVar[str] = "Every statement at work fails, and all applications connect again at once."
    undo: ClassVar[str] = "None."
    risky: ClassVar[bool] = True
