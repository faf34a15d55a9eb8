"""Opening files whose names come from people: only regular files, only up to a limit, never waiting for a pipe.

Separate because scenarios and traces are opened with the same care. Nothing here reads what is in a file.
"""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import BinaryIO

from drill.errors import Problem, ScenarioError, UsageError


def open_regular(path: Path, limit: int, shown: str) -> BinaryIO:
    """Return a regular file of at most `limit` bytes, opened.

    Raises:
        UsageError: there is no such file, or it can't be opened.
        ScenarioError: it is larger.
    """
    try:
        number = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        msg = f"there is no file {shown}"
        raise UsageError(msg) from None
    except (OSError, ValueError) as error:  # ValueError: a name with a NUL character
        msg = f"{shown} can't be opened: {getattr(error, 'strerror', None) or error}"
        raise UsageError(msg) from None
    found = os.fstat(number)
    if not stat.S_ISREG(found.st_mode):
        os.close(number)
        kind = "a directory" if stat.S_ISDIR(found.st_mode) else "not an ordinary file"
        msg = f"{shown} is {kind}; name a file"
        raise UsageError(msg)
    if found.st_size > limit:
        os.close(number)
        msg = f"the file has {found.st_size} bytes; at most {limit} are allowed"
        raise ScenarioError([Problem(msg, shown)])
    return io.BufferedReader(io.FileIO(number))


def read_text(path: Path, limit: int) -> str:
    """Return a UTF-8 file of at most `limit` bytes; raise UsageError or ScenarioError."""
    shown = str(path)
    with open_regular(path, limit, shown) as file:
        try:
            raw = file.read(limit + 1)
        except OSError as error:
            msg = f"{shown} can't be read: {error.strerror}"
            raise UsageError(msg) from None
    if len(raw) > limit:
        raise ScenarioError([Problem(f"the file is larger than {limit} bytes, the most that is allowed", shown)])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        byte = raw[error.start]
        msg = f"the file is not UTF-8 text (byte 0x{byte:02X}); save it as UTF-8"
        raise ScenarioError([Problem(msg, shown, line)]) from None


def inside(path: Path, folder: Path) -> bool:
    """Return whether a path lies in a folder, links followed."""
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError, ValueError):  # links that lead in a circle, a name with a NUL character
        return False
