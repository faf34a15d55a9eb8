"""Figures in texts: `{name}` stands for a figure of the run, filled in after its end.

Separate because the notation is ours alone: a name in braces and nothing else, so that no text of a file can reach
anything but the values it is given. Texts that are read before the end have no figures: nobody is told what to read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from drill.scenario.findings import Finding, Place, some, suggest
from drill.scenario.naming import IDLE
from drill.scenario.spec import ScenarioSpec
from drill.units import format_duration, say

YOU = "you"
"""The lane of whoever plays."""
MOST_FIGURES = 40
"""Most figures of one scenario."""
MOST_LABELS = 8
"""Most labels that choose a figure's series."""
_NAMED = re.compile(r"\{([a-z0-9_-]{1,40})\}")
_BRACE = re.compile(r"[{}]")
_SENTENCE = re.compile(r"(?<=[.?])\s+")
_UNKNOWN = "(not measured)"


def names(text: str) -> list[str]:
    """Return the figures that a text names, in its order."""
    return _NAMED.findall(text)


def filled(text: str, values: Mapping[str, str | None]) -> str:
    """Return a text with its figures; without the sentences whose figures are None, which nobody measured.

    A text of which nothing would be left keeps its sentences and says so in them.
    """
    said = [each for each in _SENTENCE.split(text.strip()) if all(values.get(name) is not None for name in names(each))]
    kept = " ".join(said) if said else text
    return _NAMED.sub(lambda found: values.get(found[1]) or _UNKNOWN, kept)


def _told_after(spec: ScenarioSpec) -> Iterator[tuple[Place, str]]:
    """Return the texts that may name figures, with their places."""
    story = spec.story
    for key in ("summary", "tell", "look_alike"):
        yield ("story", "debrief", key), getattr(story.debrief, key)
    for kind, plans in (("solutions", story.solutions), ("traps", story.traps)):
        for name, plan in plans.items():
            yield ("story", kind, name, "teaches"), plan.teaches


def _told_before(spec: ScenarioSpec) -> Iterator[tuple[Place, str]]:
    """Return the texts somebody may read before the end."""
    story = spec.story
    yield ("story", "page"), story.page
    for key in ("prerequisites", "objectives"):
        for number, text in enumerate(getattr(story, key)):
            yield ("story", key, number), text
    for number, hint in enumerate(story.hints):
        yield ("story", "hints", number, "text"), hint.text
    for number, section in enumerate(story.runbook):
        yield ("story", "runbook", number, "text"), section.text
    for name, suspect in story.suspects.items():
        yield ("story", "suspects", name, "tell"), suspect.tell


def texts_name_figures(spec: ScenarioSpec) -> Iterator[Finding]:
    """Braces hold the name of a figure, in texts that are read after the end only."""
    known = spec.story.figures
    for place, text in _told_after(spec):
        for name in dict.fromkeys(names(text)):
            if name not in known:
                msg = f"there is no figure {name!r} under story.figures; known: {some(known)}{suggest(name, known)}"
                yield Finding(place, msg)
        if found := _BRACE.search(_NAMED.sub("", text)):
            msg = f"{found.group()!r} is not part of a figure's name; write {{name}} for a figure, and no other brace"
            yield Finding(place, msg)
    for place, text in _told_before(spec):
        for name in dict.fromkeys(names(text)):
            if name in known:
                msg = f"figure {name!r} is known only after the end; write this text without it"
                yield Finding(place, msg)


def figures_are_measured(spec: ScenarioSpec) -> Iterator[Finding]:
    """A figure is one of `expects` or a metric, over a window within the run, of a lane that is simulated."""
    figures, lanes = spec.story.figures, dict.fromkeys((IDLE, YOU, *spec.story.solutions))
    if len(figures) > MOST_FIGURES:
        yield Finding(("story", "figures"), f"there are {len(figures)} figures; allowed are {MOST_FIGURES}")
    for name, each in figures.items():
        place: Place = ("story", "figures", name)
        if bool(each.figure) == bool(each.metric):
            yield Finding(place, "needs either figure or metric, and not both")
        if not each.metric and each.where:
            yield Finding((*place, "where"), "labels choose series of a metric; remove them, or name a metric")
        if len(each.where) > MOST_LABELS:
            yield Finding((*place, "where"), f"there are {len(each.where)} labels; allowed are {MOST_LABELS}")
        if each.start >= each.end:
            msg = f"{format_duration(each.end)} is not after start, {format_duration(each.start)}"
            yield Finding((*place, "end"), msg)
        if each.end > spec.length:
            msg = f"{format_duration(each.end)} is after the end of the run; length is {format_duration(spec.length)}"
            yield Finding((*place, "end"), msg)
        if each.lane not in lanes:
            msg = f"{say(each.lane)} is not a lane of the debrief; known: {some(lanes)}{suggest(each.lane, lanes)}"
            yield Finding((*place, "lane"), msg)
