"""What can be changed about the network: the condition of a link, and how names are resolved.

Separate because the change is made by whoever runs the network, or by what happens to it. The texts never say whether
an action helps.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from drill.actions.action import Action
from drill.units import Micros, Share  # noqa: TC001 - the types of fields are read at run time


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLink(Action):
    """Send the packets of a link another way, which has its own latency and loss."""

    do: ClassVar[str] = "set-link"
    title: ClassVar[str] = "Reroute a network link"
    changes: ClassVar[str] = "Packets sent from now on meet this round trip (besides the regions'), jitter and loss."
    risk: ClassVar[str] = "Everything that uses the link meets the new way, and it may be worse."
    undo: ClassVar[str] = "Set the earlier values."
    link: str
    round_trip: Micros = 0
    jitter: Micros = 0
    loss: Share = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDns(Action):
    """Let another server resolve names, which answers in its own way."""

    do: ClassVar[str] = "set-dns"
    title: ClassVar[str] = "Switch the name server"
    changes: ClassVar[str] = "Queries from now on take this long; these shares get SERVFAIL or no answer."
    risk: ClassVar[str] = "Every new connection depends on it; answers kept by pods stay as they are."
    undo: ClassVar[str] = "Set the earlier values."
    lookup: Micros = 1_000
    servfail: Share = 0.0
    unanswered: Share = 0.0
