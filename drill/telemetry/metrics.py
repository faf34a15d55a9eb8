"""What the exporters say about their metrics: kind, unit and one sentence each, and a metric's history.

Separate because samplers, views, charts and exports must agree on which metric counts and which one is read off, and
because people look here for what a name means. The sentences are ours; names are the exporters' own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import fsum
from typing import TYPE_CHECKING, Literal

from drill.units import US_PER_S

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

Points = tuple[float | None, ...]
"""One value a sampling period since time 0; None where there was no sample."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric."""

    kind: Literal["gauge", "counter"]
    unit: str
    """Unit of the value; of a counter, what it counts."""
    text: str


METRICS: dict[str, Metric] = {
    "container_cpu_usage_seconds_total": Metric("counter", "cores", "CPU time a container used."),
    "container_memory_working_set_bytes": Metric("gauge", "bytes", "Memory a container can't give back."),
    "container_network_transmit_bytes_total": Metric("counter", "bytes/s", "Bytes a pod sent."),
    "kube_pod_status_ready": Metric("gauge", "count", "Whether a pod is ready: 1 or 0."),
    "kube_pod_container_status_restarts_total": Metric("counter", "/s", "Restarts of a pod's container."),
    "kube_pod_container_status_waiting_reason": Metric("gauge", "count", "Why a container does not run, by reason."),
    "kube_pod_container_status_last_terminated_reason": Metric("gauge", "count", "How a container ended last."),
    "kube_pod_container_resource_requests": Metric("gauge", "count", "Cores or bytes a container requests."),
    "kube_pod_status_phase": Metric("gauge", "count", "Whether a pod is pending or running, by phase."),
    "kube_node_status_allocatable": Metric("gauge", "count", "Cores, bytes and pods a node has room for."),
    "kube_horizontalpodautoscaler_spec_min_replicas": Metric("gauge", "count", "Fewest pods of an autoscaler."),
    "kube_horizontalpodautoscaler_spec_max_replicas": Metric("gauge", "count", "Most pods of an autoscaler."),
    "kube_horizontalpodautoscaler_status_current_replicas": Metric("gauge", "count", "Pods an autoscaler found."),
    "kube_horizontalpodautoscaler_status_desired_replicas": Metric("gauge", "count", "Pods an autoscaler wants."),
    "container_spec_memory_limit_bytes": Metric("gauge", "bytes", "Memory above which a container is killed."),
    "kube_deployment_spec_replicas": Metric("gauge", "count", "Pods a deployment is to have."),
    "kube_deployment_status_replicas_ready": Metric("gauge", "count", "Ready pods of a deployment."),
    "hikaricp_connections": Metric("gauge", "count", "Open connections of a pod's pool."),
    "hikaricp_connections_active": Metric("gauge", "count", "Connections of a pool that are borrowed."),
    "hikaricp_connections_idle": Metric("gauge", "count", "Connections of a pool that nobody borrows."),
    "hikaricp_connections_pending": Metric("gauge", "count", "Threads that wait for a connection of a pool."),
    "hikaricp_connections_max": Metric("gauge", "count", "Size of a pool."),
    "hikaricp_connections_timeout_total": Metric("counter", "/s", "Waits for a connection that were given up."),
    "hikaricp_connections_acquire_seconds_count": Metric(
        "counter", "/s", "Number of waits for a connection, given-up ones too."
    ),
    "hikaricp_connections_acquire_seconds_sum": Metric(
        "counter", "count", "Sum of waits for a connection, given-up ones too."
    ),
    "hikaricp_connections_acquire_seconds_max": Metric(
        "gauge", "s", "Longest of waits for a connection, given-up ones too, of the last minute."
    ),
    "hikaricp_connections_creation_seconds_count": Metric("counter", "/s", "Number of connects of a pool that worked."),
    "hikaricp_connections_creation_seconds_sum": Metric("counter", "count", "Sum of connects of a pool that worked."),
    "hikaricp_connections_creation_seconds_max": Metric(
        "gauge", "s", "Longest of connects of a pool that worked, of the last minute."
    ),
    "hikaricp_connections_usage_seconds_count": Metric(
        "counter", "/s", "Number of times for which a connection was lent."
    ),
    "hikaricp_connections_usage_seconds_sum": Metric(
        "counter", "count", "Sum of times for which a connection was lent."
    ),
    "hikaricp_connections_usage_seconds_max": Metric(
        "gauge", "s", "Longest of times for which a connection was lent, of the last minute."
    ),
    "hikaricp_connections_acquire_seconds": Metric("gauge", "s", "Wait for a connection that 95 % do not exceed."),
    "pool_utilisation_ratio": Metric("gauge", "%", "Share of a pool's size that is borrowed."),
    "pool_errors_total": Metric("counter", "/s", "Times a pool failed whoever wanted a connection, by kind."),
    "pg_stat_database_xact_commit": Metric("counter", "/s", "Transactions that were committed."),
    "pg_stat_database_xact_rollback": Metric("counter", "/s", "Transactions that were rolled back."),
    "pg_stat_database_sessions": Metric("counter", "/s", "Sessions that were established."),
    "pg_stat_database_sessions_killed": Metric("counter", "/s", "Sessions an administrator ended."),
    "pg_stat_database_sessions_fatal": Metric("counter", "/s", "Sessions that ended by a fatal error."),
    "pgbouncer_stats_sql_transactions_pooled_total": Metric("counter", "/s", "Transactions that went over the pooler."),
    "pgbouncer_stats_client_wait_seconds_total": Metric("counter", "count", "Time clients waited for a server."),
    "pg_settings_max_connections": Metric("gauge", "count", "Connection slots of the server."),
    "pg_stat_database_numbackends": Metric("gauge", "count", "Sessions of a database."),
    "pg_stat_activity_count": Metric("gauge", "count", "Sessions of a database by state."),
    "pg_stat_activity_max_tx_duration": Metric("gauge", "s", "Age of the oldest transaction, by state."),
    "pg_stat_database_deadlocks": Metric("counter", "/s", "Deadlocks the server broke up."),
    "pg_locks_count": Metric("gauge", "count", "Locks that are held or waited for, by mode."),
    "pg_up": Metric("gauge", "count", "Whether the server answers: 1 or 0."),
    "node_cpu_seconds_total": Metric("counter", "cores", "CPU time the database server used."),
    "node_memory_MemAvailable_bytes": Metric("gauge", "bytes", "Memory the database server has left."),
    "nginx_ingress_controller_requests": Metric("counter", "/s", "Requests the gateway answered, by status."),
    "envoy_cluster_upstream_rq_total": Metric("counter", "/s", "Attempts a caller made at requests."),
    "envoy_cluster_upstream_rq_retry": Metric("counter", "/s", "Attempts a caller made after the first."),
    "envoy_cluster_upstream_rq_timeout": Metric("counter", "/s", "Calls that failed because nobody answered in time."),
    "resilience4j_circuitbreaker_state": Metric("gauge", "count", "Breakers around a call, by state."),
    "resilience4j_circuitbreaker_not_permitted_calls_total": Metric("counter", "/s", "Calls a breaker did not permit."),
    "pgbouncer_pools_client_active_connections": Metric("gauge", "count", "Clients of the pooler that do not wait."),
    "pgbouncer_pools_client_waiting_connections": Metric("gauge", "count", "Clients that wait for a server."),
    "pgbouncer_pools_client_maxwait_seconds": Metric("gauge", "s", "Longest wait of a client for a server."),
    "pgbouncer_pools_server_active_connections": Metric("gauge", "count", "Server connections a client uses."),
    "pgbouncer_pools_server_idle_connections": Metric("gauge", "count", "Server connections nobody uses."),
    "node_netstat_Tcp_ActiveOpens": Metric("counter", "/s", "Connects a machine began."),
    "node_netstat_Tcp_AttemptFails": Metric("counter", "/s", "Connects that were refused or that nobody answered."),
    "node_netstat_Tcp_RetransSegs": Metric("counter", "/s", "Segments a machine sent again, SYNs included."),
    "node_netstat_TcpExt_TCPSynRetrans": Metric("counter", "/s", "SYNs a machine sent again."),
    "coredns_dns_requests_total": Metric("counter", "/s", "Queries the name server got."),
    "coredns_dns_responses_total": Metric("counter", "/s", "Answers of the name server, by return code."),
}
"""Every metric that can be sampled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesHistory:
    """One series of a metric since time 0."""

    labels: tuple[tuple[str, str], ...]
    points: Points
    """As sampled: a counter's own value, not its rate."""

    def shown(self, *, rate_over_s: float | None) -> Points:
        """Return the values of a gauge, or with a sampling period the rates of a counter as `rate()` gives them."""
        return self.points if rate_over_s is None else rates(self.points, rate_over_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricHistory:
    """A metric with all its series, those that have ended included."""

    name: str
    period_us: int
    series: tuple[SeriesHistory, ...]

    def lines(self) -> tuple[Points, ...]:
        """Return what a chart shows of each series: values of a gauge, rates of a counter."""
        counter = METRICS[self.name].kind == "counter"
        rate_over_s = self.period_us / US_PER_S if counter else None
        return tuple(each.shown(rate_over_s=rate_over_s) for each in self.series)

    def matching(self, where: Mapping[str, str]) -> MetricHistory:
        """Return the series that have these labels; a value that ends in `*` matches its beginning."""
        return replace(self, series=tuple(each for each in self.series if matches(where, dict(each.labels))))

    def combined(self, how: str) -> Points:
        """Return all series as one line: their `sum`, `mean` or `max` at each moment."""
        return tuple(
            COMBINE[how](known) if (known := [value for value in values if value is not None]) else None
            for values in zip(*self.lines(), strict=True)
        )


def matches(where: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Return whether a series has labels; a value that ends in `*` matches its beginning."""
    return all(
        labels.get(label, "").startswith(value[:-1]) if value.endswith("*") else labels.get(label) == value
        for label, value in where.items()
    )


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


COMBINE: dict[str, Callable[[Sequence[float]], float]] = {"sum": fsum, "mean": _mean, "max": max}
"""How series become one line."""


def rates(points: Points, period_s: float) -> Points:
    """Return how fast a counter grew before each point; None where it was not sampled twice in a row."""
    grown: list[float | None] = [None] if points else []
    for before, after in pairwise(points):
        # A counter that shrank was reset and counts from 0 again.
        grown.append(None if before is None or after is None else max(0.0, after - before) / period_s)
    return tuple(grown)
