"""The backends of a server past authentication: those that do something as objects, unused ones as two numbers each.

Separate because both sides hold them. To a pod's pool an unused connection is a place in its stock, to the server a row
of pg_stat_activity; both read the same arrays. A backend becomes an object when it is borrowed or ended.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from heapq import merge
from operator import attrgetter
from typing import TYPE_CHECKING

from drill.sim.sessions import IDLE, Session
from drill.sim.stock import Stock

if TYPE_CHECKING:
    from drill.sim.database import Database
    from drill.sim.settings import Limits

_PID = attrgetter("pid")


class Backends(Mapping[int, Session]):
    """Every backend by pid, in the order of pids."""

    def __init__(self) -> None:
        """Start without any."""
        self.objects: dict[int, Session] = {}
        """Those that are objects, in no particular order."""
        self.stocks: dict[UnusedSessions, None] = {}
        """Where the others are, by pool."""
        self.unused = 0
        """How many those are."""

    def __len__(self) -> int:
        """Return how many there are; costs nothing."""
        return len(self.objects) + self.unused

    def __iter__(self) -> Iterator[int]:
        """Yield pids."""
        return map(_PID, self.shown())

    def __getitem__(self, pid: int) -> Session:
        """Return one as an object, which it then stays; raise KeyError for an unknown pid."""
        if pid not in self.objects:
            for stock in self.stocks:
                stock.turn(pid)
        return self.objects[pid]

    def shown(self) -> Iterator[Session]:
        """Yield all for somebody who only reads; unused ones are objects for as long as they are looked at."""
        made = sorted(self.objects.values(), key=_PID)
        return merge(made, *(stock.shown() for stock in self.stocks), key=_PID) if self.unused else iter(made)

    def busy(self) -> list[Session]:
        """Return those that are not idle, in the order of pids."""
        return sorted([session for session in self.objects.values() if session.state != IDLE], key=_PID)

    def every(self) -> list[Session]:
        """Return all as objects, which they stay."""
        return self.idle_before(1 << 62, whatever=True)

    def idle_before(self, at_us: int, *, whatever: bool = False) -> list[Session]:
        """Return those that have been idle since before a time, as objects; with `whatever` also those not idle."""
        for stock in self.stocks:
            stock.turn_started_before(at_us)
        found = [s for s in self.objects.values() if whatever or (s.state == IDLE and s.since < at_us)]
        return sorted(found, key=_PID)


class UnusedSessions(Stock):
    """Connections of one pool to the server that have been idle since they were opened: 16 bytes each."""

    __slots__ = ("_application", "_backends", "_database", "_limits", "_pids", "_started", "_turned")

    def __init__(self, database: Database, application: str) -> None:
        """Start empty, for a pool of an application."""
        super().__init__()
        self._database = database
        self._backends = database.sessions
        self._application = application
        self._limits: Limits | None = None
        self._pids, self._started = array("q"), array("q")
        """Both rise, as pids are given in the order of logins."""
        self._turned: dict[int, Session] = {}
        """Those that became objects, because the server ended them or was asked to, and still have their place here."""

    def shown(self) -> Iterator[Session]:
        """Yield those that are no objects, as objects that nobody keeps."""
        for pid, started in zip(self._pids, self._started, strict=True):
            if pid not in self._turned:
                yield self._session(pid, started)

    def turn(self, pid: int) -> None:
        """Make an object of one for good; do nothing if it is not here."""
        place = bisect_left(self._pids, pid)
        if place < len(self._pids) and self._pids[place] == pid:
            self._turn(place)

    def turn_started_before(self, at_us: int) -> None:
        """Make objects of those that started before a time."""
        for place in range(bisect_left(self._started, at_us)):
            self._turn(place)

    def _turn(self, place: int) -> None:
        pid = self._pids[place]
        if pid not in self._turned:
            self._turned[pid] = self._backends.objects[pid] = self._session(pid, self._started[place])
            self._backends.unused -= 1

    def _session(self, pid: int, started_us: int) -> Session:
        assert self._limits is not None  # noqa: S101 - as there are sessions; for the type checker
        return Session(pid, self._application, started_us, self._limits, tally=self._database.tally)

    def _pack(self, member: Session) -> bool:
        """Note a session, unless it has a timer or goes by other timeouts than the rest."""
        limits = self._limits if self.count else member.limits
        timed = member.watches[IDLE] is not None
        if timed or member.limits is not limits or member.statement is not None or member.closed is not None:
            return False
        self._limits = limits
        self._pids.append(member.pid)
        self._started.append(member.started)
        del self._backends.objects[member.pid]
        self._backends.unused += 1
        self._backends.stocks[self] = None
        return True

    def _unpack(self) -> Session:
        pid, started = self._pids.pop(), self._started.pop()
        session = self._turned.pop(pid, None)
        if session is None:
            session = self._backends.objects[pid] = self._session(pid, started)
            self._backends.unused -= 1
        if not self._pids:
            del self._backends.stocks[self]
        return session

    def _close(self) -> None:
        if not self._pids:
            return
        for session in self._turned.values():
            self._database.close(session)
        unused = self.count - len(self._turned)
        self._backends.unused -= unused
        self._database.slots.in_use -= unused
        del self._backends.stocks[self]
        self._pids, self._started, self._turned = array("q"), array("q"), {}
