"""A hundred chips are spread over the suspects, none is lost, and what is committed is what lies there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.actions.entries import Diagnosis, Pin, Unpin
from drill.errors import ActionError
from drill.tui.chips import Spread, shuffled, spread
from drill.tui.glyphs import ASCII, SETS
from drill.tui.pen import pen
from drill.tui.text import width
from drill.tui.widgets.chips import BAR_CELLS, ChipList, ChipsModel, bar
from tests.tui.cockpit import LARGE, SMALL, Cockpit, cockpit, live, press, started, still, text
from tests.tui.shop import StillDriver, frame, shop
from tests.tui.stories import crowded

SUSPECTS = shuffled(shop().spec.story.suspects, 1, shop().id)


def titles(names: tuple[str, ...]) -> list[str]:
    """Return the titles of suspects of the shop."""
    return [shop().spec.story.suspects[name].title for name in names]


def listed(app: Cockpit) -> ChipsModel:
    """Return what the list shows."""
    model = app.screen.query_one(ChipList).model
    assert model is not None
    return model


def committed(driver: StillDriver) -> list[Diagnosis]:
    """Return what was committed."""
    return [asked for asked in driver.asked if isinstance(asked, Diagnosis)]


def test_chips_are_never_more_than_a_hundred_nor_fewer_than_none() -> None:
    lying = spread(("a", "b"), None).moved(0, 95).moved(1, 20)
    assert (lying.chips, lying.left) == ((95, 5), 0)
    assert lying.moved(0, 5) == lying
    assert lying.moved(0, -100).chips == (0, 5)
    assert lying.moved(1, -7).chips == (95, 0)


def test_a_diagnosis_holds_what_was_placed_and_nothing_else() -> None:
    lying = Spread(suspects=("b", "c", "a"), chips=(30, 0, 70))
    assert lying.diagnosis() == Diagnosis(diagnose=(("a", 70), ("b", 30)))
    assert spread(("c", "a", "b"), lying.diagnosis()).chips == (0, 70, 30)
    with pytest.raises(ActionError, match="1 chip still to be placed"):
        lying.moved(0, -1).diagnosis()


@pytest.mark.parametrize(
    ("chips", "words"),
    [
        ((0, 0, 0, 0), "nothing placed yet"),
        ((0, 71, 0, 0), "71 on the first"),
        ((9, 71, 20, 0), "71 on the first, 20 on the second, 9 elsewhere"),
        ((25, 25, 25, 25), "25 on each of 4"),
        ((0, 100, 0, 0), "all on one"),
    ],
)
def test_confidence_is_said_in_words(chips: tuple[int, ...], words: str) -> None:
    assert Spread(suspects=("a", "b", "c", "d"), chips=chips).words() == words


def test_the_order_depends_on_seed_and_scenario_and_not_on_the_file() -> None:
    names = [f"suspect-{at}" for at in range(12)]
    assert shuffled(names, 1, "x") == shuffled(names[::-1], 1, "x")
    assert sorted(shuffled(names, 1, "x")) == sorted(names)
    assert len({shuffled(names, seed, "x") for seed in range(20)}) == 20
    assert shuffled(names, 1, "x") != shuffled(names, 1, "y")


def test_the_order_does_not_favour_the_first_of_the_file() -> None:
    """Of 400 seeds and 8 suspects, each place is the true one's 50 times on average; 25 is 3.8 deviations away."""
    names = [f"suspect-{at}" for at in range(8)]
    places = [shuffled(names, seed, "checkout-down").index("suspect-0") for seed in range(400)]
    assert all(25 <= places.count(place) <= 75 for place in range(8))


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("chips", range(101))
def test_a_bar_is_as_wide_as_its_share_and_shows_a_single_chip(name: str, chips: int) -> None:
    filled, rest = bar(chips / 100, BAR_CELLS, SETS[name])
    assert width(filled + rest) == BAR_CELLS
    assert bool(filled) == (chips > 0)
    assert (filled == SETS[name].bar[-1] * BAR_CELLS) == (chips == 100)
    assert abs(width(filled) - chips * BAR_CELLS / 100) < 1


async def test_keys_move_chips() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        assert "100 chips left" in text(app)
        await press(pilot, "right", "right", "right", "left", "greater_than_sign", "greater_than_sign")
        assert (listed(app).shares, "88 chips left" in text(app)) == ((12, 0, 0), True)
        await press(pilot, "less_than_sign", "down", "right", "left", "left")
        assert listed(app).shares == (11, 0, 0)
        await press(pilot, "j", "r")
        assert (listed(app).shares, "all placed" in text(app)) == ((11, 0, 89), True)
        await press(pilot, "right", "k", "asterisk")
        assert listed(app).shares == (11, 0, 89)
        await press(pilot, "G", "0")
        assert (listed(app).shares, listed(app).marked) == ((11, 0, 0), 2)
        await press(pilot, "g", "delete")
        assert (listed(app).shares, listed(app).marked) == ((0, 0, 0), 0)


async def test_what_is_committed_is_what_is_shown() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        await press(pilot, *["right"] * 14, "down", "r")
        assert list(listed(app).titles) == titles(SUSPECTS)
        shown = dict(zip(SUSPECTS, listed(app).shares, strict=True))
        await press(pilot, "enter", then="IncidentScreen")
        assert f"70 on: {titles(SUSPECTS)[0]}; 30 on: {titles(SUSPECTS)[1]}" in text(app)
    assert [dict(each.diagnose) for each in committed(driver)] == [
        {name: chips for name, chips in shown.items() if chips}
    ]


async def test_an_incomplete_diagnosis_says_what_is_missing_and_loses_nothing() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        await press(pilot, "right", "enter")
        assert "Not committed: 95 chips still to be placed; r puts them here." in text(app)
        assert listed(app).shares == (5, 0, 0)
        await press(pilot, "right")
        assert "Not committed" not in text(app)
        await press(pilot, "escape", then="IncidentScreen")
    assert committed(driver) == []


async def test_chips_that_were_not_committed_lie_where_they_were_left() -> None:
    driver = StillDriver()
    app = still(driver)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        await press(pilot, "right", "right", "escape", then="IncidentScreen")
        await press(pilot, "d", then="DiagnoseScreen")
        assert listed(app).shares == (10, 0, 0)
        assert "As you left it; not committed yet." in text(app)
        await press(pilot, "r", "enter", then="IncidentScreen")
        await press(pilot, "d", then="DiagnoseScreen")
        assert listed(app).shares == (100, 0, 0)
        assert "not committed yet" not in text(app)
        await press(pilot, "escape", then="IncidentScreen")
    assert len(committed(driver)) == 1


async def test_it_opens_with_the_last_commitment() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        assert listed(app).shares == (0, 0, 0)
        assert "counts only after a pinned reading and before a risky change" in text(app)
        await press(pilot, "down", "r")
        await press(pilot, "enter", then="IncidentScreen")
        await press(pilot, "d", then="DiagnoseScreen")
        assert listed(app).shares == (0, 100, 0)
        assert "What is committed last counts too." in text(app)


async def test_the_marked_suspect_stands_in_full_without_its_tell() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        shown = ""
        for name in SUSPECTS:
            suspect = shop().spec.story.suspects[name]
            shown += text(app)
            for line in (
                f"Mechanism  {suspect.mechanism}",
                f"Place      {suspect.place}",
                f"Trigger    {suspect.trigger}",
            ):
                assert f" {line}\n" in text(app)
            await press(pilot, "down")
    for suspect in shop().spec.story.suspects.values():
        assert suspect.tell not in shown


async def test_what_is_pinned_is_named() -> None:
    app = still()
    async with app.run_test(size=LARGE) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        assert "Nothing pinned yet" in text(app)
        app.now.do(Pin(pin="Pod CPU", view="overview", row="Pod CPU", value="0.08 cores"))
        app.now.do(Pin(pin="Users failing", view="overview", value="43.2 %"))
        app.screen.paint()  # type: ignore[attr-defined]  # a live screen can be told to paint
        await pilot.pause()
        assert "Pinned: Pod CPU, Users failing" in text(app)
        assert "Pod CPU = 0.08 cores" in text(app)
        app.now.do(Unpin(unpin="Pod CPU"))
        app.screen.paint()  # type: ignore[attr-defined]  # as above
        await pilot.pause()
        assert "Pinned: Users failing" in text(app)


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_twelve_suspects_are_seen_at_once(size: tuple[int, int]) -> None:
    app = cockpit(scenario=crowded(12), drive=lambda *_: StillDriver())
    async with app.run_test(size=size) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        assert all(f"Suspect {at} did it" in text(app) for at in range(12))
        assert "risky change" in text(app)


async def test_forty_suspects_are_scrolled_through() -> None:
    app = cockpit(scenario=crowded(40), drive=lambda *_: StillDriver())
    seen = set()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        for _ in range(40):
            model = listed(app)
            assert f" {model.titles[model.marked]}" in app.screen.query_one(ChipList).text
            seen.add(model.titles[model.marked])
            await press(pilot, "down")
        assert "40 of 40" in text(app)
        await press(pilot, "g")
        assert "1 of 40" in text(app)
    assert len(seen) == 40


async def test_a_click_marks_a_suspect() -> None:
    app = still()
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        await pilot.click(ChipList, offset=(30, 2))
        await pilot.pause()
        assert listed(app).marked == 2
        await pilot.click(ChipList, offset=(30, 6))
        await pilot.pause()
        assert listed(app).marked == 2


async def test_time_goes_on_above_the_chips() -> None:
    app = cockpit(scenario=shop())
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        await press(pilot, "right")
        await live(pilot, app, 5)
        assert "00:35 of 01:30" in text(app)
        assert listed(app).shares == (5, 0, 0)


async def test_titles_from_a_scenario_steer_no_terminal() -> None:
    file = crowded(2)
    evil = replace(file.spec.story.suspects["suspect-0"], title="\x1b[31m[bold]red", mechanism="\x1b]0;m\x07")
    story = replace(file.spec.story, suspects={**file.spec.story.suspects, "suspect-0": evil})
    file = replace(file, spec=replace(file.spec, story=story))
    app = cockpit(scenario=file, drive=lambda *_: StillDriver())
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        shown = text(app)
        await press(pilot, "down")
        shown += text(app)
    assert "\x1b" not in shown
    assert "[bold]red" in shown


async def test_it_is_plain_where_the_terminal_is() -> None:
    app = still(StillDriver(frame()), pen=pen(ASCII, colour=False), colour=False)
    async with app.run_test(size=SMALL) as pilot:
        await started(pilot, app)
        await press(pilot, "d", then="DiagnoseScreen")
        await press(pilot, "right", "greater_than_sign")
        assert text(app).isascii()
        assert "|#-" in text(app)
