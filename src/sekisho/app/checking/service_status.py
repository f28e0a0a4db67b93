"""How the service for osquery stands: what waits, who is there, what was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sekisho.app.checking.standing import resolved
from sekisho.app.decisions import open_decisions
from sekisho.app.settings.fleet_service import ServiceSettings
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.model.fleet import RefusalItem, ServiceDocument
from sekisho.model.nodes import Refusal


def service_status(
    workspace: Workspace, settings: ServiceSettings, *, now: datetime
) -> ServiceDocument:
    """What it counted since it was first started, and what waits. Raises FileProblems."""
    inventory = read_inventory(workspace)
    with open_decisions(workspace) as decisions:
        store = decisions.state.nodes()
        counts = store.counts(now - timedelta(minutes=settings.offline_minutes))
        known = resolved(decisions, inventory, now)
        strangers = sum(known.match(node.who) is None for node in store.nodes())
        nobody = [one for one in store.refusals() if not one.node]
    return ServiceDocument.model_validate(
        {
            "nodes": counts.nodes,
            "online": counts.fresh,
            "strangers": strangers,
            "unjudged": counts.waiting,
            "held": counts.held,
            "oldest": counts.oldest,
            "counts": counts.counts,
            "refused": counts.refused,
            "nobody": refusal_items(nobody),
        }
    )


def refusal_items(found: Sequence[Refusal]) -> tuple[RefusalItem, ...]:
    """Refusals as documents have them."""
    return tuple(
        RefusalItem(
            reason=one.reason,
            count=one.count,
            first=one.first,
            last=one.last,
            address=one.address or None,
            says=one.detail or None,
        )
        for one in found
    )


def by_node(found: Sequence[Refusal]) -> Mapping[int, list[Refusal]]:
    """Refusals of each node."""
    own: dict[int, list[Refusal]] = {}
    for one in found:
        own.setdefault(one.node, []).append(one)
    return own
