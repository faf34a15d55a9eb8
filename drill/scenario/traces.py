"""Recorded arrivals: a CSV file, optionally compressed, beside a scenario.

Separate from scenario files because a trace may have millions of rows: it is read as a stream, within limits, into
plain columns. Times are read as decimals, so that no digit is lost on the way to whole microseconds.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from drill.errors import Problem, ScenarioError
from drill.scenario.files import open_regular
from drill.scenario.findings import some, suggest
from drill.units import US_PER_S, say

MAX_ROWS = 2_000_000
"""Most arrivals in one trace."""
MAX_BYTES = 256 * 2**20
"""Largest trace after decompression, in bytes."""
MAX_LINE = 100_000
"""Longest line, in characters."""
MAX_PROBLEMS = 20
"""Problems after which reading stops."""
MAX_S = 7 * 24 * 3_600
"""Latest arrival and longest service time, in seconds."""
MAX_POD = 100_000
"""Highest pod index."""

COLUMNS = ("at_s", "service_s", "pod", "endpoint", "leak")
"""Columns that mean something; those that start with `measured_` are ignored."""

_NUMBER = re.compile(r"[0-9]{1,20}(?:\.[0-9]{0,20})?(?:[eE][-+]?[0-9]{1,2})?", re.ASCII)
_NEGATIVE = re.compile(r"-[0-9.]+(?:[eE][-+]?[0-9]{1,2})?", re.ASCII)
_US = Decimal(US_PER_S)
_LONGEST = Decimal(MAX_S)


class TraceRow(NamedTuple):
    """One arrival."""

    at_us: int
    """Time since the start in whole microseconds."""
    service_us: int | None
    """Time in the database of the request's query; None for what the scenario says."""
    pod: int | None
    """Index of the pod that gets it; None for the router's choice."""
    endpoint: str | None
    """None for the first endpoint."""
    leak: bool
    """Whether its first borrow is never returned."""


@dataclass(frozen=True, slots=True)
class Trace:
    """Arrivals in order of time, as columns of equal length; a column the file does not have is empty."""

    at_us: tuple[int, ...] = field(repr=False)
    service_us: tuple[int | None, ...] = field(repr=False)
    pod: tuple[int | None, ...] = field(repr=False)
    endpoint: tuple[str | None, ...] = field(repr=False)
    leak: tuple[bool, ...] = field(repr=False)
    digest: str = ""
    """SHA-256 of the file's content after decompression, in hex."""

    @property
    def rows(self) -> Iterator[TraceRow]:
        """Return the arrivals one by one; each call starts anew."""
        nothing = (None,) * len(self.at_us)
        leak = self.leak or (False,) * len(self.at_us)
        columns = (self.service_us or nothing, self.pod or nothing, self.endpoint or nothing)
        return map(TraceRow, self.at_us, *columns, leak)


def read_trace(path: Path, endpoints: Collection[str]) -> Trace:
    """Return a trace whose endpoints are among `endpoints`; raise UsageError (can't be opened) or ScenarioError."""
    shown = str(path)
    with open_regular(path, MAX_BYTES, shown) as file:
        opened = gzip.GzipFile(fileobj=file) if shown.endswith(".gz") else file
        counted = _Counted(opened)
        reading = _Reading(shown, endpoints)
        try:
            with io.TextIOWrapper(io.BufferedReader(counted, 2**16), encoding="utf-8-sig", newline="") as text:
                reading.run(text)
                return reading.trace(counted.digest())
        except (gzip.BadGzipFile, zlib.error):
            reading.stop("the file is not compressed with gzip, or is damaged; compress it again or name it .csv")
        except EOFError:
            reading.stop("the compressed file ends too early; copy it again")
        except UnicodeDecodeError:
            reading.stop("the file is not UTF-8 text; save it as UTF-8")
        except _TooLargeError:
            reading.stop(f"the trace is larger than {MAX_BYTES} bytes when decompressed, the most that is allowed")
        except (csv.Error, OSError) as error:
            reading.stop(f"the file can't be read as CSV: {error}")
        raise ScenarioError(reading.problems)


class _TooLargeError(Exception):
    """The decompressed file passes the limit."""


class _Counted(io.RawIOBase):
    """A stream that stops at a limit and computes the digest of what passes."""

    def __init__(self, source: BinaryIO | gzip.GzipFile) -> None:
        self._source = source
        self._passed = 0
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]  # the stubs ask for any buffer
        chunk = self._source.read(len(buffer))
        self._passed += len(chunk)
        if self._passed > MAX_BYTES:
            raise _TooLargeError
        self._hash.update(chunk)
        buffer[: len(chunk)] = chunk
        return len(chunk)

    def digest(self) -> str:
        return self._hash.hexdigest()


class _Reading:
    """One pass through a trace."""

    def __init__(self, shown: str, endpoints: Collection[str]) -> None:
        self.problems: list[Problem] = []
        self._shown = shown
        self._endpoints = dict.fromkeys(endpoints)
        self._at_us: list[int] = []
        self._optional: dict[str, list[int | str | bool | None]] = {}
        self._line = 0

    def run(self, text: io.TextIOWrapper) -> None:
        rows = csv.reader(self._lines(text), strict=True)
        header = next(rows, None)
        if header is None:
            self.stop("the file is empty; its first line names columns such as at_s")
            return
        columns = self._columns([name.strip() for name in header])
        if self.problems:
            return
        for row in rows:
            self._line = rows.line_num
            if not row:
                continue
            if len(row) != len(header):
                self._report("", f"the line has {len(row)} values; the first line names {len(header)} columns")
            else:
                self._take(row, columns)
            if len(self._at_us) > MAX_ROWS:
                self._report("", f"the trace has more than {MAX_ROWS} arrivals; cut it into several")
                return
            if len(self.problems) >= MAX_PROBLEMS:
                self._report("", "reading stopped here; what follows was not checked")
                return

    def trace(self, digest: str) -> Trace:
        """Return what was read; raise ScenarioError if anything is wrong."""
        if not self._at_us and not self.problems:
            self.stop("the trace has no arrivals")
        if self.problems:
            raise ScenarioError(self.problems)
        columns: list[Any] = [tuple(self._optional.get(name, ())) for name in COLUMNS[1:]]
        service_us, pod, endpoint, leak = columns
        return Trace(tuple(self._at_us), service_us, pod, endpoint, leak, digest)

    def stop(self, message: str) -> None:
        """Note what ends the reading."""
        self._report("", message)

    def _report(self, column: str, message: str) -> None:
        self.problems.append(Problem(message, self._shown, self._line, column))

    def _lines(self, text: io.TextIOWrapper) -> Iterator[str]:
        while line := text.readline(MAX_LINE + 1):
            if len(line) > MAX_LINE:
                msg = f"a line is longer than {MAX_LINE} characters"
                raise csv.Error(msg)
            yield line

    def _columns(self, header: list[str]) -> list[tuple[int, str]]:
        self._line = 1
        for name in header:
            if name not in COLUMNS and not name.startswith("measured_"):
                self._report(
                    name[:60], f"unknown column; the columns are: {', '.join(COLUMNS)}{suggest(name, COLUMNS)}"
                )
            elif name in COLUMNS and header.count(name) > 1 and not any(name == each.key for each in self.problems):
                self._report(name, "the column stands here more than once")
        if "at_s" not in header:
            self._report("at_s", "this column is needed: the time of each arrival in seconds")
        self._optional = {name: [] for name in header if name in COLUMNS[1:]}
        return [(index, name) for index, name in enumerate(header) if name in COLUMNS]

    def _take(self, row: list[str], columns: list[tuple[int, str]]) -> None:
        for index, name in columns:
            raw = row[index].strip()
            try:
                if name == "at_s":
                    self._arrive(raw)
                else:
                    self._optional[name].append(self._value(name, raw))
            except ValueError as error:
                self._report(name, str(error))

    def _arrive(self, raw: str) -> None:
        if not raw:
            msg = "there is no value; every line needs the time of its arrival in seconds"
            raise ValueError(msg)
        at_us = _microseconds(raw)
        if self._at_us and at_us < self._at_us[-1]:
            before = self._at_us[-1] / US_PER_S
            msg = f"{raw} is before {before:.6f}, the arrival above; sort the lines by time"
            raise ValueError(msg)
        self._at_us.append(at_us)

    def _value(self, name: str, raw: str) -> int | str | bool | None:
        if name == "leak":
            if raw in {"", "0", "1"}:
                return raw == "1"
            msg = f"{say(raw)} is not 0 or 1"
            raise ValueError(msg)
        if not raw:
            return None
        if name == "service_s":
            return _microseconds(raw)
        if name == "pod":
            if raw.isascii() and raw.isdigit() and len(raw) <= len(str(MAX_POD)) and int(raw) <= MAX_POD:
                return int(raw)
            msg = f"{say(raw)} is not a whole number from 0 to {MAX_POD}"
            raise ValueError(msg)
        if raw not in self._endpoints:
            near = suggest(raw, self._endpoints)
            msg = f"there is no endpoint {say(raw)}; known: {some(self._endpoints)}{near}"
            raise ValueError(msg)
        return raw


def _microseconds(raw: str) -> int:
    """Return seconds as whole microseconds, rounded half to even; raise ValueError."""
    if not _NUMBER.fullmatch(raw):
        why = "is negative" if _NEGATIVE.fullmatch(raw) else "is not a number"
        msg = f"{say(raw)} {why}; write seconds such as 12.345678"
        raise ValueError(msg)
    value = Decimal(raw)
    if value > _LONGEST:
        msg = f"{raw} is out of range; allowed is 0 to {MAX_S} seconds"
        raise ValueError(msg)
    return round(value * _US)
