"""`drill check --play`: players, promises, the report, and what is kept between two checks."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import yaml

from drill.cli import kept, promises
from drill.cli.kept import Kept
from drill.cli.promises import Report, examine, shown
from drill.cli.sparks import spark
from drill.lanes.judging import Fault, unplayable
from drill.lanes.proof import Outcome, Trial, outcome, seeds_of, trials
from drill.scenario.library import find
from drill.scenario.loader import load, loads
from drill.scenario.notation import merged
from drill.scenario.sketch import sketch
from drill.telemetry.lanes import LaneResult

if TYPE_CHECKING:
    from pathlib import Path

GOOD = Outcome(bad=100, recovered=True, failing=(0.0, 0.5, None), values={"a": 1.0, "b": None})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a small scenario that keeps its promises."""
    found = tmp_path / "new.yaml"
    found.write_text(sketch("new", "new.yaml"), "utf-8")
    return found


def trial(path: Path, *, full: bool = True) -> Trial:
    """Return what is to be shown of a file on its first seed."""
    return trials(str(path), load(path), 1, full=full)[0]


def came(path: Path, **bad: int) -> list[str]:
    """Return what is said when players come to these numbers of bad requests; only nothing done does not recover."""
    of = trial(path)
    outcomes = {
        repr(of.task(part)): replace(
            GOOD, bad=bad.get(part.name.replace("-", "_"), 1000), recovered=part.role != "idle"
        )
        for part in of.parts
    }
    return [fault.text for fault in unplayable(of, outcomes)]


def test_a_scenario_in_which_solutions_help_and_traps_do_not_is_worth_playing(path: Path) -> None:
    assert came(path, idle=1000, larger_pools=100, more_pods=150, restart=990) == []


def test_a_solution_that_spares_much_less_than_the_best_is_none(path: Path) -> None:
    (said,) = came(path, idle=1000, larger_pools=100, more_pods=400, restart=990)
    assert said == "more-pods (seed 1): this solution avoids 67% of what the best does; 85% is wanted"


def test_a_trap_that_helps_is_none(path: Path) -> None:
    (said,) = came(path, idle=1000, larger_pools=100, more_pods=100, restart=200)
    assert said == "restart (seed 1): this trap avoids 89% of what the best solution does; it is none"


def test_a_scenario_in_which_nothing_helps_much_is_not_worth_playing(path: Path) -> None:
    (said,) = came(path, idle=1000, larger_pools=800, more_pods=900)
    assert said == "(seed 1): the best solution has 800 bad requests of 1000; it must avoid 25%"


def test_a_figure_that_nobody_measures_is_reported(path: Path) -> None:
    of = trial(path)
    outcomes = {repr(of.task(part)): replace(GOOD, bad=1000, recovered=part.role != "idle") for part in of.parts}
    idle, best = repr(of.task(of.parts[0])), repr(of.task(of.parts[1]))
    outcomes |= {idle: replace(outcomes[idle], unmeasured=("old",)), best: replace(outcomes[best], bad=100)}
    first = next(fault.text for fault in unplayable(of, outcomes))
    assert first.startswith("story.figures.old (seed 1): nothing is measured")


def test_only_figures_of_the_run_with_nothing_done_must_be_measured_in_it(tmp_path: Path) -> None:
    """A pooler's metrics, say, are there only in the lane of a solution that adds one."""
    figures = {name: {"metric": "pg_up", "start": "1m", "end": "2m", "lane": name} for name in ("idle", "larger-pools")}
    path = tmp_path / "new.yaml"
    path.write_text(
        yaml.safe_dump(merged(loads(sketch("new", "x"), "x").written.content, {"story": {"figures": figures}}))
    )
    of = trial(path)
    lane = LaneResult(
        name="idle",
        seed=1,
        bad=0,
        offered=(1,),
        ok=(1,),
        bad_by_second=(0,),
        figures=(),
        summary={"impact": {"recovered_s": None}},
        readings=(("idle", None), ("larger-pools", None)),
    )
    assert outcome(of, "", lane).unmeasured == ("idle",)


def test_without_full_only_the_first_solution_and_the_reflexes_play(path: Path) -> None:
    names = [part.name for part in trial(path, full=False).parts]
    assert names == ["idle", "larger-pools", "scale-up", "restart-all"]


def test_a_family_is_played_on_as_many_seeds_of_every_variant() -> None:
    file = load(find("checkout-timeouts"))
    assert file.family is not None
    chosen = [file.family.chosen(seed) for seed in seeds_of(file, 2)]
    assert {name: chosen.count(name) for name in chosen} == dict.fromkeys(file.family.variants, 2)


def test_a_broken_promise_is_shown_with_a_chart_and_its_window() -> None:
    lines = shown(Fault(text="outage", failing=(0.0, 0.2, 1.0, None), window_s=(15, 45)))
    assert lines[0] == "outage"
    assert lines[1].endswith("|_.# |") or lines[1].endswith("|▁▂█ |")
    assert lines[2].index("^") == lines[1].index("|") + 2
    assert lines[2].count("^") == 2


def test_a_chart_has_one_character_for_each_step() -> None:
    assert spark([0.0, 0.5, 1.0, None]) == "▁▅█ "
    assert spark([0.0, 0.5, 1.0, None], ascii_only=True) == "_=# "


def test_what_was_kept_is_not_simulated_again(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not after the file has moved; a change of the file is another file."""
    cache = tmp_path / "cache"
    first = examine(path, 1, full=True, jobs=1, cache=cache)
    monkeypatch.setattr(promises, "run_lanes", _refuse)
    assert examine(path, 1, full=True, jobs=1, cache=cache) == first
    moved = tmp_path / "moved.yaml"
    path.rename(moved)
    assert examine(moved, 1, full=True, jobs=1, cache=cache) == first
    moved.write_text(moved.read_text("utf-8").replace("rate: 20/s", "rate: 21/s"), "utf-8")
    with pytest.raises(AssertionError, match="simulated"):
        examine(moved, 1, full=True, jobs=1, cache=cache)
    assert isinstance(first, Report)
    assert first.faults == ()


def _refuse(tasks: list[object], jobs: int) -> list[object]:
    del jobs
    if tasks:
        msg = f"{len(tasks)} runs are simulated"
        raise AssertionError(msg)
    return []


def test_another_engine_asks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = Kept(tmp_path, "sha256:0")
    old.add("one", GOOD)
    old.close()
    monkeypatch.setattr(kept, "engine", lambda: "another engine")
    assert Kept(tmp_path, "sha256:0").get("one") is None


def test_an_interrupted_check_goes_on_where_it_was(tmp_path: Path) -> None:
    written = Kept(tmp_path, "sha256:0")
    written.add("one", GOOD)
    written.close()
    (file,) = tmp_path.iterdir()
    file.write_text(file.read_text("utf-8")[:-20], "utf-8")
    again = Kept(tmp_path, "sha256:0")
    assert again.get("one") is None
    again.add("two", GOOD)
    again.close()
    assert Kept(tmp_path, "sha256:0").get("two") == GOOD


@pytest.mark.parametrize("damage", [b"\xff\xfe\x00", b"{}", b'x {"run": 1}\n', b"[" * 100_000])
def test_a_damaged_file_costs_what_was_in_it_and_no_more(damage: bytes, tmp_path: Path) -> None:
    written = Kept(tmp_path, "sha256:0")
    written.add("one", GOOD)
    written.close()
    (file,) = tmp_path.iterdir()
    file.write_bytes(damage + b"\n" + file.read_bytes() + damage)
    assert Kept(tmp_path, "sha256:0").get("one") == GOOD


def test_a_folder_that_cannot_be_written_keeps_nothing_and_harms_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    written = Kept(tmp_path / "file" / "cache", "sha256:0")
    written.add("one", GOOD)
    assert written.get("one") == GOOD
    written.close()
