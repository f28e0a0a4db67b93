from __future__ import annotations

import pytest
from tests.app.restoring.conftest import LATER

from sekisho.app.decisions import open_decisions
from sekisho.app.restoring.planning import plan
from sekisho.app.restoring.records import asked_for, restorations
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def test_one_and_what_was_said_of_its_stages(cut: Workspace) -> None:
    with open_decisions(cut) as decisions, pytest.raises(RequestError, match="no restoration 1"):
        asked_for(decisions.state.restorations(), "1")
    plan(cut, ["P-1"], [], reason="calm", now=LATER, by="aiko")
    with open_decisions(cut) as decisions:
        for stage, instead in ((1, "P-2"), (1, "P-3"), (2, "P-4")):
            body = {"restoration": "R-1", "stage": stage, "plan": "P-1", "instead": instead}
            decisions.decide("restore.draft", body, at=LATER, by="aiko")
        one = asked_for(decisions.state.restorations(), "r-1")
        assert [r.id for r in restorations(decisions.state.restorations())] == ["R-1"]
    assert (one.reason, one.by, one.plans) == ("calm", "aiko", ("P-1",))
    assert (one.instead(1, "P-1"), one.instead(2, "P-1"), one.instead(3, "P-1")) == ("P-3", "P-4", None)
    assert len(one.said("draft", 1)) == 2
