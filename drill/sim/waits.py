"""What a transaction holds, and one wait of a session for a lock.

Separate because rows, tables, the search for deadlocks and the views all read both. Neither decides anything.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.alarms import Alarms
    from drill.sim.locks import Locks
    from drill.sim.relations import Relation
    from drill.sim.request import Request
    from drill.sim.rows import Row
    from drill.sim.sessions import Session

TRANSACTION, TUPLE, RELATION = "transactionid", "tuple", "relation"
"""Kinds of waits, as `wait_event` names them; `wait_event_type` is Lock."""


class Holds:
    """The locks of one transaction; made with its first lock, ended with the transaction."""

    __slots__ = ("locks", "relations", "rows", "session", "xid")

    def __init__(self, locks: Locks, session: Session, xid: int) -> None:
        """Hold nothing yet."""
        self.locks = locks
        self.session = session
        self.xid = xid
        """Transaction id; 0 while it has written nothing."""
        self.rows: list[Row] = []
        self.relations: dict[Relation, None] = {}

    def end(self, *, committed: bool) -> None:
        """Give everything back, because the transaction ends."""
        self.locks.end(self, committed=committed)


class Wait:
    """One session waiting for one lock."""

    __slots__ = ("holds", "kind", "limit", "mode", "request", "row", "relation", "since", "then")  # noqa: RUF023 - by use

    def __init__(self, holds: Holds, relation: Relation, row: Row | None, mode: int, now_us: int) -> None:
        """Begin to wait for a row, or for a mode of a table."""
        self.holds = holds
        self.relation = relation
        self.row = row
        """None when it is the table that is waited for."""
        self.mode = mode
        self.kind = RELATION
        self.since = now_us
        """When it began to wait for what it waits for now; see also `Row.since_of`."""
        self.limit: Alarms | None = holds.session.limits.lock
        """The lock_timeout its statement goes by."""
        self.request: Request
        self.then: Callable[[Request], object]
        """Called with the request once the lock is held."""

    @property
    def session(self) -> Session:
        """Return who waits."""
        return self.holds.session

    @property
    def attempt_since(self) -> int:
        """Return when the present attempt began; lock_timeout and deadlock_timeout count from there."""
        return self.since if self.row is None else self.row.since_of(self)
