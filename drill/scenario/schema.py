"""JSON Schema (draft 2020-12) of scenario files as people write them, for editors.

Separate from validation: a schema can't say everything the rules say, and `drill check` is what counts. pydantic
describes the model; here its names, defaults and timed lines become those of the file.
"""

from __future__ import annotations

import dataclasses
from typing import Any, Literal, get_args, get_origin

from drill.actions.catalogue import CATALOGUE
from drill.actions.entries import CHIPS, Look, Pin, Update
from drill.actions.fields import MAX_TEXT, hints, write_value
from drill.scenario.docstrings import field_docstrings
from drill.scenario.family import FamilySpec, VariantSpec
from drill.scenario.fields import DrawSpec
from drill.scenario.notation import WRITTEN
from drill.scenario.redraw import RedrawSpec
from drill.scenario.shape import bare, keys
from drill.scenario.spec import ScenarioSpec
from drill.scenario.validation import adapter
from drill.units import Quantity, format_duration

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ID = "urn:drill:scenario:1"
_TIME: Schema = Quantity("duration").__get_pydantic_json_schema__(None, None)
_CHANGES: Schema = {
    "type": "object",
    "minProperties": 1,
    "description": "What is different, in the form of this deployment, merged level by level; a null removes a key.",
}


def schema() -> Schema:
    """Return the JSON Schema of a scenario file."""
    made = adapter(ScenarioSpec).json_schema(mode="validation")
    definitions: Schema = made.pop("$defs")
    for cls in _classes(ScenarioSpec):
        described = made if cls is ScenarioSpec else definitions[cls.__name__]
        _as_written(cls, described)
    definitions["DeploymentSpec"]["properties"]["previous"] = _previous()
    definitions["FixSpec"]["properties"]["changes"] = _CHANGES
    definitions["SolutionSpec"]["properties"]["entries"]["items"] = {"$ref": "#/$defs/Line"}
    made["properties"]["timeline"]["additionalProperties"] = {"$ref": "#/$defs/ActionLine"}
    definitions |= _lines() | _left_to_the_seed(made)
    definitions |= {"Whole": _whole(made, definitions["StorySpec"]), "Begun": _begun(made["properties"])}
    head = {"$schema": _DIALECT, "$id": _ID, "title": "drill scenario", "description": made["description"]}
    begun = {"if": {"required": ["from"]}, "then": {"$ref": "#/$defs/Begun"}, "else": {"$ref": "#/$defs/Whole"}}
    return {**head, "type": "object", **begun, "$defs": definitions}


def _left_to_the_seed(scenario: Schema) -> Schema:
    """Return the definitions behind `variants` and `redraw`, and give a scenario both keys."""
    made = adapter(FamilySpec).json_schema(mode="validation")
    definitions: Schema = made["$defs"]
    for cls in (FamilySpec, VariantSpec, RedrawSpec):
        _as_written(cls, made if cls is FamilySpec else definitions[cls.__name__])
    scenario["properties"] |= made["properties"]
    return definitions


def _whole(scenario: Schema, story: Schema) -> Schema:
    """Return a file that stands by itself; what its variants say of the story need not be said before."""
    required = story.pop("required")
    alone = {"properties": {"story": {"required": required}}}
    return {**scenario, "if": {"required": ["variants"]}, "then": {}, "else": alone}


def _begun(properties: Schema) -> Schema:
    """Return a file that begins from another: its own card, and whatever is different, level by level."""
    other = {
        name: {"description": each.get("description", "As in the other file.")} for name, each in properties.items()
    }
    own = {
        "format": properties["format"],
        "card": properties["card"],
        "from": {"type": "string", "description": "File of the same folder that this one begins from."},
        "variant": {"type": "string", "description": "Which of its variants; without one, the seed still chooses."},
    }
    required = ["format", "card", "from"]
    return {"type": "object", "additionalProperties": False, "required": required, "properties": {**other, **own}}


def _classes(cls: type) -> list[type]:
    """Return a class of the model and all classes that pydantic describes below it."""
    found: dict[type, None] = {}
    left = [cls]
    while left:
        current = left.pop()
        if current not in found and "__pydantic_config__" in dir(current):
            found[current] = None
            left.extend(each for annotation in hints(current).values() for each in _mentioned(annotation))
    return list(found)


def _mentioned(annotation: Any) -> list[type]:  # noqa: ANN401 - a type
    annotation = bare(annotation)
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return [annotation]
    for extra in getattr(annotation, "__metadata__", ()):
        if hasattr(extra, "classes"):
            return list(extra.classes())
    return [each for part in get_args(annotation) if not isinstance(part, str) for each in _mentioned(part)]


def _as_written(cls: type, described: Schema) -> None:
    """Give a class of the schema the names and defaults of the file."""
    described.pop("title", None)
    properties: Schema = described["properties"]
    types, defaults = hints(cls), {each.name: each.default for each in dataclasses.fields(cls)}
    texts = field_docstrings(cls)
    for name, each in properties.items():
        each.pop("title", None)
        if name in texts:
            each["description"] = texts[name]
        if "default" in each:
            each["default"] = _default(types[name], defaults[name], each["default"])
            if each["default"] is None or dataclasses.is_dataclass(each["default"]):
                del each["default"]
    described["properties"] = {WRITTEN.get(name, name): each for name, each in properties.items()}
    if list(described["properties"]) != keys(cls):
        msg = f"the schema of {cls.__name__} lacks keys"
        raise AssertionError(msg)
    if "required" in described:
        described["required"] = [WRITTEN.get(name, name) for name in described["required"]]


def _default(annotation: Any, value: Any, described: Any) -> Any:  # noqa: ANN401 - types and values of any field
    if isinstance(value, DrawSpec):
        return format_duration(value.mean) if value.shape == "constant" else None
    if value is None:
        return None
    return described if value is dataclasses.MISSING else write_value(bare(annotation), value)


def _previous() -> Schema:
    return {
        "type": ["object", "null"],
        "description": "The revision before this one.",
        "additionalProperties": False,
        "required": ["revision", "changes"],
        "properties": {
            "revision": {"type": "string", "description": "Version label, as events and the pods view show it."},
            "changes": _CHANGES,
        },
    }


def _lines() -> Schema:
    """Return the definitions of timed lines: actions alone, and everything a player can do."""
    actions = {f"do-{name}": _line(cls, {"do": {"const": name}}) for name, cls in CATALOGUE.items()}
    chips = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": {"type": "integer", "minimum": 0, "maximum": CHIPS},
        "description": f"Suspects and the chips on each, {CHIPS} in all.",
    }
    others = {
        "look": _line(Look, {}),
        "pin": _line(Pin, {}),
        "update": _line(Update, {}),
        "diagnose": _object("Somebody committed to an explanation.", {"diagnose": chips}, ["diagnose"]),
    }
    return {
        **actions,
        **others,
        "ActionLine": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in actions]},
        "Line": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in (*actions, *others)]},
    }


def _line(cls: type, fixed: Schema) -> Schema:
    defaults = {each.name for each in dataclasses.fields(cls) if each.default is dataclasses.MISSING}
    properties = {name: _field(annotation) for name, annotation in hints(cls).items()}
    text = getattr(cls, "changes", cls.__doc__ or "")
    return _object(text, fixed | properties, [*fixed, *(name for name in properties if name in defaults)])


def _object(text: str, properties: Schema, required: list[str]) -> Schema:
    at = {**_TIME, "description": "When, since the start of the run."}
    by = {"type": "string", "maxLength": 100, "description": "Who or what did it."}
    return {
        "type": "object",
        "description": text,
        "additionalProperties": False,
        "required": ["at", *required],
        "properties": {"at": at, "by": by, **properties},
    }


def _field(annotation: Any) -> Schema:  # noqa: ANN401 - a type
    for extra in getattr(annotation, "__metadata__", ()):
        if hasattr(extra, "__get_pydantic_json_schema__"):
            described: Schema = extra.__get_pydantic_json_schema__(None, None)
            return described
    if get_origin(annotation) is Literal:
        return {"enum": list(get_args(annotation))}
    return {"type": "boolean"} if annotation is bool else {"type": "string", "maxLength": MAX_TEXT}
