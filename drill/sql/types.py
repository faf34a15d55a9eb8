"""PostgreSQL's types: oids, names, categories, and which casts it makes by itself.

Separate because everything that is typed reads it. Values are plain Python: int for whole numbers, oids, dates (days
since 1970) and times (microseconds), Decimal for numeric, float, bool, str, tuple for arrays, and the classes of
`intervals`, `addresses` and `Record`. The tables are those of pg_type and pg_cast.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Value = Any
"""A value of some type, or None for NULL; which it is, the type beside it says."""


@dataclass(frozen=True, slots=True, eq=False)
class Type:
    """One type. Two of the same name are the same object."""

    name: str
    """As in pg_type; what a column is called that was cast to it."""
    oid: int
    title: str
    """As in messages."""
    category: str
    preferred: bool = False
    element: Type | None = None
    """Of an array; None for other types."""

    def __repr__(self) -> str:
        """Return the name."""
        return self.name


class Record(tuple[Value, ...]):
    """A row as a value."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, eq=False)
class RowType(Type):
    """The type of a row whose fields are known."""

    fields: tuple[tuple[str, Type], ...] = ()


_ROWS = """
bool 16 1000 B boolean *
bytea 17 1001 U bytea
char 18 1002 Z "char"
name 19 1003 S name
int8 20 1016 N bigint
int2 21 1005 N smallint
int4 23 1007 N integer
regproc 24 1008 N regproc
text 25 1009 S text *
oid 26 1028 N oid *
xid 28 1011 U xid
json 114 199 U json
float4 700 1021 N real
float8 701 1022 N double precision *
inet 869 1041 I inet *
cidr 650 651 I cidr
bpchar 1042 1014 S character
varchar 1043 1015 S character varying
date 1082 1182 D date
time 1083 1183 D time without time zone
timestamp 1114 1115 D timestamp without time zone
timestamptz 1184 1185 D timestamp with time zone *
interval 1186 1187 T interval *
numeric 1700 1231 N numeric
regclass 2205 2210 N regclass
regtype 2206 2211 N regtype
uuid 2950 2951 U uuid
pg_lsn 3220 3221 U pg_lsn
jsonb 3802 3807 U jsonb
regnamespace 4089 4090 N regnamespace
regrole 4096 4097 N regrole
record 2249 2287 P record
void 2278 0 P void
unknown 705 0 X unknown
any 2276 0 P "any"
anyelement 2283 0 P anyelement
anyarray 2277 0 P anyarray
anynonarray 2776 0 P anynonarray
anycompatible 5077 0 P anycompatible
anycompatiblearray 5078 0 P anycompatiblearray
"""

TYPES: dict[str, Type] = {}
"""By name in pg_type."""
_ARRAYS: dict[str, Type] = {}


def _load() -> None:
    for line in _ROWS.strip().splitlines():
        name, oid, array, category, *title = line.split()
        preferred = title[-1] == "*"
        says = " ".join(title[:-1] if preferred else title)
        TYPES[name] = plain = Type(name, int(oid), says, category, preferred)
        if int(array):
            _ARRAYS[name] = TYPES[f"_{name}"] = Type(f"_{name}", int(array), f"{says}[]", "A", element=plain)


_load()
BOOL, INT2, INT4, INT8 = TYPES["bool"], TYPES["int2"], TYPES["int4"], TYPES["int8"]
FLOAT4, FLOAT8, NUMERIC, OID = TYPES["float4"], TYPES["float8"], TYPES["numeric"], TYPES["oid"]
TEXT, VARCHAR, BPCHAR, NAME, CHAR = TYPES["text"], TYPES["varchar"], TYPES["bpchar"], TYPES["name"], TYPES["char"]
DATE, TIME, TIMESTAMP, TIMESTAMPTZ = TYPES["date"], TYPES["time"], TYPES["timestamp"], TYPES["timestamptz"]
INTERVAL, INET, RECORD, VOID = TYPES["interval"], TYPES["inet"], TYPES["record"], TYPES["void"]
JSON, JSONB, UNKNOWN, XID = TYPES["json"], TYPES["jsonb"], TYPES["unknown"], TYPES["xid"]
TEXT_ARRAY = TYPES["_text"]
POLYMORPHIC = frozenset(
    TYPES[name] for name in ("any", "anyelement", "anyarray", "anynonarray", "anycompatible", "anycompatiblearray")
)
BY_TITLE = {each.title: each for each in TYPES.values()} | {
    "timestamptz": TIMESTAMPTZ,
    "timestamp": TIMESTAMP,
    "time": TIME,
}
"""By the names that messages and fixtures use."""
ALIASES = {"serial": "int4", "timetz": "timetz"}


def array_of(element: Type) -> Type | None:
    """Return the type of arrays of something, None where there is none."""
    return _ARRAYS.get(element.name, _ARRAYS["record"] if isinstance(element, RowType) else None)


def is_array(kind: Type) -> bool:
    """Return whether values are arrays."""
    return kind.element is not None


IMPLICIT, ASSIGNMENT, EXPLICIT = "i", "a", "e"
_CASTS = """
int2 i:int4,int8,float4,float8,numeric,oid,regclass,regtype,regrole,regnamespace,regproc
int4 i:int8,float4,float8,numeric,oid,regclass,regtype,regrole,regnamespace,regproc a:int2 e:bool,char
int8 i:float4,float8,numeric,oid,regclass,regtype,regrole,regnamespace,regproc a:int2,int4
numeric i:float4,float8 a:int2,int4,int8
float4 i:float8 a:int2,int4,int8,numeric
float8 a:int2,int4,int8,numeric,float4
oid i:regclass,regtype,regrole,regnamespace,regproc a:int4,int8
regclass i:oid a:int4,int8
regtype i:oid a:int4,int8
regrole i:oid a:int4,int8
regnamespace i:oid a:int4,int8
regproc i:oid a:int4,int8
bool a:text,varchar,bpchar e:int4
text i:name,varchar,bpchar,regclass a:char
varchar i:name,text,bpchar,regclass a:char
bpchar i:name,text,varchar a:char
name i:text a:varchar,bpchar
char i:text a:varchar,bpchar e:int4
date i:timestamp,timestamptz
time i:interval
timestamp i:timestamptz a:date,time
timestamptz a:date,time,timestamp
interval a:time
inet a:text,varchar,bpchar,cidr
cidr i:inet a:text,varchar,bpchar
json a:jsonb
jsonb a:json e:bool,int2,int4,int8,float4,float8,numeric
"""
CASTS: dict[tuple[str, str], str] = {}
"""By the names of the types: `i` made anywhere, `a` in assignments, `e` only when asked for."""
for _line in _CASTS.strip().splitlines():
    _source, *_groups = _line.split()
    for _group in _groups:
        for _target in _group[2:].split(","):
            CASTS[_source, _target] = _group[0]
