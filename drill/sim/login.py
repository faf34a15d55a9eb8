"""One backend of the database between its client's connect and its first statement.

Separate because the order of the checks decides who is told what when connections run short: first a slot at all, then,
once the role is known, the role's limit, the reserved slots and the database's limit (InitProcess and InitPostgres of
PostgreSQL 15, utils/init/postinit.c). Texts follow captures of PostgreSQL 15.18.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.failures import CONNECTION_LOST, SLOTS_RESERVED, TOO_MANY_CLIENTS, Failure, too_many_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.database import Database
    from drill.sim.sessions import Session


class Login:
    """One attempt to open a session; exactly one of `opened` and `refused` is called."""

    __slots__ = ("_application", "_database", "_life", "_lost", "_opened", "_refused")

    def __init__(
        self,
        database: Database,
        application: str,
        opened: Callable[[Session], object],
        refused: Callable[[Failure], object],
        lost: Callable[[Session], object] | None,
    ) -> None:
        """Do nothing until the connect has reached the server."""
        self._database = database
        self._application = application
        self._opened = opened
        self._refused = refused
        self._lost = lost
        self._life = 0

    def fork(self, _: object) -> None:
        """Take a slot, or be told that there is none or that the server is not up."""
        database = self._database
        if database.downtime.refusal is not None:
            self._refused(database.downtime.refusal)
        elif not database.slots.take():
            database.refused += 1
            self._refused(TOO_MANY_CLIENTS)
        else:
            self._life = database.downtime.life
            database.cpu.submit(database.spec.connect_cpu, self.authenticated, self)

    def authenticated(self, _: object) -> None:
        """Stay if the limits and the reserved slots allow it; the own slot is taken already."""
        database = self._database
        if self._life != database.downtime.life:  # the server went down meanwhile, and took the slot with it
            self._refused(CONNECTION_LOST)
            return
        failure = self._too_many()
        if failure is not None:
            database.slots.put()
            database.refused += 1
            self._refused(failure)
        elif database.downtime.out_of_memory():
            database.downtime.crash()
            self._refused(CONNECTION_LOST)
        else:
            self._opened(database.admit(self._application, self._lost))

    def _too_many(self) -> Failure | None:
        database = self._database
        spec, slots = database.spec, database.slots
        if 0 < database.role_limit <= len(database.sessions):
            return too_many_for("role", spec.role)
        if slots.size - slots.in_use < spec.superuser_reserved_connections:
            return SLOTS_RESERVED
        if 0 < database.database_limit <= len(database.sessions):
            return too_many_for("database", spec.name)
        return None
