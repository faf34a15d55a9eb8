"""What a pool may ask somebody about its members: whether to keep, try or close them.

Separate because most pools have nobody to ask, and the pool itself stays the same for those that do: an application's
pool asks `Upkeep`, the pooler's asks `Janitor`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from drill.sim.members import Claimant
    from drill.sim.pool import Pool


class Care(Protocol):
    """Looks after the members of one pool."""

    @property
    def trying(self) -> bool:
        """Whether any member is ever tried before it is lent."""

    def start(self, pool: Pool) -> None:
        """Begin; called once, by the pool."""

    def opened(self, pool: Pool, member: Any) -> None:  # noqa: ANN401 - the pool's source knows the type
        """Take note of a new member."""

    def keeps(self, pool: Pool, member: Any) -> bool:  # noqa: ANN401 - as above
        """Return whether a member that is returned stays; if not, it has been closed and is counted no more."""

    def dropped(self, pool: Pool, member: Any) -> None:  # noqa: ANN401 - as above
        """Forget a member that was closed."""

    def tries(self, pool: Pool, claimant: Claimant, member: Any) -> bool:  # noqa: ANN401 - as above
        """Return whether a member is tried first; if so, lending it is no longer the pool's business."""

    def opens_outside(self, pool: Pool, claimant: Claimant) -> bool:
        """Return whether a member is opened outside of the pool for a claimant that found none."""

    def closes_outside(self, pool: Pool, member: Any) -> bool:  # noqa: ANN401 - as above
        """Close a member that is outside of the pool; return False for others."""
