"""What both ends of the connections between sites recorded, as part of the audit's document."""

from __future__ import annotations

from typing import Literal, get_args

from sekisho.model.documents import Document

Explanation = Literal["sampling", "outage", "clock", "blocked", "nat", "loss"]
"""Why one end recorded fewer flows of a connection than the other, in the order in which they are tried."""
EXPLANATIONS: tuple[Explanation, ...] = get_args(Explanation)


class PairReconciliation(Document):
    """Connections from one site to another, both of which have sensors at their edge, by connection-days.

    `both`, `partly` (both ends recorded it, one of them not all of its flows), `source_only` and
    `destination_only` add up to `connection_days`. `explained` and `one_sided` are of those that are not
    `both`, one more for each that lacks flows at either end.
    """

    src_site: str
    dst_site: str
    connection_days: int
    both: int
    partly: int
    source_only: int
    destination_only: int
    explained: dict[Explanation, int]
    one_sided: int


class Clock(Document):
    """How far a sensor's clock was ahead of the others', in seconds, measured on flows that both saw.

    `offset` is null where it saw nothing that another sensor saw; `spread` is how far single flows were
    from it, at most.
    """

    sensor: str
    offset: float | None
    spread: float
    flows: int


class Reconciliation(Document):
    """The comparison of both ends."""

    pairs: tuple[PairReconciliation, ...] = ()
    clocks: tuple[Clock, ...] = ()
