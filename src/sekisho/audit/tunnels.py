"""Tunnels between sites, for coverage: what goes through one is seen by nobody at the edge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from sekisho.audit.evidence import rows_of
from sekisho.audit.scope import Scope
from sekisho.inventory.register import Inventory
from sekisho.model.addresses import address_of
from sekisho.model.tunnels import TUNNELS, Tunnel, tunnel_of
from sekisho.store.lake import Lake


def tunnels_between(
    lake: Lake, inventory: Inventory, asked: Scope, begin: datetime | None, end: datetime | None
) -> Iterator[str]:
    """One sentence for each kind of tunnel from one site of the scope to another, in a window (aware UTC)."""
    found: dict[tuple[str, str, Tunnel], list[tuple[datetime, datetime]]] = defaultdict(list)
    for row in rows_of(lake.serving(list(TUNNELS))):
        if (begin is not None and row["last"] < begin) or (end is not None and row["first"] >= end):
            continue
        src, dst = (
            inventory.place(
                row[f"{side}_realm"], address_of(row[f"{side}_hi"], row[f"{side}_lo"]), row["first"]
            ).site
            for side in ("src", "dst")
        )
        tunnel = tunnel_of(row["protocol"], row["port"])
        if tunnel and src and dst and src != dst and asked.holds(src, dst):
            found[src, dst, tunnel].append((row["first"], row["last"]))
    for (src, dst, tunnel), times in sorted(
        found.items(), key=lambda one: (*one[0][:2], one[0][2].kind)
    ):
        first, last = min(one for one, _ in times), max(one for _, one in times)
        kind = f"{tunnel.kind} (by its port: a guess)" if tunnel.guess else tunnel.kind
        yield (
            f"{src} -> {dst}: {kind} from {first:%Y-%m-%d} to {last:%Y-%m-%d}: what goes through it is seen"
            " by sensors inside alone"
        )
