"""The garbage collector, made to look less often while time is advanced.

Separate because it is the one thing here that reaches outside of the run, and it puts everything back. A request leaves
no cycles behind, so that looking at all objects after every 700 new ones finds next to nothing; with thousands of
requests waiting it took a fifth of the time.
"""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OBJECTS = 100_000
"""New objects between two looks; some 20 MB of requests."""


@contextmanager
def seldom() -> Iterator[None]:
    """Collect garbage seldom inside of the block, unless whoever calls does so already."""
    usual = gc.get_threshold()
    if 0 < usual[0] < _OBJECTS:
        gc.set_threshold(_OBJECTS, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)
