"""From a scenario file to the frozen model: the whole way, and every problem at once.

Separate because it alone knows the order of the steps: read, expand the notation, validate, check the rules, check the
changes the scenario proposes, read its trace. Each step has a module of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drill.errors import ScenarioError, UsageError
from drill.scenario import rules, source
from drill.scenario.files import read_text
from drill.scenario.findings import Finding, problems
from drill.scenario.notation import as_written, expand, merged
from drill.scenario.patches import check_patches
from drill.scenario.spec import ScenarioSpec
from drill.scenario.traces import Trace, read_trace
from drill.scenario.validation import validate

_TRACE_KEY = ("traffic", "trace")


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A valid scenario and where it came from."""

    id: str
    """The file's name without its ending."""
    path: Path | None
    """None when the text did not come from a file."""
    spec: ScenarioSpec = field(repr=False)
    digest: str
    """`sha256:` and the hash of everything the file says, its trace included; layout and comments don't count."""
    trace: Trace | None = field(repr=False)
    """Arrivals, where the scenario has them in place of rates."""
    written: source.Source = field(repr=False)
    """What the file says, in its own notation."""

    def patched(self, changes: Mapping[str, Any]) -> ScenarioFile:
        """Return this scenario with `changes` merged level by level, a null removing a key; raise ScenarioError."""
        written = replace(self.written, content=merged(self.written.content, changes))
        spec, found = _check(written.content)
        if spec is None or found:
            raise ScenarioError(problems(found, written.name, written.lines))
        trace = self.trace
        if (spec.traffic.trace, _endpoints(spec)) != (self.spec.traffic.trace, _endpoints(self.spec)):
            trace = _trace(spec, self.path, written)
        return ScenarioFile(self.id, self.path, spec, _digest(written.content, trace), trace, written)


def load(path: Path | str) -> ScenarioFile:
    """Return the scenario in a file; raise UsageError if it can't be opened, ScenarioError if it is not valid."""
    path = Path(path)
    return _assemble(source.parse(read_text(path, source.MAX_BYTES), str(path)), path.stem, path)


def loads(text: str, name: str) -> ScenarioFile:
    """Return the scenario in a text, called `name` in messages; it can't have a trace; raise ScenarioError."""
    return _assemble(source.parse(text, name), Path(name).stem, None)


def _assemble(written: source.Source, id_: str, path: Path | None) -> ScenarioFile:
    spec, found = _check(written.content)
    found = [*written.findings, *found]
    if spec is not None and not found:
        found = list(check_patches(spec, written.content, lambda content: _check(content)[1]))
    if spec is None or found:
        raise ScenarioError(problems(found, written.name, written.lines))
    trace = _trace(spec, path, written)
    return ScenarioFile(id_, path, spec, _digest(written.content, trace), trace, written)


def _check(content: dict[str, Any]) -> tuple[ScenarioSpec | None, list[Finding]]:
    """Return the model if there is one, and what is wrong; places are those of the file."""
    expanded, notation = expand(content)
    if expanded is None:
        return None, notation
    spec, found = validate(expanded)
    if spec is not None:
        found = rules.check(spec)
    return spec, [*notation, *as_written(found, content)]


def _endpoints(spec: ScenarioSpec) -> list[str]:
    return [name for deployment in spec.topology.deployments.values() for name in deployment.endpoints]


def _trace(spec: ScenarioSpec, path: Path | None, written: source.Source) -> Trace | None:
    """Return the scenario's trace; its file lies in the folder of the scenario, links followed."""
    name = spec.traffic.trace
    if not name:
        return None
    if path is None:
        message = "a trace is a file beside the scenario; this scenario is not in a file"
    elif not _inside(path.parent / name, path.parent):
        message = f"{name!r} leads out of the scenario's folder; put the file itself there"
    else:
        try:
            return read_trace(path.parent / name, _endpoints(spec))
        except UsageError as error:
            message = str(error)
    raise ScenarioError(problems([Finding(_TRACE_KEY, message)], written.name, written.lines))


def _inside(path: Path, folder: Path) -> bool:
    try:
        return path.resolve().is_relative_to(folder.resolve())
    except (OSError, RuntimeError):  # links that lead in a circle
        return False


def _digest(content: dict[str, Any], trace: Trace | None) -> str:
    """Return the hash of content and trace; the order of keys counts, as endpoints and suspects are drawn in order."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    digest = hashlib.sha256(text.encode("utf-8"))
    if trace is not None:
        digest.update(b"\0" + trace.digest.encode("ascii"))
    return f"sha256:{digest.hexdigest()}"
