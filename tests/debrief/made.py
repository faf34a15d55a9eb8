"""A debrief made by hand, in which no two figures are alike, so that a number on a page tells where it comes from."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass

from drill.debrief.blocks import decimals
from drill.debrief.model import (
    Commitment,
    Debrief,
    LaneCurve,
    Lesson,
    Moment,
    OwnFigures,
    Part,
    Stretch,
    SuspectView,
    Told,
    TurningPoint,
)
from drill.debrief.turning import effect
from drill.scoring.diagnosis import Verdict
from drill.units import US_PER_S, format_clock, format_count, format_duration, format_percent

NUMBER = re.compile(r"\d{1,3}(?: \d{3})+(?!\d)|\d+(?:[.:]\d+)*")
"""Counts in groups of three, clocks, decimals."""
WORDED = {"0", "1", "50", "100"}
"""Numbers of the words themselves: the scale of the chart, what skill means, how many chips there are."""
SLIGHT = 736


def lane(name: str, failed: int, late: int, **changes: object) -> LaneCurve:
    """Return a lane that fails for a third of the run."""
    values: dict[str, object] = {
        "name": name,
        "solution": "",
        "bad": failed + late,
        "failed": failed,
        "late": late,
        "in_flight": 0,
        "spared": 0,
        "avoided": 0.0,
        "failing": (0.0,) * 60 + (0.613,) * 60 + (None,) * 60,
        "missed": True,
        "recovered_s": None,
    }
    return LaneCurve(**{**values, **changes})  # type: ignore[arg-type]  # a test names the fields it changes


def turn(at_s: int, spared: int | None, **changes: object) -> TurningPoint:
    """Return a turning point; with what it came to by itself where `alone` is given."""
    alone = changes.get("alone")
    assert alone is None or isinstance(alone, int)
    values: dict[str, object] = {
        "at_us": at_s * US_PER_S,
        "text": f"Scale to {at_s + 7}",
        "risky": False,
        "asked": True,
        "spared": spared,
        "asked_alone": alone is not None,
        "alone": None,
        "effect": effect(SLIGHT, spared, alone, asked_alone=alone is not None),
        "trap": "",
    }
    return TurningPoint(**{**values, **changes})  # type: ignore[arg-type]  # as above


def made(**changes: object) -> Debrief:
    """Return a run that did harm first and helped then."""
    values: dict[str, object] = {
        "title": "The corner shop",
        "scenario": "corner-shop",
        "seed": 77,
        "player": "me",
        "length_s": 900,
        "paged_us": 301 * US_PER_S,
        "left_us": None,
        "stood_still_us": (),
        "resolved_us": 702 * US_PER_S,
        "said": "It was the till",
        "promised": 0.9875,
        "in_time_us": 3 * US_PER_S,
        "step_s": 5,
        "lanes": (
            lane("you", 40_112, 1_125, in_flight=43, spared=32_283, avoided=0.507, recovered_s=633),
            lane("nothing done", 71_408, 2_112, in_flight=17),
            lane(
                "expert", 9_217, 624, in_flight=61, spared=63_679, avoided=1.0, recovered_s=394, solution="Fewer tills"
            ),
        ),
        "avoided": 0.507,
        "impact": 15.2,
        "parts": (
            Part(name="impact avoided", points=15.2, most=30),
            Part(name="diagnosis", points=12.4, most=20),
            Part(name="durability", points=None, most=15),
            Part(name="prevention", points=None, most=5),
        ),
        "diagnosis": Verdict(first=0.613, last=0.987, first_counts=True, why_not="", points=12.4),
        "commitments": (
            Commitment(at_us=362 * US_PER_S, skill=0.613, most=64, on_truth=64, pins=("sessions = 88", "cpu = 9")),
            Commitment(at_us=571 * US_PER_S, skill=0.987, most=94, on_truth=94, pins=("sessions = 88",)),
        ),
        "suspects": (
            SuspectView(name="slots", title="Slots", tell="Sessions at 97.", first=64, last=94, true=True),
            SuspectView(name="crowd", title="Crowd", tell="Many people.", first=36, last=6, true=False),
        ),
        "truth": "Slots",
        "timeline": (
            Moment(at_us=242 * US_PER_S, kind="system", text="sessions reach the ceiling"),
            Moment(at_us=243 * US_PER_S, kind="impact", text="users begin to fail"),
            Moment(at_us=331 * US_PER_S, kind="look", text="looked at pods"),
            Moment(at_us=391 * US_PER_S, kind="action", text="Scale to 45"),
            Moment(at_us=633 * US_PER_S, kind="impact", text="users are served again, to the end"),
        ),
        "turning_points": (
            turn(391, -5_228, alone=-6_319, trap="More tills"),
            turn(452, 36_877, alone=311, risky=True),
        ),
        "sampling_us": 13 * US_PER_S,
        "slight": SLIGHT,
        "told": (
            Told(
                at_us=347 * US_PER_S,
                what="status",
                stated="some",
                band="most",
                failing=0.583,
                due_us=527 * US_PER_S,
                next_us=541 * US_PER_S,
                kept=False,
            ),
            Told(
                at_us=541 * US_PER_S,
                what="said to be over",
                stated="",
                band="none",
                failing=0.004,
                due_us=None,
                next_us=None,
                kept=None,
            ),
        ),
        "told_over_us": 29 * US_PER_S,
        "waits": (
            Stretch(name="before the page", start_us=0, end_us=301 * US_PER_S, bad=3_805),
            Stretch(name="from the page to the end", start_us=301 * US_PER_S, end_us=900 * US_PER_S, bad=37_432),
        ),
        "own": OwnFigures(
            pods=(11, 46, 23),
            sessions_share=0.993,
            pod_cpu=0.231,
            database_cpu=0.347,
            worst=0.776,
            began_us=243 * US_PER_S,
            lasted_us=390 * US_PER_S,
        ),
        "summary": "Eleven tills wanted more than there is.",
        "tell": "Sessions at 97.",
        "look_alike": "A crowd.",
        "source": "It took 15 minutes.",
        "sealed": False,
        "lessons": (
            Lesson(title="Fewer tills", teaches="Two fit.", trap=False, bad=9_841),
            Lesson(title="More tills", teaches="None fit.", trap=True, bad=None),
        ),
        "questions": ("What would you change?",),
    }
    return Debrief(**{**values, **changes})  # type: ignore[arg-type]  # as above


def numbers(text: str) -> set[str]:
    """Return every number in a text."""
    return set(NUMBER.findall(text))


def sayable(value: object) -> set[str]:
    """Return every way in which a number of a debrief may be said, and the numbers within its texts."""
    if is_dataclass(value):
        return {said for field in fields(value) for said in sayable(getattr(value, field.name))}
    if isinstance(value, tuple):
        return {said for each in value for said in sayable(each)}
    if isinstance(value, str):
        return numbers(value)
    if isinstance(value, bool) or value is None:
        return set()
    if isinstance(value, float):
        said = (decimals(abs(value), 1), decimals(abs(value), 2), format_percent(abs(value)), f"{value * 100:.10g}")
        return {number for text in said for number in numbers(text)}
    assert isinstance(value, int)
    clocks = (format_clock(abs(value)), format_clock(abs(value) * US_PER_S), format_duration(abs(value)))
    return {number for text in (format_count(abs(value)), *clocks) for number in numbers(text)}
