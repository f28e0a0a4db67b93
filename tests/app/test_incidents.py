from __future__ import annotations

from datetime import datetime

import pytest

from sekisho.app.decisions import open_decisions
from sekisho.app.incidents import asked_for, is_open
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError

OPENED = {
    "incident": "INC-1",
    "title": "SMB",
    "seeds": [],
    "connections": 0,
    "days": 1,
    "findings": [],
}


def test_an_incident_is_open_until_it_is_closed(raw: Workspace, now: datetime) -> None:
    with open_decisions(raw) as decisions:
        store = decisions.state.incidents()
        with pytest.raises(RequestError, match="there is no incident 1"):
            asked_for(store, "1")
        assert not is_open(store, "INC-1")
        decisions.decide("incident.open", OPENED, at=now, by="aiko")
        assert asked_for(store, "1").id == asked_for(store, "inc-1").id == "INC-1"
        assert is_open(store, "INC-1")
        decisions.decide("incident.close", {"incident": "INC-1", "text": "over"}, at=now, by="aiko")
        assert not is_open(store, "INC-1")
        decisions.decide("incident.reopen", {"incident": "INC-1", "text": "again"}, at=now, by="aiko")
        assert is_open(store, "INC-1")
