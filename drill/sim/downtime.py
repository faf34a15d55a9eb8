"""What ends every session at once: a restart, and a backend killed for want of memory.

Separate because both replace all that the server keeps in memory, and only clients remember. When one server process
dies by a signal, shared memory can't be trusted, so the postmaster ends all others and recovers from the log (measured
on PostgreSQL 15.18: SIGKILL of one backend drops every session and refuses connects for 0.2 s; a restart took 0.14 s).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from drill.sim.failures import ADMIN_SHUTDOWN, CONNECTION_LOST, CONNECTION_REFUSED, RECOVERING, Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from drill.sim.database import Database


class Downtime:
    """Whether the server is up."""

    def __init__(self, database: Database, log: Callable[[str, str], object]) -> None:
        """Be up; `log` takes a level and a text of the server's log."""
        self._database = database
        self._log = log
        self.refusal: Failure | None = None
        """What every connect is told; None while the server is up."""
        self.life = 0
        """How often it has gone down."""

    def memory_used(self) -> int:
        """Return bytes used by the shared buffers and by the backends' own memory."""
        spec = self._database.spec
        return spec.shared_buffers + spec.memory_per_backend * len(self._database.sessions)

    def out_of_memory(self) -> bool:
        """Return whether one backend more is more than the machine's memory holds."""
        spec = self._database.spec
        return self.memory_used() + spec.memory_per_backend > spec.memory

    def restart(self) -> None:
        """Stop and start, which also applies what only a restart applies."""
        database = self._database
        self._log("LOG", "received fast shutdown request")
        self._end_all(ADMIN_SHUTDOWN, CONNECTION_REFUSED)
        database.max_connections = database.slots.size = database.wanted_connections
        self._come_up(database.spec.restart)

    def crash(self) -> None:
        """Lose one backend to the kernel, which ends all of them, and recover."""
        database = self._database
        pid = next(iter(database.sessions), 0)
        self._log("LOG", f"server process (PID {pid}) was terminated by signal 9: Killed")
        self._log("LOG", "terminating any other active server processes")
        self._end_all(CONNECTION_LOST, RECOVERING)
        self._log("LOG", "database system was not properly shut down; automatic recovery in progress")
        self._come_up(database.spec.recovery)

    def _end_all(self, failure: Failure, refusal: Failure) -> None:
        database = self._database
        self.life += 1
        self.refusal = refusal
        for session in database.sessions.every():
            database.terminate(session, failure)
        database.slots.in_use = 0  # logins that have come this far go down, too

    def _come_up(self, after_us: int) -> None:
        clock = self._database.clock
        clock.call_at(clock.t + after_us, self._up, self.life)

    def _up(self, life: int) -> None:
        if life == self.life:
            self.refusal = None
            self._log("LOG", "database system is ready to accept connections")
