from __future__ import annotations

from datetime import datetime

import pytest

from sekisho.app.learning.coding import confirm, proposed, shown, take
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def test_a_proposal_counts_once_it_is_confirmed(
    workspace: Workspace, opened: str, now: datetime
) -> None:
    document = proposed(workspace, opened, now=now, by="aiko")
    found = {one.field: one for one in document.proposals}
    assert found["timeline.incident"].values[0].startswith("2020-")
    assert (document.fields, shown(workspace, opened).fields) == ((), ())
    taken = take(workspace, opened, ["timeline.incident"], now=now, by="ken")
    assert [(one.field, one.by) for one in taken.fields] == [("timeline.incident", "ken")]
    assert taken.record["timeline"]["incident"]["year"] == 2020
    with pytest.raises(RequestError, match="nothing suggests"):
        take(workspace, opened, ["confidence"], now=now, by="ken")


def test_fields_are_coded_changed_and_emptied(workspace: Workspace, opened: str, now: datetime) -> None:
    confirm(workspace, opened, ["confidence=High", "targeted=Targeted"], now=now, by="ken")
    document = confirm(workspace, opened, ["confidence=Low", "targeted="], now=now, by="aiko")
    assert [(one.field, one.values, one.by) for one in document.fields] == [
        ("confidence", ("Low",), "aiko")
    ]
    assert "actor" in document.missing
    for text, message in (
        ("confidence", "codes nothing"),
        ("confidenc=", "no field"),
        ("confidence=Sure", "no word"),
    ):
        with pytest.raises(RequestError, match=message):
            confirm(workspace, opened, ["confidence=High", text], now=now, by="ken")
    assert shown(workspace, opened).fields == document.fields
