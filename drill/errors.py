"""The one error tree of drill.

Separate so that every room can raise the narrowest error without importing anything else. Nothing here formats for a
terminal and nothing exits: the command line maps each class to an exit code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class DrillError(Exception):
    """Something a user or author can mend; the message says what, where and what to do."""


class UsageError(DrillError):
    """A command was given something it can't use (a missing file, an unknown player, a bad option value)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong in a file, and where it stands."""

    message: str
    """What is wrong, with the value, the bound and what to do."""
    file: str = ""
    """Path as the user gave it; empty when the text did not come from a file."""
    line: int = 0
    """Line number from 1; 0 when unknown."""
    key: str = ""
    """Dotted key, for example `deployments.api.replicas`; empty for the whole file."""

    def __str__(self) -> str:
        """Return `file:line: key: message`, leaving out what is unknown."""
        where = ":".join([part for part in (self.file, str(self.line or "")) if part])
        return ": ".join([part for part in (where, self.key, self.message) if part])


class ProblemsError(DrillError):
    """One or more problems in one file, all of them reported at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep the problems (at least one) in the order of the file."""
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ScenarioError(ProblemsError):
    """A scenario file that can't be used (exit code 3)."""


class RecordingError(ProblemsError):
    """A recording that can't be used (exit code 4)."""


class EngineVersionError(RecordingError):
    """A recording made by another engine version: it opens read-only and can't be re-simulated (exit code 4)."""


class ActionsFileError(ProblemsError):
    """An actions file with lines that can't be used (exit code 2)."""


class ActionError(DrillError):
    """An action, look, pin, diagnosis or update that is malformed or can't be applied to this scenario."""


class MismatchError(DrillError):
    """A check or comparison found a difference (exit code 1)."""
