"""A drill of which the console sees only what a test puts there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from drill.errors import ActionError
from drill.telemetry.server import BackendState, Inside, LockState, PoolerInside, ServerState

if TYPE_CHECKING:
    from drill.actions.action import Action

S = 1_000_000


def backend(pid: int, state: str = "idle", *, since_s: int = 0, query: str = "COMMIT") -> BackendState:
    """Return a session whose state changed at a time."""
    return BackendState(
        pid=pid,
        application="api-1",
        started_us=0,
        xact_us=None if state == "idle" else since_s * S,
        state_us=since_s * S,
        wait_event_type="Client",
        wait_event="ClientRead",
        state=state,
        xid=None,
        blocked_by=(),
        query=query,
    )


def inside(*backends: BackendState, at_s: int = 600, locks: tuple[LockState, ...] = ()) -> Inside:
    """Return a server with these sessions."""
    server = ServerState(
        name="shop",
        role="app",
        refusal="",
        life=0,
        max_connections=100,
        wanted_connections=100,
        reserved=3,
        slots_in_use=len(backends),
        role_limit=0,
        database_limit=0,
        shared_buffers=128 * 2**20,
        deadlock_timeout_us=S,
        timeouts_us=(("statement_timeout", 0), ("lock_timeout", 0)),
        role_timeouts_us=(),
        backends=backends,
        locks=locks,
        relations=(("stock", 16_400),),
        deadlocks=0,
        connects=len(backends),
    )
    return Inside(at_s * S, server, None)


POOLER = PoolerInside(
    mode="transaction",
    paused=False,
    clients=7,
    waiting=5,
    servers=((1201, True, 0, 590 * S), (1202, True, 0, 599 * S)),
    servers_logging_in=0,
    oldest_wait_us=1_408_073,
    settings=(
        ("default_pool_size", 2),
        ("min_pool_size", 0),
        ("reserve_pool_size", 0),
        ("reserve_pool_timeout", 5 * S),
        ("max_client_conn", 100),
        ("query_wait_timeout", 120 * S),
        ("server_lifetime", 3600 * S),
        ("server_idle_timeout", 600 * S),
        ("server_login_retry", 15 * S),
    ),
    file_settings=(),
)


class StubPort:
    """Notes what is done and looked at."""

    def __init__(self, state: Inside, *, refuses: str = "") -> None:
        """Show a state; `refuses` is why no action can be done."""
        self.state = state
        self.refuses = refuses
        self.done: list[Action] = []
        self.looks: list[str] = []

    def inspect(self) -> Inside:
        return self.state

    def perform(self, action: Action) -> str:
        if self.refuses:
            raise ActionError(self.refuses)
        self.done.append(action)
        return ""

    def look(self, view: str) -> None:
        self.looks.append(view)

    def wait(self, us: int) -> bool:
        self.state = replace(self.state, at_us=self.state.at_us + us)
        return True

    def change(self, **server: object) -> None:
        """Let the server be another."""
        self.state = replace(self.state, server=replace(self.state.server, **server))  # type: ignore[arg-type]  # fields of a server
