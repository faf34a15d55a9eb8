"""Reading a recording made by anybody, or what is left of one.

Separate because a recording is hostile input: sizes, nesting and types are checked before anything is believed. A last
line that was cut off is dropped and said so; anything wrong before it is an error with its line number.
"""

from __future__ import annotations

import json
import re
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from drill.actions.entries import Entry, read_entry
from drill.errors import ActionError, Problem, RecordingError, UsageError
from drill.recording.lines import FORMAT, Checkpoint, End, Header, Line
from drill.recording.remarks import COMMENT
from drill.units import format_duration, parse_duration, say

if TYPE_CHECKING:
    from pathlib import Path

MAX_BYTES = 64 * 2**20
MAX_LINE_BYTES = 64 * 2**10
MAX_NAME = 200
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_REASONS = ("finished", "left")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A recording as read."""

    path: Path
    header: Header
    lines: tuple[Line, ...]
    """In order of time."""
    cut: bool
    """Whether an incomplete last line was dropped."""

    @property
    def end(self) -> End | None:
        """The last line of a complete recording; None when it stops in the middle."""
        last = self.lines[-1] if self.lines else None
        return last if isinstance(last, End) else None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What was done, looked at, pinned, diagnosed and told."""
        return tuple(line for line in self.lines if isinstance(line, Entry))

    @property
    def until_us(self) -> int:
        """Time of the last line."""
        return self.lines[-1].at_us if self.lines else 0


def read_recording(path: Path) -> Recording:
    """Return a recording; raise UsageError if the file can't be opened, RecordingError if it is not a recording.

    Lines before the header that begin with `#` are left out: a crash report is a recording with remarks before it.
    """
    texts, cut = _texts(path)
    first = next((number for number, text in enumerate(texts, start=1) if not text.startswith(COMMENT)), 0)
    if not first:
        _wrong(path, 1, "holds no run; a recording has a header line, and after it what happened")
    header = _header(path, first, _mapping(path, first, texts[first - 1]))
    lines: list[Line] = []
    for number, text in enumerate(texts[first:], start=first + 1):
        line = _line(path, number, _mapping(path, number, text))
        if lines and line.at_us < lines[-1].at_us:
            _wrong(path, number, f"goes back in time, to {format_duration(line.at_us)}; lines are in order of time")
        if lines and isinstance(lines[-1], End):
            _wrong(path, number, "stands after the end of the recording; remove it")
        lines.append(line)
    return Recording(path=path, header=header, lines=tuple(lines), cut=cut)


def _texts(path: Path) -> tuple[list[str], bool]:
    """Return the complete lines of a file, and whether a last one was cut off."""
    size, raw = read_limited(path, MAX_BYTES, "recording")
    if size > MAX_BYTES:
        _wrong(path, 0, f"has {size} bytes; a recording has at most {MAX_BYTES}")
    *whole, rest = raw.split(b"\n")
    texts = []
    for number, line in enumerate(whole, start=1):
        if len(line) > MAX_LINE_BYTES:
            _wrong(path, number, f"has {len(line)} bytes; a line has at most {MAX_LINE_BYTES}")
        try:
            texts.append(line.decode())
        except UnicodeDecodeError:
            _wrong(path, number, "is not UTF-8 text; this is not a recording, or it was damaged")
    if not texts and rest:
        _wrong(path, 1, "is not a complete line; this is not a recording, or it was cut off before it began")
    return texts, bool(rest)


def read_limited(path: Path, limit: int, what: str) -> tuple[int, bytes]:
    """Return the size of an ordinary file, and its content unless it is larger than the limit; raise UsageError."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            msg = f"can't read the {what} {path}: it is not an ordinary file"
            raise UsageError(msg)
        return found.st_size, b"" if found.st_size > limit else path.read_bytes()
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL character
        msg = f"can't read the {what} {path}: {getattr(error, 'strerror', None) or error}"
        raise UsageError(msg) from None


def _mapping(path: Path, number: int, text: str) -> dict[str, object]:
    try:
        found = json.loads(text, parse_constant=refuse_constant)
    except (ValueError, RecursionError):
        _wrong(path, number, f"{say(text)} is not a line of JSON; the recording was edited or damaged here")
    if not isinstance(found, dict):
        _wrong(path, number, f"{say(text)} is not a mapping; the recording was edited or damaged here")
    return found


def refuse_constant(name: str) -> NoReturn:
    """Raise ValueError for NaN and infinities, which Python's reader takes and JSON does not know."""
    msg = f"{name} is not JSON"
    raise ValueError(msg)


def _header(path: Path, number: int, raw: dict[str, object]) -> Header:
    if raw.get("format") != FORMAT:
        _wrong(path, number, f"format is {say(raw.get('format'))}; this version reads {FORMAT!r}")
    wanted = {"engine": str, "scenario": str, "scenario_digest": str, "seed": int, "player": str}
    for key, kind in wanted.items():
        value = raw.get(key)
        if not isinstance(value, kind) or isinstance(value, bool) or len(str(value)) > MAX_NAME:
            _wrong(
                path, number, f"{key} is {say(value)}; the header needs {'a whole number' if kind is int else 'text'}"
            )
    values = {key: raw[key] for key in wanted} | {"started": str(raw.get("started", ""))[:40]}
    return Header(**values)  # type: ignore[arg-type]  # each was checked above


def _line(path: Path, number: int, raw: dict[str, object]) -> Line:
    kind = "checkpoint" if "checkpoint" in raw else "end" if "end" in raw else ""
    if not kind:
        try:
            return read_entry(raw)
        except ActionError as error:
            _wrong(path, number, str(error))
    try:
        at_us = parse_duration(raw.get("at"))
    except ValueError as error:
        _wrong(path, number, f"at: {error}")
    digest = raw.get("checkpoint" if kind == "checkpoint" else "digest")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest):
        _wrong(path, number, f"{say(digest)} is not a digest; the recording was edited or damaged here")
    if kind == "checkpoint":
        return Checkpoint(at_us=at_us, digest=digest)
    if raw["end"] not in _REASONS:
        _wrong(path, number, f"end is {say(raw['end'])}; it is one of {', '.join(_REASONS)}")
    return End(at_us=at_us, digest=digest, reason=str(raw["end"]))


def _wrong(path: Path, number: int, message: str) -> NoReturn:
    raise RecordingError([Problem(message, file=str(path), line=number)])
