"""The debrief as plain text and as Markdown.

Separate from the model because it only words what stands there. Plain text uses no colour; its curves fall back to
ASCII where the terminal can't show blocks.
"""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from drill.units import US_PER_S, format_clock

if TYPE_CHECKING:
    from drill.debrief.model import Debrief, LaneCurve

BLOCKS = " ▁▂▃▄▅▆▇█"
ASCII = " .:-=+*#@"
WIDTH = 100


def as_text(debrief: Debrief, *, ascii_only: bool = False) -> str:
    """Return the debrief for a terminal."""
    return "\n\n".join(
        [
            f"{debrief.title} ({debrief.scenario}), seed {debrief.seed}, played by {debrief.player}",
            _lanes(debrief, ASCII if ascii_only else BLOCKS),
            "\n".join(points(debrief)),
            "What happened\n" + "\n".join(f"  {line}" for line in timeline(debrief)),
            "Turning points\n" + "\n".join(f"  {line}" for line in turning_points(debrief)),
            *(
                f"{title}\n{fill(text, WIDTH, initial_indent='  ', subsequent_indent='  ')}"
                for title, text in told(debrief)
            ),
        ]
    )


def as_markdown(debrief: Debrief) -> str:
    """Return the debrief for a wiki or a pull request."""
    rows = [f"| {_cell(lane.name)} | {lane.bad} | {_recovered(lane)} |" for lane in debrief.lanes]
    return "\n".join(
        [
            f"# Debrief: {_cell(debrief.title)}",
            "",
            f"Scenario `{debrief.scenario}`, seed {debrief.seed}, played by {_cell(debrief.player)}.",
            "",
            "| lane | failed or late requests | recovered |",
            "|---|---:|---|",
            *rows,
            "",
            *(f"- {_cell(line)}" for line in points(debrief)),
            "",
            "## What happened",
            "",
            "| time | who | what |",
            "|---|---|---|",
            *(
                f"| {format_clock(moment.at_us)} | {moment.kind} | {_cell(moment.text)} |"
                for moment in debrief.timeline
            ),
            "",
            "## Turning points",
            "",
            *(f"- {_cell(line)}" for line in turning_points(debrief)),
            *(line for title, text in told(debrief) for line in ("", f"## {title}", "", _cell(text))),
            "",
        ]
    )


def points(debrief: Debrief) -> list[str]:
    """Return what the run is worth so far, a line a part."""
    verdict = debrief.diagnosis
    lines = [f"Impact avoided: {debrief.impact:.1f} of 30 points ({debrief.avoided:.0%} of what could be avoided)."]
    if verdict.first is None or verdict.last is None:
        return [*lines, "Diagnosis: none was committed; 0 of 20 points."]
    first = "counts" if verdict.first_counts else f"does not count: {verdict.why_not}"
    lines.append(
        f"Diagnosis: {verdict.points:.1f} of 20 points; skill of the first {verdict.first:.2f} ({first}), "
        f"of the last {verdict.last:.2f}."
    )
    return lines


def timeline(debrief: Debrief) -> list[str]:
    """Return the timeline, a line a moment."""
    return [f"{format_clock(moment.at_us):>7}  {moment.kind:<9}  {moment.text}" for moment in debrief.timeline]


def turning_points(debrief: Debrief) -> list[str]:
    """Return what each action changed, a line an action."""
    lines = []
    for point in debrief.turning_points:
        more, less = f"{point.spared} more", f"{-point.spared} fewer"
        what = (
            "no request would have fared differently"
            if not point.spared
            else (f"{more if point.spared > 0 else less} requests would have failed or been late")
        )
        lines.append(f"{format_clock(point.at_us)} {point.text}: without it, {what}")
    return lines or ["no action was taken"]


def told(debrief: Debrief) -> list[tuple[str, str]]:
    """Return titles and texts of what the scenario teaches."""
    found = [
        ("What it was", f"{debrief.truth}. {debrief.summary}"),
        ("The tell", debrief.tell),
        ("Its look-alike", debrief.look_alike),
    ]
    return [*found, ("The incident behind it", debrief.source)] if debrief.source else found


def _lanes(debrief: Debrief, glyphs: str) -> str:
    width = max(len(lane.name) for lane in debrief.lanes)
    lines = [f"Share of users failing, {debrief.length_s // 60} minutes"]
    for lane in debrief.lanes:
        curve = "".join("?" if share is None else _glyph(share, glyphs) for share in lane.failing)
        lines.append(f"  {lane.name:<{width}}  {curve}  {lane.bad:>6} bad, {_recovered(lane)}")
    return "\n".join(lines)


def _glyph(share: float, glyphs: str) -> str:
    """Return a glyph for a share; any failing at all shows."""
    return glyphs[0] if share <= 0 else glyphs[max(1, min(len(glyphs) - 1, round(share * (len(glyphs) - 1))))]


def _recovered(lane: LaneCurve) -> str:
    return "never" if lane.recovered_s is None else format_clock(lane.recovered_s * US_PER_S)


def _cell(text: str) -> str:
    """Return text that can't break out of a line or table cell, nor become a link or HTML."""
    flat = " ".join(text.split())
    for character in "\\`*_{}[]<>|#":
        flat = flat.replace(character, "\\" + character)
    return flat
