"""Network addresses: inet.

Separate because the client's address is a column of pg_stat_activity that people group, sort and mask.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from drill.sql.faults import INVALID_TEXT, OUT_OF_RANGE, SqlError


class Inet(NamedTuple):
    """An address and the length of its network; the order of the fields is the order of PostgreSQL."""

    family: int
    """4 or 6."""
    network: int
    """The address with the host's part cleared."""
    bits: int
    address: int

    @property
    def width(self) -> int:
        """Bits of an address."""
        return 32 if self.family == 4 else 128  # noqa: PLR2004 - IPv4


def make(family: int, address: int, bits: int) -> Inet:
    """Return an address in its network."""
    width = 32 if family == 4 else 128  # noqa: PLR2004 - IPv4
    return Inet(family, address >> (width - bits) << (width - bits), bits, address)


def read(text: str) -> Inet:
    """Return what a text says; raise SqlError."""
    host, slash, length = text.partition("/")
    try:
        address = ip_address(host)
        width = 32 if address.version == 4 else 128  # noqa: PLR2004 - IPv4
        bits = int(length) if slash else width
        if not 0 <= bits <= width or (slash and not length.isdecimal()):
            raise ValueError  # noqa: TRY301 - the same complaint
    except ValueError:
        msg = f'invalid input syntax for type inet: "{text}"'
        raise SqlError(msg, INVALID_TEXT) from None
    return make(address.version, int(address), bits)


def host(value: Inet) -> str:
    """Return the address alone."""
    return str(IPv4Address(value.address) if value.family == 4 else IPv6Address(value.address))  # noqa: PLR2004 - IPv4


def write(value: Inet) -> str:
    """Return the text, with the length of the network unless it is the whole address."""
    return host(value) if value.bits == value.width else f"{host(value)}/{value.bits}"


def write_network(value: Inet) -> str:
    """Return the text of a cidr, which always has the length."""
    return f"{host(value)}/{value.bits}"


def read_network(text: str) -> Inet:
    """Return a cidr; raise SqlError for bits set to the right of its length."""
    try:
        value = read(text)
    except SqlError:
        msg = f'invalid input syntax for type cidr: "{text}"'
        raise SqlError(msg, INVALID_TEXT) from None
    if value.address != value.network:
        detail = "Value has bits set to right of mask."
        raise SqlError(f'invalid cidr value: "{text}"', INVALID_TEXT, detail=detail)
    return value


def contains(outer: Inet, inner: Inet, *, strictly: bool) -> bool:
    """Return whether one network lies within another."""
    if outer.family != inner.family or inner.bits < outer.bits + strictly:
        return False
    shift = outer.width - outer.bits
    return outer.address >> shift == inner.address >> shift


def shifted(value: Inet, by: int) -> Inet:
    """Return the address so many places further; raise SqlError beyond the last."""
    address = value.address + by
    if not 0 <= address < 1 << value.width:
        msg = "result is out of range"
        raise SqlError(msg, OUT_OF_RANGE)
    return make(value.family, address, value.bits)
