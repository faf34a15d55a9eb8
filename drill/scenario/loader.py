"""From a scenario file to the frozen model: the whole way, and every problem at once.

Separate because it alone knows the order of the steps: read, begin from another file, resolve what the seed decides,
expand the notation, validate, check the rules, check the changes the scenario proposes, read its trace. Each step has a
module of its own.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from drill.errors import ScenarioError, UsageError
from drill.scenario import borrowed, source
from drill.scenario.checking import check, everything, read_family
from drill.scenario.family import FamilySpec, split
from drill.scenario.files import inside, read_text
from drill.scenario.findings import Finding, problems
from drill.scenario.notation import overlaid
from drill.scenario.spec import ScenarioSpec
from drill.scenario.traces import Trace, read_trace

_TRACE_KEY = ("traffic", "trace")


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """A valid scenario and where it came from."""

    id: str
    """The file's name without its ending."""
    path: Path | None
    """None when the text did not come from a file."""
    spec: ScenarioSpec = field(repr=False)
    """The system and its story; of a file that leaves something to the seed, what is the same for every seed holds."""
    digest: str
    """`sha256:` and the hash of everything the file says, its trace included; layout and comments don't count."""
    trace: Trace | None = field(repr=False)
    """Arrivals, where the scenario has them in place of rates."""
    written: source.Source = field(repr=False)
    """What the file says, in its own notation."""
    family: FamilySpec | None = field(default=None, repr=False)
    """What is left to the seed; None for nothing. Never shown."""
    chosen: bool = False
    """Whether a seed has chosen among several systems."""

    @property
    def sealed(self) -> bool:
        """Whether several systems may be behind the page."""
        return self.chosen or (self.family is not None and bool(self.family.variants))

    def for_seed(self, seed: int) -> ScenarioFile:
        """Return the scenario that a seed means, under the same digest; a file that leaves nothing to it is itself."""
        if self.family is None:
            return self
        written = replace(self.written, content=self.family.resolved(split(self.written.content)[0], seed))
        return replace(self, spec=_sound(written), written=written, family=None, chosen=self.sealed)

    def patched(self, changes: Mapping[str, Any]) -> ScenarioFile:
        """Return this scenario with `changes` merged level by level, a null removing a key; raise ScenarioError."""
        written = replace(self.written, content=overlaid(self.written.content, changes))
        if self.family is not None:
            return _assemble(written, self.id, self.path)
        spec = _sound(written)
        trace = self.trace
        if (spec.traffic.trace, _endpoints(spec)) != (self.spec.traffic.trace, _endpoints(self.spec)):
            trace = _trace(spec, self.path, written)
        return replace(self, spec=spec, digest=_digest(written.content, trace), trace=trace, written=written)


def load(path: Path | str) -> ScenarioFile:
    """Return the scenario in a file; raise UsageError if it can't be opened, ScenarioError if it is not valid."""
    path = Path(path)
    return _assemble(_read(path), path.stem, path)


def load_for(path: Path | str, seed: int) -> ScenarioFile:
    """Return what a file means for a seed, and check no more of it than that: for files that were loaded before."""
    path = Path(path)
    written = _read(path, trusted=True)
    plain, family, found = read_family(written.content)
    if found or family is None:
        return _assemble(written, path.stem, path).for_seed(seed)
    resolved = replace(written, content=family.resolved(plain, seed))
    spec = _sound(resolved)
    trace = _trace(spec, path, written)
    return ScenarioFile(
        path.stem, path, spec, _digest(written.content, trace), trace, resolved, chosen=bool(family.variants)
    )


def loads(text: str, name: str) -> ScenarioFile:
    """Return the scenario in a text, called `name` in messages; it can't name other files; raise ScenarioError."""
    return _assemble(source.parse(text, name), Path(name).stem, None)


def _read(path: Path, *, trusted: bool = False) -> source.Source:
    """Return what a file says, together with the file it begins from, which must be valid unless it is trusted."""
    written = source.parse(read_text(path, source.MAX_BYTES), str(path))
    if borrowed.FROM not in written.content:
        return written

    def read(base: Path) -> dict[str, Any]:
        found = source.parse(read_text(base, source.MAX_BYTES), str(base))
        if not trusted and borrowed.FROM not in found.content:
            _assemble(found, base.stem, base)
        return found.content

    return borrowed.complete(written, path, read)


def _assemble(written: source.Source, id_: str, path: Path | None) -> ScenarioFile:
    spec, family, found = everything(written.content)
    found = [*written.findings, *found]
    if spec is None or found:
        if (borrowed.FROM,) in written.lines:
            found = [borrowed.placed(each, written) for each in found]
        raise ScenarioError(problems(found, written.name, written.lines))
    trace = _trace(spec, path, written)
    return ScenarioFile(id_, path, spec, _digest(written.content, trace), trace, written, family)


def _sound(written: source.Source) -> ScenarioSpec:
    spec, found = check(written.content)
    if spec is None or found:
        raise ScenarioError(problems(found, written.name, written.lines))
    return spec


def _endpoints(spec: ScenarioSpec) -> list[str]:
    return [name for deployment in spec.topology.deployments.values() for name in deployment.endpoints]


def _trace(spec: ScenarioSpec, path: Path | None, written: source.Source) -> Trace | None:
    """Return the scenario's trace; its file lies in the folder of the scenario, links followed."""
    name = spec.traffic.trace
    if not name:
        return None
    if path is None:
        message = "a trace is a file beside the scenario; this scenario is not in a file"
    elif not inside(path.parent / name, path.parent):
        message = f"{name!r} leads out of the scenario's folder; put the file itself there"
    else:
        try:
            return read_trace(path.parent / name, _endpoints(spec))
        except UsageError as error:
            message = str(error)
    raise ScenarioError(problems([Finding(_TRACE_KEY, message)], written.name, written.lines))


def _digest(content: dict[str, Any], trace: Trace | None) -> str:
    """Return the hash of content and trace; the order of keys counts, as endpoints and suspects are drawn in order."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    digest = hashlib.sha256(text.encode("utf-8"))
    if trace is not None:
        digest.update(b"\0" + trace.digest.encode("ascii"))
    return f"sha256:{digest.hexdigest()}"
