"""Functions that ask the server or act on it, and those that make rows.

Separate because what they do is the server's business: here stand only their names and types.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from drill.sql import moments
from drill.sql.faults import INVALID_PARAMETER, SqlError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from drill.sql.intervals import Interval
    from drill.sql.running import Running
    from drill.sql.types import Type, Value

_ASKED = """
v pg_terminate_backend(int4)bool
v pg_terminate_backend(int4,int8)bool
v pg_cancel_backend(int4)bool
v pg_reload_conf()bool
v pg_rotate_logfile()bool
v pg_log_backend_memory_contexts(int4)bool
v pg_stat_reset()void
v pg_stat_statements_reset()void
v set_config(text,text,bool)text
current_setting(text)text
current_setting(text,bool)text
pg_backend_pid()int4
pg_blocking_pids(int4)int4[]
pg_safe_snapshot_blocking_pids(int4)int4[]
pg_database_size(name)int8
pg_database_size(oid)int8
pg_relation_size(regclass)int8
pg_table_size(regclass)int8
pg_total_relation_size(regclass)int8
pg_indexes_size(regclass)int8
pg_is_in_recovery()bool
pg_postmaster_start_time()timestamptz
pg_conf_load_time()timestamptz
pg_get_userbyid(oid)name
pg_encoding_to_char(int4)name
pg_table_is_visible(oid)bool
pg_type_is_visible(oid)bool
pg_function_is_visible(oid)bool
pg_get_expr(text,oid)text
pg_get_expr(text,oid,bool)text
pg_get_indexdef(oid)text
pg_get_constraintdef(oid)text
pg_stat_get_backend_pid(int4)int4
n format_type(oid,int4)text
n obj_description(oid,name)text
n obj_description(oid)text
n col_description(oid,int4)text
n shobj_description(oid,name)text
version()text
current_user()name
session_user()name
user()name
current_role()name
current_catalog()name
current_database()name
current_schema()name
current_schemas(bool)name[]
inet_client_addr()inet
inet_client_port()int4
inet_server_addr()inet
inet_server_port()int4
to_regclass(text)regclass
has_database_privilege(name,text)bool
has_database_privilege(oid,text)bool
has_schema_privilege(name,text)bool
has_schema_privilege(oid,text)bool
has_table_privilege(oid,text)bool
has_table_privilege(text,text)bool
pg_has_role(name,text)bool
pg_has_role(name,name,text)bool
pg_current_wal_lsn()pg_lsn
txid_current()int8
pg_my_temp_schema()oid
pg_try_advisory_lock(int8)bool
"""
_FORBIDDEN = """
pg_read_file(text)text
pg_read_file(text,int8,int8)text
pg_read_binary_file(text)text
pg_ls_dir(text)text
pg_ls_logdir()text
pg_ls_waldir()text
pg_stat_file(text)text
lo_import(text)oid
lo_export(oid,text)int4
pg_promote()bool
pg_switch_wal()pg_lsn
dblink(text)text
query_to_xml(text,bool,bool,text)text
"""


def _asks(name: str) -> Callable[..., Value]:
    def run(running: Running, *args: Value) -> Value:
        found = running.server.function(name, args)
        running.check()
        return found

    return run


def _refused(name: str) -> Callable[..., Value]:
    def run(*_: Value) -> Value:
        msg = f"permission denied for function {name}"
        raise SqlError(msg, "42501")

    return run


def _series(start: Any, stop: Any, step: Any = 1) -> Iterator[tuple[Value]]:  # noqa: ANN401 - int or Decimal
    if not step:
        msg = "step size cannot equal zero"
        raise SqlError(msg, INVALID_PARAMETER)
    value = start
    while value <= stop if step > 0 else value >= stop:
        yield (value,)
        value += step


def _moments(start: int, stop: int, step: Interval) -> Iterator[tuple[Value]]:
    if not step.span:
        msg = "step size cannot equal zero"
        raise SqlError(msg, INVALID_PARAMETER)
    value = start
    while value <= stop if step.span > 0 else value >= stop:
        yield (value,)
        value = moments.plus(value, step)


def _subscripts(value: tuple[Value, ...], dimension: int) -> Iterator[tuple[Value]]:
    if dimension == 1:
        yield from ((index,) for index in range(1, len(value) + 1))


def _typeof(pair: tuple[Type, Value]) -> str:
    return pair[0].title


def _sleep(_: float) -> None:
    """Take no time: simulated time stands while a statement runs."""


def _sleep_for(running: Running, _: Value) -> Value:
    running.warn("simulated time stands still while a statement runs; pg_sleep returns at once")
    return ""


def _address_text(value: Any) -> str:  # noqa: ANN401 - an address
    from drill.sql.addresses import write  # noqa: PLC0415 - rarely asked

    text = write(value)
    return text if "/" in text else f"{text}/{value.bits}"


def _host(value: Any) -> str:  # noqa: ANN401 - an address
    from drill.sql.addresses import host  # noqa: PLC0415 - rarely asked

    return host(value)


def _network(value: Any) -> Value:  # noqa: ANN401 - an address
    return value._replace(address=value.network)


def _set_masklen(value: Any, bits: int) -> Value:  # noqa: ANN401 - an address
    from drill.sql.addresses import make  # noqa: PLC0415 - rarely asked

    if not 0 <= bits <= value.width:
        msg = f"invalid mask length: {bits}"
        raise SqlError(msg, INVALID_PARAMETER)
    return make(value.family, value.address, bits)


FUNCTIONS: dict[str, Callable[..., Value]] = {
    "s generate_series(int4,int4)int4": _series,
    "s generate_series(int4,int4,int4)int4": _series,
    "s generate_series(int8,int8)int8": _series,
    "s generate_series(int8,int8,int8)int8": _series,
    "s generate_series(numeric,numeric)numeric": lambda start, stop: _series(start, stop, Decimal(1)),
    "s generate_series(numeric,numeric,numeric)numeric": _series,
    "s generate_series(timestamptz,timestamptz,interval)timestamptz": _moments,
    "s generate_series(timestamp,timestamp,interval)timestamp": _moments,
    "s generate_subscripts(anyarray,int4)int4": _subscripts,
    "nt pg_typeof(any)regtype": _typeof,
    "cv pg_sleep(float8)void": _sleep_for,
    "cv pg_sleep_for(interval)void": _sleep_for,
    "host(inet)text": _host,
    "text(inet)text": _address_text,
    "abbrev(inet)text": lambda value: _address_text(value) if value.bits != value.width else _host(value),
    "family(inet)int4": lambda value: value.family,
    "masklen(inet)int4": lambda value: value.bits,
    "set_masklen(inet,int4)inet": _set_masklen,
    "network(inet)cidr": _network,
    "nt num_nulls(...any)int4": lambda *pairs: sum(value is None for _, value in pairs),
    "nt num_nonnulls(...any)int4": lambda *pairs: sum(value is not None for _, value in pairs),
}
for _line in _ASKED.strip().splitlines():
    _head = _line.partition("(")[0]
    _flags, _, _name = _head.rpartition(" ")
    FUNCTIONS[f"c{_flags} {_line[len(_flags) + 1 if _flags else 0 :]}"] = _asks(_name)
for _line in _FORBIDDEN.strip().splitlines():
    FUNCTIONS[f"v {_line}"] = _refused(_line.partition("(")[0])
