"""What is told to others is what stands in the form, and a promise that is overdue shows."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from drill.actions.entries import Entry, Update
from drill.errors import ActionError
from drill.scenario.library import folder
from drill.scenario.loader import load
from drill.scoring.communication import BANDS, band
from drill.tui.glyphs import ASCII
from drill.tui.pen import pen
from drill.tui.updates import IMPACTS, NOT_STATED, build, form, meaning, promise, teams
from drill.tui.widgets.field import FieldLine
from drill.units import US_PER_S
from tests.tui.cockpit import LARGE, SMALL, Cockpit, press, started, still, text
from tests.tui.shop import AT_S, StillDriver, shop

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from drill.tui.fields import FieldModel

SPEC = shop().spec
MINUTE_US = 60 * US_PER_S
TO_LAST = ["right"] * 9
"""Keys that lead to the last value of any choice here."""
ACKNOWLEDGED = Entry(at_us=0, deed=Update(update="acknowledge"))


def fields(filled: dict[str, str], *given: Entry) -> dict[str, FieldModel]:
    """Return the fields by name."""
    return {field.name: field for field in form(SPEC, given, filled)}


def asked(*given: Entry, **filled: str) -> list[str]:
    """Return the names of the fields that are asked for."""
    return [name for name, field in fields(filled, *given).items() if field.shown]


def sent(driver: StillDriver) -> list[Update]:
    """Return the updates that were sent after the page was acknowledged."""
    return [each for each in driver.asked if isinstance(each, Update)][1:]


async def opened(pilot: Pilot[None], app: Cockpit) -> None:
    """Start the run and go to the form."""
    await started(pilot, app)
    await press(pilot, "u", then="UpdateScreen")


async def write(pilot: Pilot[None], app: Cockpit, field: str, value: str) -> None:
    """Put a text into a field faster than key by key."""
    app.screen.query_one(f"#field-{field}", Input).value = value
    await pilot.pause()


def test_each_kind_asks_for_its_own_fields() -> None:
    assert asked() == ["kind", "impact", "scope", "doing", "next_update_in"]
    assert asked(kind="severity") == ["kind", "severity", "doing", "next_update_in"]
    assert asked(kind="escalate") == ["kind", "team", "doing", "next_update_in"]
    assert asked(kind="acknowledge") == ["kind"]
    assert asked(scope="other") == ["kind", "impact", "scope", "in_words", "doing", "next_update_in"]
    assert "in_words" in asked(kind="escalate", team="other")
    assert "in_words" not in asked(kind="severity", scope="other", team="other")


def test_what_is_acknowledged_is_not_offered_again() -> None:
    assert "acknowledge" in (fields({})["kind"].values or ())
    assert "acknowledge" not in (fields({}, ACKNOWLEDGED)["kind"].values or ())


def test_scopes_and_teams_come_from_the_scenario() -> None:
    assert fields({})["scope"].values == (NOT_STATED, "everything", "till", "stock", "other")
    assert teams(SPEC) == ("database", "platform", "till", "stock", "other")
    (shipped,) = (load(path).spec for path in folder().glob("checkout-down.yaml"))
    assert teams(shipped) == ("database", "platform", "payments", "carrier-rates", "other")


def test_what_was_said_before_stands_there_at_first() -> None:
    before = Entry(at_us=1, deed=Update(update="status", impact="many", scope="till", next_in=MINUTE_US))
    severe = Entry(at_us=2, deed=Update(update="severity", severity="sev4"))
    now = fields({}, ACKNOWLEDGED, before, severe)
    assert (now["impact"].value, now["scope"].value, now["severity"].value) == ("many", "till", "sev4")
    assert fields({}, ACKNOWLEDGED)["impact"].value == NOT_STATED


def filled(**changes: str) -> dict[str, str]:
    """Return what stands in the fields at first, with changes."""
    return {name: field.value for name, field in fields(changes).items()} | changes


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"impact": "most"}, Update(update="status", impact="most", next_in=10 * MINUTE_US)),
        (
            {"scope": "till", "doing": " looking ", "next_update_in": "30m"},
            Update(update="status", scope="till", doing="looking", next_in=30 * MINUTE_US),
        ),
        (
            {"scope": "other", "in_words": "gift cards", "next_update_in": "no promise"},
            Update(update="status", scope="gift cards"),
        ),
        (
            {"kind": "severity", "severity": "sev1", "next_update_in": "5m"},
            Update(update="severity", severity="sev1", next_in=5 * MINUTE_US),
        ),
        (
            {"kind": "escalate", "team": "platform", "impact": "most", "next_update_in": "no promise"},
            Update(update="escalate", team="platform"),
        ),
        ({"kind": "acknowledge", "doing": "x"}, Update(update="acknowledge")),
    ],
)
def test_only_what_is_asked_for_is_said(changes: dict[str, str], expected: Update) -> None:
    assert build(filled(**changes)) == expected


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({}, "would say nothing; state an impact, a scope or what is being done"),
        ({"scope": "other", "in_words": " "}, "say in words which part of the system"),
        ({"kind": "escalate", "team": "other"}, "say in words which team"),
        ({"doing": "x" * 3000}, "at most 2000 characters"),
    ],
)
def test_what_says_nothing_is_refused(changes: dict[str, str], says: str) -> None:
    with pytest.raises(ActionError, match=says):
        build(filled(**changes))


def test_the_words_mean_the_bands_that_truth_is_judged_by() -> None:
    lines = {line.indent.strip(): line.text for line in meaning("status", 0.99)}
    assert tuple(lines) == IMPACTS
    assert lines["none"].startswith("at most 1 % ")
    bounds = [each.below for each in BANDS[:-1]]
    assert [band(bound, 0.99) for bound in bounds] == ["many", "most"]
    assert (lines["some"], lines["many"]) == ("more than that, below 10 %", "10 % and more, below 50 %")
    assert lines["most"] == "50 % and more"


@pytest.mark.parametrize(
    ("now_s", "words", "overdue"),
    [
        (100, "next update at 05:00", False),
        (300, "next update at 05:00", False),
        (301, "update overdue by 1s", True),
        (425, "update overdue by 2m5s", True),
    ],
)
def test_a_promise_is_kept_until_its_second_has_passed(now_s: int, words: str, *, overdue: bool) -> None:
    given = [Entry(at_us=0, deed=Update(update="status", impact="some", next_in=5 * MINUTE_US))]
    due = promise(given, now_s * US_PER_S)
    assert due is not None
    assert (due.words(), due.overdue) == (words, overdue)
    assert promise([ACKNOWLEDGED], now_s * US_PER_S) is None


async def test_what_is_sent_is_what_is_shown() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        await press(pilot, "right", "right", "down", "right", "down", *"rolling")
        marked = [line for line in text(app).splitlines() if line.startswith("▌")]
        assert [line.split() for line in marked] == [["▌", "doing", "rolling"]]
        await press(pilot, "enter", then="IncidentScreen")
        assert "update  status, impact some, everything, rolling, next in 10m" in text(app)
        assert "next update at 10:45" in text(app)
    assert sent(driver) == [
        Update(update="status", impact="some", scope="everything", doing="rolling", next_in=10 * MINUTE_US)
    ]


async def test_keys_go_first_to_what_is_not_stated_yet() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        assert app.focused is app.screen.query_one("#line-impact", FieldLine).field


async def test_another_kind_shows_other_fields_and_what_they_mean() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        assert "50 % and more" in text(app)
        await press(pilot, "up", "right")
        assert "sev1 the worst" in text(app)
        assert " impact " not in text(app)
        await press(pilot, "right")
        assert "never held against anybody" in text(app)
        await press(pilot, "down", *TO_LAST)
        assert "in words" in text(app)
        await press(pilot, "enter")
        assert "say in words which team is asked for help" in text(app)
        assert sent(driver) == []
        await press(pilot, "down", *"search", "enter", then="IncidentScreen")
    assert sent(driver) == [Update(update="escalate", team="search", next_in=10 * MINUTE_US)]


async def test_what_is_refused_is_said_and_nothing_typed_is_lost() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        await press(pilot, "enter")
        assert "this update would say nothing" in text(app)
        await write(pilot, app, "doing", "looking at pools")
        await press(pilot, "escape", then="IncidentScreen")
        await press(pilot, "u", then="UpdateScreen")
        await press(pilot, "down", *TO_LAST, "down", "down", *"asking", "enter")
        assert "say in words which part of the system" in text(app)
        assert " asking" in text(app)
    assert sent(driver) == []


async def test_the_last_update_stands_above_with_its_promise() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await opened(pilot, app)
        assert "Last, just now: " in text(app)
        await press(pilot, "right", "right", "enter", then="IncidentScreen")
        driver.shown = replace(
            driver.shown, snapshot=replace(driver.shown.snapshot, at_us=(AT_S + 600 + 90) * US_PER_S)
        )
        app.now.tick()
        app.screen.paint()  # type: ignore[attr-defined]  # a live screen can be told to paint
        await pilot.pause()
        assert "▲ update overdue by 1m30s" in text(app)
        await press(pilot, "u", then="UpdateScreen")
        assert "▲ update overdue by 1m30s" in text(app)
        assert "Last, 11m30s ago: status, impact some, next in 10m" in text(app)
        await press(pilot, "right", "enter", then="IncidentScreen")
        assert "overdue" not in text(app)
        assert "next update at 22:15" in text(app)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_every_field_is_seen_at_every_size_without_colour_or_special_characters(size: tuple[int, int]) -> None:
    app = still(pen=pen(ASCII, colour=False), colour=False)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        await press(pilot, "down", *TO_LAST)
        shown = text(app)
    assert shown.isascii()
    for label in ("kind", "impact", "scope", "in words", "doing", "next update in"):
        assert any(line.lstrip("| ").startswith(f"{label} ") for line in shown.splitlines())
    assert "| scope " in shown
    assert "50 % and more" in shown
