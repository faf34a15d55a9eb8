"""Generators of random numbers by seed and purpose.

Separate because the same seed chooses what a scenario file becomes and everything that is random in its simulation, and
neither room may know the other.
"""

from __future__ import annotations

import hashlib
import random


def generator(seed: int, name: str) -> random.Random:
    """Return a fresh generator for a purpose; the same seed and name always give the same sequence."""
    digest = hashlib.sha256(f"{seed}/{name}".encode()).digest()
    return random.Random(int.from_bytes(digest[:16], "big"))  # noqa: S311 - a simulation, not a secret
