"""Columns that several questions name."""

from __future__ import annotations

from sekisho.model.protocols import WITH_PORTS

CONNECTION = ("src_realm", "src_hi", "src_lo", "dst_realm", "dst_hi", "dst_lo", "protocol", "port")
"""What makes two flows one connection."""

KEY = ", ".join(CONNECTION)

ENDS = "src_hi, src_lo, dst_hi, dst_lo, protocol, port"
"""The order in which roll-ups lie."""

PORT = f"(CASE WHEN protocol IN ({', '.join(map(str, sorted(WITH_PORTS)))}) THEN dst_port ELSE 0 END)"
"""The connection's port of a flow: 0 where the protocol has none."""

DAY = 86_400_000_000
"""Microseconds."""

PAIR = "xor(hash(src_realm, src_hi, src_lo, protocol), hash(dst_realm, dst_hi, dst_lo, protocol))"
"""Names the two ends without order. Only for cutting work into parts: two pairs may share one."""

TUPLE = (
    "xor(hash(src_realm, src_hi, src_lo, src_port, protocol),"
    " hash(dst_realm, dst_hi, dst_lo, dst_port, protocol))"
)
"""Names a five-tuple without order; who relies on it compares the columns too."""


def floored(value: str, unit: int) -> str:
    """The greatest multiple of `unit` up to an integer; `//` alone rounds towards 1970 from either side."""
    return f"({value} - ({value} % {unit} + {unit}) % {unit})"


def same(left: str, right: str, columns: tuple[str, ...] = CONNECTION) -> str:
    """A join condition."""
    return " AND ".join(f"{left}.{column} = {right}.{column}" for column in columns)
