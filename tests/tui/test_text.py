"""Text fits its place in whole words, and steers no terminal."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from drill.tui.text import fit, pad, printable, shorten, spread, width, wrap, wrap_all

WORDS = st.lists(st.text("abc日é12", min_size=1, max_size=12), max_size=12)


@given(WORDS, st.integers(2, 40))
def test_wrapped_lines_fit_and_lose_nothing(words: list[str], cells: int) -> None:
    lines = wrap(" ".join(words), cells)
    assert all(width(line) <= cells for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(words)


@given(WORDS, st.integers(12, 60))
def test_words_that_fit_are_never_cut(words: list[str], cells: int) -> None:
    fitting = [word for word in words if width(word) <= cells]
    assert [word for line in wrap(" ".join(fitting), cells) for word in line.split()] == fitting


@given(WORDS, st.integers(0, 60))
def test_what_is_shortened_fits_and_is_made_of_whole_words(words: list[str], cells: int) -> None:
    text = " ".join(words)
    short = shorten(text, cells, "…")
    assert width(short) <= cells
    kept = [word for word in short.split() if word != "…" and not word.endswith("…")]
    assert short == text or kept == words[: len(kept)]


def test_numbers_are_left_out_rather_than_cut() -> None:
    assert fit(["min 0", "now 12345", "max 67890"], 20) == "min 0  now 12345"
    assert shorten("took 123456 ms", 10, "…") == "took …"


def test_own_line_breaks_are_kept() -> None:
    assert wrap_all("one two\n\nthree", 5) == ["one", "two", "", "three"]


def test_own_indents_are_kept_on_every_line_of_a_paragraph() -> None:
    assert wrap_all("Log:\n  one two\n   \nend", 6) == ["Log:", "  one", "  two", "", "end"]
    assert wrap_all(" " * 70 + "far", 20) == [" " * 8 + "far"]


def test_columns_are_cells_and_not_characters() -> None:
    assert pad("日本", 6) == "日本  "
    assert pad("12", 4, right=True) == "  12"
    assert spread("left", "right", 12) == "left   right"
    assert spread("left", "right", 8) == "left"


def test_nothing_steers_the_terminal() -> None:
    assert printable("a\x1b[31mb\x07\tc\nd\u202e") == "a\ufffd[31mb\ufffd c d\ufffd"
