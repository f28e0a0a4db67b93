from __future__ import annotations

from importlib import import_module
from pathlib import Path

import sekisho.audit.changes
from sekisho.audit.changes import initiates, peers
from sekisho.audit.departures import CHANGES


def test_every_change_of_the_room_is_known_under_its_name() -> None:
    room = Path(sekisho.audit.changes.__file__ or "").parent
    files = {path.stem for path in room.glob("*.py")} - {"__init__", "base"}
    assert {change.id for change in CHANGES} | {initiates.ID, peers.ID} == files
    for name in files:
        text = import_module(f"sekisho.audit.changes.{name}").__doc__ or ""
        assert text.startswith(f"`{name}`:")
