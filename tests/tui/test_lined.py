"""What is drawn line by line is right after every change of model and size."""

from __future__ import annotations

from textual.app import App, ComposeResult

from drill.tui.pen import pen
from drill.tui.widgets.marks import KeyLine, Rule
from drill.tui.widgets.prose import Paragraph, Prose, written
from drill.tui.widgets.rows import Rows, RowsModel

KEYS = (("a", "act"), ("r", "resolve"), ("Space", "pause"), ("?", "help"), ("q", "quit"))


class Stage(App[None]):
    """Somewhere to show a paragraph."""

    CSS = "#shown { padding: 1 2; }"

    def compose(self) -> ComposeResult:
        yield Prose(pen(), model=(Paragraph("one two three four five six"),), id="shown")

    def shown(self) -> list[str]:
        """Return what is on the screen."""
        strips = self.screen._compositor.render_strips()  # noqa: SLF001 - what the terminal gets, as text
        return [text for strip in strips if (text := strip.text.strip())]


def text(line: tuple[tuple[str, str], ...]) -> str:
    """Return a line as text."""
    return "".join(part for part, _ in line).rstrip()


async def test_nothing_of_an_earlier_size_or_model_is_left() -> None:
    app = Stage()
    async with app.run_test(size=(14, 12)) as pilot:
        await pilot.pause()
        assert app.shown() == ["one two", "three four", "five six"]
        await pilot.resize_terminal(24, 12)
        await pilot.pause()
        assert app.shown() == ["one two three four", "five six"]
        app.query_one(Prose).model = (Paragraph("short"),)
        await pilot.pause()
        assert app.shown() == ["short"]
        app.query_one(Prose).model = None
        await pilot.pause()
        assert app.shown() == []


async def test_a_padded_widget_draws_what_changed_where_it_stands() -> None:
    app = Stage()
    async with app.run_test(size=(24, 12)) as pilot:
        await pilot.pause()
        app.query_one(Prose).model = (Paragraph("one two three four nine"),)
        await pilot.pause()
        assert app.shown() == ["one two three four", "nine"]


async def test_paragraphs_that_are_cut_say_so() -> None:
    app = Stage()
    async with app.run_test(size=(14, 4)) as pilot:
        app.query_one(Prose).styles.height = 4
        await pilot.pause()
        assert app.shown() == ["one two", "three …"]
        app.query_one(Prose).styles.height = 5
        await pilot.resize_terminal(14, 12)
        await pilot.pause()
        assert app.shown() == ["one two", "three four", "five six"]


def test_paragraphs_keep_their_indent() -> None:
    lines = written((Paragraph("one two three", indent="- "), Paragraph("x", "muted")), 8)
    assert [text(line) for line in lines] == ["- one", "  two", "  three", "x"]


def test_a_rule_has_its_length_and_leaves_a_remark_out_rather_than_cut_it() -> None:
    rule = Rule(pen())
    assert text(rule.lines(("Pods", "30 rows"), 30, 1)[0]) == "─ Pods ───────────── 30 rows ─"
    assert text(rule.lines(("Pods", "30 rows"), 16, 1)[0]) == "─ Pods ─────────"


def test_the_footer_leaves_whole_keys_out_and_never_help_and_quit() -> None:
    line = KeyLine(pen())
    assert text(line.lines(KEYS, 60, 1)[0]) == " a act  r resolve  Space pause  ? help  q quit"
    assert text(line.lines(KEYS, 40, 1)[0]) == " a act  r resolve  ? help  q quit"
    assert text(line.lines(KEYS, 20, 1)[0]) == " ? help  q quit"


def test_rows_show_the_first_or_the_newest() -> None:
    rows = tuple(((str(at), "text"),) for at in range(5))
    shown = Rows(pen())
    assert [text(line) for line in shown.lines(RowsModel(rows=rows), 20, 2)] == ["0", "1"]
    assert [text(line) for line in shown.lines(RowsModel(rows=rows, newest=True), 20, 2)] == ["3", "4"]
