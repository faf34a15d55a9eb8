"""Three sets of characters: for terminals that show everything, for the Linux console, and for plain ASCII.

Separate because a terminal decides it once and every widget draws from it. A state never rests on its glyph alone: a
word stands beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

BRAILLE_BASE = 0x2800


@dataclass(frozen=True, slots=True, kw_only=True)
class Glyphs:
    """One set."""

    name: str
    columns: int
    """Dots a character of a chart has side by side."""
    rows: int
    """Dots a character of a chart has above each other."""
    dots: str
    """Characters of a chart by the sum of their dots; empty for braille, which is computed."""
    ok: str
    warn: str
    crit: str
    unknown: str
    running: str
    paused: str
    rising: str
    steady: str
    falling: str
    rule: str
    moment: str
    """Stands in a chart where something was done."""
    more: str
    """Stands for what was left out."""
    cursor: str
    full: str
    """One step of a rating that is reached."""
    empty: str
    before: str
    """Around a value that can be changed with the arrows."""
    after: str
    up: str
    """A column sorted with the least first."""
    down: str
    """A column sorted with the greatest first; rows below those that are shown."""
    strokes: tuple[str, str, str]
    """Solid, dashed and dotted line, for a legend."""
    times: str
    bar: str
    """One cell of a bar, from empty to full."""
    signs: str = ""
    """Characters of the lines of a chart that has several; empty where dots tell them apart, solid, dashed, dotted."""
    shades: bool = False
    """Whether the ground below a line is shaded; takes colour."""

    def steps(self, reached: int, most: int) -> str:
        """Return how many of a few steps are reached, as a row of glyphs and in figures."""
        return f"{self.full * reached}{self.empty * (most - reached)} {reached} of {most}"

    def chart(self, dots: int) -> str:
        """Return the character with these dots; bit 0 is the lowest left one, then upwards, then the next column."""
        if self.dots:
            return self.dots[dots]
        return _BRAILLE[dots]


_BRAILLE_BITS = (0x40, 0x04, 0x02, 0x01, 0x80, 0x20, 0x10, 0x08)
_BRAILLE = tuple(
    chr(BRAILLE_BASE + sum(bit for at, bit in enumerate(_BRAILLE_BITS) if dots & 1 << at)) for dots in range(256)
)

UNICODE = Glyphs(
    name="unicode",
    columns=2,
    rows=4,
    dots="",
    ok="●",
    warn="▲",
    crit="■",
    unknown="○",
    running="▶",
    paused="‖",
    rising="↗",
    steady="→",
    falling="↘",
    rule="─",
    moment="┊",
    more="…",
    cursor="▌",
    full="●",
    empty="○",
    before="◂",
    after="▸",
    up="↑",
    down="↓",
    strokes=("━━", "╍╍", "┈┈"),
    times="×",
    bar="·▏▎▍▌▋▊▉█",
    shades=True,
)
BLOCK = Glyphs(
    name="block",
    columns=1,
    rows=2,
    dots=" ▄▀█",
    ok="•",
    warn="▲",
    crit="■",
    unknown="o",
    running="►",
    paused="=",
    rising="/",
    steady="-",
    falling="\\",
    rule="─",
    moment="│",
    more="...",
    cursor="▌",
    full="■",
    empty="·",
    before="<",
    after=">",
    up="↑",
    down="↓",
    strokes=("──", "- ", "· "),
    times="×",
    bar="·▌█",
)
ASCII = Glyphs(
    name="ascii",
    columns=1,
    rows=3,
    dots=' _-|"|||',
    ok="o",
    warn="^",
    crit="#",
    unknown=".",
    running=">",
    paused="=",
    rising="/",
    steady="-",
    falling="\\",
    rule="-",
    moment=":",
    more="...",
    cursor="|",
    full="*",
    empty=".",
    before="<",
    after=">",
    up="^",
    down="v",
    strokes=("**", "++", "oo"),
    times="x",
    bar=".-#",
    signs="*+o",
)
SETS = {each.name: each for each in (UNICODE, BLOCK, ASCII)}


def choose(name: str, encoding: str, term: str, *, shades: bool) -> Glyphs:
    """Return a set by name; `auto` is the one for a terminal that takes this encoding and calls itself `term`.

    `shades` says whether it has enough colours to tell shaded ground from a line.
    """
    if name == "auto":
        name = "block" if term in ("linux", "linux-16color") else "unicode"
        if encoding.lower().replace("-", "").replace("_", "") != "utf8":
            name = "ascii"
    return SETS[name] if shades else replace(SETS[name], shades=False)
