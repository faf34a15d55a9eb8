"""Results as psql prints them: aligned, expanded, unaligned.

Separate from the commands that choose among these. Byte for byte as print.c of PostgreSQL 15 with border 1 and the
`ascii` line style.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from unicodedata import category, combining, east_asian_width

if TYPE_CHECKING:
    from drill.sql.answer import Rows

_RIGHT = {20, 21, 23, 26, 28, 29, 700, 701, 790, 1700}
"""Oids of types that stand on the right."""


@dataclass(frozen=True, slots=True)
class Style:
    """How results are shown."""

    expanded: str = "off"
    """`on`, `off` or `auto`."""
    aligned: bool = True
    tuples_only: bool = False
    separator: str = "|"
    null: str = ""
    columns: int = 80
    """Width of the terminal, for `auto`."""
    footer: bool = True


def width(text: str) -> int:
    """Return how many columns of a terminal a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) or category(char) in {"Mn", "Me", "Cf"} else _wide(char) for char in text)


def _wide(char: str) -> int:
    return 2 if east_asian_width(char) in "WF" else 1


def _shown(text: str) -> str:
    """Return a text with control characters as psql writes them; line breaks stay."""
    if text.isprintable():
        return text
    parts = []
    for char in text:
        if char == "\n" or char.isprintable():
            parts.append(char)
        elif char == "\t":
            parts.append(" " * (8 - len("".join(parts).rpartition("\n")[2]) % 8))
        elif char == "\r":
            parts.append("\\r")
        else:
            parts.append(f"\\x{ord(char):02X}" if ord(char) < 0x80 else f"\\u{ord(char):04X}")  # noqa: PLR2004 - ASCII
    return "".join(parts)


def layout(rows: Rows, style: Style, title: str = "") -> list[str]:
    """Return the lines of a result."""
    cells = [[style.null if cell is None else _shown(cell) for cell in row] for row in rows.rows]
    if not style.aligned:
        plain = [[style.null if cell is None else cell for cell in row] for row in rows.rows]
        return _unaligned(rows.names, plain, style, title)
    names = [_shown(name) for name in rows.names]
    right = [kind.oid in _RIGHT for kind in rows.types]
    if style.expanded == "on" or (style.expanded == "auto" and cells and _table_width(names, cells) > style.columns):
        return _expanded(names, cells, style, title)
    return _aligned(names, cells, right, style, title)


def _table_width(names: list[str], cells: list[list[str]]) -> int:
    return sum(_widths(names, cells)) + 3 * len(names) - 1


def _widths(names: list[str], cells: list[list[str]]) -> list[int]:
    columns = [[name, *(row[index] for row in cells)] for index, name in enumerate(names)]
    return [max(max(map(width, text.split("\n"))) for text in column) for column in columns]


def _aligned(names: list[str], cells: list[list[str]], right: list[bool], style: Style, title: str) -> list[str]:
    widths = _widths(names, cells)
    found: list[str] = []
    if not names:
        return [""] if style.tuples_only else ["--", _footer(len(cells)), ""]
    if not style.tuples_only:
        if title:
            found.append(_centred(title, sum(widths) + 3 * len(widths) - 1).rstrip())
        found += _header(names, widths)
        found.append("+".join("-" * (size + 2) for size in widths))
    for row in cells:
        found += _row(row, widths, right)
    if not style.tuples_only and style.footer:
        found.append(_footer(len(cells)))
    return [*found, ""]


def _header(names: list[str], widths: list[int]) -> list[str]:
    split = [name.split("\n") for name in names]
    found = []
    for index in range(max(map(len, split))):
        parts = []
        for lines, size in zip(split, widths, strict=True):
            text = _centred(lines[index], size) if index < len(lines) else " " * size
            parts.append(f" {text}{'+' if index + 1 < len(lines) else ' '}")
        found.append("|".join(parts))
    return found


def _centred(text: str, size: int) -> str:
    space = size - width(text)
    return " " * (space // 2) + text + " " * (space - space // 2)


def _row(row: list[str], widths: list[int], right: list[bool]) -> list[str]:
    split = [cell.split("\n") for cell in row]
    height = max((len(lines) for lines in split), default=1)
    found = []
    for line in range(height):
        parts = []
        for index, lines in enumerate(split):
            text = lines[line] if line < len(lines) else ""
            more = line + 1 < len(lines)
            last = index == len(split) - 1
            space = " " * (widths[index] - width(text))
            beyond = last and line >= len(lines)
            body = "" if beyond else space + text if right[index] else text if last and not more else text + space
            parts.append(f" {body}{'+' if more else '' if last else ' '}")
        found.append("|".join(parts))
    return found


def _footer(count: int) -> str:
    return f"({count} row{'' if count == 1 else 's'})"


def _expanded(names: list[str], cells: list[list[str]], style: Style, title: str) -> list[str]:
    found = [title] if title and not style.tuples_only else []
    if not cells or not names:
        return [*found, "" if style.tuples_only else _footer(len(cells)), *([] if style.tuples_only else [""])]
    labels = max(width(line) for name in names for line in name.split("\n"))
    values = max((width(line) for row in cells for cell in row for line in cell.split("\n")), default=0)
    for number, row in enumerate(cells, 1):
        if style.tuples_only:
            found += [_between(labels, values)] if number > 1 else []
        else:
            found.append(_record_line(number, labels, values))
        for name, cell in zip(names, row, strict=True):
            found += _field(name.split("\n"), cell.split("\n"), labels, values)
    return [*found, ""]


def _field(labels: list[str], lines: list[str], labels_width: int, values_width: int) -> list[str]:
    found = []
    for index in range(max(len(labels), len(lines))):
        label = labels[index] if index < len(labels) else ""
        line = lines[index] if index < len(lines) else None
        text = label + " " * (labels_width - width(label)) + ("+" if index + 1 < len(labels) else " ") + "|"
        if line is not None:
            more = index + 1 < len(lines)
            text += " " + (line + " " * (values_width - width(line)) + "+" if more else line)
        found.append(text)
    return found


def _between(labels: int, values: int) -> str:
    return "-" * (labels + 1) + "+" + "-" * (values + 1)


def _record_line(number: int, labels: int, values: int) -> str:
    head = f"[ RECORD {number} ]"
    line = "-" + head + "-" * (labels - len(head))
    if len(line) == labels + 1:
        line += "+"
    return line.ljust(labels + 3 + values, "-")


def _unaligned(names: tuple[str, ...], cells: list[list[str]], style: Style, title: str) -> list[str]:
    found = []
    if not names:
        return [] if style.tuples_only or style.expanded == "on" else ["", _footer(len(cells))]
    if style.expanded == "on":
        for number, row in enumerate(cells):
            found += [""] if number else []
            found += [f"{name}{style.separator}{cell}" for name, cell in zip(names, row, strict=True)]
        return found
    if not style.tuples_only:
        found += [title] if title else []
        found.append(style.separator.join(names))
    found += [style.separator.join(row) for row in cells]
    if not style.tuples_only and style.footer:
        found.append(_footer(len(cells)))
    return found
