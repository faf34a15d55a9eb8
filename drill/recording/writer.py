"""Writing a recording while the run goes on.

Separate from the reader because it must never lose what happened: each line is flushed to the operating system as it is
written, so that a killed process leaves a recording that opens and checks up to there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from drill.errors import UsageError
from drill.recording.lines import Header, Line, canonical, header_line, line_of

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class RecordingWriter:
    """An open recording."""

    def __init__(self, path: Path, header: Header) -> None:
        """Create the file with its header; raise UsageError if it can't be written."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8", newline="\n")
        except OSError as error:
            msg = f"can't write the recording {path}: {error.strerror}; give another path with --record"
            raise UsageError(msg) from None
        self._write(header_line(header))

    def write(self, line: Line) -> None:
        """Add one line."""
        self._write(line_of(line))

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        self._file.close()

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file."""
        self.close()

    def _write(self, mapping: dict[str, object]) -> None:
        self._file.write(canonical(mapping) + "\n")
        self._file.flush()
