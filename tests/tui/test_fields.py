"""Every action of the catalogue can be filled in with what the scenario has, and with nothing else."""

from __future__ import annotations

import pytest

from drill.actions.catalogue import CATALOGUE, AddPooler, RestartPods, Scale, SetFlag, SetPoolSize, Shed
from drill.errors import ActionError
from drill.tui.fields import build, form, missing
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
        "pause-autoscaler": "this system has no autoscaler",
        "resume-autoscaler": "this system has no autoscaler",
        "add-pooler": "this system has no pooler that could be added",
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
