"""PostgreSQL's timeouts: who set them, for which sessions, and from when on they count.

Separate because three levels meet here. ALTER SYSTEM and a reload reach existing sessions too, unless their role has a
value of its own; ALTER ROLE reaches sessions that start afterwards (captures of PostgreSQL 15.18). Either way a server
process reads its configuration when it gets its next command (`PostgresMain`, tcop/postgres.c), so a timer that runs
already keeps its old value and one that would have to run is only started at the next change of state.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from drill.sim.alarms import Alarms
from drill.sim.sessions import ABORTED, ACTIVE, IDLE, IN_TRANSACTION, STATES, Session, Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from drill.sim.clock import Clock
    from drill.sim.locks import Locks

STATES_OF: dict[str, tuple[int, ...]] = {
    "statement_timeout": (ACTIVE,),
    "idle_in_transaction_session_timeout": (IN_TRANSACTION, ABORTED),
    "idle_session_timeout": (IDLE,),
    "lock_timeout": (),
}
"""Every timeout and the states it limits; `lock_timeout` limits single waits for a lock."""


class Limits:
    """What a group of sessions goes by: those that started under the same settings of their role."""

    __slots__ = ("lock", "overrides", "watches")

    def __init__(self, overrides: Mapping[str, int]) -> None:
        """Start without limits; `overrides` are the role's own values by setting."""
        self.overrides = dict(overrides)
        self.watches: list[Watch | None] = [None] * len(STATES)
        """By state, whoever ends what stays in it too long; read anew at each change of state."""
        self.lock: Alarms | None = None
        """Whoever ends a wait for a lock; None for nobody."""

    @property
    def straight(self) -> bool:
        """Whether nobody watches how long a session stays in a state."""
        return not any(self.watches)


class Settings:
    """The timeouts of one server."""

    def __init__(
        self,
        clock: Clock,
        initial: Mapping[str, int],
        end: Callable[[str, Session], object],
        locks: Locks,
        changed: Callable[[Limits], object],
    ) -> None:
        """Start with values in microseconds by setting, 0 for off.

        Args:
            clock: Simulated time.
            initial: The value of every setting.
            end: Called with a setting and a session that has stayed in its state for too long.
            locks: Where waits for locks begin, for `lock_timeout`.
            changed: Called with a group of which somebody watches other states than before.
        """
        self._clock = clock
        self._end = end
        self._locks = locks
        self._changed = changed
        self.system = dict(initial)
        """Values of ALTER SYSTEM, in microseconds."""
        self.current = Limits({})
        """What sessions that start now go by."""
        self._groups = [self.current]
        for setting in initial:
            self._apply(setting)

    def alter_system(self, setting: str, timeout_us: int) -> None:
        """Set a timeout for sessions of every age whose role has none of its own."""
        self.system[setting] = timeout_us
        self._apply(setting)

    def alter_role(self, setting: str, timeout_us: int) -> None:
        """Set a timeout for sessions that start from now on; 0 switches it off for them, whatever the system says."""
        self.current = Limits(self.current.overrides | {setting: timeout_us})
        self._groups.append(self.current)
        for each in self.system:
            self._set(self.current, each)

    def _apply(self, setting: str) -> None:
        for group in self._groups:
            if setting not in group.overrides:
                self._set(group, setting)

    def _set(self, group: Limits, setting: str) -> None:
        timeout_us = group.overrides.get(setting, self.system[setting])
        if setting == "lock_timeout":
            group.lock = Alarms(self._clock, timeout_us, self._locks.expired) if timeout_us else None
            if group.lock is not None:
                self._locks.lock_alarms.append(group.lock)
        for state in STATES_OF[setting]:
            expired = partial(self._end, setting)
            group.watches[state] = Watch(self._clock, timeout_us, state, expired) if timeout_us else None
        self._changed(group)
