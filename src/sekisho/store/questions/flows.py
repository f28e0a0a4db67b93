"""Raw flows: which of them count, and whether one was established; see `sekisho.store.queries`
(`repeated_uids`, `established`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sekisho.model.addresses import V4_HI
from sekisho.model.flows import Flag, State
from sekisho.model.protocols import TCP, WITH_PORTS

if TYPE_CHECKING:
    import ibis.expr.types as ir

_OF_UID = (
    "sensor", "uid", "src_realm", "src_hi", "src_lo", "src_port", "dst_realm", "dst_hi", "dst_lo",
    "dst_port", "protocol",
)  # fmt: skip


def port_of(flows: ir.Table, column: str) -> Any:
    """The connection's port: that of the column, 0 where the protocol has none."""
    import ibis

    return ibis.ifelse(flows["protocol"].isin(sorted(WITH_PORTS)), flows[column], 0)


def standing(flows: ir.Table, superseded: ir.Table) -> ir.Table:
    """Rows that are not superseded (file, row), and of those with one uid the last word."""
    import ibis

    left = flows.anti_join(superseded, ["file", "row"])
    volume = left["bytes_out"].cast("float64") + left["bytes_in"].cast("float64")
    last = ibis.window(
        group_by=list(_OF_UID),
        order_by=[left["end"].desc(), volume.desc(), left["file"].desc(), left["row"].desc()],
    )
    placed = left.mutate(place=ibis.row_number().over(last))
    return placed.filter(placed["uid"].isnull() | (placed["place"] == 0)).drop("place")


def established(flows: ir.Table) -> Any:
    """Whether a two-way row was established."""
    import ibis

    headers = ibis.ifelse(flows["src_hi"] == V4_HI, 40, 60)
    data = flows["bytes_in"].cast("float64") + flows["bytes_in_spread"]
    out, back = (flows[f"payload_{way}"].fill_null(0) for way in ("out", "in"))
    known = flows["payload_in"].notnull() | flows["payload_out"].notnull()
    tcp = ibis.ifelse(
        known,
        (back > 0) | ((out > 0) & (flows["packets_in"] > 0)),
        (flows["bytes_out"] > 0)
        & (flows["bytes_in"] > 0)
        & (data > headers * flows["packets_in"].cast("float64")),
    )
    answered = (flows["packets_in"] > 0) | (flows["bytes_in"] > 0)
    said = ibis.ifelse(flows["protocol"] == TCP, tcp, answered)
    state = flows["state"]
    return (state == int(State.ESTABLISHED)) | ((state == int(State.UNKNOWN)) & said)


def blocked(flows: ir.Table) -> Any:
    """Whether volume one way does not make a row established."""
    refused = flows["state"].isin([int(State.REJECTED), int(State.DENIED)])
    return refused | flagged(flows, Flag.RESET)


def flagged(flows: ir.Table, flag: Flag) -> Any:
    """Whether a row has a flag."""
    return (flows["flags"] & int(flag)) != 0
