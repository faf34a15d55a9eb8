"""Recorded arrivals: exact times, and every way a file can be wrong."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.errors import ScenarioError, UsageError
from drill.scenario import traces
from drill.scenario.traces import Trace, TraceRow, read_trace

if TYPE_CHECKING:
    from pathlib import Path


def read(folder: Path, text: str | bytes, name: str = "t.csv") -> Trace:
    """Write a trace and read it, with the endpoints `pay` and `search`."""
    raw = text if isinstance(text, bytes) else text.encode("utf-8")
    path = folder / name
    path.write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)
    return read_trace(path, ["pay", "search"])


def problems(folder: Path, text: str | bytes, name: str = "t.csv") -> list[str]:
    """Return what is wrong with a trace, without the path."""
    with pytest.raises(ScenarioError) as caught:
        read(folder, text, name)
    return [str(problem).removeprefix(str(folder / name)) for problem in caught.value.problems]


def test_columns_become_whole_microseconds(tmp_path: Path) -> None:
    text = (
        "at_s,pod,service_s,endpoint,leak,measured_wait_s\n"
        "0.015274834,0,2.9e-4,pay,0,zzz\n"
        "0.0152748356,,,,,\n"
        "12,3,0.1,search,1,\n"
    )
    trace = read(tmp_path, text)
    assert trace.at_us == (15_275, 15_275, 12_000_000)
    assert list(trace.rows) == [
        TraceRow(15_275, 290, 0, "pay", False),  # noqa: FBT003 - a row as it stands in the file
        TraceRow(15_275, None, None, None, False),  # noqa: FBT003 - as above
        TraceRow(12_000_000, 100_000, 3, "search", True),  # noqa: FBT003 - as above
    ]
    assert list(trace.rows) == list(trace.rows)


def test_columns_that_are_not_there_are_empty(tmp_path: Path) -> None:
    trace = read(tmp_path, "at_s\n1\n2\n\n")
    assert (trace.service_us, trace.pod, trace.endpoint, trace.leak) == ((), (), (), ())
    assert list(trace.rows)[1] == TraceRow(2_000_000, None, None, None, False)  # noqa: FBT003 - the default


def test_compression_and_line_ends_make_no_difference(tmp_path: Path) -> None:
    plain = read(tmp_path, "at_s,pod\n1.5,1\n")
    packed = read(tmp_path, "at_s,pod\n1.5,1\n", "t.csv.gz")
    assert packed == plain
    assert read(tmp_path, "\ufeffat_s,pod\r\n1.5,1\r\n").at_us == plain.at_us


@given(st.integers(0, 600_000_000_000))
def test_microseconds_survive_exactly(value_us: int) -> None:
    whole, rest = divmod(value_us, 1_000_000)
    assert traces._microseconds(f"{whole}.{rest:06d}") == value_us  # noqa: SLF001 - a file for each would be slow


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ": the file is empty"),
        ("at_s\n", ": the trace has no arrivals"),
        ("time\n1\n", ":1: time: unknown column; the columns are: at_s, service_s, pod, endpoint, leak"),
        ("at_s,at_s\n1,1\n", ":1: at_s: the column stands here more than once"),
        ("at_s,servce_s\n1,1\n", "did you mean service_s?"),
        ("at_s,pod\n1,1\n,1\n", ":3: at_s: there is no value"),
        ("at_s\n1\nsoon\n", ":3: at_s: 'soon' is not a number"),
        ("at_s\n-1\n", ":2: at_s: '-1' is negative"),
        ("at_s\nnan\n", ":2: at_s: 'nan' is not a number"),
        ("at_s\ninf\n", ":2: at_s: 'inf' is not a number"),
        ("at_s\n1_0\n", ":2: at_s: '1_0' is not a number"),
        ("at_s\n1e99\n", ":2: at_s: 1e99 is out of range; allowed is 0 to 604800 seconds"),
        ("at_s\n1e999\n", ":2: at_s: '1e999' is not a number"),
        ("at_s\n2\n1\n", ":3: at_s: 1 is before 2.000000, the arrival above"),
        ("at_s,service_s\n1,-0.5\n", ":2: service_s: '-0.5' is negative"),
        ("at_s,pod\n1,1.5\n", ":2: pod: '1.5' is not a whole number"),
        ("at_s,pod\n1,-1\n", ":2: pod: '-1' is not a whole number"),
        ("at_s,pod\n1,٣\n", ":2: pod: '٣' is not a whole number"),
        ("at_s,endpoint\n1,serch\n", ":2: endpoint: there is no endpoint 'serch'; known: pay, search; did you mean"),
        ("at_s,leak\n1,yes\n", ":2: leak: 'yes' is not 0 or 1"),
        ("at_s,pod\n1\n", ":2: the line has 1 values; the first line names 2 columns"),
        (b"at_s\n\xff\n", "the file is not UTF-8 text"),
        ("at_s\n" + "1" * 200_000, "a line is longer than 100000 characters"),
        ('at_s,pod\n1,"1\n', "the file can't be read as CSV"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, text: str | bytes, said: str) -> None:
    found = problems(tmp_path, text)
    assert any(said in problem for problem in found), found


def test_every_problem_is_reported_up_to_a_limit(tmp_path: Path) -> None:
    assert len(problems(tmp_path, "at_s,pod\nx,y\n1,1\nz,2\n")) == 3
    many = problems(tmp_path, "at_s\n" + "x\n" * 1_000)
    assert len(many) == traces.MAX_PROBLEMS + 1
    assert many[-1].endswith("reading stopped here; what follows was not checked")


@pytest.mark.parametrize("kept", [0, 5, 15, 25])
def test_a_truncated_file_is_named(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"at_s\n1\n2\n3\n")[:kept])
    with pytest.raises(ScenarioError, match=r"ends too early|is empty"):
        read_trace(path, [])


@pytest.mark.parametrize("raw", [b"at_s\n1\n", b"\x1f\x8b\x08\x00rubbish and more of it", b"\x1f\x8b\x07" + b"\0" * 40])
def test_what_is_not_gzip_is_named(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "t.csv.gz"
    path.write_bytes(raw)
    with pytest.raises(ScenarioError, match="not compressed with gzip, or is damaged"):
        read_trace(path, [])


def test_decompression_stops_at_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "MAX_BYTES", 10_000_000)
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"at_s\n" + b"1.000000000\n" * 2_000_000, compresslevel=1))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(ScenarioError, match="larger than 10000000 bytes when decompressed"):
        read_trace(path, [])


def test_rows_are_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traces, "MAX_ROWS", 100)
    assert len(read(tmp_path, "at_s\n" + "1\n" * 100).at_us) == 100
    assert problems(tmp_path, "at_s\n" + "1\n" * 101)[0].endswith("more than 100 arrivals; cut it into several")


def test_a_missing_trace_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no file"):
        read_trace(tmp_path / "none.csv", [])
