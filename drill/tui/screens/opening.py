"""What is shown while a scenario that was asked for by name is checked: its card, as the menu has it.

Separate from the page, which needs a run. The card is read in a moment; to check the whole file and to load what
simulates takes longer than anybody should look at an empty terminal.
"""

from __future__ import annotations

from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING

from textual.containers import Vertical
from textual.message import Message

from drill.scenario.card import HARDEST
from drill.tui.screens.base import DrillScreen
from drill.tui.widgets.marks import Rule
from drill.tui.widgets.prose import Paragraph, Prose

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from drill.scenario.library import Listed
    from drill.scenario.loader import ScenarioFile
    from drill.tui.pen import Pen

_WRITTEN_S = 0.02
"""Wall clock after which what was drawn is written, too: a thread does that, and what is loaded would hold it up."""


class OpeningScreen(DrillScreen[None]):
    """The card of one scenario."""

    CSS_PATH = "opening.tcss"

    class Loaded(Message):
        """The scenario is loaded, or can't be."""

        def __init__(self, scenario: ScenarioFile | None, error: Exception | None = None) -> None:
            """Say what came of it: one of the two."""
            super().__init__()
            self._scenario = scenario
            self._error = error

        def result(self) -> ScenarioFile | None:
            """Return the scenario, or raise why there is none."""
            if self._error is not None:
                raise self._error
            return self._scenario

    def __init__(self, listed: Listed, pen: Pen) -> None:
        """Show a scenario of which the card alone is known."""
        super().__init__(pen)
        self._listed = listed
        self._told: OpeningScreen.Loaded | None = None

    def compose(self) -> ComposeResult:
        """Lay out the card where the page will be."""
        card = self._listed.card
        yield Rule(self.pen, model=(card.title, ""))
        with Vertical(id="card"):
            yield Prose(self.pen, model=(Paragraph(card.summary),), id="summary")
            steps = self.glyphs.steps(card.difficulty, HARDEST)
            facts = f"Difficulty {steps}, about {card.minutes} minutes, family {card.family}"
            yield Prose(self.pen, model=(Paragraph(""), Paragraph(facts, "muted")), id="facts")
        state = f"{self.glyphs.unknown} The scenario is checked and its system is built. The page comes next."
        yield Prose(self.pen, model=(Paragraph(state, "muted"),), id="state")
        yield self.key_line()

    def on_mount(self) -> None:
        """Load the scenario once the card is on the terminal."""
        self.call_after_refresh(self.set_timer, _WRITTEN_S, Thread(target=self._load, daemon=True).start)

    def on_screen_resume(self) -> None:
        """Go on to the page, if another screen lay above when it was ready."""
        self._go_on()

    def _load(self) -> None:
        """Load the scenario, and what simulates it; in a thread, so that keys are answered meanwhile."""
        from drill.scenario.loader import load  # noqa: PLC0415 - loads pydantic

        try:
            self._told = self.Loaded(load(self._listed.path))
            import drill.tui.opening  # noqa: PLC0415, F401 - loads the simulation, so that the page waits for nothing
        except Exception as error:  # noqa: BLE001 - whatever it is, it is raised where the app can see it
            self._told = self.Loaded(None, error)
        with suppress(RuntimeError):  # the app has ended
            self.call_later(self._go_on)

    def _go_on(self) -> None:
        if self._told is not None and self.app.screen is self:
            told, self._told = self._told, None
            self.post_message(told)
