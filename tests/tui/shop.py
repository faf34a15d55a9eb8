"""The corner shop: a small scenario, and a frame of it made by hand that no change of the engine moves."""

from __future__ import annotations

from functools import cache
from math import sin
from pathlib import Path
from typing import TYPE_CHECKING

from drill.driver.driver import Ended, Frame
from drill.scenario.loader import load
from drill.telemetry.metrics import MetricHistory, SeriesHistory
from drill.telemetry.snapshot import (
    AlertState,
    DatabaseState,
    DeploymentState,
    PanelSeries,
    PodState,
    PoolState,
    Reading,
    Snapshot,
    Users,
)
from drill.units import US_PER_S

if TYPE_CHECKING:
    from drill.actions.catalogue import Action
    from drill.actions.entries import Deed
    from drill.scenario.loader import ScenarioFile
    from drill.telemetry.server import Inside

SHOP = Path(__file__).parent / "data" / "corner-shop.yaml"
AT_S = 45


@cache
def shop() -> ScenarioFile:
    """Return the scenario."""
    return load(SHOP)


def users(*, failing: float | None = 0.4321, late: int = 17, failed: int = 234) -> Users:
    """Return what users feel."""
    return Users(
        offered=1_260,
        ok=1_000,
        late=late,
        failed=failed,
        in_flight=9,
        rate_per_s=20.25,
        failing=failing,
        budget_used=3.875,
    )


def pod(number: int) -> PodState:
    """Return a pod of the till."""
    return PodState(
        name=f"till-x7-{number}",
        deployment="till",
        phase="Running",
        ready=True,
        restarts=number % 2,
        age_s=30.0 + number,
        cpu_cores=0.25,
        cpu_limit_cores=1.0,
        memory_bytes=100 * 2**20,
        memory_limit_bytes=256 * 2**20,
        in_flight=number,
        pools=(PoolState(name="db", size=4, open=2, in_use=1, idle=1, waiting=0, timeouts=0),),
    )


def snapshot(now: Users, alerts: tuple[float | None, ...] = (30.0, None)) -> Snapshot:
    """Return a moment; `alerts` says since when each alert fires."""
    texts = ("Failed purchases above 2/s", "CPU of a pod above 90 %", "A third alert", "A fourth alert")
    return Snapshot(
        at_us=AT_S * US_PER_S,
        users=now,
        deployments=(
            DeploymentState(name="till", revision="7", replicas=6, ready=6, pods=6, autoscaler="none"),
            DeploymentState(name="stock", revision="3", replicas=1, ready=1, pods=1, autoscaler="none"),
        ),
        pods=tuple(pod(number) for number in range(6)),
        database=DatabaseState(
            max_connections=10,
            reserved=1,
            slots_in_use=9,
            sessions=(("active", 1), ("idle", 8)),
            cpu_share=0.1,
            cores=2.0,
            refused=12,
        ),
        pooler=None,
        alerts=tuple(
            AlertState(name=f"alert-{at}", text=texts[at], since_s=since_s) for at, since_s in enumerate(alerts)
        ),
        panels=(
            PanelSeries(
                name="cpu",
                title="Till CPU",
                unit="cores",
                points=tuple(round(0.3 + 0.1 * sin(at / 4), 3) for at in range(AT_S)),
            ),
            PanelSeries(name="memory", title="Till memory", unit="bytes", points=(1.048576e8,) * AT_S),
            PanelSeries(
                name="requests", title="Requests", unit="/s", points=tuple(float(18 + at % 5) for at in range(AT_S))
            ),
        ),
        sampling_us=US_PER_S,
    )


def frame(now: Users | None = None, **changes: object) -> Frame:
    """Return the run at 00:45."""
    now = now or users()
    history = tuple(users(failing=at / 100, late=at, failed=at * 5) for at in range(AT_S))
    values: dict[str, object] = {
        "snapshot": snapshot(now),
        "users": history,
        "speed": 1.0,
        "effective": 1.0,
        "behind": False,
        "paused": False,
        "hurrying": False,
        "over": False,
    }
    return Frame(**{**values, **changes})  # type: ignore[arg-type]  # a test names the fields it changes


class StillDriver:
    """A driver whose run never moves; it remembers what was asked of it."""

    lagging = False

    def __init__(self, shown: Frame | None = None) -> None:
        """Show one frame for ever."""
        self.shown = shown or frame()
        self.asked: list[object] = []

    def tick(self) -> Frame:
        """Return the frame."""
        return self.shown

    def frame(self) -> Frame:
        """Return the frame."""
        return self.shown

    def pause(self) -> None:
        """Remember it."""
        self.asked.append("pause")

    def resume(self) -> None:
        """Remember it."""
        self.asked.append("resume")

    def set_speed(self, speed: float) -> None:
        """Remember it."""
        self.asked.append(speed)

    def hurry(self, to_us: int) -> None:
        """Remember nothing: it is there already."""

    def perform(self, action: Action, by: str = "") -> str:
        """Remember it."""
        del by
        self.asked.append(action)
        return "done as asked"

    def do(self, deed: Deed) -> str:
        """Remember it."""
        self.asked.append(deed)
        return ""

    def inspect(self) -> Inside:
        """Never be asked."""
        raise NotImplementedError

    def look(self, view: str, target: str = "", by: str = "") -> Reading:
        """Return a table of the view's name."""
        del by
        self.asked.append(view)
        return self.glance(view, target)

    def glance(self, view: str, target: str = "") -> Reading:
        """Return a table of the view's name."""
        if view == "metrics":
            metrics = ("METRIC", "UNIT", "SERIES", "SUM", "MEAN", "MAX")
            values = (
                ("hikaricp_connections", "count", 2, 46.0, 23.0, 44.0),
                ("pg_settings_max_connections", "count", 1),
            )
            padded = tuple((*row, *(None,) * (len(metrics) - len(row))) for row in values)
            return Reading(at_us=self.shown.snapshot.at_us, view=view, target=target, columns=metrics, rows=padded)
        rows = tuple((f"{view}-{at}", at, at / 4, None, _SENTENCE) for at in range(40))
        columns = ("NAME", "COUNT", "SHARE", "NOTHING", "TEXT")
        return Reading(at_us=self.shown.snapshot.at_us, view=view, target=target, columns=columns, rows=rows)

    def history(self, metric: str) -> MetricHistory:
        """Return two series: one that climbs, one that ends early."""
        climbing = SeriesHistory(labels=(("pod", "till-x7-0"),), points=tuple(float(at) for at in range(AT_S)))
        ended = SeriesHistory(labels=(("pod", "till-x7-1"),), points=(2.0,) * 10 + (None,) * (AT_S - 10))
        return MetricHistory(name=metric, period_us=US_PER_S, series=(climbing, ended))

    def finish(self) -> Ended:
        """Never get there."""
        raise NotImplementedError

    def leave(self) -> None:
        """Remember it."""
        self.asked.append("leave")


_SENTENCE = (
    "a sentence that is too long for the last column of a table of eighty cells, and goes on [bold]and on[/bold]"
)
