"""Each terminal gets characters it can show."""

from __future__ import annotations

from dataclasses import fields

import pytest

from drill.tui.glyphs import ASCII, BLOCK, SETS, UNICODE, choose


@pytest.mark.parametrize(
    ("name", "encoding", "term", "expected"),
    [
        ("auto", "utf-8", "xterm-256color", UNICODE),
        ("auto", "UTF8", "tmux-256color", UNICODE),
        ("auto", "utf-8", "linux", BLOCK),
        ("auto", "iso8859-1", "xterm", ASCII),
        ("auto", "ascii", "linux", ASCII),
        ("block", "utf-8", "xterm", BLOCK),
        ("ascii", "utf-8", "xterm", ASCII),
    ],
)
def test_the_set_follows_from_encoding_and_terminal(name: str, encoding: str, term: str, expected: object) -> None:
    assert choose(name, encoding, term, shades=True) == expected


def test_without_colours_to_spare_nothing_is_shaded() -> None:
    assert not choose("auto", "utf-8", "xterm", shades=False).shades


def test_braille_dots_are_numbered_upwards_and_then_to_the_right() -> None:
    assert [UNICODE.chart(1 << at) for at in range(8)] == list("⡀⠄⠂⠁⢀⠠⠐⠈")
    assert UNICODE.chart(0) == "⠀"
    assert UNICODE.chart(255) == "⣿"


@pytest.mark.parametrize("name", SETS)
def test_every_combination_of_dots_has_one_character(name: str) -> None:
    glyphs = SETS[name]
    assert {len(glyphs.chart(dots)) for dots in range(1 << glyphs.columns * glyphs.rows)} == {1}


def test_the_plain_set_is_plain() -> None:
    texts = [getattr(ASCII, field.name) for field in fields(ASCII)]
    assert "".join(str(text) for text in texts).isascii()
