"""What may be pinned, diagnosed and asked for at a moment of a drill."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.actions.entries import Diagnosis, Entry, Hint, Look, Pin, Remark, Unpin, Update
from drill.errors import ActionError
from drill.scenario.story import HintSpec
from drill.session.rules import MAX_PINS, check, hints_taken, pinned
from drill.session.session import Session
from tests.library import short

STORY = replace(short().spec.story, hints=[HintSpec(text="one"), HintSpec(text="two")])
LOOK = Look(look="pods")


def done(*deeds: Look | Pin | Unpin | Hint | Diagnosis | Update) -> list[Entry]:
    """Return deeds a second apart."""
    return [Entry(at_us=at * 1_000_000, deed=deed) for at, deed in enumerate(deeds)]


def pins(count: int) -> list[Pin]:
    """Return readings of one view."""
    return [Pin(pin=f"pods: {at}", view="pods", row=str(at), value="ready") for at in range(count)]


def test_a_reading_of_a_view_that_was_opened_can_be_pinned() -> None:
    check(pins(1)[0], done(LOOK), STORY)


def test_a_reading_of_a_view_that_was_not_opened_can_not_be_pinned() -> None:
    with pytest.raises(ActionError, match=r"read in pods, which was not opened before; open it first"):
        check(pins(1)[0], done(Look(look="pools")), STORY)


def test_a_reading_without_a_view_can_be_pinned_at_any_time() -> None:
    check(Pin(pin="a colleague said so"), [], STORY)


def test_a_sixth_reading_waits_until_one_is_dropped() -> None:
    before = done(LOOK, *pins(MAX_PINS))
    sixth = pins(MAX_PINS + 1)[-1]
    with pytest.raises(ActionError, match="5 readings are pinned already, which is the most; drop one first"):
        check(sixth, before, STORY)
    check(sixth, [*before, *done(Unpin(unpin="pods: 0"))], STORY)


def test_a_pinned_reading_can_be_pinned_anew_although_five_are() -> None:
    before = done(LOOK, *pins(MAX_PINS))
    newer = replace(pins(1)[0], value="not ready")
    check(newer, before, STORY)
    now = pinned([*before, *done(newer)])
    assert len(now) == MAX_PINS
    assert newer in now


def test_only_what_is_pinned_can_be_dropped() -> None:
    before = done(LOOK, *pins(1))
    check(Unpin(unpin="pods: 0"), before, STORY)
    for name, entries in (("pods: 1", before), ("pods: 0", [*before, *done(Unpin(unpin="pods: 0"))])):
        with pytest.raises(ActionError, match=f"'{name}' is not pinned"):
            check(Unpin(unpin=name), entries, STORY)


def test_pins_stand_in_the_order_in_which_they_were_made() -> None:
    first, second, third = pins(3)
    entries = done(first, second, Unpin(unpin=first.pin), third, first)
    assert pinned(entries) == [second, third, first]


def test_hints_are_taken_one_rung_after_the_other() -> None:
    check(Hint(hint=1), [], STORY)
    check(Hint(hint=2), done(Hint(hint=1)), STORY)
    assert hints_taken(done(Hint(hint=1), LOOK)) == 1
    for number, entries in ((2, done()), (1, done(Hint(hint=1)))):
        with pytest.raises(ActionError, match=f"the next hint is {len(entries) + 1}, not {number}"):
            check(Hint(hint=number), entries, STORY)


def test_there_is_no_hint_after_the_last() -> None:
    with pytest.raises(ActionError, match="there is no hint 3; this scenario has 2"):
        check(Hint(hint=3), done(Hint(hint=1), Hint(hint=2)), STORY)


def test_a_diagnosis_names_only_suspects() -> None:
    known = next(iter(STORY.suspects))
    check(Diagnosis(diagnose=((known, 100),)), [], STORY)
    with pytest.raises(ActionError, match="there is no suspect 'ghost'; the suspects are: "):
        check(Diagnosis(diagnose=(("ghost", 60), (known, 40))), [], STORY)


def test_updates_and_remarks_are_free() -> None:
    check(Update(update="status", impact="most"), [], STORY)
    check(Remark(note="hm"), [], STORY)


def test_a_session_records_nothing_that_is_refused() -> None:
    session = Session(short().spec, seed=1)
    with pytest.raises(ActionError):
        session.do(pins(1)[0])
    assert session.entries == []
    session.look("pods")
    session.do(pins(1)[0])
    assert [entry.deed for entry in session.entries] == [LOOK, pins(1)[0]]
