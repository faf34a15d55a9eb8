"""Every action of the catalogue can be filled in with what the scenario has, and with nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drill.actions.catalogue import (
    CATALOGUE,
    Action,
    AddPooler,
    RateLimit,
    RestartPods,
    RollBack,
    Scale,
    SetCheckoutTimeout,
    SetFlag,
    SetPoolSize,
    Shed,
)
from drill.actions.entries import Entry
from drill.actions.postgres import SetConnectionLimit, SetDatabaseTimeout, SetMaxConnections
from drill.errors import ActionError
from drill.tui.fields import build, form, missing
from drill.units import US_PER_S, format_duration
from tests.tui.shop import shop, snapshot, users

SPEC, NOW = shop().spec, snapshot(users())
TYPED = {
    "older_than": "30s",
    "timeout": "2s",
    "rate": "100/s",
    "share": "20%",
    "replicas": "3",
    "size": "2",
    "pool_size": "5",
    "limit": "50",
    "start": "60%",
    "full": "80%",
    "attempts": "2",
    "back_off": "100ms",
    "longest": "20s",
    "pids": "1201, 1202",
    "budget": "20%",
}


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_can_be_done_can_be_filled_in(name: str) -> None:
    kind = CATALOGUE[name]
    fields = form(kind, SPEC, NOW, {})
    if missing(kind, SPEC):
        return
    filled = {field.name: field.value if field.values is not None else TYPED[field.name] for field in fields}
    assert build(kind, filled).do == name


def test_what_this_system_lacks_is_named() -> None:
    lacking = {name: missing(kind, SPEC) for name, kind in CATALOGUE.items() if missing(kind, SPEC)}
    assert lacking == {
        "set-link": "this system has no link",
        "set-dns": "this system has no name server",
        "pause-autoscaler": "this system has no autoscaler",
        "resume-autoscaler": "this system has no autoscaler",
        "add-pooler": "this system has no pooler that could be added",
        "pause-pooler": "this system has no pooler",
        "resume-pooler": "this system has no pooler",
        "reload-pooler": "this system has no pooler",
        "kill-pooler": "this system has no pooler",
        "set-pooler-limit": "this system has no pooler",
        "set-pooler-timeout": "this system has no pooler",
        "set-call-timeout": "this system has no call",
        "set-call-retries": "this system has no call",
        "set-breaker": "this system has no call",
        "ship-fix": "this system has no fix",
    }


def test_choices_come_from_the_scenario() -> None:
    fields = {field.name: field for field in form(SetPoolSize, SPEC, NOW, {})}
    assert fields["deployment"].values == ("till", "stock")
    assert fields["pool"].values == ("db",)
    assert fields["rollout"].values == ("as-configured", "recreate", "surge")
    assert (fields["size"].values, fields["size"].now) == (None, "4")


def test_a_choice_that_depends_on_another_follows_it() -> None:
    fields = {field.name: field for field in form(SetPoolSize, SPEC, NOW, {"deployment": "stock", "pool": "db"})}
    assert (fields["pool"].values, fields["pool"].value) == (("shelf", "cellar"), "shelf")


def test_values_in_force_are_shown() -> None:
    fields = {field.name: field for field in form(Scale, SPEC, NOW, {})}
    assert (fields["replicas"].value, fields["replicas"].now) == ("6", "6")
    assert fields["replicas"].hint == "a whole number from 0 to 500"


def test_texts_become_values() -> None:
    assert build(Scale, {"deployment": "till", "replicas": " 12 "}) == Scale(deployment="till", replicas=12)
    assert build(SetFlag, {"flag": "gift-wrap", "on": "off"}) == SetFlag(flag="gift-wrap", on=False)
    assert build(Shed, {"share": "12.5%"}) == Shed(share=0.125)
    assert build(RestartPods, {"deployment": "till", "rollout": "surge"}).do == "restart-pods"


@pytest.mark.parametrize("text", ["", "many", "-1", "501", "1.5", "٣", "9" * 50])
def test_what_is_no_value_is_refused_with_its_bounds(text: str) -> None:
    with pytest.raises(ActionError, match="500"):
        build(Scale, {"deployment": "till", "replicas": text})


def test_defaults_of_the_catalogue_stand_in_the_form() -> None:
    fields = {field.name: field.value for field in form(AddPooler, SPEC, NOW, {})}
    assert (fields["pool_size"], fields["rollout"]) == ("20", "recreate")


def now_of(kind: type[Action], name: str, filled: dict[str, str], *done: Action) -> str:
    """Return what a field says is in force."""
    return next(field.now for field in form(kind, SPEC, NOW, filled, done) if field.name == name)


def test_more_values_in_force_are_known() -> None:
    till = {"deployment": "till", "pool": "db"}
    assert now_of(SetMaxConnections, "limit", {}) == "10"
    assert now_of(SetCheckoutTimeout, "timeout", till) == format_duration(
        SPEC.topology.deployments["till"].pools["db"].checkout_timeout
    )
    assert now_of(SetDatabaseTimeout, "timeout", {"setting": "lock_timeout"}) == "0s (off)"
    assert now_of(SetConnectionLimit, "limit", {"of": "role"}) == "0 (off)"
    assert now_of(RateLimit, "rate", {}) == "0/s (off)"
    assert now_of(SetPoolSize, "size", {"deployment": "stock", "pool": "cellar"}) == str(
        SPEC.topology.deployments["stock"].pools["cellar"].size
    )


def flagged(flag: str, *timeline: tuple[float, bool], done: tuple[SetFlag, ...] = ()) -> str:
    """Return what a form says of a flag after a colleague has switched it at some times in seconds."""
    entries = {
        f"switch-{at_s}": Entry(at_us=round(at_s * US_PER_S), deed=SetFlag(flag="gift-wrap", on=on), by="Ada")
        for at_s, on in timeline
    }
    spec = replace(SPEC, timeline=entries)
    return {field.name: field.now for field in form(SetFlag, spec, NOW, {"flag": flag}, done)}["on"]


def test_a_form_says_whether_a_flag_is_on() -> None:
    """As the scenario has it, as a colleague has switched it by now, and as it was switched in this run."""
    now_s = NOW.at_us / US_PER_S
    off = (SetFlag(flag="gift-wrap", on=False),)
    assert flagged("gift-wrap") == "on"
    assert flagged("gift-wrap", (1, False)) == "off"
    assert flagged("gift-wrap", (2, True), (1, False)) == "on"
    assert flagged("gift-wrap", (now_s + 1, False)) == "on"
    assert flagged("gift-wrap", done=off) == "off"
    assert flagged("gift-wrap", (1, True), done=off) == "off"


def test_a_form_says_nothing_of_a_flag_where_who_came_last_is_not_known() -> None:
    after_s = SPEC.paged_at / US_PER_S + 1
    assert NOW.at_us > after_s * US_PER_S
    assert flagged("gift-wrap", (after_s, True), done=(SetFlag(flag="gift-wrap", on=False),)) == ""
    assert flagged("gift-wrap", (after_s, False)) == "off"


def test_what_was_set_in_this_run_is_in_force_until_a_roll_back_makes_it_unknown() -> None:
    till = {"deployment": "till", "pool": "db"}
    shorter = SetCheckoutTimeout(deployment="till", pool="db", timeout=2_000_000)
    assert now_of(SetCheckoutTimeout, "timeout", till, shorter) == "2s"
    assert now_of(SetCheckoutTimeout, "timeout", {"deployment": "stock", "pool": "shelf"}, shorter) != "2s"
    assert now_of(SetCheckoutTimeout, "timeout", till, shorter, RollBack(deployment="till")) == ""
    lock = SetDatabaseTimeout(setting="lock_timeout", timeout=5_000_000)
    assert now_of(SetDatabaseTimeout, "timeout", {"setting": "lock_timeout"}, lock) == "5s"
    assert now_of(SetDatabaseTimeout, "timeout", {"setting": "statement_timeout"}, lock) == "0s (off)"
