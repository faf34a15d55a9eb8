"""The cockpit: which screen follows which, and the tick that lets a run go on whatever is shown.

Separate from the screens, which do not know each other. It holds at most one run, closes its recording however it is
left, and keeps what made it fail so that the command line can report it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from textual.app import App
from textual.events import Key

from drill.errors import DrillError
from drill.scenario.library import Listed, cards
from drill.tui.commands import bindings
from drill.tui.present import near_home
from drill.tui.process import INTERRUPTED, TWICE_S, Twice, end_on_signals, freeze, preload
from drill.tui.saving import saved
from drill.tui.screens.ask import AskScreen
from drill.tui.screens.base import DrillScreen
from drill.tui.screens.help import HelpScreen
from drill.tui.screens.menu import MenuScreen
from drill.tui.screens.opening import OpeningScreen
from drill.tui.screens.page import PageScreen
from drill.tui.screens.small import SmallScreen, wait_while_small
from drill.tui.theme import dress, filters
from drill.tui.widgets.prose import Paragraph

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.binding import BindingType
    from textual.events import Event, Resize

    from drill.scenario.loader import ScenarioFile
    from drill.tui.options import Options
    from drill.tui.run import LiveRun
    from drill.tui.screens.live import RunScreen

HURRY_S = 0.002
"""Pause between two ticks of a run that hurries or lags behind, so that keys get their turn."""


_ROOM = Path(__file__).parent
_SHEETS = (_ROOM / "app.tcss", *sorted((_ROOM / "screens").glob("*.tcss")))
"""Every style sheet, absolute for subclasses in other folders. One that came with its screen would make Textual parse
all of them anew, which takes longer than a key may."""


class DrillApp(App[None]):
    """The app."""

    TITLE = "drill"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("app")]
    CSS_PATH: ClassVar[list[str | PurePath]] = [*_SHEETS]

    def __init__(self, options: Options) -> None:
        """Start with the menu, or with the page of a scenario."""
        super().__init__(ansi_color=None if options.colour else True)
        self._options = options
        self._run_now: LiveRun | None = None
        self._interrupts = Twice(options.clock)
        self._hurrying = False
        self.failure: Exception | None = None
        """What made the app end; None when nobody but its user did."""
        self.crashed: Path | None = None
        """The recording of the run that was shown when it failed; None without one."""
        dress(self, colour=options.colour)
        self._filters = filters(self._filters, colour=options.colour)

    @property
    def run_now(self) -> LiveRun | None:
        """The run that is shown, from its page to its result."""
        return self._run_now

    def on_mount(self) -> None:
        """Show the first screen."""
        wanted = self._options.scenario
        if self._options.tick_s is not None:
            self.set_interval(self._options.tick_s, self.tick)
        end_on_signals(self)
        if isinstance(wanted, Listed):
            self.push_screen(OpeningScreen(wanted, self._options.pen))
        else:
            self._begin(lambda: wanted)

    def on_unmount(self) -> None:
        """Close the recording, whatever ended the app."""
        self.close()

    def tick(self) -> None:
        """Let the run go on."""
        run = self._run_now
        if run is None:
            return
        run.tick()
        run.look_back()
        if run.live and run.frame.over:
            self._conclude(run)
        if run.urgent and not self._hurrying and self._options.tick_s is not None:
            self._hurrying = True
            self.set_timer(HURRY_S, self._hurry)

    def end(self, code: int = 0) -> None:
        """Close the recording and leave the app."""
        self.close()
        self.exit(return_code=code)

    def close(self) -> None:
        """Close the run, wherever it stands; a second call does nothing."""
        run, self._run_now = self._run_now, None
        if run is not None:
            run.close()

    def on_menu_screen_chosen(self, event: MenuScreen.Chosen) -> None:
        """Open the page of what was chosen."""
        from drill.scenario.loader import load  # noqa: PLC0415 - loads pydantic

        try:
            self._options = replace(self._options, seed=event.seed)
            page = self._page(load(event.scenario))
        except DrillError as error:
            self.notify(str(error), title="This scenario can't be played", severity="warning", markup=False)
        else:
            self.push_screen(page)

    def on_opening_screen_loaded(self, event: OpeningScreen.Loaded) -> None:
        """Go on to the page of what was asked for by name."""
        self._begin(event.result)

    def on_page_screen_declined(self) -> None:
        """Go back to the menu."""
        self._to_menu()

    def on_page_screen_acknowledged(self) -> None:
        """Start the run."""
        from drill.tui.screens.incident import IncidentScreen  # noqa: PLC0415 - for a run, as all that is loaded late

        run = self._run_now
        if run is not None:
            run.start()
            self.switch_screen(IncidentScreen(run, self._options.pen))
            freeze(self)
            preload(self, _SOON)

    def on_debrief_screen_left(self) -> None:
        """Go back to the menu."""
        self._to_menu()

    def on_run_screen_wanted(self, event: RunScreen.Wanted) -> None:
        """Go where somebody wants to go within a run."""
        from drill.tui import doors  # noqa: PLC0415 - as above

        run, pen = self._run_now, self._options.pen
        if run is not None and run.live and self.screen is event.asking:  # a dialog that is open stays on top
            doors.go(self, event.where, run, pen)
        if self.screen is event.asking:
            event.asking.stay()

    def on_resolve_screen_resolved(self) -> None:
        """Go on to the debrief."""
        if self._run_now is not None and self._run_now.live:
            self._conclude(self._run_now)

    def on_drill_screen_saved(self, event: DrillScreen.Saved) -> None:
        """Write a text to a file of its own."""
        _say(self, *saved(self._options.exports, event.text, event.suffix))

    def on_resize(self, event: Resize) -> None:
        """Wait while the terminal is too small."""
        wait_while_small(self, event.size, self._run_now)

    def action_help(self) -> None:
        """Show the keys of the screen below."""
        if not isinstance(self.screen, HelpScreen | SmallScreen):
            scopes: tuple[str, ...] = getattr(self.screen, "SCOPES", ())
            self.push_screen(HelpScreen(self._options.pen, scopes))

    async def on_event(self, event: Event) -> None:
        """Take Alt with a letter for Esc and the letter, which terminals do not tell apart when they come fast."""
        if isinstance(event, Key) and event.key.startswith(_ALT):
            self.post_message(Key("escape", None))
            self.call_later(self.post_message, Key(event.key.removeprefix(_ALT), event.character))
            return
        await super().on_event(event)

    async def action_quit(self) -> None:
        """Leave; ask first while a run is live."""
        if self._run_now is None or not self._run_now.live:
            self.end()
        elif not isinstance(self.screen, AskScreen):
            ask = AskScreen(self._options.pen, "Leave this run?", _leaving(self._run_now), ("leave", "stay"))
            self.push_screen(ask, lambda yes: self.end() if yes else None)

    def action_interrupt(self) -> None:
        """Leave at the second time."""
        if self._interrupts.again():
            self.end(INTERRUPTED)
        else:
            _say(self, "Press Ctrl+C once more to leave.")

    def _begin(self, wanted: Callable[[], ScenarioFile | None]) -> None:
        """Show the page of a scenario, or the menu without one; end with the reason if it can't be played."""
        try:
            scenario = wanted()
            first = _menu(self._options) if scenario is None else self._page(scenario)
        except DrillError as error:
            self.failure = error
            self.end()
            return
        if isinstance(self.screen, OpeningScreen):
            self.switch_screen(first)
        else:
            self.push_screen(first)
        freeze(self)
        preload(self, _LATER)

    def _page(self, scenario: ScenarioFile) -> PageScreen:
        """Return the page of a scenario, whose run is on its way; raise UsageError if it can't be recorded as asked."""
        from drill.tui.opening import opened  # noqa: PLC0415 - loads the simulation

        self._run_now = opened(scenario, self._options)
        self._options = self._options.later()
        return PageScreen(self._run_now, self._options.pen)

    def _hurry(self) -> None:
        self._hurrying = False
        self.tick()

    def _conclude(self, run: LiveRun) -> None:
        from drill.tui import doors  # noqa: PLC0415 - as above

        run.conclude()
        doors.to_debrief(self, run, self._options.pen)

    def _to_menu(self) -> None:
        self.close()
        _back(self, self._options)

    def _handle_exception(self, error: Exception) -> None:
        """Close without Textual's report, which would print the values of variables; the first failure is kept."""
        if self.failure is None:
            self.failure = error
            self.crashed = None if self._run_now is None else self._run_now.order.record
        super()._handle_exception(error)
        self._exit_renderables.clear()


def _say(app: DrillApp, words: str, role: str = "title") -> None:
    """Say something where it hides nothing: in the key line, or in a corner where there is none."""
    if isinstance(app.screen, DrillScreen):
        app.screen.say(words, role)
    else:
        app.notify(words, timeout=TWICE_S, markup=False)


def _leaving(run: LiveRun) -> tuple[Paragraph, ...]:
    """Return what leaving a run means."""
    where = () if run.order.record is None else (Paragraph(near_home(run.order.record), "muted"),)
    return (Paragraph("What happened up to here stays recorded. A run that was left can't be gone on with."), *where)


def _menu(options: Options) -> MenuScreen:
    listed, errors = cards(options.library)
    return MenuScreen(listed, errors, options.pen, options.seed)


def _back(app: DrillApp, options: Options) -> None:
    """Go back to the menu, or to a new one where a run was opened without it."""
    while not isinstance(app.screen, MenuScreen) and len(app.screen_stack) > _LOWEST:
        app.pop_screen()
    if not isinstance(app.screen, MenuScreen):
        app.switch_screen(_menu(options))


_ALT = "alt+"
_LOWEST = 2
"""Screens that lie above each other at least: Textual's own, which is empty, and one of ours."""
_LATER = ("drill.scenario.loader", "drill.tui.opening", "drill.tui.doors")
"""What a run needs and a menu does not."""
_SOON = ("drill.console.shell",)
"""What takes half a second to load and is asked for by a key."""
