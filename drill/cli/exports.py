"""Writing requests and metrics of a run to CSV files while it goes on.

Separate from the command because a file that can't be written must be known before anything is simulated.
"""

from __future__ import annotations

import csv
from contextlib import ExitStack
from typing import TYPE_CHECKING

from drill.errors import UsageError
from drill.units import US_PER_S

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO

    from drill.sim.simulation import Simulation
    from drill.telemetry.records import RequestRow, Sample

REQUESTS = ("id", "at_s", "done_s", "endpoint", "pod", "outcome", "checkout_wait_s", "attempts")
METRICS = ("at_s", "name", "labels", "value")


class Exports:
    """The CSV files of one run."""

    def __init__(self, requests: Path | None, metrics: Path | None) -> None:
        """Open the files that are wanted; raise UsageError if one can't be written."""
        self._files = ExitStack()
        self._rows: list[RequestRow] = []
        self._requests = None if requests is None else csv.writer(self._open(requests), lineterminator="\n")
        self._metrics = None if metrics is None else csv.writer(self._open(metrics), lineterminator="\n")
        if self._requests is not None:
            self._requests.writerow(REQUESTS)
        if self._metrics is not None:
            self._metrics.writerow(METRICS)

    def attach(self, simulation: Simulation) -> None:
        """Take down what happens in a simulation from now on."""
        if self._requests is not None or self._metrics is not None:
            simulation.export(
                on_request=None if self._requests is None else self._rows.append,
                on_samples=None if self._metrics is None else self._sample,
            )

    def finish(self, simulation: Simulation) -> None:
        """Write what is left, requests ordered by id, and close the files."""
        if self._requests is not None:
            for row in sorted([*self._rows, *simulation.in_flight()]):
                self._requests.writerow(_request(row))
        self._files.close()

    def _open(self, path: Path) -> TextIO:
        try:
            return self._files.enter_context(path.open("w", encoding="utf-8", newline=""))
        except OSError as error:
            msg = f"can't write {path}: {error.strerror}"
            raise UsageError(msg) from None

    def _sample(self, at_us: int, samples: list[Sample]) -> None:
        if self._metrics is not None:
            at_s = _seconds(at_us)
            for sample in samples:
                labels = ",".join(f'{name}="{value}"' for name, value in sample.labels)
                self._metrics.writerow((at_s, sample.name, labels, repr(sample.value)))


def _request(row: RequestRow) -> tuple[object, ...]:
    done_s = "" if row.done_us is None else _seconds(row.done_us)
    wait_s = _seconds(row.checkout_wait_us)
    return (row.number, _seconds(row.at_us), done_s, row.endpoint, row.pod, row.outcome, wait_s, row.attempts)


def _seconds(value_us: int) -> str:
    """Return exact seconds with six decimals."""
    return f"{value_us // US_PER_S}.{value_us % US_PER_S:06d}"
