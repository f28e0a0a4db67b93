from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from sekisho.app.containing.approving import sign
from sekisho.app.decisions import open_decisions
from sekisho.app.notifying.alarms import raise_clocks
from sekisho.app.notifying.approving import approve, to_sign
from sekisho.app.notifying.delivering import deliver
from sekisho.app.notifying.drafting import write_draft
from sekisho.app.notifying.facts import record
from sekisho.app.workspace import Workspace
from sekisho.errors import Refused, RequestError
from sekisho.model.notices import ClocksDocument


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


def test_what_was_delivered_before_anybody_knew_is_told_as_a_contradiction(
    workspace: Workspace, opened: str, now: datetime, tmp_path: Path
) -> None:
    facts = ["aware", "countries=TH", "personal_data=yes", "risk=likely"]
    aware = now - timedelta(days=5)
    record(workspace, opened, facts, now=now, by="aiko", at=aware, source="x")
    proof = tmp_path / "receipt.txt"
    proof.write_text("received")

    def sent(at: datetime) -> tuple[str, ...]:
        return deliver(
            workspace, opened, "th-pdpa", "authority", at=at, proof=proof, now=now, by="aiko"
        ).contradictions

    assert sent(aware + timedelta(hours=1)) == ()
    (told,) = sent(aware - timedelta(days=365))
    assert told == (
        "th-pdpa authority was delivered 2019-06-04 00:00 UTC, before aware (2020-06-03 00:00 UTC)"
    )


def test_without_a_review_it_is_loud_or_refused(
    lawyers: Workspace, opened: str, now: datetime, tmp_path: Path
) -> None:
    facts = ["aware", "countries=TH", "personal_data=yes", "risk=likely"]
    record(lawyers, opened, facts, now=now, by="aiko", at=now - timedelta(hours=5), source="x")
    notice = tmp_path / "notice.html"
    write_draft(lawyers, opened, "th-pdpa", "authority", notice, now=now, by="aiko")

    def sent(stage: str, workspace: Workspace, why: str = "", *, of: str = "th-pdpa") -> ClocksDocument:
        at = now - timedelta(minutes=len(why))
        return deliver(
            workspace, opened, of, stage, at=at, proof=notice, now=now, by="x", without_review=why
        )

    loud = sent("people", lawyers)
    assert "NOT REVIEWED: th-pdpa people: nothing was drafted here" in loud.notes[1]
    with open_decisions(lawyers) as decisions:
        alerts = raise_clocks(lawyers, decisions, {"sink": "low"}, now)
        again = raise_clocks(lawyers, decisions, {"sink": "low"}, now)
    assert [one.labels["stage"] for one in alerts if one.labels["change"] == "unreviewed"] == ["people"]
    assert not [one for one in again if one.labels["change"] == "unreviewed"]
    with (lawyers.root / "sekisho.toml").open("a") as settings:
        settings.write("[notify]\nreview = true\n")
    strict = Workspace(lawyers.root)
    with pytest.raises(Refused, match="version 1 was approved by nobody"):
        sent("authority", strict)
    with pytest.raises(Refused, match="public-statement is not approved"):
        sent("public-statement", strict, of="")
    assert "reviewed: the office closes" in sent("people", strict, "the office closes").notes[2]
    # A brief for the management is nobody's to review; a statement that went out keeps its proof.
    sent("management-brief", strict, of="")
    text = to_sign(strict, opened, "th-pdpa/authority")
    approve(strict, opened, "th-pdpa/authority", sign(tmp_path / "lee", text), now=now, by="x")
    done = next(one for one in sent("authority", strict).clocks if one.stage == "authority")
    assert done.delivered is not None
    assert (done.delivered.version, done.delivered.reviewed_by, done.delivered.unreviewed) == (
        1,
        "lee",
        None,
    )
    with pytest.raises(RequestError, match="no document"):
        sent("poem", strict, of="")
