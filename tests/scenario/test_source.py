"""Reading YAML: only what JSON has, every line known, nothing that could hurt."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
import yaml

from drill.errors import ScenarioError, UsageError
from drill.scenario.files import read_text
from drill.scenario.loader import load
from drill.scenario.source import MAX_BYTES, MAX_NODES, parse, parse_part

DATA = Path(__file__).parent / "data"


def refusal(text: str) -> str:
    """Return the one problem a text has."""
    with pytest.raises(ScenarioError) as caught:
        parse(text, "x.yaml")
    assert len(caught.value.problems) == 1
    return str(caught.value)


def test_only_the_types_of_json_are_recognised() -> None:
    text = (
        "[null, ~, true, false, no, Yes, 0, -12, 1.5, 2e3, 010, 0x1F, 1_000, 1:30, 2020-01-01, .inf, .nan, '1', \"\"]"
    )
    assert parse(f"a: {text}\nb:\n", "x").content == {
        "a": [
            *(None, None, True, False, "no", "Yes", 0, -12, 1.5, 2000.0, "010", "0x1F", "1_000", "1:30"),
            *("2020-01-01", ".inf", ".nan", "1", ""),
        ],
        "b": None,
    }


def test_numbers_too_long_to_be_meant_are_text() -> None:
    assert parse(f"a: {'9' * 400}\nb: 1e400", "x").content == {"a": "9" * 400, "b": "1e400"}


def test_every_key_and_item_knows_its_line() -> None:
    lines = parse("# one\na: 1\nb:\n  - x\n  - {c: 2,\n     d: 3}\n", "x").lines
    assert lines == {
        ("a",): 2,
        ("b",): 3,
        ("b", 0): 4,
        ("b", 1): 5,
        ("b", 1, "c"): 5,
        ("b", 1, "d"): 6,
    }


def test_repeated_keys_and_keys_that_are_not_text_are_found_without_hiding_the_rest() -> None:
    source = parse("a: 1\na: {b: 2}\n3: 4\n~: 5\nc: {d: 6, d: 7}\n", "x")
    assert source.content == {"a": 1, "c": {"d": 6}}
    assert [(found.line, found.place) for found in source.findings] == [
        (2, ("a",)),
        (3, ()),
        (4, ()),
        (5, ("c", "d")),
    ]


def test_windows_line_ends_and_a_byte_order_mark_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n")
    source = parse(read_text(path, MAX_BYTES), "x")
    assert source.content == {"a": 1, "b": 2}
    assert source.lines["b",] == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: &x [1]\nb: *x\n", "x.yaml:1: a: anchors are not supported; write the value out"),
        ("a: {b: !!python/object/apply:os.system [id]}\n", "x.yaml:1: a.b: tags such as"),
        ("a:\n \tb: 1\n", "x.yaml:2: tabs can't be used for indentation"),
        ("a: 1\n---\nb: 2\n", "x.yaml:2: a second document"),
        ("? [a]\n: b\n", "x.yaml:1: a mapping or list can't be a key"),
        ("a: 'x\0y'\n", "x.yaml:1: the character U+0000"),
        ("a: x\u2028y\n", "x.yaml:1: the character U+2028"),
        ("- a\n", "x.yaml:1: the file holds a list"),
        ("just words\n", "x.yaml:1: the file holds 'just words'"),
        ("", "x.yaml: the file is empty"),
        ("# nothing\n", "x.yaml: the file is empty"),
        ("a: [1\nb: 2\n", "x.yaml:2: not valid YAML: "),
        ("a: 1\n b: 2\n", "x.yaml:2: not valid YAML: "),
        ('a: "\\ud800"\n', "x.yaml:1: "),
        ('a: "\\UFFFFFFFF"\n', "x.yaml"),
        ("a: @x\n", "x.yaml:1: not valid YAML: "),
    ],
)
def test_what_yaml_would_allow_but_nobody_needs_is_refused(text: str, said: str) -> None:
    assert refusal(text).startswith(said)


def test_a_syntax_problem_is_one_line() -> None:
    assert "\n" not in refusal("a: {b: [c\nd: e\n")


def test_depth_is_refused_before_it_costs_anything() -> None:
    assert "nested deeper than 40 levels" in refusal("[" * 10_000)
    assert "nested deeper than 40 levels" in refusal("".join(f"{' ' * depth}a:\n" for depth in range(1_000)))


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    levels = "".join(f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 10)}]\n" for n in range(1, 30))
    assert refusal("l0: &l0 [x]\n" + levels).startswith("x.yaml:1: l0: anchors are not supported")


def test_too_many_values_are_refused() -> None:
    assert f"more than {MAX_NODES} keys and values" in refusal("a: [" + "1," * 60_000 + "]")


def test_a_text_above_the_limit_is_refused() -> None:
    assert f"larger than {MAX_BYTES} bytes" in refusal("a: " + "é" * (MAX_BYTES // 2 + 1))


def test_a_huge_file_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    path = tmp_path / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(100 * 2**20)
    with pytest.raises(ScenarioError, match="104857600 bytes; at most 1048576"):
        load(path)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_other_encodings_are_refused(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes("title: Zähler\n".encode(encoding))
    with pytest.raises(ScenarioError, match=r"UTF-8|U\+0000"):
        load(path)


def test_the_line_of_a_wrong_byte_is_named(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(ScenarioError, match=r"x\.yaml:2: the file is not UTF-8 text \(byte 0xFF\)"):
        load(path)


def test_what_is_not_a_file_is_a_usage_error(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.yaml"
    os.mkfifo(pipe)
    loop = tmp_path / "loop.yaml"
    loop.symlink_to(loop)
    for path, said in (
        (tmp_path, "is a directory"),
        (pipe, "not an ordinary file"),
        (tmp_path / "none.yaml", "there is no file"),
        (tmp_path / "none.yaml" / "x.yaml", "there is no file"),
        (loop, "can't be opened"),
        (Path("a\0b.yaml"), "can't be opened"),
        (tmp_path / ("x" * 300), "can't be opened"),
    ):
        with pytest.raises(UsageError, match=said):
            load(path)


def test_a_file_without_permission_is_a_usage_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1")

    def denied(*_: object) -> int:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(os, "open", denied)  # chmod would not stop root
    with pytest.raises(UsageError, match="Permission denied"):
        load(path)


def test_a_part_is_read_no_further_than_its_end() -> None:
    assert parse_part("a: 1\ncard: {title: x}\nb: [", "x", "card") == {"title": "x"}
    assert parse_part("a: {card: 1}\n", "x", "card") is None


@pytest.mark.parametrize("path", sorted(DATA.glob("*/*.yaml")), ids=lambda path: path.stem)
def test_the_parser_in_python_gives_the_same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def outcome() -> object:
        try:
            source = parse(path.read_text("utf-8"), "x")
        except ScenarioError as error:
            problem = error.problems[0]
            return problem.key, problem.message.partition(":")[0]
        return source

    fast = outcome()
    monkeypatch.setattr("drill.scenario.source._LOADER", yaml.SafeLoader)
    assert outcome() == fast
