"""The pages of a debrief, as text and as Markdown: every figure is the model's, and nothing typed can break them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from drill.debrief.blocks import Say, decimals, flat, glued, unglued
from drill.debrief.markdown import as_markdown, escaped
from drill.debrief.model import Commitment
from drill.debrief.pages import PAGES, headline, outcome
from drill.debrief.text import WIDTH, as_text
from drill.debrief.thinking import calibration
from drill.scoring.diagnosis import Verdict
from tests.debrief.made import WORDED, lane, made, numbers, sayable, turn

NOBODY = Verdict(first=None, last=None, first_counts=False, why_not="no diagnosis was committed", points=0.0)
HOSTILE = "\x1b[31m[bold]x[/bold]\u202e\n# <b>*a*</b> | `b`"


@pytest.mark.parametrize("form", [as_text, as_markdown], ids=["text", "markdown"])
def test_every_number_is_the_models(form: object) -> None:
    assert callable(form)
    shown = numbers(form(made()).replace("\\", ""))
    assert shown - sayable(made()) - WORDED == set()
    assert {"40 112", "1 125", "32 283", "36 877", "3 805", "0.61", "12.4", "99.3"} <= shown
    assert {"6 319", "311", "736", "58.3", "0.4", "09:01", "23"} <= shown


def test_the_headline_has_what_is_scored_and_the_page_says_what_is_not() -> None:
    assert headline(made()) == "impact avoided 15.2 of 30, diagnosis 12.4 of 20"
    assert "Not scored yet: durability, prevention." in as_text(made())


@pytest.mark.parametrize(
    ("you", "expert", "expected"),
    [
        ({"spared": 500, "avoided": 0.5}, {"spared": 1000}, "50.0 % of what the expert spared"),
        ({"spared": 1200, "avoided": 1.0, "bad": 3}, {"bad": 5}, "at least as many as the expert spared"),
        ({"spared": -1500}, {}, "1 500 more requests failed or came late than if nothing had been done."),
        ({"spared": 0}, {}, "As many requests failed or came late as if nothing had been done."),
        ({"spared": 0, "avoided": None}, {"avoided": None}, "In this run there was nothing to avoid"),
        ({"spared": -7, "avoided": None}, {"avoided": None}, "7 more requests failed or came late"),
    ],
)
def test_one_sentence_says_what_it_came_to(you: dict[str, object], expert: dict[str, object], expected: str) -> None:
    lanes = (lane("you", 10, 0, **you), lane("nothing done", 900, 0), lane("expert", 5, 0, **expert))
    assert expected in outcome(made(lanes=lanes)).text


def test_harm_stands_in_the_role_of_what_is_bad() -> None:
    lanes = (lane("you", 10, 0, spared=-3), *made().lanes[1:])
    assert outcome(made(lanes=lanes)).tone == "bad"
    _, table, *_ = PAGES["turns"][1](made())
    assert [row.tone for row in getattr(table, "rows", ())] == ["bad", "good"]
    assert [row.cells[1] for row in getattr(table, "rows", ())] == ["did harm", "helped with others"]


def test_a_risky_action_says_so() -> None:
    assert "Scale to 459, risky" in as_text(made())
    assert "Scale to 398;" in as_text(made())


def test_an_action_that_is_not_re_simulated_says_why() -> None:
    text = as_text(made(turning_points=(turn(5, None), turn(6, None, asked=False), turn(7, 0)), waits=()))
    assert "Scale to 12: not re-simulated" in text
    assert "Scale to 13: only the first 12 actions are left out" in text
    assert "07  little difference     as many  Scale to 14" in text
    assert "Not known before it is known which action first helped." in text


def test_a_run_without_actions_or_diagnosis_is_told_plainly() -> None:
    nothing = {"turning_points": (), "commitments": (), "diagnosis": NOBODY, "resolved_us": None, "said": ""}
    suspects = tuple(replace(each, first=None, last=None) for each in made().suspects)
    text = as_text(made(suspects=suspects, **nothing))
    assert "No action was taken." in text
    assert "No diagnosis was committed: 0.0 of 20 points." in text
    assert "Nobody said that it was over; from 10:33 on the objective held to the end." in text
    assert "In your own words" not in text


def test_saying_too_soon_that_it_is_over_stands_out() -> None:
    page = PAGES["impact"][1]
    tones = {
        each.tone
        for each in page(made(resolved_us=600_000_000))
        if isinstance(each, Say) and "Said to be over" in each.text
    }
    assert tones == {"bad"}
    tones = {each.tone for each in page(made()) if isinstance(each, Say) and "Said to be over" in each.text}
    assert tones == {"text"}


@pytest.mark.parametrize(
    ("most", "on_truth", "expected"),
    [
        (95, 95, "confident, and right"),
        (60, 60, "leaning the right way, with room for doubt"),
        (95, 5, "confident elsewhere"),
        (95, 0, "confident elsewhere, with nothing on what it was"),
        (50, 30, "leaning elsewhere, with what it was still in view"),
        (50, 0, "looking elsewhere"),
    ],
)
def test_confidence_is_told_in_words(most: int, on_truth: int, expected: str) -> None:
    assert calibration(Commitment(at_us=0, skill=0.0, most=most, on_truth=on_truth, pins=())) == expected


def test_why_a_first_diagnosis_does_not_count_is_said() -> None:
    verdict = Verdict(first=0.5, last=0.5, first_counts=False, why_not="it came after the first risky change", points=4)
    assert "The first does not count: it came after the first risky change." in as_text(made(diagnosis=verdict))


def test_nothing_that_was_typed_steers_a_terminal_or_becomes_markup() -> None:
    hostile = made(
        title=HOSTILE, said=HOSTILE, player=HOSTILE, truth=HOSTILE, turning_points=(turn(3, 5, text=HOSTILE),)
    )
    for text in (as_text(hostile), as_markdown(hostile)):
        assert "\x1b" not in text
        assert "\u202e" not in text
    assert r"\[bold\]x\[/bold\]" in as_markdown(hostile)
    assert "\n# <" not in as_markdown(hostile)
    assert escaped("1. a") == r"1\. a"
    assert escaped("- a") == r"\- a"
    assert escaped("98.1 %") == "98.1 %"


def test_lines_of_text_keep_to_their_width_and_never_part_a_number() -> None:
    long = made(summary="Requests 12 345 678 " * 40, title="T" * 40)
    assert max(map(len, as_text(long).split("\n"))) <= WIDTH
    assert as_text(long).count("12 345 678") == 40


def test_numbers_hold_together_and_read_as_before() -> None:
    text = "a 1 234 567 b 98.1 % c 5 6"
    assert unglued(glued(text)) == text
    assert len(glued(text).split()) == 7
    assert flat("a\tb\r\nc\x07") == "a b c\ufffd"
    assert decimals(-0.001, 2) == "0.00"


def test_what_an_action_came_to_beside_others_and_by_itself_stands_side_by_side() -> None:
    text = " ".join(as_text(made()).split())
    assert "06:31 did harm 5 228 fewer 6 319 more Scale to 398; a trap: More tills" in text
    assert "07:32 helped with others 36 877 more 311 fewer Scale to 459, risky" in text
    assert "Fewer than 736 make little difference." in text
    assert "Actions work together" in text


def test_a_single_action_is_only_left_out() -> None:
    text = as_text(made(turning_points=(turn(391, -5_228),)))
    assert "on its own" not in text
    assert "Actions work together" not in text
    assert "06:31  did harm  5 228 fewer  Scale to 398" in text


def test_a_trap_that_was_walked_into_says_what_it_teaches_once() -> None:
    twice = tuple(turn(at, -5_000, alone=-900, trap="More tills") for at in (391, 452))
    page = PAGES["turns"][1](made(turning_points=twice))
    found = [row.cells for block in page for row in getattr(block, "rows", ()) if row.cells[0] == "trap"]
    assert found == [("trap", "More tills. None fit.")]
    assert "Traps" not in as_text(made(turning_points=(turn(391, 5_228),)))


@pytest.mark.parametrize("form", [as_text, as_markdown], ids=["text", "markdown"])
def test_a_run_that_was_left_says_so_before_anything_else(form: object) -> None:
    assert callable(form)
    said = "Left at 07:34; from there on the run was simulated without anybody."
    text = form(made(left_us=454_786_782))
    assert text.index(said) < text.index("Impact avoided 15.2")
    assert said not in form(made())


def test_who_played_is_said_as_people_say_it() -> None:
    assert "played in the cockpit" in as_text(made(player="cockpit"))
    assert "played in the cockpit." in as_markdown(made(player="cockpit"))
    assert "played by expert" in as_text(made(player="expert"))


def test_what_others_were_told_stands_beside_how_things_were() -> None:
    text = " ".join(as_text(made()).split())
    assert "how many users failed in the 29 seconds before" in text
    assert "05:47 some most 58.3 % status; the next was promised for 08:47 and came late, at 09:01" in text
    assert "09:01 - none 0.4 % said to be over" in text
    assert "No update was given." in as_text(made(told=()))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"next_us": 520_000_000, "kept": True}, "and came in time, at 08:40"),
        ({"next_us": None, "kept": False}, "and did not come"),
        ({"next_us": None, "kept": None}, "promised for 08:47, after the end"),
        ({"band": "", "failing": None}, "some not known not known status"),
    ],
)
def test_what_came_of_a_promise_is_said(changes: dict[str, Any], expected: str) -> None:
    told = replace(made().told[0], **changes)
    assert expected in " ".join(as_text(made(told=(told,))).split())


def test_how_late_a_state_of_the_system_may_be_seen_is_said() -> None:
    assert "are read every 13s and may be up to that much older" in " ".join(as_text(made()).split())


def test_the_pods_at_the_end_are_told() -> None:
    assert "11 pods, at most 46, 23 at the end." in " ".join(as_text(made()).split())


def test_a_run_that_was_thought_over_with_the_clock_stopped_says_so() -> None:
    assert "stopped" not in as_text(made())
    assert "Simulated time was stopped once, for 42s in all" in as_text(made(stood_still_us=(42_000_000,)))
    assert "Simulated time was stopped 2 times, for 1m42s in all" in as_text(
        made(stood_still_us=(42_000_000, 60_000_000))
    )


def test_the_story_says_how_to_meet_the_same_evening_again() -> None:
    assert "corner-shop with --seed 77 is this evening again" in as_text(made())
    assert "chosen anew" not in as_text(made())
    assert "chosen anew" in as_text(made(sealed=True))
