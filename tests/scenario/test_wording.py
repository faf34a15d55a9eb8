"""Figures in texts: a name in braces stands for a value, and nothing else in a text means anything."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.scenario.library import folder, paths
from drill.scenario.loader import load
from drill.scenario.wording import filled, names

TYPED = re.compile(r"(?<![\w.{-])\d[\d.,]*(?![\w}-])")
"""A number by itself; digits within a name, such as a release's, are no figure."""
CAUSES = {"2.40", "2.41", "19", "5", "97"}
"""Numbers of what a file sets, not of what comes of it: releases, and one budget of pods, pool and slots."""


def test_a_name_in_braces_becomes_its_value() -> None:
    assert filled("Up to {waiting} waited. {a-b_1}!", {"waiting": "12", "a-b_1": "4m"}) == "Up to 12 waited. 4m!"


def test_a_sentence_whose_figure_nobody_measured_is_left_out() -> None:
    text = "Sessions slept. The oldest was {old} old. They {stayed}."
    assert filled(text, {"old": None, "stayed": "stayed"}) == "Sessions slept. They stayed."


def test_a_decimal_point_ends_no_sentence() -> None:
    assert filled("Release 2.41 lost {n}. It did.", {"n": None}) == "It did."


def test_a_text_of_which_nothing_is_left_says_so() -> None:
    assert filled("The oldest was {old} old.", {"old": None}) == "The oldest was (not measured) old."


def test_a_value_is_not_read_again() -> None:
    assert filled("{a} and {b}", {"a": "{b}", "b": "2"}) == "{b} and 2"


@given(st.text(alphabet="ab{}. !:[0]_", max_size=60))
def test_whatever_a_text_says_only_its_names_are_replaced(text: str) -> None:
    values: dict[str, str | None] = dict.fromkeys(names(text), "")
    kept = re.sub(r"\s+", "", re.sub(r"\{[a-z0-9_-]{1,40}\}", "(notmeasured)", text))
    assert re.sub(r"\s+", "", filled(text, values)) == kept


@pytest.mark.parametrize("path", paths(folder()), ids=lambda path: path.stem)
def test_no_shipped_text_about_a_run_has_a_typed_number(path: object) -> None:
    """All but the figures of the incident behind it, which are quoted."""
    file = load(str(path))
    for seed in (1, 2, 3, 4, 7):  # each system of the family of checkout timeouts
        story = file.for_seed(seed).spec.story
        texts = [story.debrief.summary, story.debrief.tell, story.debrief.look_alike]
        texts += [plan.teaches for plan in (*story.solutions.values(), *story.traps.values())]
        assert {found for text in texts for found in TYPED.findall(text)} - CAUSES == set()
