"""One process of the bench: the smallest app that Textual can show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App
from textual.widgets import Static

if TYPE_CHECKING:
    from textual.app import ComposeResult


class Minimal(App[None]):
    """One line of text."""

    def compose(self) -> ComposeResult:
        """Show it."""
        yield Static("A minimal app.")


if __name__ == "__main__":
    Minimal().run()
