"""What both ends of the connections between sites recorded, as part of the audit's document."""

from __future__ import annotations

from typing import Literal, get_args

from sekisho.model.documents import Document

Explanation = Literal["sampling", "outage", "clock", "blocked", "nat", "loss"]
"""Why one end recorded fewer flows of a connection than the other, in the order in which they are tried."""
EXPLANATIONS: tuple[Explanation, ...] = get_args(Explanation)


class PairReconciliation(Document):
    """Connections from one site to another, both of which have sensors at their edge, by connection-days.

    `both`, `partly` (both ends recorded it, one of them not all of its flows), `source_only`,
    `destination_only` and `neither` (sensors inside or in transit recorded it, and neither edge) add up to
    `connection_days`. Only what sensors at the edges recorded is compared: `explained` and `one_sided` are
    of `partly` and the two `_only`, one more for each that lacks flows at either end.
    """

    src_site: str
    dst_site: str
    connection_days: int
    both: int
    partly: int
    source_only: int
    destination_only: int
    neither: int = 0
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
