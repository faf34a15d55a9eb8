"""Signals to single server processes of the database, by pid: what pg_terminate_backend and pg_cancel_backend send.

Separate from the other actions on the database because these name processes and not ages; a statement on the console
chooses them, and one action stands for all that one statement chose.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from drill.actions.action import Action
from drill.units import say

_MOST = 10_000
_HIGHEST = 4_194_304
"""Linux's highest pid."""


class _Pids:
    """Reads and writes pids: a list of whole numbers, or a text of them with commas between."""

    what = "pids such as 1201, 1207"

    def read(self, raw: object) -> tuple[int, ...]:
        """Return the pids in order; raise ValueError."""
        if isinstance(raw, str):
            raw = [int(part) if part.strip().isdecimal() else part for part in raw.split(",")]
        if not isinstance(raw, list) or not 0 < len(raw) <= _MOST:
            msg = f"{say(raw)} is not {self.what}, at most {_MOST}"
            raise ValueError(msg)
        for pid in raw:
            if isinstance(pid, bool) or not isinstance(pid, int) or not 0 < pid <= _HIGHEST:
                msg = f"{say(pid)} is not a pid from 1 to {_HIGHEST}"
                raise ValueError(msg)
        return tuple(dict.fromkeys(raw))

    def write(self, value: tuple[int, ...]) -> list[int]:
        """Return what `read` reads back."""
        return list(value)

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        """Describe the notation for editors."""
        pid = {"type": "integer", "minimum": 1, "maximum": _HIGHEST}
        return {"type": "array", "minItems": 1, "maxItems": _MOST, "items": pid, "description": self.what}


Pids = Annotated[tuple[int, ...], _Pids()]
"""Pids of server processes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TerminateBackends(Action):
    """Terminate the database sessions of some pids."""

    do: ClassVar[str] = "terminate-backends"
    title: ClassVar[str] = "Terminate sessions by pid"
    changes: ClassVar[str] = "pg_terminate_backend: ends the sessions of these pids; pids that are gone change nothing."
    risk: ClassVar[str] = "Requests behind those sessions fail, and open transactions are rolled back."
    undo: ClassVar[str] = "None; applications reconnect by themselves."
    risky: ClassVar[bool] = True
    pids: Pids


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelBackends(Action):
    """Cancel the statements that run in the sessions of some pids; the sessions stay."""

    do: ClassVar[str] = "cancel-backends"
    title: ClassVar[str] = "Cancel statements by pid"
    changes: ClassVar[str] = (
        "pg_cancel_backend: cancels what these pids run; a session that runs nothing stays as it is."
    )
    risk: ClassVar[str] = "The requests behind those statements fail."
    undo: ClassVar[str] = "None; callers may try again."
    risky: ClassVar[bool] = True
    pids: Pids
