"""Kinds of values that options take, with errors that say what is allowed.

Separate because several commands share them.
"""

from __future__ import annotations

from random import SystemRandom

import click

from drill.units import parse_duration

MAX_SEED = 2**63 - 1
SEED = click.IntRange(0, MAX_SEED)
"""A seed: any whole number from 0."""
_MOST_DRAWN = 9_999


def any_seed() -> int:
    """Return a seed that nobody chose, short enough to be typed again."""
    return SystemRandom().randint(1, _MOST_DRAWN)


class Duration(click.ParamType[int]):
    """A duration such as `2m30s`, as whole microseconds."""

    name = "duration"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return microseconds, or fail with what is expected."""
        if isinstance(value, int):
            return value
        try:
            return parse_duration(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


DURATION = Duration()
