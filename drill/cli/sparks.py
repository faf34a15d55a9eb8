"""A small chart in one line of text.

Separate because reports in a pipe need one without Textual or colour.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_BLOCKS = "▁▂▃▄▅▆▇█"
_ASCII = "_.:-=+*#"


def spark(shares: Sequence[float | None], *, ascii_only: bool = False) -> str:
    """Return one character for each fraction of 1, higher for more; a space where there is none."""
    levels = _ASCII if ascii_only else _BLOCKS
    return "".join(" " if share is None else levels[min(len(levels) - 1, int(share * len(levels)))] for share in shares)
