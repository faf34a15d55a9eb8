"""A table shows whole columns, keeps its cursor, and follows what is new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App, ComposeResult

from drill.tui.pen import pen
from drill.tui.widgets.table import LineTable, TableModel, said

if TYPE_CHECKING:
    from drill.tui.widgets.table import Cell

COLUMNS = ("NAME", "READY", "COUNT", "TEXT")


def rows(count: int, text: str = "fine") -> tuple[tuple[Cell, ...], ...]:
    """Return rows with a name, a word, a number and a text."""
    return tuple((f"pod-{at}", "1/1", at * 100, text) for at in range(count))


def table(count: int = 3, text: str = "fine", *, follow: bool = False) -> LineTable:
    """Return a table that nobody sees."""
    return LineTable(pen(), id="table", model=TableModel(columns=COLUMNS, rows=rows(count, text), follow=follow))


def texts(shown: LineTable, cells: int = 40, height: int = 6) -> list[str]:
    """Return what it shows."""
    assert shown.model is not None
    return ["".join(text for text, _ in line).rstrip() for line in shown.lines(shown.model, cells, height)]


class Stage(App[None]):
    """Somewhere to show a table."""

    def __init__(self, shown: LineTable) -> None:
        """Show it."""
        super().__init__()
        self.shown = shown
        self.marked: list[int] = []
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.shown

    def on_line_table_marked(self, event: LineTable.Marked) -> None:
        self.marked.append(event.row)

    def on_line_table_chosen(self, event: LineTable.Chosen) -> None:
        self.chosen.append(event.row)


def test_numbers_are_aligned_at_their_right() -> None:
    assert texts(table()) == [
        " NAME   READY  COUNT  TEXT",
        " pod-0  1/1        0  fine",
        " pod-1  1/1      100  fine",
        " pod-2  1/1      200  fine",
    ]


def test_columns_that_do_not_fit_are_left_out_whole() -> None:
    assert texts(table(1), cells=24) == [" NAME   READY  COUNT", " pod-0  1/1        0"]
    assert texts(table(1), cells=36)[0] == " NAME   READY  COUNT  TEXT"


def test_only_sentences_are_shortened_and_between_words() -> None:
    sentence = "FATAL: remaining connection slots are reserved for others"
    assert texts(table(1, sentence), cells=48)[1] == " pod-0  1/1        0  FATAL: remaining …"


def test_a_table_that_hides_columns_says_how_many() -> None:
    columns = ("A", "B" * 20, "C" * 20)
    shown = LineTable(pen(), id="table", model=TableModel(columns=columns, rows=(("a", "b", "c"),)))
    assert texts(shown, cells=44)[0] == f" A  {'B' * 20}  ◂ 1 more ▸"


def test_an_empty_table_says_so() -> None:
    shown = LineTable(pen(), id="table", model=TableModel(columns=COLUMNS, rows=(), empty="no pod here"))
    assert texts(shown) == [" no pod here"]
    assert shown.row == -1


def test_cells_are_said_as_they_are() -> None:
    cells = (None, "a\x1b[1mb", 3, 0.25, 252078000.0)
    assert [said(cell) for cell in cells] == ["", "a\ufffd[1mb", "3", "0.25", "252078000"]


async def test_keys_move_the_cursor_and_the_screen_follows() -> None:
    app = Stage(table(50))
    async with app.run_test(size=(40, 10)) as pilot:
        app.shown.focus()
        await pilot.press("j", "down", "k")
        assert app.shown.row == 1
        await pilot.press("G")
        assert app.shown.row == 49
        assert app.shown.render_line(9).text.startswith(" pod-49")
        await pilot.press("pageup")
        assert app.shown.row == 40
        await pilot.press("g", "k")
        assert app.shown.row == 0
        await pilot.pause()
        assert app.marked[-1] == 0


async def test_a_table_that_follows_stays_with_the_newest_row_until_somebody_looks_back() -> None:
    app = Stage(table(20, follow=True))
    async with app.run_test(size=(40, 10)) as pilot:
        app.shown.focus()
        await pilot.pause()
        app.shown.model = TableModel(columns=COLUMNS, rows=rows(30), follow=True)
        assert app.shown.row == 29
        await pilot.press("k")
        app.shown.model = TableModel(columns=COLUMNS, rows=rows(40), follow=True)
        assert app.shown.row == 28
        await pilot.press("G")
        app.shown.model = TableModel(columns=COLUMNS, rows=rows(41), follow=True)
        assert app.shown.row == 40


async def test_a_cursor_never_stands_behind_the_last_row() -> None:
    app = Stage(table(20))
    async with app.run_test(size=(40, 10)) as pilot:
        app.shown.focus()
        await pilot.press("G")
        app.shown.model = TableModel(columns=COLUMNS, rows=rows(3))
        assert app.shown.row == 2


async def test_columns_can_be_reached_sideways() -> None:
    wide = TableModel(columns=("ID", "A" * 30, "B" * 30), rows=(("1", "a", "b"),))
    app = Stage(LineTable(pen(), id="table", model=wide))
    async with app.run_test(size=(40, 6)) as pilot:
        app.shown.focus()
        await pilot.press("right")
        assert "B" * 30 in app.shown.render_line(0).text
        await pilot.press("left", "left")
        assert "A" * 30 in app.shown.render_line(0).text


async def test_a_click_marks_and_a_second_one_chooses() -> None:
    app = Stage(table(5))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.click(LineTable, offset=(3, 3))
        assert app.shown.row == 2
        await pilot.click(LineTable, offset=(3, 3))
        await pilot.pause()
    assert app.chosen == [2]


async def test_only_lines_that_changed_are_drawn_again() -> None:
    app = Stage(table(5))
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        before = [app.shown.render_line(y) for y in range(6)]
        changed = list(rows(5))
        changed[3] = ("pod-3", "0/1", 300, "fine")
        app.shown.model = TableModel(columns=COLUMNS, rows=tuple(changed))
        after = [app.shown.render_line(y) for y in range(6)]
    assert [old is new for old, new in zip(before, after, strict=True)] == [True, True, True, True, False, True]
