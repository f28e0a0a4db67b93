from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.decisions import open_decisions
from sekisho.app.notifying.delivering import deliver
from sekisho.app.notifying.facts import record
from sekisho.app.workspace import Workspace
from sekisho.errors import RequestError


def test_a_delivery_makes_its_clock_met_and_keeps_the_proof(
    workspace: Workspace, opened: str, now: datetime, tmp_path: Path
) -> None:
    facts = ["aware", "countries=TH", "personal_data=yes", "risk=likely"]
    aware = now - timedelta(days=5)
    record(workspace, opened, facts, now=now, by="aiko", at=aware, source="x")
    proof = tmp_path / "receipt.txt"
    proof.write_text("received")

    def sent(at: datetime, stage: str = "authority") -> str:
        document = deliver(workspace, opened, "th-pdpa", stage, at=at, proof=proof, now=now, by="aiko")
        return document.clocks[0].state

    assert sent(aware + timedelta(hours=73)) == "late"
    # An earlier delivery that comes to light counts; told twice it is recorded once.
    assert sent(aware + timedelta(hours=71)) == "met"
    assert sent(aware + timedelta(hours=71)) == "met"
    digest = hashlib.sha256(b"received").hexdigest()
    with open_decisions(workspace) as decisions:
        assert decisions.state.content(digest) == b"received"
        events = decisions.state.notices().events(opened)
        assert [e.action for e in events].count("delivery") == 2
    for at, stage, content, message in (
        (now + timedelta(hours=1), "authority", "x", "lies ahead"),
        (now, "autority", "x", "no stage"),
        (now, "authority", "", "is empty"),
    ):
        proof.write_text(content)
        with pytest.raises(RequestError, match=message):
            sent(at, stage)
    proof.unlink()
    with pytest.raises(RequestError, match="cannot be read"):
        sent(now)
