from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sekisho.app.checking.service_status import service_status
from sekisho.app.decisions import open_decisions
from sekisho.app.settings.fleet_service import ServiceSettings
from sekisho.app.workspace import Workspace
from sekisho.model.nodes import Letter

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def test_nothing_yet(workspace: Workspace) -> None:
    found = service_status(workspace, ServiceSettings(), now=NOW)
    assert (found.nodes, found.unjudged, found.oldest, found.refused) == (0, 0, None, {})


def test_what_waits_and_what_was_refused_of_nobody(workspace: Workspace) -> None:
    with open_decisions(workspace) as decisions, decisions.state.nodes().batch() as batch:
        batch.post([Letter(1, "result", "x", b"")], NOW)
        batch.refuse({(0, "unknown_key"): (3, "10.66.0.6", "words")}, NOW)
        batch.count({"read": 4})
    found = service_status(workspace, ServiceSettings(), now=NOW + timedelta(hours=1))
    assert (found.unjudged, found.oldest, found.counts) == (1, NOW, {"read": 4})
    (refusal,) = found.nobody
    assert (refusal.reason, refusal.count, refusal.address) == ("unknown_key", 3, "10.66.0.6")
