"""What a file leaves to the seed: variants, drawn parameters, and files that begin from another."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drill.errors import ScenarioError
from drill.scenario.loader import ScenarioFile, load, load_for
from drill.scenario.redraw import STEPS, RedrawSpec, read

DATA = Path(__file__).parent / "data"
FAMILIES = DATA / "families"
FAMILY = FAMILIES / "family.yaml"
SEEDS = range(1, 41)


@cache
def family() -> ScenarioFile:
    """Return a family of two systems, one of them chosen twice as often."""
    return load(FAMILY)


def said(file: ScenarioFile, *keys: str) -> Any:  # noqa: ANN401 - plain data of a file
    """Return what a file says at a place."""
    value: Any = file.written.content
    for key in keys:
        value = value[key]
    return value


def test_the_same_seed_always_means_the_same_system() -> None:
    for seed in SEEDS:
        one, other = family().for_seed(seed), load_for(FAMILY, seed)
        assert (one.spec, one.digest, one.written.content) == (other.spec, other.digest, other.written.content)


def test_seeds_choose_every_variant_about_as_often_as_its_weight_says() -> None:
    answers = [family().for_seed(seed).spec.story.answer for seed in range(300)]
    # 200 of 300 are wanted; four standard deviations are 33.
    assert 167 <= answers.count("a") <= 233


def test_what_is_drawn_keeps_its_notation_and_its_range() -> None:
    for seed in SEEDS:
        rate = said(family().for_seed(seed), "traffic", "rate")
        assert re.fullmatch(r"\d+(\.\d)?/s", rate)
        assert 8 <= float(rate.removesuffix("/s")) <= 12


def test_parameters_of_one_variant_are_drawn_in_it_only() -> None:
    found = {(file.spec.story.answer, said(file, "timeline", "more", "replicas") > 2) for file in map(of_seed, SEEDS)}
    assert found == {("a", False), ("b", True)}


def of_seed(seed: int) -> ScenarioFile:
    """Return the family as a seed has it."""
    return family().for_seed(seed)


def test_whatever_the_seed_chooses_the_digest_is_that_of_the_file() -> None:
    assert {of_seed(seed).digest for seed in SEEDS} == {family().digest}


def test_what_the_seed_decided_is_decided() -> None:
    file = of_seed(3)
    assert file.family is None
    assert file.for_seed(4) is file


def test_it_is_known_whether_a_seed_chose_among_systems() -> None:
    begun, plain = load(FAMILIES / "from-family.yaml"), load(DATA / "valid" / "small.yaml")
    assert all(file.sealed for file in (family(), of_seed(3), load_for(FAMILY, 3), family().patched({"length": "9m"})))
    assert not any(file.sealed for file in (begun, begun.for_seed(3), load_for(begun.path or "", 3), plain))


def test_a_plain_file_is_the_same_for_every_seed() -> None:
    plain = load(DATA / "valid" / "small.yaml")
    assert plain.for_seed(1) is plain
    assert load_for(DATA / "valid" / "small.yaml", 7) == plain


def test_another_weight_or_range_is_another_file() -> None:
    digests = {
        family().patched(changes).digest
        for changes in ({"variants": {"one": {"weight": 3}}}, {"redraw": {"rate": {"low": "9/s"}}})
    }
    assert len(digests | {family().digest}) == 3


def test_a_null_in_proposed_changes_survives_until_they_are_made() -> None:
    removed = of_seed(next(seed for seed in SEEDS if of_seed(seed).spec.story.answer == "b")).spec.expects["calm"]
    assert removed.without == {"more": {"timeline": {"more": None}}}


def test_a_file_that_begins_from_a_variant_has_its_story_and_still_draws() -> None:
    begun = load(FAMILIES / "from-family.yaml")
    assert (begun.id, begun.spec.card.title, begun.spec.story.answer) == ("from-family", "One of the family", "b")
    assert begun.spec.story.objectives == ["See it"]
    assert begun.spec.length == 8 * 60 * 10**6
    drawn = {said(begun.for_seed(seed), "timeline", "more", "replicas") for seed in SEEDS}
    assert drawn <= set(range(10, 20))
    assert len(drawn) > 5


def test_a_file_that_begins_from_a_whole_family_leaves_the_choice_to_the_seed(tmp_path: Path) -> None:
    (tmp_path / "family.yaml").write_text(FAMILY.read_text("utf-8"), "utf-8")
    card = "card: {title: T, difficulty: 1, minutes: 5, family: small, summary: S.}"
    (tmp_path / "own.yaml").write_text(f"format: drill-scenario/1\n{card}\nfrom: family.yaml\nlength: 9m\n", "utf-8")
    own = load(tmp_path / "own.yaml")
    assert {own.for_seed(seed).spec.story.answer for seed in SEEDS} == {"a", "b"}
    assert own.for_seed(1).spec.length == 9 * 60 * 10**6


def test_a_base_that_is_wrong_is_reported_with_its_own_lines(tmp_path: Path) -> None:
    text = FAMILY.read_text("utf-8").replace("replicas: 1\n", "replicas: many\n")
    (tmp_path / "family.yaml").write_text(text, "utf-8")
    (tmp_path / "own.yaml").write_text((FAMILIES / "from-family.yaml").read_text("utf-8"), "utf-8")
    with pytest.raises(ScenarioError) as caught:
        load(tmp_path / "own.yaml")
    assert {(Path(each.file).name, each.line) for each in caught.value.problems} == {("family.yaml", 9)}


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    folder.mkdir()
    (folder / "family.yaml").symlink_to(FAMILY)
    (folder / "own.yaml").write_text((FAMILIES / "from-family.yaml").read_text("utf-8"), "utf-8")
    with pytest.raises(ScenarioError, match="leads out of the scenario's folder"):
        load(folder / "own.yaml")


def test_too_much_to_check_is_refused_before_it_is_checked() -> None:
    many = {f"v{n}": {"changes": {"story": {"answer": "a"}}} for n in range(13)}
    with pytest.raises(ScenarioError, match="there are 15 variants; allowed are 12"):
        family().patched({"variants": many})
    wide = {f"s{n}": said(family(), "story", "suspects", "a") for n in range(7_000)}
    with pytest.raises(ScenarioError, match="too many to check"):
        family().patched({"story": {"suspects": wide}, "variants": {k: many[k] for k in list(many)[:10]}})


@given(st.integers(0, 2**63 - 1), st.integers(0, 1_000), st.integers(1, 1_000))
def test_a_drawn_whole_number_is_whole_and_within_its_range(seed: int, low: int, span: int) -> None:
    drawn = RedrawSpec(at=("x",), low=low, high=low + span).drawn(seed, "x")
    assert isinstance(drawn, int)
    assert low <= drawn <= low + span


@given(st.integers(0, 2**63 - 1), st.integers(0, 10_000), st.integers(1, 10_000), st.sampled_from(["/s", "ms", "%"]))
def test_a_drawn_quantity_lies_on_a_round_step_of_its_range(seed: int, low: int, span: int, unit: str) -> None:
    spec = RedrawSpec(at=("x",), low=f"{low / 100:g}{unit}", high=f"{(low + span) / 100:g}{unit}")
    drawn = spec.drawn(seed, "x")
    (first, _), (last, _), (value, found) = read(spec.low), read(spec.high), read(drawn)
    assert found == unit
    assert first <= value <= last
    # A step is the largest 1, 2 or 5 of a decade of which 40 fit in: never below a hundredth of the range.
    assert (value - first) % (Fraction(1, 10**6)) == 0
    assert value == first or value - first >= (last - first) / (STEPS * 5 // 2)
