"""The whole way from a file to the frozen model, and back through changes."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from drill.errors import ScenarioError
from drill.scenario.loader import ScenarioFile, load, loads
from drill.scenario.topology import BorrowStep, LockSpec, QueryStep, ReturnStep, TransactionStep

DATA = Path(__file__).parent / "data" / "valid"
SMALL = (DATA / "small.yaml").read_text("utf-8")


@pytest.fixture(scope="module")
def full() -> ScenarioFile:
    """Return a scenario that uses most of the notation."""
    return load(DATA / "full.yaml")


@pytest.fixture
def traced(tmp_path: Path) -> Path:
    """Return the path of a scenario with a trace."""
    (tmp_path / "arrivals.csv").write_text("at_s,endpoint\n0.5,pay\n1.5,pay\n")
    path = tmp_path / "traced.yaml"
    path.write_text(SMALL.replace("{rate: 10/s}", "{trace: arrivals.csv}"))
    return path


def test_a_file_becomes_a_frozen_model(full: ScenarioFile) -> None:
    assert (full.id, full.path) == ("full", DATA / "full.yaml")
    assert full.spec.length == 600_000_000
    assert full.spec.slo.success == 0.99
    assert full.digest.startswith("sha256:")
    assert len(full.digest) == 71
    assert full.trace is None


def test_a_statement_says_what_it_locks(full: ScenarioFile) -> None:
    steps = full.spec.topology.deployments["api"].endpoints["pay"].program
    locks = [step.locks for step in steps if isinstance(step, QueryStep)]
    assert locks == [LockSpec(table="pay", mode="access share")]
    inside = [each for step in steps if isinstance(step, TransactionStep) for each in step.transaction]
    assert [step.locks for step in inside if isinstance(step, QueryStep)] == [
        LockSpec(table="cart", rows=500, by="cart")
    ]


def test_return_is_the_files_word(full: ScenarioFile) -> None:
    program = full.spec.topology.deployments["api"].endpoints["pay"].program
    assert BorrowStep(borrow="db") in program
    assert ReturnStep(returns="db") in program


def test_the_revision_before_is_the_present_one_with_changes(full: ScenarioFile) -> None:
    present = full.spec.topology.deployments["api"]
    before = present.previous
    assert before is not None
    assert (before.revision, before.pools["db"].size) == ("41", 4)
    assert before.pools["db"].checkout_timeout == present.pools["db"].checkout_timeout
    assert before.endpoints == present.endpoints
    assert (before.previous, before.fixes) == (None, {})


def test_a_fix_is_the_present_one_with_changes(full: ScenarioFile) -> None:
    fix = full.spec.topology.deployments["api"].fixes["smaller"]
    assert fix.takes == 120_000_000
    assert fix.becomes.pools["db"].size == 2
    assert fix.becomes.replicas == 2


def test_changes_are_merged_level_by_level_and_null_removes(full: ScenarioFile) -> None:
    patched = full.patched({"topology": {"database": {"max_connections": 50}}, "timeline": {"more": None}})
    assert patched.spec.topology.database.max_connections == 50
    assert patched.spec.timeline == {}
    assert patched.spec.topology.deployments == full.spec.topology.deployments
    assert full.spec.timeline


def test_changes_can_be_changed_again(full: ScenarioFile) -> None:
    patched = full.patched({"traffic": {"factor": 1.3}}).patched({"traffic": {"rate": "30/s"}})
    assert (patched.spec.traffic.factor, patched.spec.traffic.rate) == (1.3, 30.0)


def test_changes_reach_the_revisions_too(full: ScenarioFile) -> None:
    patched = full.patched({"topology": {"deployments": {"api": {"replicas": 9}}}})
    deployment = patched.spec.topology.deployments["api"]
    assert deployment.previous is not None
    assert deployment.previous.replicas == 9


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"topology": {"database": {"max_connections": 0}}}, "topology.database.max_connections: 0 is out of range"),
        ({"topolgy": {}}, "topolgy: unknown key"),
        ({"story": {"answer": "nobody"}}, "story.answer: there is no suspect 'nobody'"),
        ({"length": object()}, "holds a value that files can't hold"),
        ({"length": float("nan")}, "holds a value that files can't hold"),
    ],
)
def test_changes_are_checked(full: ScenarioFile, changes: dict[str, object], said: str) -> None:
    with pytest.raises(ScenarioError, match=said):
        full.patched(changes)


def test_the_digest_is_of_what_the_file_says_not_of_its_layout() -> None:
    digest = loads(SMALL, "small.yaml").digest
    assert loads("# a comment\n" + SMALL.replace("{rate: 10/s}", "\n  rate: '10/s'"), "other.yaml").digest == digest
    assert loads(SMALL.replace("10/s", "11/s"), "small.yaml").digest != digest
    assert loads(SMALL, "small.yaml").patched({"traffic": {"rate": "11/s"}}).digest != digest


def test_the_order_of_keys_counts_because_draws_follow_it() -> None:
    one = SMALL.replace("{db: {size: 5}}", "{db: {size: 5}, web: {size: 5}}")
    other = SMALL.replace("{db: {size: 5}}", "{web: {size: 5}, db: {size: 5}}")
    assert loads(one, "x").digest != loads(other, "x").digest


def test_a_trace_is_read_and_counts_for_the_digest(traced: Path) -> None:
    scenario = load(traced)
    assert scenario.trace is not None
    assert scenario.trace.at_us == (500_000, 1_500_000)
    patched = scenario.patched({"length": "5m"})
    assert patched.trace is scenario.trace
    (traced.parent / "arrivals.csv").write_text("at_s,endpoint\n0.5,pay\n1.6,pay\n")
    assert load(traced).digest != scenario.digest


def test_problems_of_a_trace_name_its_file(traced: Path) -> None:
    arrivals = traced.parent / "arrivals.csv"
    arrivals.write_text("at_s,endpoint\n0.5,buy\n")
    with pytest.raises(ScenarioError) as caught:
        load(traced)
    assert str(caught.value).startswith(f"{arrivals}:2: endpoint: there is no endpoint 'buy'; known: pay")


def test_a_trace_can_not_be_elsewhere_by_a_link(traced: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    arrivals = traced.parent / "arrivals.csv"
    elsewhere = arrivals.rename(tmp_path_factory.mktemp("elsewhere") / "arrivals.csv")
    arrivals.symlink_to(elsewhere)
    with pytest.raises(ScenarioError, match=r"traced\.yaml:5: traffic\.trace: .* leads out of the scenario's folder"):
        load(traced)
    arrivals.unlink()
    arrivals.symlink_to(arrivals)
    with pytest.raises(ScenarioError, match="leads out of"):
        load(traced)


def test_a_text_has_no_trace(traced: Path) -> None:
    with pytest.raises(ScenarioError, match="this scenario is not in a file"):
        loads(traced.read_text("utf-8"), "traced.yaml")


def test_many_fixes_of_a_large_deployment_are_refused_and_not_written_out() -> None:
    pools = ", ".join(f"p{n}: {{size: 1}}" for n in range(2_000))
    fixes = ", ".join(f"f{n}: {{title: F, takes: 1m, changes: {{replicas: 2}}}}" for n in range(2_000))
    text = SMALL.replace("{db: {size: 5}}", f"{{db: {{size: 5}}, {pools}}}\n      fixes: {{{fixes}}}")
    with pytest.raises(ScenarioError, match=r"topology\.deployments: with revisions and fixes written out") as caught:
        loads(text, "x.yaml")
    assert len(caught.value.problems) == 1


def test_many_sets_of_changes_are_refused_and_not_tried() -> None:
    guards = ", ".join(f"g{n}: {{title: G, changes: {{length: 9m}}}}" for n in range(5_000))
    text = SMALL.replace("  debrief:", f"  guards: {{{guards}}}\n  debrief:")
    started = time.perf_counter()
    with pytest.raises(ScenarioError, match="5000 sets of changes"):
        loads(text, "x.yaml")
    assert time.perf_counter() - started < 20


def test_thousands_of_problems_are_cut_short() -> None:
    deployments = "\n".join(f"    d{n}: {{replica: {n}}}" for n in range(5_000))
    with pytest.raises(ScenarioError) as caught:
        loads(SMALL.replace("  deployments:\n", f"  deployments:\n{deployments}\n"), "x.yaml")
    assert len(caught.value.problems) == 201
    assert "more problems are not listed" in caught.value.problems[-1].message


def test_the_model_loads_neither_pydantic_nor_yaml() -> None:
    rooms = "spec, drill.scenario.topology, drill.scenario.story, drill.scenario.fields, drill.scenario.traces"
    code = f"import sys, drill.scenario.{rooms}; print(sorted({{'pydantic', 'yaml'}} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
