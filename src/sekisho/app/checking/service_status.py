"""How the service for osquery stands: what waits, who is there, what was refused."""

from __future__ import annotations

from datetime import datetime, timedelta

from sekisho.app.checking.contacts import by_terminal, refusal_items
from sekisho.app.decisions import open_decisions
from sekisho.app.settings.fleet_service import ServiceSettings
from sekisho.app.terminals import resolved
from sekisho.app.wiring import read_inventory
from sekisho.app.workspace import Workspace
from sekisho.model.fleet import ServiceDocument


def service_status(
    workspace: Workspace, settings: ServiceSettings, *, now: datetime
) -> ServiceDocument:
    """What it counted since it was first started, and what waits. Raises FileProblems."""
    inventory = read_inventory(workspace)
    with open_decisions(workspace) as decisions:
        store = decisions.state.nodes()
        counts = store.counts(now - timedelta(minutes=settings.offline_minutes))
        known = resolved(decisions, inventory, now)
        _, strangers = by_terminal(store.nodes(), known)
        nobody = [one for one in store.refusals() if not one.node]
    return ServiceDocument.model_validate(
        {
            "nodes": counts.nodes,
            "online": counts.fresh,
            "strangers": len(strangers),
            "unjudged": counts.waiting,
            "held": counts.held,
            "oldest": counts.oldest,
            "counts": counts.counts,
            "refused": counts.refused,
            "nobody": refusal_items(nobody),
        }
    )
