"""Results of long checks, kept so that an interrupted or repeated check goes on where it was.

Separate because it is the only file drill writes that may be thrown away at any time. A line that was cut off, edited
or written by another engine is passed over: at worst a run is simulated again.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import drill
from drill.lanes.proof import Outcome

if TYPE_CHECKING:
    from typing import TextIO

_MOST_BYTES = 64 * 2**20
"""A larger file is not one of ours."""


class Kept:
    """Outcomes of runs of one scenario file, by the run's key."""

    def __init__(self, folder: Path | None, digest: str) -> None:
        """Read what is known of a scenario of this digest; None keeps nothing."""
        self._path = None if folder is None else folder / f"{digest.removeprefix('sha256:')[:32]}-{engine()[:16]}.jsonl"
        self._known = {} if self._path is None else _read(self._path)
        self._file: TextIO | None = None

    def get(self, key: str) -> Outcome | None:
        """Return the outcome of a run, None when it is not known."""
        return self._known.get(_short(key))

    def add(self, key: str, outcome: Outcome) -> None:
        """Keep an outcome; where that is impossible it is only remembered."""
        short = _short(key)
        self._known[short] = outcome
        if self._path is None:
            return
        try:
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = self._path.open("a", encoding="utf-8")
                self._file.write("\n")  # whatever was cut off before stays a line of its own
            text = json.dumps({"run": short, **asdict(outcome)}, separators=(",", ":"))
            self._file.write(f"{_short(text)} {text}\n")
            self._file.flush()
        except OSError:
            self._path = None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()


@cache
def engine() -> str:
    """Return what tells one state of the program from another: a hash of everything runs depend on."""
    digest = hashlib.sha256(drill.__version__.encode())
    package = Path(drill.__file__).parent
    for room in ("actions", "lanes", "players", "scenario", "session", "sim", "telemetry"):
        for path in sorted((package / room).rglob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _short(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]


def _read(path: Path) -> dict[str, Outcome]:
    known: dict[str, Outcome] = {}
    try:
        if not path.is_file() or path.stat().st_size > _MOST_BYTES:
            return known
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        return known
    for line in lines:
        check, _, text = line.partition(" ")
        if text and check == _short(text):
            values: dict[str, Any] = json.loads(text)
            run = values.pop("run")
            lists = {key: tuple(values[key]) for key in ("failing", "unmeasured")}
            known[run] = Outcome(**{**values, **lists})
    return known
