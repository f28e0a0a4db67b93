"""Records per sensor and hour, the raw material of coverage; see `sekisho.store.queries.hourly`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sekisho.store.engines.portable import Functions
from sekisho.store.queries.hourly import HOUR
from sekisho.store.questions.arithmetic import floored
from sekisho.store.questions.shaping import shaped
from sekisho.store.shapes import HOURS

if TYPE_CHECKING:
    import ibis.expr.types as ir


def hours(flows: ir.Table, superseded: ir.Table, functions: Functions) -> ir.Table:
    """HOURS of raw flows, by the sensor's own clock; half lines that were logged whole later, in
    `superseded` (file, row), are none."""
    left = flows.anti_join(superseded, ["file", "row"])
    left = left.select("sensor", at=functions.micros(left["start"]))
    left = left.mutate(hour=floored(left["at"], HOUR))
    return shaped(
        left.group_by(["sensor", "hour"]).agg(
            flows=left.count(), first=left["at"].min(), last=left["at"].max()
        ),
        HOURS,
    )
