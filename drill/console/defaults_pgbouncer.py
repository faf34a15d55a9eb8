"""Columns of PgBouncer's SHOW commands and defaults of its settings, captured from PgBouncer 1.18.0.

Separate because these are lists and nothing else.
"""

from __future__ import annotations

_COLUMNS = """
pools: database user cl_active cl_waiting cl_active_cancel_req cl_waiting_cancel_req sv_active sv_active_cancel
  sv_being_canceled sv_idle sv_used sv_tested sv_login maxwait maxwait_us pool_mode
stats: database total_xact_count total_query_count total_received total_sent total_xact_time total_query_time
  total_wait_time avg_xact_count avg_query_count avg_recv avg_sent avg_xact_time avg_query_time avg_wait_time
clients: type user database state addr port local_addr local_port connect_time request_time wait wait_us close_needed
  ptr link remote_pid tls application_name
servers: type user database state addr port local_addr local_port connect_time request_time wait wait_us close_needed
  ptr link remote_pid tls application_name
databases: name host port database force_user pool_size min_pool_size reserve_pool pool_mode max_connections
  current_connections paused disabled
config: key value default changeable
lists: list items
users: name pool_mode
version: version
"""
SHOWN: dict[str, tuple[str, ...]] = {
    line.partition(":")[0]: tuple(line.partition(":")[2].split())
    for line in _COLUMNS.replace("\n  ", " ").split("\n")
    if line
}
"""Columns by what is shown."""
DEFAULTS: dict[str, tuple[str, bool]] = {
    "auth_type": ("md5", True),
    "client_idle_timeout": ("0", True),
    "client_login_timeout": ("60", True),
    "default_pool_size": ("20", True),
    "disable_pqexec": ("0", False),
    "idle_transaction_timeout": ("0", True),
    "ignore_startup_parameters": ("", True),
    "job_name": ("pgbouncer", False),
    "listen_addr": ("", False),
    "listen_backlog": ("128", False),
    "listen_port": ("6432", False),
    "max_client_conn": ("100", True),
    "max_db_connections": ("0", True),
    "max_user_connections": ("0", True),
    "min_pool_size": ("0", True),
    "pidfile": ("", False),
    "pkt_buf": ("4096", False),
    "pool_mode": ("session", True),
    "query_timeout": ("0", True),
    "query_wait_timeout": ("120", True),
    "reserve_pool_size": ("0", True),
    "reserve_pool_timeout": ("5", True),
    "resolv_conf": ("", False),
    "server_check_delay": ("30", True),
    "server_check_query": ("select 1", True),
    "server_connect_timeout": ("15", True),
    "server_idle_timeout": ("600", True),
    "server_lifetime": ("3600", True),
    "server_login_retry": ("15", True),
    "server_reset_query": ("DISCARD ALL", True),
    "server_reset_query_always": ("0", True),
    "server_round_robin": ("0", True),
    "so_reuseport": ("0", False),
    "stats_period": ("60", True),
    "unix_socket_dir": ("/tmp", False),  # noqa: S108 - PgBouncer's default
    "user": ("", False),
}
"""Default of each setting, and whether it can be changed while PgBouncer runs."""
