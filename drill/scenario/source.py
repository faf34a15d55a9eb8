"""Reading YAML from strangers into plain values, with the line of every key.

Separate from what a scenario means. It works on the parser's events, so that what can hurt (anchors, tags, depth, size)
is refused before anything is built, and so that only JSON's types exist: `no` is a word, `1:30` is a text. Nothing here
knows a key of scenario files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml

from drill.errors import Problem, ScenarioError
from drill.scenario.findings import Finding, Place, dotted
from drill.units import say

MAX_BYTES = 2**20
"""Largest file."""
MAX_DEPTH = 40
"""Deepest nesting of mappings and lists."""
MAX_NODES = 50_000
"""Most mappings, lists, keys and values in one file."""

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNFIT = re.compile("[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_TAB = re.compile(r"^ *\t[ \t]*[^\s]", re.MULTILINE)
_WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,29})")
_REAL = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,30})?(?:[eE][-+]?[0-9]{1,2})?")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Source:
    """A file as plain values."""

    name: str
    """The file as the user named it."""
    content: dict[str, Any]
    """Mappings, lists, texts, numbers, true, false and null."""
    lines: dict[Place, int] = field(repr=False)
    """Line number from 1 of each key and list item."""
    findings: tuple[Finding, ...] = ()
    """What is wrong although the rest could be read: repeated keys and keys that are not text."""


def parse(text: str, name: str) -> Source:
    """Return the one mapping a text holds; raise ScenarioError."""
    builder = _read(text, name)
    if builder.root is None and not builder.lines:
        _refuse(name, 0, "the file is empty; `drill schema` describes what it needs")
    if not isinstance(builder.root, dict):
        _refuse(name, 1, f"the file holds {say(builder.root)}; it must hold a mapping of keys such as format and card")
    return Source(name, builder.root, builder.lines, tuple(builder.findings))


def parse_part(text: str, name: str, key: str) -> Any:  # noqa: ANN401 - whatever the file holds there
    """Return the value of one top-level key, reading no further than its end; None when absent; raise ScenarioError."""
    builder = _read(text, name, until=key)
    return builder.root.get(key) if isinstance(builder.root, dict) else None


def _read(text: str, name: str, until: str | None = None) -> _Builder:
    _check_text(text, name)
    builder = _Builder(name)
    try:
        for event in _events(text):
            builder.take(event)
            if until is not None and builder.holds(until):
                break
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        what = " ".join(filter(None, (error.problem, error.context)))
        where = f" (column {mark.column + 1})" if mark else ""
        _refuse(name, mark.line + 1 if mark else 0, f"not valid YAML: {what}{where}")
    except (yaml.YAMLError, ValueError, OverflowError):
        _refuse(name, 0, "not valid YAML: it holds a character that does not exist")
    return builder


def _events(text: str) -> Iterator[Any]:
    yield from yaml.parse(text, Loader=_LOADER)


def _check_text(text: str, name: str) -> None:
    """Refuse what no parser should see."""
    if len(text) > MAX_BYTES or len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        _refuse(name, 0, f"the file is larger than {MAX_BYTES} bytes, the most a scenario may have")
    if found := _UNFIT.search(text):
        line = text.count("\n", 0, found.start()) + 1
        _refuse(name, line, f"the character U+{ord(found[0]):04X} can't stand in a file; remove it")
    if found := _TAB.search(text):
        line = text.count("\n", 0, found.start()) + 1
        _refuse(name, line, "tabs can't be used for indentation; use spaces")


def _refuse(name: str, line: int, message: str, place: Place = ()) -> NoReturn:
    raise ScenarioError([Problem(message, name, line, dotted(place))])


@dataclass(slots=True)
class _Open:
    """A mapping or list that is being filled."""

    values: dict[str, Any] | list[Any]
    place: Place | None
    """None inside a value that is dropped."""
    key: str | None = None
    """Key that waits for its value."""
    waits: bool = False
    """Whether a key, kept or not, waits for its value."""


class _Builder:
    """Turns events into values, on a stack of its own, so that depth costs no recursion."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.root: Any = None
        self.lines: dict[Place, int] = {}
        self.findings: list[Finding] = []
        self._stack: list[_Open] = []
        self._nodes = 0
        self._documents = 0

    def holds(self, key: str) -> bool:
        """Return whether a top-level key has its whole value."""
        return len(self._stack) == 1 and not self._stack[0].waits and isinstance(self.root, dict) and key in self.root

    def take(self, event: Any) -> None:  # noqa: ANN401 - the parser's events have no types
        """Take the next event."""
        line = event.start_mark.line + 1
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                _refuse(self.name, line, "a second document starts here; a file holds one")
        elif isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            self._refuse(line, "anchors are not supported; write the value out")
        elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
            self._stack.pop()
        elif isinstance(event, yaml.NodeEvent):
            self._take_node(event, line)

    def _take_node(self, event: Any, line: int) -> None:  # noqa: ANN401 - the parser's events have no types
        self._nodes += 1
        if self._nodes > MAX_NODES:
            _refuse(self.name, line, f"the file has more than {MAX_NODES} keys and values")
        if event.tag is not None:
            self._refuse(line, f"tags such as {say(event.tag)} are not supported; write the value without")
        top = self._stack[-1] if self._stack else None
        if isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event, line)
            if top is not None and isinstance(top.values, dict) and not top.waits:
                self._take_key(top, value, line)
            else:
                self._keep(value, line)
            return
        if top is not None and isinstance(top.values, dict) and not top.waits:
            self._refuse(line, "a mapping or list can't be a key; keys are text")
        if len(self._stack) >= MAX_DEPTH:
            self._refuse(line, f"nested deeper than {MAX_DEPTH} levels")
        values: dict[str, Any] | list[Any] = {} if isinstance(event, yaml.MappingStartEvent) else []
        self._stack.append(_Open(values, self._keep(values, line)))

    def _scalar(self, event: Any, line: int) -> Any:  # noqa: ANN401 - the parser's events have no types
        if event.implicit[0]:
            return _resolve(event.value)
        if _SURROGATE.search(event.value):
            self._refuse(line, "the text holds half a character (a surrogate escape); write the whole character")
        return event.value

    def _take_key(self, top: _Open, key: Any, line: int) -> None:  # noqa: ANN401 - any scalar
        top.waits, top.key = True, None
        if top.place is None:
            return
        if not isinstance(key, str):
            said = "an empty key" if key is None else f"the key {say(key)}"
            self.findings.append(Finding(top.place, f"{said} is not text; put it in quotes", line))
        elif key in top.values:
            first = self.lines[(*top.place, key)]
            self.findings.append(Finding((*top.place, key), f"the key stands here again; first on line {first}", line))
        else:
            top.key = key
            self.lines[(*top.place, key)] = line

    def _keep(self, value: Any, line: int) -> Place | None:  # noqa: ANN401 - plain values
        """Put a value where it belongs and return its place, None when it is dropped."""
        if not self._stack:
            self.root = value
            return ()
        top = self._stack[-1]
        if isinstance(top.values, list):
            top.values.append(value)
            if top.place is None:
                return None
            place = (*top.place, len(top.values) - 1)
            self.lines[place] = line
            return place
        key, top.key, top.waits = top.key, None, False
        if key is None or top.place is None:
            return None
        top.values[key] = value
        return (*top.place, key)

    def _refuse(self, line: int, message: str) -> NoReturn:
        place = next((level.place for level in reversed(self._stack) if level.place is not None), ())
        key = self._stack[-1].key if self._stack else None
        _refuse(self.name, line, message, place if key is None else (*place, key))


def _resolve(text: str) -> str | int | float | bool | None:
    """Return a plain scalar as JSON would have it; everything else is text."""
    if text in _WORDS:
        return _WORDS[text]
    if _WHOLE.fullmatch(text):
        return int(text)
    return float(text) if _REAL.fullmatch(text) else text
