"""Incidents by their ids, for whatever else is done because of one."""

from __future__ import annotations

from sekisho.errors import RequestError
from sekisho.state.incident_records import OpenedIncident
from sekisho.state.incidents import IncidentStore


def asked_for(store: IncidentStore, asked: str) -> OpenedIncident:
    """The incident of that id (`INC-3`, `3`). Raises RequestError."""
    wanted = asked.upper() if asked.upper().startswith("INC-") else f"INC-{asked}"
    opened = store.opened()
    for one in opened:
        if one.id == wanted:
            return one
    some = ", ".join(one.id for one in opened[-5:])
    raise RequestError(
        f"there is no incident {asked}",
        f"the latest are {some}" if some else "none was opened: `sekisho investigate open`",
    )


def is_open(store: IncidentStore, incident: str) -> bool:
    """Whether an incident is being worked on; False for one that does not exist."""
    if all(one.id != incident for one in store.opened()):
        return False
    last = [e.action for e in store.events(incident) if e.action in ("close", "reopen")]
    return not last or last[-1] == "reopen"
