"""A table drawn line by line: for rows that change every second, and for every list one can choose from.

Separate because a stock table costs six times as much an update. Columns that do not fit are left out whole and can be
reached sideways; only the last column shown may be shortened, between words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from textual.message import Message

from drill.tui.commands import bindings
from drill.tui.text import pad, printable, shorten, width
from drill.tui.widgets.lined import Lined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.binding import BindingType
    from textual.events import Click

    from drill.tui.pen import Pen
    from drill.tui.plot import Line

Cell = str | int | float | None
GAP = 2
_SHORTEST = 12
"""Least width a shortened column is worth showing in."""
_TEXT = 30
"""A column wider than this holds sentences, which may be shortened; names and numbers never are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableModel:
    """What a table shows."""

    columns: tuple[str, ...]
    """Headings; empty ones for a plain list."""
    rows: tuple[tuple[Cell, ...], ...]
    roles: tuple[str, ...] = ()
    """Role of each row; empty for plain text."""
    empty: str = "nothing to show"
    """Said when there is no row."""
    pinned: frozenset[int] = frozenset()
    """Rows that carry a glyph before their first cell."""
    follow: bool = False
    """Whether new rows come at the end and the cursor stays with the newest."""


class _Laid(NamedTuple):
    """A table as texts: worked out once a model, and not again for each step of the cursor."""

    model: TableModel
    texts: list[tuple[str, ...]]
    sizes: list[int]
    """Width of each column."""
    numeric: list[bool]
    """Whether a column holds numbers alone."""


class LineTable(Lined[TableModel], can_focus=True):
    """A table with a cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("table")]

    class Marked(Message):
        """The cursor stands on another row."""

        def __init__(self, table: LineTable, row: int) -> None:
            """Say which row; -1 for none."""
            super().__init__()
            self.table = table
            self.row = row

        def can_replace(self, message: Message) -> bool:
            """Let only the newest one through."""
            return isinstance(message, LineTable.Marked)

    class Chosen(Message):
        """A row was clicked."""

        def __init__(self, table: LineTable, row: int) -> None:
            """Say which row."""
            super().__init__()
            self.table = table
            self.row = row

    def __init__(self, pen: Pen, *, id: str, model: TableModel | None = None, lit: bool = False) -> None:  # noqa: A002 - Textual's name
        """Show a table with its cursor on the first row, or on the last one where it follows.

        `lit` shows the cursor as active although keys go elsewhere, as beside a line to search in.
        """
        super().__init__(pen, model=model, id=id)
        self._lit = lit
        self._laid: _Laid | None = None
        self._cursor = 0
        self._top = 0
        self._column = 0
        self._follows = True

    @property
    def row(self) -> int:
        """Index of the marked row; -1 without rows."""
        return self._cursor if self.model is not None and self.model.rows else -1

    def mark(self, row: int) -> None:
        """Move the cursor to a row."""
        self._move(row)

    def restart(self) -> None:
        """Forget where the cursor stood: what comes next is another table."""
        self._cursor = self._top = self._column = 0
        self._follows = True

    def watch_model(self) -> None:
        """Keep the cursor on a row that exists, and with the newest one where it follows."""
        count = 0 if self.model is None else len(self.model.rows)
        follow = self.model is not None and self.model.follow and self._follows
        self._cursor = max(0, count - 1) if follow else min(self._cursor, max(0, count - 1))
        self._told()

    def lines(self, model: TableModel, cells: int, height: int) -> list[Line]:
        """Return the headings and the rows around the cursor."""
        head = any(model.columns)
        room = max(1, height - head)
        self._top = max(min(self._top, self._cursor, max(0, len(model.rows) - room)), self._cursor - room + 1)
        if not model.rows:
            return [((" " + shorten(model.empty, cells - 1, self.glyphs.more), "muted"),)]
        if self._laid is None or self._laid.model is not model:
            self._laid = _laid(model)
        texts = self._laid.texts
        shown = _shown(self._laid.sizes, self._column, cells - 2)
        numeric = [self._laid.numeric[at] for at, _ in shown]
        lines = [self._heading(model.columns, shown, numeric, cells)] if head else []
        last = min(self._top + room, len(texts)) - 1
        for at in range(self._top, last + 1):
            lead = self.glyphs.full if at in model.pinned else " "
            text = lead + self._row(texts[at], shown, numeric)
            more = self._more(len(texts) - 1 - last, cells - width(text.rstrip())) if at == last else ""
            text = pad(text.rstrip(), cells - width(more)) if more else text
            if at == self._cursor:
                role = "cursor" if self._lit or self.has_focus else "inactive-cursor"
                lines.append(((pad(text, cells - width(more)) + more, role),))
            else:
                role = model.roles[at] if model.roles else "text"
                lines.append(((pad(text, cells - width(more)), role), (more, "key")) if more else ((text, role),))
        return lines

    def action_cursor(self, step: int) -> None:
        """Move the cursor by rows."""
        self._move(self._cursor + step)

    def action_page(self, step: int) -> None:
        """Move the cursor by pages."""
        self._move(self._cursor + step * max(1, self.content_size.height - 1))

    def action_first(self) -> None:
        """Move the cursor to the first row."""
        self._move(0)

    def action_last(self) -> None:
        """Move the cursor to the last row."""
        self._move(len(self.model.rows) - 1 if self.model else 0)

    def action_columns(self, step: int) -> None:
        """Show columns further left or right; the first one stays."""
        count = 0 if self.model is None else len(self.model.columns)
        self._column = min(max(0, self._column + step), max(0, count - 2))
        self.redraw()

    def on_mount(self) -> None:
        """Say which row is marked at first."""
        self._told()

    def on_click(self, event: Click) -> None:
        """Mark the row that was clicked; a second click chooses it."""
        if self.model is None or not self.model.rows:
            return
        row = self._top + event.y - self.gutter.top - any(self.model.columns)
        if 0 <= row < len(self.model.rows):
            again = row == self._cursor
            self._move(row)
            if again:
                self.post_message(self.Chosen(self, row))

    def _move(self, row: int) -> None:
        count = len(self.model.rows) if self.model else 0
        self._cursor = min(max(0, row), max(0, count - 1))
        self._follows = self._cursor == count - 1
        self._told()

    def _told(self) -> None:
        self.redraw()
        self.post_message(self.Marked(self, self.row))

    def _more(self, below: int, cells: int) -> str:
        """Return a mark that there are rows below, with their number if there is room."""
        told = f"  {self.glyphs.down} {below} more "
        return (told if width(told) <= cells else self.glyphs.down) if below else ""

    def _heading(
        self, columns: tuple[str, ...], shown: Sequence[tuple[int, int]], numeric: Sequence[bool], cells: int
    ) -> Line:
        titles = [pad(columns[at], size, right=right) for (at, size), right in zip(shown, numeric, strict=True)]
        line = " " + (" " * GAP).join(titles)
        left_out = len(columns) - len(shown)
        note = f"{' ' * GAP}{self.glyphs.before} {left_out} more {self.glyphs.after}"
        return (line, "muted"), (note if left_out and width(line) + width(note) <= cells else "", "key")

    def _row(self, texts: Sequence[str], shown: Sequence[tuple[int, int]], numeric: Sequence[bool]) -> str:
        return (" " * GAP).join(
            pad(shorten(texts[at], size, self.glyphs.more), size, right=right)
            for (at, size), right in zip(shown, numeric, strict=True)
        )


def said(cell: Cell) -> str:
    """Return a cell as text; None is an empty cell, as psql shows it."""
    if cell is None:
        return ""
    return printable(cell) if isinstance(cell, str) else f"{cell:.10g}" if isinstance(cell, float) else str(cell)


def _laid(model: TableModel) -> _Laid:
    texts = [tuple([said(cell) for cell in row]) for row in model.rows]
    columns = list(zip(*texts, strict=True)) if texts else [()] * len(model.columns)
    sizes = [max(width(title), *map(width, cells), 0) for title, cells in zip(model.columns, columns, strict=True)]
    numeric = [all(not isinstance(cell, str) for cell in cells) for cells in zip(*model.rows, strict=True)]
    return _Laid(model, texts, sizes, numeric)


def _shown(sizes: Sequence[int], skip: int, cells: int) -> list[tuple[int, int]]:
    """Return index and width of the columns that fit: the first one, then those from `skip` on."""
    shown: list[tuple[int, int]] = []
    left = cells
    for at in [0, *range(1 + skip, len(sizes))]:
        room = left - (GAP if shown else 0)
        shortened = sizes[at] > _TEXT or not shown
        if sizes[at] > room and (room < _SHORTEST or not shortened):
            break
        shown.append((at, min(sizes[at], room)))
        left = room - sizes[at]
    return shown
